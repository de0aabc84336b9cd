#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The one list of Debian 12 packages: what it takes to build the programs, and what the tests need
# beside that. Installs only what is missing, so that a second run touches neither apt nor network.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: deploy/install-packages.sh build|test [--list]

  build    compiler, libraries and tools to build telnyx-gateway and telnyx-simulator, and what
           deploy/quickstart.sh calls
  test     the same, and the test libraries, sanitizer run-time, linters and Node.js
  --list   print the missing packages and install nothing

Needs root, or sudo, only when something is missing.
TEXT
}

# libboost1.81-dev replaces libboost1.74-dev: the two cannot be installed side by side.
build_packages=(
    ca-certificates ccache clang-19 cmake curl jq libboost-url1.81-dev libboost1.81-dev libcli11-dev
    libfmt-dev libjemalloc-dev libsodium-dev libsqlite3-dev libssl-dev lld-19 mold ninja-build nlohmann-json3-dev openssl
    pkg-config prometheus-cpp-dev
)
test_packages=(
    clang-format-19 clang-tidy-19 libclang-rt-19-dev libgmock-dev libgtest-dev llvm-19 shellcheck
    sqlite3
)

mode=""
list_only=false
for argument in "$@"; do
    case "$argument" in
        build | test) mode="$argument" ;;
        --list) list_only=true ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            usage >&2
            exit 2
            ;;
    esac
done
if [[ -z "$mode" ]]; then
    usage >&2
    exit 2
fi

wanted=("${build_packages[@]}")
if [[ "$mode" == test ]]; then
    wanted+=("${test_packages[@]}")
    # Node.js counts as there wherever it came from.
    command -v node >/dev/null || wanted+=(nodejs)
    command -v npm >/dev/null || wanted+=(npm)
fi

missing=()
for package in "${wanted[@]}"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ "$state" == installed ]] || missing+=("$package")
done
if $list_only; then
    [[ ${#missing[@]} -eq 0 ]] || printf '%s\n' "${missing[@]}"
    exit 0
fi
if [[ ${#missing[@]} -eq 0 ]]; then
    exit 0
fi

as_root=()
if [[ $EUID -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
        echo "install-packages: run this as root, or install: ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -qq "$@" >"$log" 2>&1 </dev/null; then
        tail -n 40 "$log" >&2
        echo "install-packages: apt-get $1 failed" >&2
        exit 1
    fi
}
echo "Installing ${#missing[@]} packages: ${missing[*]}"
apt update
apt install --yes --no-install-recommends "${missing[@]}"
