#!/usr/bin/env bash
# Installs the Debian packages that the build and the tests need, and those given as arguments, when one is missing; with
# sudo where needed.
set -euo pipefail

needed=(
  libgrpc-dev libprotobuf-dev protobuf-compiler   # the bridge, protoc and its well-known types
  libgrpc++-dev protobuf-compiler-grpc g++ make   # examples/cpp
  libsqlite3-dev                                  # the daemon's state file
  python3 python3-venv python3-pip xz-utils       # the default model comes as a Python package; test references
  "$@"
)

missing=()
for package in "${needed[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

command -v apt-get >/dev/null || {
  echo "These packages are missing, and this system has no apt-get to install them: ${missing[*]}" >&2
  exit 1
}
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "Run this as root, or install sudo: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
