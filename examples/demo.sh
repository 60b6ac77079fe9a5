#!/usr/bin/env bash
# The whole path on a real model: start a daemon, load, chat, swap the template while the model stays loaded, chat
# again, stop. Usage: examples/demo.sh FOLDER-OF-BINARIES MODEL.gguf
set -euo pipefail

bin=$(cd "$1" && pwd)
model=$(realpath "$2")
work=$(mktemp -d)
export WORKBENCH_ADDRESS=unix:$work/workbenchd.sock
question="What is the capital of France, and what is it famous for?"

"$bin/workbenchd" --socket "$work/workbenchd.sock" --log-level warning &
daemon=$!
trap 'kill "$daemon" 2>/dev/null || true; wait "$daemon" 2>/dev/null || true; rm -rf "$work"' EXIT

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
run() { say "workbench $*"; "$bin/workbench" "$@"; }

for _ in $(seq 100); do
  [ -S "$work/workbenchd.sock" ] && break
  kill -0 "$daemon" || { echo "the daemon ended before it listened" >&2; exit 1; }
  sleep 0.1
done

run load "$model" --name smollm2
run ps
run chat --model smollm2 --temperature 0 --max-tokens 96 --verbose "$question"
run template render --model smollm2 --template vicuna "$question"
echo
run chat --model smollm2 --template vicuna --temperature 0 --max-tokens 96 --verbose "$question"
run unload smollm2

kill "$daemon"
wait "$daemon"
printf '\nThe daemon has stopped. Start your own with: make run\n'
