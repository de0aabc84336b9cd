#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh tools                      installs the pinned tools when that has not been done
# run.sh gateway GATEWAY SIMULATOR  the document, and the running gateway against it (paths of the programs)
# run.sh answers FILE               what the tests in C++ were answered against it
set -eu
case "$1" in
tools) ;;
gateway)
    TELNYX_GATEWAY=$(realpath "$2")
    TELNYX_SIMULATOR=$(realpath "$3")
    export TELNYX_GATEWAY TELNYX_SIMULATOR
    ;;
answers)
    RECORDED_ANSWERS=$(realpath "$2")
    export RECORDED_ANSWERS
    ;;
*) exit 2 ;;
esac
cd "$(dirname "$0")"
if ! cmp -s package-lock.json node_modules/.installed-lock; then
    npm ci --ignore-scripts --no-audit --no-fund
    cp package-lock.json node_modules/.installed-lock
fi
case "$1" in
gateway) exec node --test openapi.test.mjs ;;
answers) exec node --test answers.test.mjs ;;
esac
