#!/usr/bin/env bash
# Makes the certificates of these tests anew: two authorities, a server's certificate by each, a client's by the first.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/CN=$1" \
    -keyout "$work/$1.key" -out "$1.pem" 2> /dev/null
}
# certificate NAME AUTHORITY USAGE
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1-key.pem" \
    -out "$work/$1.csr" 2> /dev/null
  openssl x509 -req -in "$work/$1.csr" -CA "$2.pem" -CAkey "$work/$2.key" -set_serial "0x$(openssl rand -hex 8)" \
    -days 36500 -out "$1.pem" -extfile <(printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=%s\n' "$3") \
    2> /dev/null
}
authority first-ca
authority second-ca
certificate first first-ca serverAuth
certificate second second-ca serverAuth
certificate client first-ca clientAuth
