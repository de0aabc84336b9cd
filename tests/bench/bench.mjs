// SPDX-License-Identifier: Apache-2.0
// The whole bench, one part after the other: run.sh builds and then starts this.
//   node bench.mjs --bin DIR --work DIR [--short] [--json FILE]
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Load, start_gateway, start_peer, measure_disk, measure_limit, measure_reads } from './processes.mjs';
import { machine } from './machine.mjs';
import { tables } from './tables.mjs';

const { values: given } = parseArgs({
  options: { bin: { type: 'string' }, work: { type: 'string' }, short: { type: 'boolean', default: false },
    json: { type: 'string' } },
});
const short = given.short;
const plan = short
  ? { rounds: 2, repeats: 2, warmup_ms: 500, measure_ms: 1500, limit_ms: 500, live_calls: 1000, starts: 2,
    control_calls: 200, history_calls: 20_000, read_rounds: 2, smaller_histories: [2_000], fewer_live_calls: [100] }
  : { rounds: 8, repeats: 5, warmup_ms: 2000, measure_ms: 2500, limit_ms: 1000, live_calls: 10_000, starts: 5,
    control_calls: 500, history_calls: 1_000_000, read_rounds: 20, smaller_histories: [10_000, 100_000],
    fewer_live_calls: [100, 1_000] };

// The server under test and the limit share one core; the load, the stub and this script have the other.
const server_core = Number(process.env.BENCH_SERVER_CORE ?? 1);
const load_core = Number(process.env.BENCH_LOAD_CORE ?? 0);
const api_key = `sfy_live_${randomBytes(24).toString('hex')}`;
const gateway = join(given.bin, 'telnyx-gateway');
const peer_script = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'node/server.mjs');

const say = (text) => process.stderr.write(`${text}\n`);
const rounded = (x) => Math.round(x).toLocaleString('en');
const load = await Load.start(join(given.bin, 'gw-load'), load_core);
const limit = () => measure_limit({ program: join(given.bin, 'gw-limit'), core: server_core,
  milliseconds: plan.limit_ms }).verifies_per_second;
const fresh_gateway = (options = {}) => start_gateway({ program: gateway, core: server_core,
  folder: join(given.work, 'gateway'), load, api_key, ...options });

// Enough calls for `per_second` events; six events each.
function calls_for(per_second, measure_ms = plan.measure_ms) {
  return Math.ceil((per_second * (plan.warmup_ms + measure_ms)) / 1000 / 6) + 1000;
}

const send_calls = (server, options) => order_load(server, { do: 'calls', ...options });

// A measurement that lost answers or ran out of work is no measurement.
async function order_load(server, options) {
  const report = await load.order({ target: server.target, pid: server.pid, warmup_ms: plan.warmup_ms,
    measure_ms: plan.measure_ms, ...options });
  const faults = ['lost', 'other_status'].filter((name) => report[name] > 0);
  if (report.ended_early) faults.push('ended early');
  if (report.good === 0) faults.push('nothing answered 2xx');
  if (options.do === 'control' && report.command_latency.count === 0) faults.push('no command came');
  if (faults.length > 0) throw new Error(`not a valid run (${faults.join(', ')}): ${JSON.stringify(report)}`);
  return report;
}

async function get(path, server) {
  const response = await fetch(`http://${server.target}${path}`, { headers: { Authorization: `Bearer ${api_key}` } });
  if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
  return response.json();
}

const disk = () => measure_disk({ program: join(given.bin, 'gw-disk'), core: server_core, folder: given.work,
  milliseconds: plan.measure_ms });

