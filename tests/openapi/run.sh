#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the pinned validators when that has not been done, and runs the tests:
# run.sh PATH-OF-TELNYX-GATEWAY PATH-OF-TELNYX-SIMULATOR
set -eu
TELNYX_GATEWAY=$(realpath "$1")
TELNYX_SIMULATOR=$(realpath "$2")
export TELNYX_GATEWAY TELNYX_SIMULATOR
cd "$(dirname "$0")"
if ! cmp -s package-lock.json node_modules/.installed-lock; then
    npm ci --ignore-scripts --no-audit --no-fund
    cp package-lock.json node_modules/.installed-lock
fi
exec node --test
