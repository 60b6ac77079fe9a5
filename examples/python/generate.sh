#!/usr/bin/env bash
# Generates the Python stubs of the API, by default into examples/python/generated.
# Usage: generate.sh [PYTHON [FOLDER]]; PYTHON needs the packages in requirements.txt.
set -euo pipefail
cd "$(dirname "$0")"
python=${1:-python3}
out=${2:-generated}
rm -rf "$out"
mkdir -p "$out"
"$python" -m grpc_tools.protoc --proto_path=../../Protos --python_out="$out" --grpc_python_out="$out" \
  ../../Protos/workbench/v1/*.proto