// Limit, gateway, limit, peer, limit: each ratio uses the limit right before and right after. The disk alone comes
// right after the gateway.
async function throughput_round() {
  const before = limit();
  let server = await fresh_gateway();
  const closed = await send_calls(server, { calls: calls_for(before) });
  const half = await send_calls(server, { calls: calls_for(closed.good_per_second / 2),
    rate: closed.good_per_second / 2 });
  await server.stop();
  const disk_alone = disk();
  const between = limit();
  server = await start_peer({ script: peer_script, core: server_core, folder: join(given.work, 'peer'), load });
  const peer = await send_calls(server, { calls: calls_for(between), wait_for_answer: false });
  const peer_half = await send_calls(server, { calls: calls_for(peer.good_per_second / 2),
    rate: peer.good_per_second / 2, wait_for_answer: false });
  await server.stop();
  const after = limit();
  const round = { limits: [before, between, after], closed, half, disk: disk_alone, peer, peer_half,
    share: closed.good_per_second / ((before + between) / 2),
    peer_share: peer.good_per_second / ((between + after) / 2) };
  round.ratio = round.share / round.peer_share;
  say(`  gateway ${rounded(closed.good_per_second)}/s (${round.share.toFixed(2)} of the limit), ` +
    `p99 at half ${half.latency.p99_ms.toFixed(1)} ms (the disk alone ${disk_alone.p99_ms.toFixed(1)}, ` +
    `at most ${disk_alone.max_ms.toFixed(1)}); peer ${rounded(peer.good_per_second)}/s`);
  return round;
}

// The same load with every public event delivered to a customer's endpoint.
async function with_webhooks() {
  const before = limit();
  const server = await fresh_gateway({ webhooks: true });
  const delivered = (await load.order({ do: 'counts' })).webhooks;
  const closed = await send_calls(server, { calls: calls_for(before) });
  const webhooks = (await load.order({ do: 'counts' })).webhooks - delivered;
  await server.stop();
  return { closed, webhooks, share: closed.good_per_second / ((before + limit()) / 2) };
}

// Three times what the gateway can take, on many connections: what it keeps up and how it refuses. Calls do
// not wait for their answer command, or the mix would turn into ringing calls alone.
async function overload(best) {
  const server = await fresh_gateway();
  const closed = await send_calls(server, { calls: calls_for(best * 1.5) });
  const report = await send_calls(server, { calls: calls_for(best * 3) + 4000, rate: best * 3,
    connections: 3000, live: 4000, wait_for_answer: false });
  await server.stop();
  return { closed, overloaded: report, kept: report.good_per_second / closed.good_per_second };
}

async function ring_live_calls(server, calls) {
  const report = await load.order({ do: 'calls', target: server.target, calls, live: 256, dtmf: 0, hangup: false,
    until_done: true, warmup_ms: 0, measure_ms: 120_000 });
  if (report.ended_early) throw new Error(`live calls: ${JSON.stringify(report)}`);
}

// Memory before and after, requests about a live call, and a start with all of them on record.
async function live_calls() {
  let server = await fresh_gateway();
  const idle_mb = server.memory_mb();
  await ring_live_calls(server, plan.live_calls);
  const with_calls_mb = server.memory_mb();
  const page = await get('/v1/calls?limit=20', server);
  const ids = page.calls.map((call) => call.call_id);
  const status = await get(`/v1/calls/${ids[0]}/status`, server);
  if (status.status !== 'in-progress') throw new Error(`a live call says ${JSON.stringify(status)}`);
  const gets = { status: [], call: [] };
  for (let i = 0; i < plan.repeats; ++i) {
    for (const [kind, suffix] of [['status', '/status'], ['call', '']]) {
      const report = await load.order({ do: 'requests', target: server.target, pid: server.pid, key: api_key,
        paths: ids.map((id) => `/v1/calls/${id}${suffix}`), warmup_ms: 500, measure_ms: plan.measure_ms / 2 });
      if (report.lost + report.other_status > 0) throw new Error(`GET: ${JSON.stringify(report)}`);
      gets[kind].push(report);
    }
  }
  await server.stop();
  const starts = [];
  for (let i = 0; i < plan.starts; ++i) {
    server = await fresh_gateway({ fresh: false });
    starts.push({ ready_ms: server.ready_ms, memory_mb: server.memory_mb() });
    await server.stop();
  }
  return { idle_mb, with_calls_mb, gets, starts, calls: plan.live_calls };
}

