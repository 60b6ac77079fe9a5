#!/usr/bin/env bash
# Measures loading of large models: a checkpoint of 14.5 GB from a cold disk with --quantize q8_0, beside the disk's own
# speed; its conversion to q4_0 and q4_k; and the 4 GB file that comes of it, from the page cache.
# Usage: loading.sh FOLDER [LAYERS]; FOLDER is on the disk to measure, and gets up to 24 GB for a while. CHECKPOINT names
# one that large_checkpoint.py wrote before; BIN the folder of other binaries.
set -euo pipefail
folder=$(realpath "$1")
layers=${2:-32}
cd "$(dirname "$0")/../.."
bin=${BIN:-.build/release}
work=$(mktemp -d "$folder/loading-XXXXXX")
export WORKBENCH_ADDRESS=$work/s
daemon=
cleanup() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

now() { date +%s.%N; }
# seconds SINCE
seconds() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }'; }
# rate BYTES SECONDS
rate() { awk -v bytes="$1" -v s="$2" 'BEGIN { printf "%.0f MB/s", bytes / s / 1e6 }'; }
# cold FILE…: takes files out of the page cache.
cold() { for file in "$@"; do dd if="$file" iflag=nocache count=0 status=none; done; }
# memory: the most that any worker has had resident, and how much of that is not pages of files.
memory() {
  for child in $(pgrep -P "$daemon"); do
    awk -v pid="$child" '/^VmHWM|^RssAnon|^RssFile/ { printf "%s %.1f GiB  ", $1, $2 / 1048576 } END { print "(process " pid ")" }' \
      "/proc/$child/status"
  done
}

"$bin/workbenchd" --socket "$work/s" --state none --log-level error &
daemon=$!
model=${CHECKPOINT:-$work/model}
[ -n "${CHECKPOINT:-}" ] || python3 Tests/Benchmarks/large_checkpoint.py "$model" "$layers"
weights=("$model"/*.safetensors)
bytes=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["metadata"]["total_size"])' \
  < "$model/model.safetensors.index.json")

cold "${weights[@]}"
start=$(now)
dd if="${weights[0]}" of=/dev/null bs=8M iflag=direct status=none
disk=$(seconds "$start")
echo "disk: $(rate "$(stat -c %s "${weights[0]}")" "$disk") (dd iflag=direct)"

cold "${weights[@]}"
start=$(now)
"$bin/workbench" load "$model" --name large --quantize q8_0 --context-length 512 2>/dev/null
took=$(seconds "$start")
echo "load --quantize q8_0, cold: $took s, $(rate "$bytes" "$took")"
memory
"$bin/workbench" unload large >/dev/null

for type in q4_0 q4_k; do
  cold "${weights[@]}"
  start=$(now)
  "$bin/workbench" convert "$model" "$work/$type.gguf" --type "$type" 2>/dev/null
  took=$(seconds "$start")
  echo "convert --type $type, cold: $took s, $(rate "$bytes" "$took")"
  [ "$type" = q4_0 ] || rm "$work/$type.gguf"
done

cat "$work/q4_0.gguf" >/dev/null
for _ in 1 2 3; do
  start=$(now)
  "$bin/workbench" load "$work/q4_0.gguf" --name small --context-length 512 2>/dev/null
  echo "load of $(stat -c %s "$work/q4_0.gguf") bytes of q4_0 from the page cache: $(seconds "$start") s"
  "$bin/workbench" unload small >/dev/null
done
