// SPDX-License-Identifier: Apache-2.0
// The gateway and the simulator on free ports, and requests whose every answer is held against the
// OpenAPI document.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export const document = JSON.parse(
  await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8'),
);
const documentId = 'https://openapi.invalid/document';
const verbs = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

// Every operation: its path, its method, and the pointer to it.
export function operations() {
  const all = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of verbs.filter((verb) => item[verb])) {
      all.push({ path, method, operation: item[method], parameters: item.parameters ?? [] });
    }
  }
  return all;
}

export function follow(part) {
  if (part?.$ref === undefined) return part;
  const found = part.$ref
    .slice(2)
    .split('/')
    .reduce((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  if (found === undefined) throw new Error(`${part.$ref} leads nowhere`);
  return found;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: documentId, ...document });

// The references of a part of the document mean the document.
function absolute(part) {
  if (Array.isArray(part)) return part.map(absolute);
  if (part === null || typeof part !== 'object') return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) =>
      key === '$ref' ? [key, documentId + value] : [key, absolute(value)],
    ),
  );
}

const compiled = new Map();
// What is wrong with a value; empty when nothing is.
export function faultsOf(schema, value) {
  if (!compiled.has(schema)) compiled.set(schema, ajv.compile(absolute(schema)));
  const check = compiled.get(schema);
  return check(value) ? [] : check.errors.map((e) => `${e.instancePath} ${e.message}`);
}

// Holds one answer against the document; gives what was found wrong.
export function judge(path, method, answer) {
  const described = follow(document.paths[path]?.[method]?.responses[String(answer.status)]);
  if (!described) return [`${answer.status} is not described`];
  const faults = [];
  for (const [name, header] of Object.entries(described.headers ?? {})) {
    const value = answer.headers.get(name);
    const schema = follow(header).schema;
    if (value !== null) {
      const typed = schema.type === 'integer' ? Number(value) : value;
      faults.push(...faultsOf(schema, typed).map((fault) => `${name}: ${fault}`));
    }
  }
  if (answer.headers.get('x-request-id') === null && path.startsWith('/v1/')) {
    faults.push('X-Request-Id is missing');
  }
  const type = answer.headers.get('content-type');
  const content = described.content ?? {};
  if (Object.keys(content).length === 0) {
    return answer.body === '' || path.startsWith('/telnyx/') ? faults : [...faults, 'has a body'];
  }
  if (!content[type]) return [...faults, `Content-Type ${type} is not described`];
  const value = type === 'application/json' ? JSON.parse(answer.body) : answer.body;
  return [...faults, ...faultsOf(content[type].schema, value)];
}

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
        webhook_secret: `whsec_${randomBytes(24).toString('base64')}`,
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
  return { base, keys, control, close };
}
