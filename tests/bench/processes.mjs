// SPDX-License-Identifier: Apache-2.0
// Starts what is measured and what measures, each on its core, and speaks with it by lines of JSON.
import { spawn, spawnSync, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ready_within_ms = 60_000;

// Resolves with the first line of `stream` that is JSON with "ready": true.
function ready_line(child, stream, name, on_line) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name}: not ready in time`)), ready_within_ms);
    child.once('exit', (code, signal) => reject(new Error(`${name}: ended (${code ?? signal})`)));
    child.once('error', reject);
    createInterface({ input: stream }).on('line', (line) => {
      on_line(line);
      let parsed;
      try {
        parsed = JSON.parse(line);
      } catch {
        return;
      }
      if (parsed.ready === true) {
        clearTimeout(timer);
        resolve(parsed);
      }
    });
  });
}

const pinned = (core, program, args) => ['taskset', ['-c', String(core), program, ...args]];

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(hard);
}

// The load client, carrier and customer in one: see README.md.
export class Load {
  static async start(program, core) {
    const load = new Load();
    load.child = spawn(...pinned(core, program, []), { stdio: ['pipe', 'pipe', 'inherit'] });
    load.replies = [];
    const { stub, public_key } = await ready_line(load.child, load.child.stdout, 'gw-load', (line) => {
      load.replies.shift()?.(JSON.parse(line));
    });
    Object.assign(load, { stub, public_key });
    load.child.removeAllListeners('exit');
    load.child.once('exit', () => load.replies.forEach((reply) => reply({ error: 'gw-load ended' })));
    return load;
  }
  async order(what) {
    const reply = new Promise((resolve) => this.replies.push(resolve));
    this.child.stdin.write(`${JSON.stringify(what)}\n`);
    const report = await reply;
    if (report.error) throw new Error(`gw-load: ${report.error}`);
    return report;
  }
  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin.end();
    await ended;
  }
}

export function gateway_config({ load, database, api_key, webhooks }) {
  const sha256 = createHash('sha256').update(api_key).digest('hex');
  const agent = {
    id: 7, public_id: 'agent_28c51f81', project_id: 1, name: 'Bench', phone_numbers: ['+31850012345'],
    rates: { rate_per_minute: 0.25, call_rate_per_minute: 0.22 },
  };
  if (webhooks) {
    agent.webhook_url = `http://${load.stub}/customer/events`;
    agent.webhook_secret = `whsec_${randomBytes(32).toString('base64')}`;
  }
  return {
    http: { listen: '127.0.0.1:0' },
    admin: { listen: '127.0.0.1:0' },
    store: { url: `sqlite:${database}` },
    telnyx: { api_base: `http://${load.stub}/v2`, api_key: 'KEYbench', public_key: load.public_key,
      connection_id: '1234567890' },
    drain_timeout_seconds: 0,
    webhooks: { allow_private_networks: true },
    orgs: [{ id: 42, name: 'Bench', tier: 'enterprise' }],
    projects: [{ id: 1, public_id: 'proj_00000001', org_id: 42, name: 'Bench' }],
    agents: [agent],
    api_keys: [{ key_sha256: sha256, project_id: 1, scope: 'full', name: 'bench' }],
  };
}

// One server under test with a folder for its database; `fresh` empties it first.
export class Server {
  static async start({ name, program, args, core, log_file, ready_on }) {
    const server = new Server();
    const begun = process.hrtime.bigint();
    const log = openSync(log_file, 'a');
    const stdio = ready_on === 'stderr' ? ['ignore', 'ignore', 'pipe'] : ['ignore', 'pipe', log];
    server.child = spawn(...pinned(core, program, args), { stdio });
    server.pid = server.child.pid;
    const ready = await ready_line(server.child, server.child[ready_on], name, (line) => {
      if (ready_on === 'stderr') writeFileSync(log, `${line}\n`);
    });
    server.ready_ms = Number(process.hrtime.bigint() - begun) / 1e6;
    server.target = ready.http;
    server.child.removeAllListeners('exit');
    server.child.once('exit', () => closeSync(log));
    return server;
  }
  memory_mb() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) / 1024;
  }
  stop() {
    return end(this.child);
  }
}

export function empty_folder(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function start_gateway({ program, core, folder, load, api_key, webhooks = false, fresh = true }) {
  if (fresh) empty_folder(folder);
  const config_file = join(folder, 'gateway.json');
  const config = gateway_config({ load, database: join(folder, 'gateway.db'), api_key, webhooks });
  writeFileSync(config_file, JSON.stringify(config, null, 2));
  return Server.start({ name: 'gateway', program, args: ['serve', '--config', config_file], core,
    log_file: join(folder, 'gateway.log'), ready_on: 'stderr' });
}

export function start_peer({ script, core, folder, load }) {
  empty_folder(folder);
  return Server.start({ name: 'peer', program: process.execPath,
    args: [script, join(folder, 'peer.db'), load.public_key], core, log_file: join(folder, 'peer.log'),
    ready_on: 'stdout' });
}

export function measure_limit({ program, core, milliseconds }) {
  const [command, args] = pinned(core, program, [String(milliseconds)]);
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8' }));
}

// The disk alone: its log is in `folder`, on the same disk as the databases.
export function measure_disk({ program, core, folder, milliseconds }) {
  const [command, args] = pinned(core, program, [folder, String(milliseconds)]);
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8' }));
}

// A report for each repeat; they say themselves whether a figure was met, which the tables judge.
export function measure_reads({ program, core, folder, calls, rounds, repeats }) {
  empty_folder(folder);
  const [command, args] = pinned(core, program, [folder, calls, rounds, repeats].map(String));
  const { stdout, status, error } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  rmSync(folder, { recursive: true, force: true });
  const reports = stdout?.trim().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line)) ?? [];
  if (reports.length !== repeats) throw new Error(`gw-reads: ended (${error ?? status}) after ${reports.length} reports`);
  return reports;
}