// What a number of live calls takes, on a gateway of its own.
async function memory_of(calls) {
  const server = await fresh_gateway();
  const idle_mb = server.memory_mb();
  await ring_live_calls(server, calls);
  const with_calls_mb = server.memory_mb();
  await server.stop();
  return { calls, idle_mb, with_calls_mb, kib_per_call: ((with_calls_mb - idle_mb) * 1024) / calls };
}

const reads_over = (calls, repeats) => measure_reads({ program: join(given.bin, 'gw-reads'), core: server_core,
  folder: join(given.work, 'reads'), calls, rounds: plan.read_rounds, repeats });

// The newest calls as both sides know them: the caller's number ends in the carrier side's count.
async function newest_calls(server, count) {
  const calls = [];
  let after = '';
  while (calls.length < count) {
    const page = await get(`/v1/calls?status=in-progress&limit=100${after}`, server);
    calls.push(...page.calls.map((call) => ({ number: Number(call.from_number.slice('+316'.length)), id: call.call_id })));
    if (page.next_cursor === null) break;
    after = `&after=${encodeURIComponent(page.next_cursor)}`;
  }
  if (calls.length < count) throw new Error(`${calls.length} live calls of ${count}`);
  return calls.slice(0, count);
}

// Each run has live calls of its own: those of the one before may be in the midst of something.
async function order_of_live_calls(server, action, rate) {
  await ring_live_calls(server, plan.control_calls);
  const calls = await newest_calls(server, plan.control_calls);
  return order_load(server, { do: 'control', action, calls, key: api_key, rate });
}

// Transfers and gathers through the API, from the request to the command at the carrier.
async function control_round() {
  const server = await fresh_gateway();
  const round = {};
  for (const action of ['transfer', 'gather']) {
    const closed = await order_of_live_calls(server, action, 0);
    const half = await order_of_live_calls(server, action, closed.good_per_second / 2);
    round[action] = { closed, half, per_second: half.command_latency.count / half.seconds };
    say(`  ${action}: ${rounded(round[action].per_second)}/s at half load, ` +
      `request to command p99 ${half.command_latency.p99_ms.toFixed(1)} ms`);
  }
  await server.stop();
  return round;
}

async function empty_starts() {
  const starts = [];
  for (let i = 0; i < plan.starts; ++i) {
    const server = await fresh_gateway();
    starts.push({ ready_ms: server.ready_ms, memory_mb: server.memory_mb() });
    await server.stop();
  }
  return starts;
}

async function times(count, what) {
  const all = [];
  for (let i = 0; i < count; ++i) all.push(await what());
  return all;
}

const results = { machine: machine(given.work), plan, short };
say('starts with an empty store');
results.empty_starts = await empty_starts();
say('throughput: limit, gateway, limit, peer, limit');
results.rounds = await times(plan.rounds, throughput_round);
say('with a webhook endpoint');
results.webhooks = await times(plan.repeats, with_webhooks);
say('three times overload');
const best = Math.max(...results.rounds.map((round) => round.closed.good_per_second));
results.overload = await times(plan.repeats, () => overload(best));
say(`${plan.live_calls} live calls: memory, requests, starts`);
results.live = await live_calls();
results.memory = [];
for (const calls of [...plan.fewer_live_calls, plan.live_calls]) {
  results.memory.push(await times(plan.repeats, () => memory_of(calls)));
}
say('transfers and gathers of live calls');
results.control = await times(plan.repeats, control_round);
await load.stop();
say(`lists and summaries over ${rounded(plan.history_calls)} calls`);
results.smaller_reads = plan.smaller_histories.map((calls) => ({ calls, reads: reads_over(calls, plan.repeats) }));
results.reads = reads_over(plan.history_calls, plan.repeats);
if (given.json) writeFileSync(given.json, JSON.stringify(results, null, 2));
process.stdout.write(tables(results));
