#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that has to hold, from nothing: installs what is missing (Debian 12, as root), builds
# each preset, runs its tests. Its last line is "N passed, N failed"; it fails when anything failed.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: tests/run.sh [--quick] [--long] [--only REGEX] [--help]

  (nothing)      format and shell checks; release: every test; clang-tidy; address and undefined
                 behaviour sanitizers: unit, contract, simulation, smoke (the real binary); thread
                 sanitizer: contract, simulation
  --quick        release, unit tests only: the loop while writing
  --long         adds the tests labelled "long" (two hundred random kills); release, GW_LONG=1
  --only REGEX   only tests whose name matches, in each preset; no checks

Build folders: build/<preset>. Compiler cache: CCACHE_DIR or ~/.cache/ccache. Reports: build/reports.
TEXT
}

quick=false
long=false
only=""
while [[ $# -gt 0 ]]; do
    case "$1" in
        --quick) quick=true ;;
        --long) long=true ;;
        --only)
            [[ $# -ge 2 ]] || {
                usage >&2
                exit 2
            }
            only="$2"
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

exec </dev/null
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8 TZ=UTC
export HOME="${HOME:-/root}"
jobs=$(nproc)
reports="$PWD/build/reports"
rm -rf "$reports"
mkdir -p "$reports"
passed=0
failed=0
summary=()
started=$SECONDS

# A finding ends the program, with readable frames.
symbolizer=/usr/lib/llvm-19/bin/llvm-symbolizer
export ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1:external_symbolizer_path=$symbolizer"
export UBSAN_OPTIONS="print_stacktrace=1:external_symbolizer_path=$symbolizer"
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:external_symbolizer_path=$symbolizer"

note() { printf '\n== %s (%d s)\n' "$*" "$((SECONDS - started))"; }

# step NAME COMMAND…: what the tests stand on; counts only when it fails.
step() {
    local name="$1" from=$SECONDS
    shift
    note "$name"
    if "$@"; then
        summary+=("$(printf '%-22s done, %d s' "$name" "$((SECONDS - from))")")
    else
        failed=$((failed + 1))
        summary+=("$(printf '%-22s FAILED, %d s' "$name" "$((SECONDS - from))")")
        return 1
    fi
}

# check NAME COMMAND…: a test that ctest does not know; counts as one.
check() {
    if step "$@"; then
        passed=$((passed + 1))
    fi
}

# All C++ files, NUL between them.
sources() {
    find . \( -name node_modules -o -name build -o -name data -o -name '.?*' \) -prune -o -type f \
        \( -name '*.cpp' -o -name '*.hpp' \) -print0
}
format_holds() {
    local found="$reports/clang-format.txt"
    sources | xargs -0 -r -P "$jobs" -n 20 clang-format-19 --dry-run >"$found" 2>&1
    if [[ -s "$found" ]]; then
        echo "clang-format-19 -i these files:"
        sed -n 's/^\([^ :]*\.[ch]pp\):[0-9].*/  \1/p' "$found" | sort | uniq -c
        return 1
    fi
}
shell_holds() { shellcheck -x .ci/run deploy/*.sh tests/*.sh tests/bench/*.sh; }

# The layers where a fault costs most; the whole tree takes too long for every run ("--long" has it).
tidy_holds() {
    local -a files
    if $long; then
        mapfile -d '' files < <(sources | grep -zE '^\./(config|gateway|media|telnyx)/.*\.cpp$')
    else
        mapfile -d '' files < <(find gateway/domain gateway/app -name '*.cpp' -print0)
    fi
    printf '%s\0' "${files[@]}" |
        xargs -0 -P "$jobs" -n 1 clang-tidy-19 -p build/release --quiet --warnings-as-errors='*' \
            2>"$reports/clang-tidy.err" || {
        grep -v 'warnings generated' "$reports/clang-tidy.err" | tail -n 40 >&2
        return 1
    }
}

# The number of an attribute of the <testsuite> element of a ctest JUnit report.
attribute() {
    sed -n '/<testsuite/,/>/p' "$1" | tr '\n\t' '  ' | grep -o " $2=\"[0-9]*\"" | head -n 1 |
        tr -dc '0-9' || true
}

build() {
    local preset="$1"
    shift
    cmake --preset "$preset" -DGW_TESTS=ON >"$reports/$preset.configure.log" 2>&1 || {
        tail -n 40 "$reports/$preset.configure.log"
        return 1
    }
    cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"} >"$reports/$preset.build.log" 2>&1 || {
        grep -E -A 12 'FAILED|error:' "$reports/$preset.build.log" | head -n 120
        return 1
    }
}

# run_tests NAME PRESET MUST_FIND CTEST-ARGUMENTS…: adds the counts of one ctest run.
run_tests() {
    local name="$1" preset="$2" must_find="$3" from=$SECONDS
    shift 3
    local report="$reports/$name.xml" log="$reports/$name.log" status=0
    note "$name: ctest"
    [[ -z "$only" ]] || set -- "$@" -R "$only"
    ctest --preset "$preset" -j "$jobs" --output-junit "$report" --no-tests=ignore "$@" \
        >"$log" 2>&1 || status=$?
    if [[ ! -f "$report" ]]; then
        tail -n 40 "$log"
        failed=$((failed + 1))
        summary+=("$(printf '%-22s FAILED: ctest made no report' "$name")")
        return
    fi
    local tests failures disabled skipped
    tests=$(attribute "$report" tests)
    failures=$(attribute "$report" failures)
    disabled=$(attribute "$report" disabled)
    skipped=$(attribute "$report" skipped)
    if [[ "${failures:-0}" -gt 0 || $status -ne 0 ]]; then
        grep -v -E '^ *Start +[0-9]+:|Passed +[0-9.]+ sec$' "$log" | tail -n 300
    fi
    # A ctest that fails without a failed test (a test program that cannot be listed) counts as one.
    if [[ $status -ne 0 && "${failures:-0}" -eq 0 ]]; then
        failures=1
        tests=$((${tests:-0} + 1))
    fi
    if [[ "${tests:-0}" -eq 0 && "$must_find" == yes ]]; then
        echo "no tests were found"
        failures=1
        tests=1
    fi
    local good=$((${tests:-0} - ${failures:-0} - ${disabled:-0} - ${skipped:-0}))
    passed=$((passed + good))
    failed=$((failed + ${failures:-0}))
    summary+=("$(printf '%-22s %d passed, %d failed, %d skipped, %d s' "$name" "$good" \
        "${failures:-0}" "$((${skipped:-0} + ${disabled:-0}))" "$((SECONDS - from))")")
}

# preset NAME TARGETS CTEST-ARGUMENTS…: builds these targets (all of them if empty) and runs the tests.
preset() {
    local name="$1" must_find=yes
    local -a targets
    read -r -a targets <<<"$2"
    shift 2
    [[ -z "$only" ]] || must_find=no
    if step "$name: build" build "$name" "${targets[@]}"; then
        run_tests "$name" "$name" "$must_find" "$@"
    fi
}

finish() {
    printf '\n== Summary (%d s)\n' "$((SECONDS - started))"
    printf '%s\n' "${summary[@]}"
    if [[ $((passed + failed)) -eq 0 ]]; then
        echo "no test matched" >&2
    fi
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [[ $failed -eq 0 && $passed -gt 0 ]]
}

note "packages"
deploy/install-packages.sh test

if $quick; then
    preset release tests-unit -L '^unit$'
    finish
    exit
fi
if [[ -z "$only" ]]; then
    check "format" format_holds
    check "shell" shell_holds
fi
preset release "" -LE '^long$'
if $long && [[ -x build/release/telnyx-gateway ]]; then
    GW_LONG=1 run_tests release-long release yes -L '^long$'
fi
if [[ -z "$only" ]]; then
    check "clang-tidy" tidy_holds
fi
# Sanitizers slow the simulation down about tenfold: fewer seeds, the same code.
export GW_SIM_SEEDS="${GW_SIM_SEEDS:-200}"
preset asan "tests-unit tests-contract tests-sim tests-smoke" -L '^(unit|contract|sim|smoke)$' -LE '^long$'
preset tsan "tests-contract tests-sim" -L '^(contract|sim)$' -LE '^long$'
finish
