// SPDX-License-Identifier: Apache-2.0
// The results as the tables of docs/benchmarks.md. Every figure is a median with its range.
import { readFileSync } from 'node:fs';

const peer_package = JSON.parse(readFileSync(new URL('node/package.json', import.meta.url)));

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const whole = (x) => Math.round(x).toLocaleString('en-US');
const fixed = (digits) => (x) => x.toFixed(digits);
const plain_range = (values, format) => `${format(Math.min(...values))} to ${format(Math.max(...values))}`;

// "9,120 (8,800 to 9,400)"
function spread(values, format) {
  return values.length === 0 ? 'none' : `${format(median(values))} (${plain_range(values, format)})`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const at_least = (value, floor) => (value >= floor ? 'yes' : '**no**');
const at_most = (value, ceiling) => (value <= ceiling ? 'yes' : '**no**');

function machine_text(m, plan, short) {
  return [
    `Taken on ${m.date}: ${m.processor}, ${m.cores} cores${m.virtual ? ' of a virtual machine' : ''}, ${fixed(0)(m.memory_gib)} GiB memory, ` +
      `database on ${m.disk}; ${m.system}, Linux ${m.kernel}; ${m.compiler}; libsodium ${m.libsodium}, ` +
      `SQLite ${m.sqlite}; Node.js ${m.node}, better-sqlite3 ${peer_package.dependencies['better-sqlite3']}; ` +
      `commit ${m.commit}; load average at the start ${fixed(2)(m.load_average)}.`,
    `${plan.rounds} interleaved rounds, ${plan.repeats} repeats of the rest; ${plan.measure_ms / 1000} s each after ` +
      `${plan.warmup_ms / 1000} s of warming up.` + (short ? ' **A short run: a smoke test, not a measurement.**' : ''),
  ].join('\n\n');
}

// A short window may hold no ringing call at all: that is no latency of 0.
const with_answers = (r) => r.rounds.map((x) => x.half.command_latency).filter((latency) => latency.count > 0);

function required(r) {
  const of = (pick) => r.rounds.map(pick);
  const share = of((x) => x.share);
  const half_p99 = of((x) => x.half.latency.p99_ms);
  const answer_p99 = with_answers(r).map((x) => x.p99_ms);
  const ready = r.empty_starts.map((s) => s.ready_ms);
  const ready_many = r.live.starts.map((s) => s.ready_ms);
  const idle = r.empty_starts.map((s) => s.memory_mb);
  const status = r.live.gets.status.map((g) => g.good_per_second);
  const control = (action) => {
    const p99 = r.control.map((x) => x[action].half.command_latency.p99_ms);
    const rate = whole(median(r.control.map((x) => x[action].per_second)));
    return [`${action} request to its command at half load (${rate} a second, ${whole(r.plan.control_calls)} live calls), p99`,
      `${spread(p99, fixed(1))} ms`, 'at most 15 ms', at_most(median(p99), 15)];
  };
  const page = r.reads.map((x) => x.page_p99_ms);
  const summary = r.reads.map((x) => x.summary_max_ms);
  const history = whole(r.plan.history_calls);
  const per_call = r.memory.at(-1).map((x) => x.kib_per_call);
  return table(['figure', 'measured: median (range)', 'required', 'held'], [
    ['durable signed events, share of the verify limit', spread(share, fixed(2)), 'at least 0.45, aim 0.65', at_least(median(share), 0.45)],
    ['event to commit to 200 at half load, p99', `${spread(half_p99, fixed(1))} ms`, 'at most 15 ms, aim 5', at_most(median(half_p99), 15)],
    ['event to `answer` command at half load, p99', `${spread(answer_p99, fixed(1))} ms`, 'at most 25 ms, aim 8', at_most(median(answer_p99), 25)],
    control('transfer'),
    control('gather'),
    [`page of 100 calls with filters, over ${history} calls, p99`, `${spread(page, fixed(1))} ms`, 'at most 10 ms', at_most(median(page), 10)],
    [`summary of a month of ${history} calls, the slowest`, `${spread(summary, fixed(1))} ms`, 'at most 100 ms', at_most(median(summary), 100)],
    ['start to ready, empty store', `${spread(ready, whole)} ms`, 'at most 1,000 ms, aim 300', at_most(median(ready), 1000)],
    [`start to ready, ${whole(r.live.calls)} live calls on record`, `${spread(ready_many, whole)} ms`, 'at most 1,000 ms, aim 300', at_most(median(ready_many), 1000)],
    ['resident memory, idle', `${spread(idle, fixed(1))} MiB`, 'at most 40 MB, aim 20', at_most(median(idle), 40)],
    ['`GET /v1/calls/:id/status` of live calls', `${spread(status, whole)} per second`, 'at least 25,000', at_least(median(status), 25_000)],
    [`resident memory added by each of ${whole(r.live.calls)} live calls`, `${spread(per_call, fixed(1))} KiB`, 'at most 16 KiB, aim 8',
      at_most(median(per_call), 16)],
  ]);
}

function throughput(r) {
  const of = (pick) => r.rounds.map(pick);
  const row = (name, closed, half, share) => [name, spread(of((x) => closed(x).good_per_second), whole),
    share, spread(of((x) => closed(x).target_cpu_us_each), whole),
    spread(of((x) => half(x).latency.p50_ms), fixed(1)), spread(of((x) => half(x).latency.p99_ms), fixed(1)),
    spread(of((x) => half(x).latency.p999_ms), fixed(1))];
  const rows = [
    ['limit: libsodium verify', spread(r.rounds.flatMap((x) => x.limits), whole), '1', '', '', '', ''],
    row('gateway', (x) => x.closed, (x) => x.half, spread(of((x) => x.share), fixed(2))),
    row('Node.js peer', (x) => x.peer, (x) => x.peer_half, spread(of((x) => x.peer_share), fixed(2))),
  ];
  const disk = (q) => spread(of((x) => x.disk[q]), fixed(1));
  rows.push(['the disk alone: 96 KiB and fdatasync, 320 a second', '', '', '', disk('p50_ms'), disk('p99_ms'), disk('p999_ms')]);
  const head = ['', 'events per second', 'share of the limit', 'CPU µs each', 'at half of it: p50 ms', 'p99 ms', 'p99.9 ms'];
  return `${table(head, rows)}\n\nGateway to peer, ratio of each round: ${spread(of((x) => x.ratio), fixed(2))}. ` +
    `The load client used ${spread(of((x) => 100 * x.closed.load_cpu_share), whole)} % of its core meanwhile.`;
}

function further(r) {
  const answer = (q) => spread(with_answers(r).map((x) => x[q]), fixed(1));
  const over = (pick) => r.overload.map(pick);
  const refused = r.overload.filter((x) => x.overloaded.refusal_latency.count > 0);
  const gets = (kind, pick, format) => spread(r.live.gets[kind].map(pick), format);
  const restarted = median(r.live.starts.map((s) => s.memory_mb)) - median(r.empty_starts.map((s) => s.memory_mb));
  return table(['figure', 'median (range)'], [
    ['event to `answer` command at half load: p50, p99, p99.9', `${answer('p50_ms')}, ${answer('p99_ms')}, ${answer('p999_ms')} ms`],
    ...['transfer', 'gather'].map((action) => {
      const of = (q) => spread(r.control.map((x) => x[action].half.command_latency[q]), fixed(1));
      return [`${action} request to its command at half load: p50, p99, p99.9`, `${of('p50_ms')}, ${of('p99_ms')}, ${of('p999_ms')} ms`];
    }),
    [`page of 100 calls over ${whole(r.plan.history_calls)}: p50; summary of a month: p50`,
      `${spread(r.reads.map((x) => x.page_p50_ms), fixed(1))}; ${spread(r.reads.map((x) => x.summary_p50_ms), fixed(1))} ms`],
    ['events per second with a webhook endpoint', spread(r.webhooks.map((x) => x.closed.good_per_second), whole)],
    ['the same, share of the limit', spread(r.webhooks.map((x) => x.share), fixed(2))],
    ['webhooks delivered meanwhile, per second of that run', spread(r.webhooks.map((x) => x.webhooks / (r.plan.measure_ms + r.plan.warmup_ms) * 1000), whole)],
    ['at 3 times overload: share of the goodput kept', spread(over((x) => x.kept), fixed(2))],
    ['at 3 times overload: 503 per second', spread(over((x) => x.overloaded.refused_503 / x.overloaded.seconds), whole)],
    ['at 3 times overload: 503 latency p50, p99', refused.length === 0 ? 'none refused'
      : `${spread(refused.map((x) => x.overloaded.refusal_latency.p50_ms), whole)}, ${spread(refused.map((x) => x.overloaded.refusal_latency.p99_ms), whole)} ms`],
    ['at 3 times overload: load that the client could not place', spread(over((x) => x.overloaded.unsent), whole)],
    ['`GET /v1/calls/:id/status`: p50, p99', `${gets('status', (g) => g.latency.p50_ms, fixed(2))}, ${gets('status', (g) => g.latency.p99_ms, fixed(2))} ms`],
    ['`GET /v1/calls/:id` per second', gets('call', (g) => g.good_per_second, whole)],
    [`resident memory per live call, after a start with ${whole(r.live.calls)}`, `${fixed(1)((restarted * 1024) / r.live.calls)} KiB`],
  ]);
}

// The same at a hundredth and a tenth: what grows with history instead of the work at hand is a defect.
function growth(r) {
  const histories = [...r.smaller_reads, { calls: r.plan.history_calls, reads: r.reads }];
  return table(['', '1x', '10x', '100x'].slice(0, histories.length + 1), [
    ['calls on record', ...histories.map((h) => whole(h.calls))],
    ['page of 100 with filters, p99', ...histories.map((h) => `${spread(h.reads.map((x) => x.page_p99_ms), fixed(1))} ms`)],
    ['summary of their month, the slowest', ...histories.map((h) => `${spread(h.reads.map((x) => x.summary_max_ms), fixed(1))} ms`)],
    ['live calls', ...r.memory.map((m) => whole(m[0].calls))],
    ['resident memory with them', ...r.memory.map((m) => `${spread(m.map((x) => x.with_calls_mb), fixed(1))} MiB`)],
    ['added by each', ...r.memory.map((m) => `${spread(m.map((x) => x.kib_per_call), fixed(1))} KiB`)],
  ]);
}

export function tables(results) {
  return [
    machine_text(results.machine, results.plan, results.short),
    '### What is required', required(results),
    '### Throughput and latency', throughput(results),
    '### How cost grows', growth(results),
    '### For information', further(results),
  ].join('\n\n') + '\n';
}
