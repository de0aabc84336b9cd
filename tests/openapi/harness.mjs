// SPDX-License-Identifier: Apache-2.0
// The gateway and the simulator on free ports.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// Goes on reading after that line: a program whose pipe is full would wait for ever.
function readyLine(stream, isReady) {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      try {
        const value = JSON.parse(line);
        if (isReady(value)) resolve(value);
      } catch {
        // not ours
      }
    });
    lines.on('close', () => reject(new Error('the program ended before it was ready')));
  });
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

// Starts both programs; `close` stops them and removes what they wrote.
export async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-openapi-'));
  const apiKey = 'KEY_OPENAPI_TEST';
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const connection = '2811212257810187001';
  const simulator = spawn(
    process.env.TELNYX_SIMULATOR,
    ['--seed', '5', '--api-key', apiKey, '--connection-id', connection],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: folder },
  );
  const carrier = await readyLine(simulator.stdout, (line) => line.control !== undefined);
  const keys = {
    full: `sfy_live_${randomBytes(24).toString('hex')}`,
    read: `sfy_live_${randomBytes(24).toString('hex')}`,
    org: `sfy_org_${randomBytes(24).toString('hex')}`,
  };
  const config = {
    http: { listen: '127.0.0.1:0' },
    admin: { listen: '127.0.0.1:0' },
    store: { url: `sqlite:${join(folder, 'gateway.db')}` },
    telnyx: {
      api_base: carrier.api,
      api_key: apiKey,
      public_key: carrier.public_key,
      connection_id: connection,
    },
    webhooks: { allow_private_networks: true },
    drain_timeout_seconds: 1, // what a failed test leaves on the line is not waited for
    orgs: [{ id: 42, name: 'Acme', tier: 'growth' }],
    projects: [{ id: 1, public_id: 'proj_00000001', org_id: 42, name: 'Main' }],
    agents: [
      {
        id: 7,
        public_id: 'agent_28c51f81',
        project_id: 1,
        name: 'Support Agent',
        phone_numbers: ['+31850012345'],
        webhook_url: `${carrier.control}/receiver/agent`,
        webhook_secret: secret,
        rates: { rate_per_minute: 0.25, call_rate_per_minute: 0.22 },
      },
    ],
    api_keys: [
      { key_sha256: sha256(keys.full), project_id: 1, scope: 'full' },
      { key_sha256: sha256(keys.read), project_id: 1, scope: 'read' },
      { key_sha256: sha256(keys.org), org_id: 42, scope: 'full' },
    ],
  };
  const file = join(folder, 'gateway.json');
  await writeFile(file, JSON.stringify(config));
  const gateway = spawn(process.env.TELNYX_GATEWAY, ['serve', '--config', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: folder,
  });
  const ready = await readyLine(gateway.stderr, (line) => line.ready === true);
  const base = `http://${ready.http}`;

  const control = async (method, path, body) => {
    const response = await fetch(carrier.control + path, { method, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  await control('PUT', '/webhook_url', { url: `${base}/telnyx/webhooks` });

  const close = async () => {
    await stop(gateway);
    await stop(simulator);
    await rm(folder, { recursive: true });
  };
  return { base, keys, secret, control, close };
}
