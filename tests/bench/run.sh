#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every figure of docs/benchmarks.md by one command: installs what it needs, builds release, measures,
# prints the tables. Wants the machine for itself.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: tests/bench/run.sh [--short] [--out FILE] [--help]

  (nothing)    measure (about 30 minutes) and print the tables
  --short      two brief rounds: shows that the bench works, measures nothing
  --out FILE   also put the tables between the marks of FILE, such as docs/benchmarks.md

Core 1 runs what is measured, core 0 the load; BENCH_SERVER_CORE and BENCH_LOAD_CORE choose others.
Databases and raw results: build/bench.
TEXT
}

short=()
out=""
while [[ $# -gt 0 ]]; do
    case "$1" in
        --short) short=(--short) ;;
        --out)
            [[ $# -ge 2 ]] || {
                usage >&2
                exit 2
            }
            out=$(realpath -m -- "$2")
            shift
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            usage >&2
            exit 2
            ;;
    esac
    shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work="$PWD/build/bench"
begin_mark='<!-- tables: written by tests/bench/run.sh -->'
end_mark='<!-- tables end -->'
mkdir -p "$work"
if [[ $(nproc) -lt 2 ]]; then
    echo "bench: needs two cores, one for the load" >&2
    exit 1
fi
if [[ -n "$out" ]] && ! { grep -qF "$begin_mark" "$out" && grep -qF "$end_mark" "$out"; }; then
    echo "bench: $out lacks the marks between which the tables stand" >&2
    exit 1
fi

# The peer's SQLite binding is compiled from the package's own sources; the headers of Node.js come with it
# where the packaging has them, and are fetched by node-gyp otherwise.
install_peer() {
    local binding=tests/bench/node/node_modules/better-sqlite3/build/Release/better_sqlite3.node folder
    if [[ -f "$binding" && "$binding" -nt tests/bench/node/package-lock.json ]]; then
        return
    fi
    for folder in /usr /usr/local; do
        if [[ -f "$folder/include/node/node.h" ]]; then
            export npm_config_nodedir="$folder"
            break
        fi
    done
    export npm_config_build_from_source=true
    npm ci --prefix tests/bench/node --ignore-scripts --no-audit --no-fund --loglevel=error
    npm rebuild --prefix tests/bench/node --foreground-scripts better-sqlite3 >"$work/peer-build.log" 2>&1
    [[ -f "$binding" ]] || {
        tail -n 30 "$work/peer-build.log" >&2
        echo "bench: better-sqlite3 did not build" >&2
        exit 1
    }
}

deploy/install-packages.sh test
if ! command -v python3 >/dev/null || ! command -v g++ >/dev/null || ! command -v make >/dev/null; then
    echo "bench: the peer needs python3, make and g++ to build: apt-get install python3 build-essential" >&2
    exit 1
fi
install_peer >&2
cmake --preset release -DGW_TESTS=ON >"$work/build.log" 2>&1 || {
    tail -n 30 "$work/build.log" >&2
    exit 1
}
cmake --build --preset release --target telnyx-gateway gw-disk gw-load gw-limit gw-reads >>"$work/build.log" 2>&1 || {
    tail -n 30 "$work/build.log" >&2
    exit 1
}
node tests/bench/bench.mjs --bin build/release --work "$work" --json "$work/results.json" "${short[@]}" >"$work/tables.md"
cat "$work/tables.md"

if [[ -n "$out" ]]; then
    {
        sed "\|$begin_mark|q" "$out"
        echo
        cat "$work/tables.md"
        echo
        sed -n "\|$end_mark|,\$p" "$out"
    } >"$out.new"
    mv "$out.new" "$out"
fi
