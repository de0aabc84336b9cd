#pragma once
// SPDX-License-Identifier: Apache-2.0
// What --help tells after the switches: the control API and the files, member by member.
namespace gw::simulator {

inline constexpr const char* control_api_help = R"(
When ready it prints one JSON line: {"ready":true,"api":...,"control":...,"public_key":...,"seed":...}

Control API (JSON):
  POST /calls                 place an inbound call; the body is a caller script, {} is the default one
  POST /calls/{id}/actions    {"press":"12#"}, {"hangup":true}: one step, besides the script: keys after
                              those being pressed; {"steps":[...]}: from now on, in place of the script
  POST /events                send a hand-made webhook: event_type and payload (and id, occurred_at), or
                              body; signature valid|wrong|missing|malformed; timestamp_offset_s; url;
                              copies 1 to 1000; redeliver true: again until it is accepted
  GET, PUT /faults            the fault switches; PUT changes the members it names
  PUT /scenario               callees, media and speak_ms, as in a script file, in place of those before
  PUT /webhook_url            {"url":...,"failover_url":...}: where webhooks go from now on
  POST /receiver/{name}       a customer's webhook endpoint for trials: answers 200 and keeps what came
                              in the history (type=received)
  GET, PUT /receiver          {"status":503,"times":2}: what it answers the next two
  GET /history                all it saw and said; ?after=N&limit=N (10000) and &type=
                              event|webhook|command|request|download|received|control
  GET /legs, /legs/{id}       the call legs; ?state=ringing|answered|ended|live
  POST, GET /load             steady calls {"calls":N,"rate":R,"script":{...}}, and the figures
  GET /status                 totals, the seed, and whether all is done ("idle")
  POST /reset                 forget calls, history and load; the faults are those of the start again,
                              scenario and webhook URL stay

A caller script: {"from":"+31612340001","to":"+31612340100","caller_id_name":"Jansen","mobile":false,
  "tags":["vip"],"give_up_after_ms":20000 (null: never),
  "steps":[{"await":"gather"},{"press":"12#","gap_ms":200},{"wait_ms":500},{"hangup":true}]}
A step has exactly one kind. "await" is "gather" or an event of this leg, such as "call.speak.ended".

A callee: {"outcome":"answer|busy|reject|no_answer|not_found|ring","after_ms":1000,
  "bridged_after_ms":200,"bridged_on_both":true,"hangup_of_other_first":false,
  "machine":"human|machine|not_sure|human_residence|human_business|silence|fax_detected",
  "greeting":"ended|beep_detected|no_beep_detected|not_sure","steps":[...]}

A script file (--script): {"calls":[{"at_ms":0, ...a caller script}],"callees":{NUMBER or "*":{...}},
  "media":{URL or name or "*":{"length_ms":3000,"status":"completed|file_not_found|failed|unknown"}},
  "speak_ms":300,"faults":{...}}

Faults: {"webhooks":{"duplicate":0.1,"duplicate_count":1,"reorder":0,"reorder_window":2,
  "reorder_hold_ms":500,"delay_min_ms":0,"delay_max_ms":0,"loss":0},
  "redelivery":{"attempts":8,"backoff_ms":[500,1000],"timeout_ms":2000},
  "commands":{"server_error":0,"server_error_status":503,"stall":0,"stall_ms":30000,
  "stall_executes":false,"reply_lost":0,"rate_limited":0,"rate_limit_reset_s":1,"ended":0},
  "reads":{"server_error":0,"stall":0,"rate_limited":0},
  "targets":[{"command":"answer","nth":2,"count":1,"fault":"reply_lost"},
             {"event":"call.hangup","fault":"lose|duplicate|reorder|delay"},
             {"read":"call|active_calls|application|recording|recording_file","fault":"stall"}]}
)";

}  // namespace gw::simulator
