#!/bin/sh
# make bench: measures the built program against ONNX Runtime's Python and against
# plain copying, and writes tests/bench/RESULTS.md. Takes some ten minutes.
set -eu

python=${QDQEDIT_TEST_PYTHON:?run ./bootstrap check first: it sets up the peer}
here=$(cd "$(dirname "$0")" && pwd)
ORT_DISABLE_TELEMETRY=1
export ORT_DISABLE_TELEMETRY
exec "$python" "$here/bench.py" --program "${QDQEDIT_TEST_BUILDDIR:?}/qdqedit" \
	--models "${QDQEDIT_TEST_MODELS:-}" --results "$here/RESULTS.md" "$@"
