#!/usr/bin/env bash
# A first look at a real model: start a daemon, load, chat, add a template of our own while the model stays loaded, ask
# the same question again, stop. Usage: examples/demo.sh FOLDER-OF-BINARIES MODEL.gguf
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: examples/demo.sh FOLDER-OF-BINARIES MODEL.gguf" >&2
  exit 2
fi
PATH=$(cd "$1" && pwd):$PATH
model=$(realpath -s "$2")
cd "$(dirname "$0")/.."
model=${model#"$PWD"/}
work=$(mktemp -d)
# A daemon of its own, beside one that may run already, without the plugins and the state of its user.
export WORKBENCH_ADDRESS=unix:$work/workbenchd.sock XDG_DATA_HOME=$work XDG_STATE_HOME=$work
question="What is the largest planet?"

workbenchd --socket "$work/workbenchd.sock" --log-level warning &
daemon=$!
trap 'kill "$daemon" 2>/dev/null || true; wait "$daemon" 2>/dev/null || true; rm -rf "$work"' EXIT

bold='' plain=''
[ -t 1 ] && bold=$'\033[1m' plain=$'\033[0m'

# Prints a command as it would be typed, and runs it.
run() {
  local line='$' word
  for word in "$@"; do
    case $word in
      *[!A-Za-z0-9_./=:@%+,-]*) line+=" \"$word\"" ;;
      *) line+=" $word" ;;
    esac
  done
  printf '\n%s%s%s\n' "$bold" "$line" "$plain"
  "$@" 2>&1
}

explain() { printf '\n# %s\n' "$*"; }

for _ in $(seq 100); do
  [ -S "$work/workbenchd.sock" ] && break
  kill -0 "$daemon" || { echo "demo.sh: the daemon ended before it listened" >&2; exit 1; }
  sleep 0.1
done

run workbench load "$model" --name smollm2
run workbench ps

explain "With the template in the model file, this small model rambles."
run workbench chat "$question" --temperature 0 --max-tokens 40

explain "examples/facts.jinja puts three questions and their answers in front. Add it, and use it for the same model."
run workbench template put facts examples/facts.jinja
run workbench template set smollm2 facts
run workbench chat "$question" --temperature 0
run workbench chat "Who painted the Mona Lisa?" --temperature 0

explain "The exact prompt, and why the first token was chosen."
run workbench template render --model smollm2 "$question"
run workbench explain "$question" --seed 1 --max-tokens 1

run workbench unload smollm2
kill "$daemon"
wait "$daemon"
explain "The daemon has stopped. Start your own with 'make run', and look around with 'workbench help'."
