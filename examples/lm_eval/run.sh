#!/usr/bin/env bash
# Prepares a virtual environment in .cache/lm_eval and runs the seven tasks on the samples with a model that the daemon
# has loaded. Usage: run.sh MODEL [ARGUMENTS OF samples.py]
set -euo pipefail
if [ $# -lt 1 ]; then
  echo "usage: run.sh MODEL [ARGUMENTS OF samples.py]" >&2
  exit 2
fi
model=$1
shift
cd "$(dirname "$0")"
environment=../../.cache/lm_eval
if ! cmp -s requirements.txt "$environment/requirements.txt"; then
  python3 -m venv "$environment"
  "$environment/bin/python3" -m pip install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt "$environment/requirements.txt"
fi
python=$(realpath "$environment/bin/python3" --no-symlinks)
export WORKBENCH_STUBS=$PWD/$environment/generated
../python/generate.sh "$python" "$WORKBENCH_STUBS"
HF_HUB_OFFLINE=1 HF_DATASETS_CACHE=$environment/datasets "$python" samples.py --model workbench --model_args "model=$model" "$@"
