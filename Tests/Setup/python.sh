#!/usr/bin/env bash
# Makes .cache/python, the virtual environment that the tests drive a real daemon from.
set -euo pipefail
cd "$(dirname "$0")/../.."

requirements=Tests/Setup/requirements.txt
environment=.cache/python
stamp=$environment/requirements.txt
cmp -s "$requirements" "$stamp" && exit 0

echo "Preparing $environment"
rm -rf "$environment"
python3 -m venv "$environment"
"$environment/bin/python3" -m pip install --quiet --disable-pip-version-check -r "$requirements" || {
  rm -rf "$environment"
  echo "The packages of $requirements could not be fetched by pip." >&2
  exit 1
}
cp "$requirements" "$stamp"
