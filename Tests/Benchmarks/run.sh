#!/usr/bin/env bash
# Measures this code and its peers on the same work, taking turns, and prints both sides with their ratios.
# Usage: run.sh MODEL.gguf [inference] [greedy] [sampling] [plugins] [tokenizers] [templates]; without a name, all of
# them. `greedy` is no speed: it counts the prompts of prompts.txt that both sides continue with the same 16 tokens.
# ROUNDS=5 says how many turns. The peers are installed once, by version, into .cache/peer; llama-cpp-python is built
# with clang, which takes about five minutes.
set -euo pipefail
model=$(realpath "$1")
shift
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(inference greedy sampling plugins tokenizers templates)
rounds=${ROUNDS:-5}
cd "$(dirname "$0")/../.."
here=Tests/Benchmarks
built=.build/release
peer=.cache/peer/bin/python3

# peer PACKAGE==VERSION…: installs what is not there yet.
peer() {
  [ -x "$peer" ] || python3 -m venv .cache/peer
  for package in "$@"; do
    "$peer" -m pip freeze 2>/dev/null | tr '_' '-' | grep -qix "$package" && continue
    CC=clang CXX=clang++ CMAKE_ARGS="-DMTMD_BUILD=OFF" "$peer" -m pip install --quiet --disable-pip-version-check \
      --no-cache-dir "$package" || {
      echo "$package could not be installed" >&2
      exit 1
    }
  done
}

build() { swift build -c release --product "$1" >/dev/null; }

inference() {
  peer llama-cpp-python==0.3.36
  build InferenceBenchmark
  local work settings
  work=$(mktemp -d)
  settings=(--prompt 512 --predict 64 --streams 1,16 --threads "$(nproc)" --repeat 3)
  for _ in $(seq "$rounds"); do
    for arithmetic in llama.cpp own; do
      "$built/InferenceBenchmark" "$model" "${settings[@]}" --arithmetic $arithmetic >>"$work/$arithmetic"
    done
    "$peer" $here/peer_llama_cpp.py "$model" "${settings[@]}" >>"$work/peer"
  done
  python3 - "$work" <<'PYTHON'
import json, pathlib, statistics, sys
work = pathlib.Path(sys.argv[1])
sides = ("llama.cpp", "own", "peer")
runs = {side: [json.loads(line) for line in (work / side).read_text().splitlines()] for side in sides}
def row(name, pick):
    peer = [pick(run) for run in runs["peer"]]
    text = f"{name:20}"
    for side in sides[:2]:
        ours = [pick(run) for run in runs[side]]
        ratio = statistics.median(a / b for a, b in zip(ours, peer))
        text += f"  {side + ' arithmetic':20} {statistics.median(ours):8.1f} ({ratio:.2f})"
    print(text + f"  llama.cpp itself {statistics.median(peer):8.1f}")
print(f"tokens a second, medians of {len(runs['peer'])} alternating rounds (ratio to llama.cpp itself, of the pairs)")
row("prompt 512", lambda run: run["prompt_tok_s"])
for streams in runs["peer"][0]["decode_tok_s"]:
    row(f"decode, {streams} streams", lambda run: run["decode_tok_s"][streams])
PYTHON
  rm -r "$work"
}

greedy() {
  peer llama-cpp-python==0.3.36
  build InferenceBenchmark
  local prompt theirs ids own count=0
  declare -A equal=([llama.cpp]=0 [own]=0)
  while IFS= read -r prompt; do
    theirs=$("$peer" $here/peer_llama_cpp.py "$model" --greedy "$prompt" --predict 16)
    ids=$(python3 -c 'import json,sys; print(",".join(map(str, json.loads(sys.argv[1])["prompt_ids"])))' "$theirs")
    count=$((count + 1))
    for arithmetic in llama.cpp own; do
      own=$("$built/InferenceBenchmark" "$model" --greedy "$ids" --predict 16 --arithmetic $arithmetic)
      python3 -c 'import json,sys
a, b = (json.loads(text)["ids"] for text in sys.argv[1:])
sys.exit(a != b[:len(a)])' "$theirs" "$own" && equal[$arithmetic]=$((equal[$arithmetic] + 1))
    done
  done <$here/prompts.txt
  for arithmetic in llama.cpp own; do
    echo "$arithmetic arithmetic: ${equal[$arithmetic]} of $count prompts continue as llama.cpp continues them"
  done
}

sampling() {
  peer llama-cpp-python==0.3.36
  build SamplerBenchmark
  "$built/SamplerBenchmark" "$peer" $here/SamplerBenchmark/peer.py "$rounds"
}

plugins() {
  build PluginBenchmark
  local library
  library=$(mktemp --suffix=.so)
  cc -O2 -shared -fPIC -I Sources/CWorkbenchPlugin/include -o "$library" $here/PluginBenchmark/idle.c
  "$built/PluginBenchmark" "$library"
  rm "$library"
}

tokenizers() {
  peer tokenizers==0.23.3 sentencepiece==0.2.3
  build TokenizerBenchmark
  "$peer" $here/TokenizerBenchmark/twin.py --rounds "$rounds"
}

templates() {
  peer jinja2==3.1.6
  build TemplateBenchmark
  "$peer" $here/TemplateBenchmark/peer.py Tests/ChatTests/Fixtures/templates --rounds "$rounds"
}

for part in "${parts[@]}"; do
  case $part in
    inference | greedy | sampling | plugins | tokenizers | templates)
      echo "== $part"
      "$part"
      ;;
    *)
      echo "no benchmark is called $part; there are: inference, greedy, sampling, plugins, tokenizers, templates" >&2
      exit 2
      ;;
  esac
done
