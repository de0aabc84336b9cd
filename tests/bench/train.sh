#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes cmake/gateway.profdata anew, the profile that the release build is optimized by: builds the gateway with counters,
# sends it through the short bench, merges what it counted. About ten minutes.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: tests/bench/train.sh [--help]

Renew the profile when a change moves much of what an event runs through, or when docs/benchmarks.md is measured for a
release: old counts are not wrong, code that has changed since is only optimized without them.
TEXT
}

case "${1:-}" in
    "") ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work="$PWD/build/train"  # counts, and the programs that the bench is given
counters="-fprofile-generate -mllvm -static-func-full-module-prefix=0"

# The load client, the limit and the peer are those of the bench; only the gateway counts.
tests/bench/run.sh --short >/dev/null
rm -rf "${work:?}/counts" "${work:?}/bin"
mkdir -p "$work/counts" "$work/bin"
cmake --preset release -B "$work" -DGW_TESTS=OFF -DGW_PROFILE= -DCMAKE_CXX_FLAGS="$counters" \
    -DCMAKE_EXE_LINKER_FLAGS="-fuse-ld=mold -fprofile-generate" >/dev/null
cmake --build "$work" --target telnyx-gateway
for tool in gw-disk gw-limit gw-load gw-reads; do
    ln -s "$PWD/build/release/$tool" "$work/bin/$tool"
done
ln -s "$work/telnyx-gateway" "$work/bin/telnyx-gateway"
LLVM_PROFILE_FILE="$work/counts/%p.profraw" \
    node tests/bench/bench.mjs --bin "$work/bin" --work build/bench --short --json "$work/results.json" >/dev/null
llvm-profdata-19 merge -sparse -o cmake/gateway.profdata "$work"/counts/*.profraw
ls -l cmake/gateway.profdata
