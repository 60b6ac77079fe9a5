#!/usr/bin/env bash
# Measures this engine and llama.cpp on the same model, alternating, and prints both with the ratio of the medians.
# Usage: run.sh MODEL.gguf [ROUNDS]. Builds llama-cpp-python with clang once, into .cache/peer (about five minutes).
set -euo pipefail
model=$(realpath "$1")
rounds=${2:-5}
cd "$(dirname "$0")/../.."

peer=.cache/peer
if [ ! -x "$peer/bin/python3" ]; then
  python3 -m venv "$peer"
  CC=clang CXX=clang++ CMAKE_ARGS="-DMTMD_BUILD=OFF" "$peer/bin/python3" -m pip install --quiet \
    --disable-pip-version-check --no-cache-dir llama-cpp-python==0.3.36 || {
    rm -rf "$peer"
    echo "llama-cpp-python could not be built" >&2
    exit 1
  }
fi
swift build -c release --product InferenceBenchmark >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
settings=(--prompt 512 --predict 64 --streams 1,16 --threads "$(nproc)" --repeat 3)
for _ in $(seq "$rounds"); do
  .build/release/InferenceBenchmark "$model" "${settings[@]}" >>"$work/ours"
  "$peer/bin/python3" Tests/Benchmarks/peer_llama_cpp.py "$model" "${settings[@]}" >>"$work/peer"
done
python3 - "$work" <<'PYTHON'
import json, pathlib, statistics, sys
work = pathlib.Path(sys.argv[1])
runs = {side: [json.loads(line) for line in (work / side).read_text().splitlines()] for side in ("ours", "peer")}
def row(name, pick):
    ours, peer = ([pick(run) for run in runs[side]] for side in ("ours", "peer"))
    ratio = statistics.median(a / b for a, b in zip(ours, peer))
    print(f"{name:24} ours {statistics.median(ours):8.1f}  llama.cpp {statistics.median(peer):8.1f}  ratio {ratio:.2f}")
print(f"tokens a second, medians of {len(runs['ours'])} alternating rounds; the ratio is that of the pairs")
row("prompt 512", lambda run: run["prompt_tok_s"])
for streams in runs["ours"][0]["decode_tok_s"]:
    row(f"decode, {streams} streams", lambda run: run["decode_tok_s"][streams])
PYTHON
