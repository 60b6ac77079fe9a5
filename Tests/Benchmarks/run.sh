#!/usr/bin/env bash
# Measures this code and its peers on the same work, taking turns, and prints both sides with their ratios.
# Usage: run.sh MODEL.gguf [inference] [score] [harness] [fidelity] [token] [gateway] [texts] [sampling] [plugins] [tokenizers] [templates]; without a name, all of
# them. `fidelity` measures distance from the exact logits, not speed; `token` what a token costs daemon and client, and
# beside another build if OTHER names the folder of its binaries.
# ROUNDS=5 says how many turns. The peers are installed once, by version, into .cache/peer; llama-cpp-python is built
# with clang, which takes about five minutes.
set -euo pipefail
model=$(realpath "$1")
shift
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(inference score harness fidelity token gateway texts sampling plugins tokenizers templates)
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
    "$built/InferenceBenchmark" "$model" "${settings[@]}" >>"$work/ours"
    "$peer" $here/peer_llama_cpp.py "$model" "${settings[@]}" >>"$work/peer"
  done
  python3 - "$work" <<'PYTHON'
import json, pathlib, statistics, sys
work = pathlib.Path(sys.argv[1])
runs = {side: [json.loads(line) for line in (work / side).read_text().splitlines()] for side in ("ours", "peer")}
def row(name, pick):
    ours, peer = ([pick(run) for run in runs[side]] for side in ("ours", "peer"))
    ratio = statistics.median(a / b for a, b in zip(ours, peer))
    print(f"{name:20} {statistics.median(ours):9.1f}  llama.cpp {statistics.median(peer):9.1f}  ratio {ratio:.2f}")
print(f"tokens a second, medians of {len(runs['peer'])} alternating rounds; ratio: ours / llama.cpp, of the pairs")
row("prompt 512", lambda run: run["prompt_tok_s"])
for streams in runs["peer"][0]["decode_tok_s"]:
    row(f"decode, {streams} streams", lambda run: run["decode_tok_s"][streams])
PYTHON
  rm -r "$work"
}

# Continuations after a shared prompt, beside the speed of that prompt: with the model, and with the shape of a large one,
# whose output matrix is a small part of it.
score() {
  peer gguf==0.19.0
  build ScoreBenchmark
  local work threads length
  work=$(mktemp -d)
  threads=$(nproc)
  for length in 2 8 32; do
    echo -n "512 tokens of context, 64 continuations of $length tokens: "
    "$built/ScoreBenchmark" "$model" --length "$length" --threads "$threads" --repeat "$rounds"
  done
  "$peer" $here/Scores/shape.py "$work/shape.gguf"
  echo -n "the shape of 7 billion weights, 128 tokens of context, 32 continuations of 8 tokens: "
  "$built/ScoreBenchmark" "$work/shape.gguf" --context 128 --continuations 32 --threads "$threads" --repeat "$rounds"
  rm -r "$work"
}

# Every task of examples/lm_eval with the daemon and with llama.cpp: do log-likelihoods and metrics agree? With the weights
# in single precision: beside quantised ones both round activations, each in its own way, which turns close answers.
harness() {
  peer llama-cpp-python==0.3.36 gguf==0.19.0 lm-eval==0.4.13 grpcio==1.76.0 grpcio-tools==1.76.0
  build workbenchd
  build workbench
  local stubs status=0
  stubs=$(mktemp -d)
  examples/python/generate.sh "$PWD/$peer" "$stubs"
  PYTHONPATH=Tests/InferenceTests/Fixtures "$peer" -c \
    'import sys; from record_llama_cpp import widen; widen(*sys.argv[1:])' "$model" "$stubs/f32.gguf"
  # The harness fills the standard error with progress; it is shown if something went wrong.
  "$peer" $here/Scores/agreement.py "$stubs/f32.gguf" "$built" "$stubs" 2>"$stubs/log" || status=$?
  [ $status -eq 0 ] || tail -n 20 "$stubs/log" >&2
  rm -r "$stubs"
  return $status
}

fidelity() {
  peer llama-cpp-python==0.3.36 gguf==0.19.0
  build InferenceBenchmark
  # BLAS threads busy-wait for each other, which costs more than they gain where cores are shared.
  OMP_NUM_THREADS=1 "$peer" $here/Fidelity/fidelity.py "$model" --engine "$built/InferenceBenchmark" --threads "$(nproc)"
}

token() {
  build workbenchd
  build workbench
  # shellcheck disable=SC2086
  python3 $here/token_path.py "$model" "$built" ${OTHER:-}
}

# Tokens a second through the gateway beside gRPC's, of one stream and of sixteen.
gateway() {
  peer grpcio==1.76.0 grpcio-tools==1.76.0
  build workbenchd
  build workbench
  build workbench-gateway
  for streams in 1 16; do ROUNDS=$rounds "$peer" $here/gateway.py "$model" "$built" "$streams"; done
}

# The longest gaps of a stream beside eight clients whose texts are worked on.
texts() {
  peer grpcio==1.76.0 grpcio-tools==1.76.0
  build workbenchd
  local stubs
  stubs=$(mktemp -d)
  examples/python/generate.sh "$PWD/$peer" "$stubs"
  PYTHONPATH="$stubs" "$peer" $here/text_work.py "$model" "$built"
  rm -r "$stubs"
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
    inference | score | harness | fidelity | token | gateway | texts | sampling | plugins | tokenizers | templates)
      echo "== $part"
      "$part"
      ;;
    *)
      echo "unknown benchmark $part; available: inference, score, harness, fidelity, token, gateway, texts, sampling, plugins, tokenizers, templates" >&2
      exit 2
      ;;
  esac
done
