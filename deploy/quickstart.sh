#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian 12 to a call: installs what it needs, builds the gateway and the simulator,
# starts both on free loopback ports, lets the simulator ring the gateway, and shows what came of it.
# Functions are called through traps and by name, which shellcheck cannot follow.
# shellcheck disable=SC2317
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: deploy/quickstart.sh [--once | --build-only] [--data DIR] [--help]

  (nothing)     build, start both, place one call, show it; both run until Ctrl-C
  --once        exit 0 after the call, with both stopped
  --build-only  build build/release/telnyx-gateway and build/release/telnyx-simulator, then exit
  --data DIR    configuration, key, database and logs (default: data/quickstart)

No telephone network and no account is used: telnyx-simulator stands in for Telnyx.
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
once=false
build_only=false
data="$root/data/quickstart"
while [[ $# -gt 0 ]]; do
    case "$1" in
        --once) once=true ;;
        --build-only) build_only=true ;;
        --data)
            [[ $# -ge 2 ]] || {
                usage >&2
                exit 2
            }
            data=$(realpath -m -- "$2")
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

cd "$root"
gateway="$root/build/release/telnyx-gateway"
simulator="$root/build/release/telnyx-simulator"
gateway_pid=""
simulator_pid=""
done_well=false

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() {
    printf 'quickstart: %s\n' "$*" >&2
    exit 1
}

# Runs at every exit: ends both programs in good order, and tells the logs when something failed.
finish() {
    local status=$? pid log
    trap - EXIT INT TERM
    for pid in $gateway_pid $simulator_pid; do
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    if ! $done_well; then
        [[ $status -ne 0 ]] || status=1
        for log in build simulator gateway; do
            if [[ -s "$data/$log.log" ]]; then
                printf '\n--- the end of %s\n' "$data/$log.log" >&2
                tail -n 30 "$data/$log.log" >&2
            fi
        done
    fi
    exit "$status"
}

build() {
    say "Building (the first time takes some minutes; log: $data/build.log)"
    local -a first=()
    # A folder that tests/run.sh configured is taken as it is.
    [[ -f build/release/CMakeCache.txt ]] || first=(-DGW_TESTS=OFF)
    cmake --preset release "${first[@]}" >"$data/build.log" 2>&1 || fail "cmake failed"
    cmake --build --preset release --target telnyx-gateway telnyx-simulator >>"$data/build.log" 2>&1 ||
        fail "the build failed"
}

# ready_line LOG PID: waits for the JSON line in which a program says that it is ready.
ready_line() {
    local line
    for _ in $(seq 100); do
        line=$(grep -m 1 '"ready":true' "$1" 2>/dev/null || true)
        if [[ -n "$line" ]]; then
            printf '%s' "$line"
            return
        fi
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

write_config() {
    local key_sha256="$1" telnyx_api="$2" public_key="$3" control="$4"
    jq --null-input --arg key_sha256 "$key_sha256" --arg api "$telnyx_api" --arg public_key "$public_key" \
        --arg webhook "$control/receiver/support-agent" --arg store "sqlite:$data/gateway.db" '
    { http: { listen: "127.0.0.1:0" },
      admin: { listen: "127.0.0.1:0" },
      store: { url: $store },
      telnyx: { api_base: $api, api_key: "env:TELNYX_API_KEY", public_key: $public_key,
                connection_id: "1234567890" },
      drain_timeout_seconds: 5,
      webhooks: { allow_private_networks: true },
      orgs: [ { id: 42, name: "Acme", tier: "enterprise" } ],
      projects: [ { id: 1, public_id: "proj_00000001", org_id: 42, name: "Main" } ],
      agents: [ { id: 7, public_id: "agent_28c51f81", project_id: 1, name: "Support Agent",
                  phone_numbers: ["+31850012345"], webhook_url: $webhook,
                  webhook_secret: "file:webhook-secret",
                  rates: { rate_per_minute: 0.25, call_rate_per_minute: 0.22 } } ],
      api_keys: [ { key_sha256: $key_sha256, project_id: 1, scope: "full", name: "quickstart" } ] }' \
        >"$data/gateway.json"
}

start_both() {
    local ready key
    export TELNYX_API_KEY
    TELNYX_API_KEY="KEY$(openssl rand -hex 16)"
    key="sfy_live_$(openssl rand -hex 24)"
    printf '%s\n' "$key" >"$data/api-key"
    printf 'Authorization: Bearer %s\n' "$key" >"$data/api-key.header"
    printf 'whsec_%s\n' "$(openssl rand -base64 32)" >"$data/webhook-secret"
    : >"$data/simulator.log"
    : >"$data/gateway.log"

    say "Starting the simulator and the gateway on free loopback ports"
    "$simulator" --api-key "$TELNYX_API_KEY" --connection-id 1234567890 >"$data/simulator.log" 2>&1 &
    simulator_pid=$!
    ready=$(ready_line "$data/simulator.log" "$simulator_pid") || fail "the simulator did not start"
    control=$(jq -r .control <<<"$ready")
    write_config "$(printf %s "$key" | sha256sum | cut -d ' ' -f 1)" "$(jq -r .api <<<"$ready")" \
        "$(jq -r .public_key <<<"$ready")" "$control"

    "$gateway" check-config --config "$data/gateway.json" >>"$data/gateway.log" 2>&1 ||
        fail "the configuration has faults"
    "$gateway" serve --config "$data/gateway.json" >>"$data/gateway.log" 2>&1 &
    gateway_pid=$!
    ready=$(ready_line "$data/gateway.log" "$gateway_pid") || fail "the gateway did not start"
    public="http://$(jq -r .http <<<"$ready")"
    admin="http://$(jq -r .admin <<<"$ready")"
    curl --silent --show-error --fail --max-time 5 -X PUT "$control/webhook_url" --data \
        "$(jq -nc --arg url "$public/telnyx/webhooks" '{url: $url}')" >/dev/null ||
        fail "the simulator does not take the gateway's address"
    echo "gateway    $public (API, Telnyx webhooks), $admin (metrics, health)"
    echo "simulator  $control (control API), log $data/simulator.log"
}

# The API's answer to GET $1, as the holder of the key.
api() { curl --silent --show-error --fail --max-time 5 -H @"$data/api-key.header" "$public$1"; }

newest_call() { api '/v1/calls?limit=1' | jq -r '.calls[0].call_id // empty'; }

# until_true SECONDS WHAT COMMAND…: asks ten times a second.
until_true() {
    local tries=$(($1 * 10)) what="$2"
    shift 2
    for _ in $(seq "$tries"); do
        if "$@"; then
            return
        fi
        kill -0 "$gateway_pid" 2>/dev/null || fail "the gateway ended"
        sleep 0.1
    done
    fail "gave up waiting for $what"
}
call_exists() { call=$(newest_call) && [[ -n "$call" && "$call" != "$former" ]]; }
call_is_over() { api "/v1/calls/$call" | jq -e '.ended_at != null' >/dev/null; }
end_is_told() {
    api "/v1/calls/$call/webhooks" |
        jq -e '[.. | objects | select(.event? == "call.ended" and .success? == true)] | length > 0' \
            >/dev/null
}

place_call() {
    say "A caller rings +31850012345, is answered, presses 1 2 #, and hangs up"
    former=$(newest_call) || fail "the API does not answer"
    curl --silent --show-error --fail --max-time 5 -X POST "$control/calls" --data '
        {"from": "+31612340001", "to": "+31850012345", "steps": [
         {"wait_ms": 600}, {"press": "12#"}, {"wait_ms": 900}, {"hangup": true}]}' >/dev/null ||
        fail "the simulator placed no call"
    until_true 10 "the call to appear" call_exists
    until_true 20 "the call to end" call_is_over
    until_true 20 "the webhook call.ended to be delivered" end_is_told
}

# Checks every webhook of the call that arrived, as a customer would.
check_signatures() {
    local entry body timestamp expected count=0 secret
    secret=$(<"$data/webhook-secret")
    while IFS= read -r entry; do
        body=$(jq -j '.body' <<<"$entry")
        timestamp=$(jq -r '.headers | with_entries(.key |= ascii_downcase)["x-staffify-timestamp"]' <<<"$entry")
        expected="sha256=$(printf '%s.%s' "$timestamp" "$body" |
            openssl dgst -sha256 -hmac "$secret" -r | cut -d ' ' -f 1)"
        [[ $(jq -r '.headers | with_entries(.key |= ascii_downcase)["x-staffify-signature"]' <<<"$entry") == \
            "$expected" ]] || fail "a webhook's signature does not verify"
        count=$((count + 1))
    done <<<"$1"
    echo "$count signatures (X-Staffify-Signature) verified with openssl."
}

show() {
    local received
    say "The call: GET /v1/calls/$call"
    api "/v1/calls/$call" | jq .
    say "Its timeline, every input in order and what it led to: GET /v1/calls/$call/events"
    api "/v1/calls/$call/events" | jq .
    say "The log of deliveries: GET /v1/calls/$call/webhooks"
    api "/v1/calls/$call/webhooks" | jq .
    say "The webhooks as they arrived at the agent's endpoint"
    received=$(curl --silent --show-error --fail --max-time 5 "$control/history?type=received" |
        jq -c --arg call "$call" '.entries[] | select((.body | fromjson).call_id == $call)')
    jq '.body | fromjson' <<<"$received"
    check_signatures "$received"
}

explain() {
    say "What you see"
    cat <<TEXT
The simulator signed and posted the webhooks that Telnyx sends for an inbound call, in the shapes
Telnyx publishes. The gateway checked each signature, wrote the event, the call's new state and what
follows from it to $data/gateway.db in one transaction, and only then answered 200. It told
Telnyx to answer the call, and told the agent's endpoint call.ringing, call.started,
call.dtmf.received and call.ended, in that order.

To go on, in another terminal:
  KEY=\$(cat $data/api-key)
  curl -H "Authorization: Bearer \$KEY" $public/v1/calls
  curl -H "Authorization: Bearer \$KEY" $public/v1/calls/$call/status
  curl $control/calls --data '{"to": "+31850012345", "steps": []}'       # a call that stays on the line
  curl -X POST -H "Authorization: Bearer \$KEY" $public/v1/calls/ID/end  # and its end
  curl -X PUT $control/receiver --data '{"status": 503, "times": 2}'     # an endpoint that fails twice
  curl $control/history                                                  # all the simulator saw and said
  curl $admin/metrics
TEXT
}

umask 077
mkdir -p "$data"
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

deploy/install-packages.sh build
build
if $build_only; then
    done_well=true
    echo "$gateway"
    echo "$simulator"
    exit 0
fi
start_both
place_call
show
explain
if $once; then
    done_well=true
    exit 0
fi
say "Both are running; Ctrl-C stops them."
trap 'done_well=true; exit 0' INT TERM
wait -n "$gateway_pid" "$simulator_pid" || true
fail "a program ended by itself"
