// SPDX-License-Identifier: Apache-2.0
// docs/openapi.json: is it OpenAPI 3.1, is it complete in itself, and does the running gateway
// answer, and send webhooks, as it says?
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { lint, loadConfig } from '@redocly/openapi-core';
import { Validator } from '@seriousme/openapi-schema-validator';
import {
  document, documentFile, faultsOf, follow, judge, judgeTarget, judgeWebhook, operations, webhooks,
} from './document.mjs';
import { start } from './harness.mjs';

describe('the document', () => {
  test('is OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document));
    assert.deepEqual(result.errors ?? [], []);
    assert.equal(result.valid, true);
    assert.equal(document.openapi, '3.1.0');
  });

  test('passes the linter', async () => {
    const rules = fileURLToPath(new URL('redocly.yaml', import.meta.url));
    const config = await loadConfig({ configPath: rules });
    const problems = await lint({ ref: fileURLToPath(documentFile), config });
    const told = problems.map(
      ({ severity, ruleId, message, location }) =>
        `${severity} ${ruleId}: ${message} (${location.map((at) => at.pointer).join(', ')})`,
    );
    assert.deepEqual(told, []);
  });

  test('refers to nothing that is not there, and has nothing that nobody refers to', () => {
    const used = new Set();
    const walk = (part) => {
      if (part === null || typeof part !== 'object') return;
      if (typeof part.$ref === 'string') {
        assert.ok(follow(part) !== undefined, part.$ref);
        used.add(part.$ref);
      }
      Object.values(part).forEach(walk);
    };
    walk(document);
    for (const [kind, parts] of Object.entries(document.components)) {
      if (kind === 'securitySchemes') continue;
      for (const name of Object.keys(parts)) {
        assert.ok(used.has(`#/components/${kind}/${name}`), `${kind}/${name} is not used`);
      }
    }
  });

  test('describes every operation with id, summary, tag, and the errors that can be', () => {
    const ids = new Set();
    const tags = new Set(document.tags.map((tag) => tag.name));
    for (const { path, method, operation, parameters } of operations()) {
      const name = `${method} ${path}`;
      assert.ok(operation.operationId && !ids.has(operation.operationId), name);
      ids.add(operation.operationId);
      assert.ok(operation.summary, name);
      assert.ok(operation.tags?.length > 0 && operation.tags.every((tag) => tags.has(tag)), name);
      const all = [...parameters, ...(operation.parameters ?? [])].map(follow);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      assert.deepEqual(all.filter((p) => p.in === 'path').map((p) => p.name), inPath, name);
      const always = ['400', '405', '408', '413', '417', '431', '500', '503', '505', 'default'];
      const secured = operation.security?.length === 0 ? [] : ['401', '404', '429'];
      for (const status of [...always, ...secured]) {
        assert.ok(operation.responses[status], `${name} ${status}`);
      }
      for (const [status, response] of Object.entries(operation.responses)) {
        const { headers } = follow(response);
        assert.ok(headers?.['X-Request-Id'], `${name} ${status}: X-Request-Id`);
      }
      if (method !== 'get' && path.startsWith('/v1/')) {
        assert.ok(operation.responses['403'], name);
        assert.ok(all.some((p) => p.name === 'Idempotency-Key'), name);
      }
    }
  });

  test('has examples that obey their schemas', () => {
    let seen = 0;
    const check = (content, where) => {
      for (const media of Object.values(content ?? {})) {
        for (const example of Object.values(media.examples ?? {})) {
          assert.deepEqual(faultsOf(media.schema, follow(example).value), [], where);
          ++seen;
        }
      }
    };
    for (const { path, method, operation } of [...operations(), ...webhooks()]) {
      check(operation.requestBody?.content, `${method} ${path}`);
      for (const [status, response] of Object.entries(operation.responses)) {
        check(follow(response).content, `${method} ${path} ${status}`);
      }
    }
    assert.ok(seen > 10);
  });
});

describe('the running gateway', () => {
  const askAgainMs = 20; // each question counts against the organisation's limit
  let world;
  const answered = new Set(); // "get /v1/calls 200"

  before(async () => {
    world = await start();
  });
  after(() => world?.close());

  // Sends again what is answered 503, for half a minute: the store was too slow, on a machine that
  // stalls, and nothing was done.
  async function insist(url, request) {
    const giveUp = performance.now() + 30_000;
    for (;;) {
      const response = await fetch(url, request);
      if (response.status !== 503 || performance.now() > giveUp) return response;
      await response.arrayBuffer();
      await pause(askAgainMs);
    }
  }

  // Sends, holds the answer against the document, and gives it.
  async function ask(method, path, { call, query = '', key = world.keys.full, body, headers } = {}) {
    const all = new Headers(headers);
    if (key) all.set('Authorization', `Bearer ${key}`);
    if (body !== undefined && !all.has('Content-Type')) all.set('Content-Type', 'application/json');
    const url = world.base + path.replace('{callId}', call) + query;
    const response = await insist(url, {
      method: method.toUpperCase(),
      headers: all,
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const answer = {
      status: response.status,
      fields: response.headers,
      body: await response.text(),
      keyIsGood: key ? undefined : false,
    };
    const name = `${method} ${path}${query} ${answer.status}`;
    assert.deepEqual(judge(path, method, answer), [], `${name}: ${answer.body}`);
    answered.add(`${method} ${path} ${answer.status}`);
    return answer;
  }
  async function expect(status, method, path, more) {
    const answer = await ask(method, path, more);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.body}`);
    return answer;
  }

  // Rows of the timeline as they come, until `isLast` says so or the stream ends.
  async function followEvents(call, headers, isLast = () => false) {
    const stop = new AbortController();
    const response = await insist(`${world.base}/v1/calls/${call}/events`, {
      headers: {
        Authorization: `Bearer ${world.keys.full}`,
        Accept: 'text/event-stream',
        ...headers,
      },
      signal: stop.signal,
    });
    assert.equal(response.status, 200);
    const rows = [];
    let text = '';
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      text += piece;
      const blocks = text.split('\n\n');
      text = blocks.pop();
      for (const block of blocks) {
        const fields = Object.fromEntries(
          block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)),
        );
        if (fields.data === undefined) continue;
        const row = JSON.parse(fields.data);
        assert.deepEqual(faultsOf(document.components.schemas.TimelineEvent, row), []);
        assert.equal(Number(fields.id), row.seq);
        assert.equal(fields.event, row.kind);
        rows.push(row);
      }
      if (rows.some(isLast)) {
        stop.abort();
        break;
      }
    }
    return rows;
  }

  const live = { from: '+31612340002', to: '+31850012345', steps: [] };
  async function placeInbound(script) {
    const known = JSON.parse((await ask('get', '/v1/calls')).body).calls.length;
    await world.control('POST', '/calls', script);
    for (;;) {
      const { calls } = JSON.parse((await ask('get', '/v1/calls')).body);
      if (calls.length > known) return calls[0].call_id;
      await pause(askAgainMs);
    }
  }

  test('follows a call live, and shows it the same everywhere', async () => {
    const call = await placeInbound(live);
    const isAnswered = (row) => row.kind === 'call.answered';
    const first = await followEvents(call, {}, isAnswered);
    assert.deepEqual(first.map((row) => row.seq), first.map((_, i) => i + 1));
    await expect(200, 'get', '/v1/calls/{callId}/status', { call });
    await expect(200, 'get', '/v1/calls/{callId}', { call });

    // The rest comes while we wait: the hang-up is asked for after the stream is open.
    const rest = followEvents(
      call,
      { 'Last-Event-ID': String(first.at(-1).seq) },
      (row) => row.kind === 'call.hangup',
    );
    await expect(200, 'post', '/v1/calls/{callId}/end', { call });
    const rows = [...first, ...(await rest)];
    assert.deepEqual(rows.map((row) => row.seq), rows.map((_, i) => i + 1));
    assert.ok(rows.some((row) => row.kind === 'api.end'));

    for (;;) {
      const ended = await expect(200, 'get', '/v1/calls/{callId}', { call });
      if (JSON.parse(ended.body).ended_at !== null) break;
      await pause(askAgainMs);
    }
    const page = await expect(200, 'get', '/v1/calls/{callId}/events', { call, query: '?limit=500' });
    assert.deepEqual(JSON.parse(page.body).events.slice(0, rows.length), rows);
    await expect(409, 'post', '/v1/calls/{callId}/end', { call });
    await expect(200, 'get', '/v1/calls/{callId}/webhooks', { call });
    await expect(200, 'get', '/v1/calls/{callId}/webhooks', { call, query: '?success=true' });
    const sums = JSON.parse((await expect(200, 'get', '/v1/calls/summary')).body);
    assert.equal(sums.completed_calls, 1);
    assert.deepEqual(sums.filters, {});
  });

  test('acts on calls as described', async () => {
    const call = await placeInbound(live);
    await followEvents(call, {}, (row) => row.kind === 'call.answered');
    const gather = '/v1/calls/{callId}/gather';
    const transfer = '/v1/calls/{callId}/transfer';
    await expect(202, 'post', gather, { call, body: { prompt: 'Press a key.' } });
    await expect(409, 'post', gather, { call, body: { prompt: 'Press a key.' } });
    await expect(400, 'post', gather, { call, body: { max_digits: 99 } });
    await expect(400, 'post', transfer, { call, body: { destination: '0850099999' } });
    await expect(415, 'post', transfer, {
      call,
      body: 'destination=1',
      headers: { 'Content-Type': 'text/plain' },
    });
    await expect(200, 'post', transfer, { call, body: { destination: '+31850099999' } });
    await expect(200, 'post', '/v1/calls/{callId}/end', { call });
    const placed = await expect(201, 'post', '/v1/calls', {
      body: { agent_id: 'agent_28c51f81', to: '+31612345678', metadata: { a: 1 } },
    });
    assert.equal(JSON.parse(placed.body).direction, 'outbound');
    await expect(400, 'post', '/v1/calls', { body: { agent_id: 'agent_28c51f81' } });
    for (const path of [gather, transfer, '/v1/calls/{callId}/end']) {
      await expect(404, 'post', path, { call: '999', body: { prompt: 'x', destination: '+3185' } });
      await expect(403, 'post', path, { call, key: world.keys.read, body: {} });
    }
    await expect(403, 'post', '/v1/calls', { key: world.keys.read, body: {} });
  });

  // What the customer's endpoint has received: { fields, body, event } each, in order.
  async function received() {
    const { entries } = await world.control('GET', '/history?type=received');
    return entries.map(({ headers, body }) => ({
      fields: new Headers(headers),
      body,
      event: JSON.parse(body),
    }));
  }
  async function isTold(call, name) {
    const isIt = ({ event }) => event.call_id === call && event.event === name;
    while (!(await received()).some(isIt)) await pause(askAgainMs);
  }
  const hmac = (key, text, encoding) => createHmac('sha256', key).update(text).digest(encoding);

  test('sends webhooks as described, signed both ways', async () => {
    const gather = '/v1/calls/{callId}/gather';
    const transfer = '/v1/calls/{callId}/transfer';
    const destination = '+31850099999';
    const callee = (outcome) =>
      world.control('PUT', '/scenario', { callees: { [destination]: { outcome } } });
    await callee('busy');
    const call = await placeInbound({ ...live, steps: [{ await: 'gather' }, { press: '12#' }] });
    await isTold(call, 'call.started');
    await expect(202, 'post', gather, { call, body: { prompt: 'Press two keys.' } });
    await isTold(call, 'call.gather.completed');
    await isTold(call, 'call.dtmf.received');
    await expect(200, 'post', transfer, { call, body: { destination } });
    await isTold(call, 'transfer.failed');
    const unheard = await expect(201, 'post', '/v1/calls', {
      body: { agent_id: 'agent_28c51f81', to: destination },
    });
    await isTold(JSON.parse(unheard.body).call_id, 'call.failed');
    await callee('answer');
    await expect(200, 'post', transfer, { call, body: { destination } });
    await isTold(call, 'transfer.completed');
    await expect(200, 'post', '/v1/calls/{callId}/end', { call });
    await isTold(call, 'call.ended');

    const key = Buffer.from(world.secret.replace('whsec_', ''), 'base64');
    const names = new Set();
    for (const { fields, body, event } of await received()) {
      assert.deepEqual(judgeWebhook(fields, body), [], body);
      const at = fields.get('x-staffify-timestamp');
      const ours = `sha256=${hmac(world.secret, `${at}.${body}`, 'hex')}`;
      assert.equal(fields.get('x-staffify-signature'), ours);
      assert.equal(fields.get('webhook-id'), event.id);
      assert.equal(fields.get('webhook-timestamp'), at);
      const standard = `v1,${hmac(key, `${event.id}.${at}.${body}`, 'base64')}`;
      assert.equal(fields.get('webhook-signature'), standard);
      names.add(event.event);
    }
    assert.deepEqual([...names].sort(), Object.keys(document.webhooks).sort());
  });

  test('refuses as described', async () => {
    for (const { path, method, operation } of operations()) {
      if (operation.security?.length === 0) continue;
      const body = method === 'get' ? undefined : {};
      await expect(401, method, path, { call: '1', key: null, body });
      await expect(401, method, path, { call: '1', key: `sfy_live_${'0'.repeat(48)}`, body });
      const headers = { 'X-Project-Id': 'proj_99999999' };
      await expect(404, method, path, { call: '1', key: world.keys.org, headers, body });
      if (path.includes('{callId}')) {
        const wish = body && { prompt: 'x', destination: '+3185' };
        await expect(404, method, path, { call: 'call_00000999', body: wish });
      }
    }
    const wrong = {
      '/v1/calls': ['limit=0', 'status=x', 'from_date=2026-02-30', 'after=x', 'limit=1&limit=2'],
      '/v1/calls/summary': ['agent_id=agent_28c51f81', 'from_date=2026-02-02&to_date=2026-02-01'],
      '/v1/calls/{callId}/webhooks': ['success=maybe', 'after_id=-1'],
      '/v1/calls/{callId}/events': ['after_seq=x', 'limit=501'],
      '/v1/calls/{callId}/recording': ['expires_in=59', 'expires_in=1d'],
    };
    for (const [path, queries] of Object.entries(wrong)) {
      for (const query of queries) {
        await expect(400, 'get', path, { call: '1', query: `?${query}` });
      }
    }
  });

  // What comes back for these bytes, when the gateway closes.
  function sendBytes(bytes) {
    const { hostname, port } = new URL(world.base);
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      socket.setEncoding('latin1');
      socket.on('data', (piece) => (text += piece));
      socket.on('close', () => resolve(text));
      socket.on('error', (error) => (text === '' ? reject(error) : resolve(text)));
    });
  }

  test('refuses bad HTTP as described, before it looks at the path', async () => {
    const head = 'POST /v1/calls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
    const bad = [
      [400, 'POST', '/v1/calls', `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`],
      [413, 'POST', '/v1/calls', `${head}Content-Length: 1000000000\r\n\r\n`],
      [417, 'POST', '/v1/calls', `${head}Expect: wonders\r\nContent-Length: 0\r\n\r\n`],
      [431, 'POST', '/v1/calls', `${head}X-Long: ${'a'.repeat(100_000)}\r\n\r\n`],
      [505, 'GET', '/v1/calls', 'GET /v1/calls HTTP/3.7\r\nHost: x\r\n\r\n'],
      [400, '', '', 'What is this?\r\n\r\n'],
    ];
    for (const [status, method, target, bytes] of bad) {
      const text = await sendBytes(bytes);
      const [top, body] = text.split('\r\n\r\n');
      const [line, ...lines] = top.split('\r\n');
      const fields = new Headers(lines.map((field) => field.split(/: (.*)/s).slice(0, 2)));
      const answer = { status: Number(line.split(' ')[1]), fields, body, keyIsGood: false };
      assert.equal(answer.status, status, text);
      assert.deepEqual(judgeTarget(method, target, answer), [], text);
    }
  });

  test('serves the document, and says when a copy is still right', async () => {
    const path = '/v1/openapi.json';
    const answer = await expect(200, 'get', path, { key: null });
    assert.deepEqual(JSON.parse(answer.body), document);
    assert.match(answer.fields.get('cache-control'), /max-age/);
    const again = { 'If-None-Match': answer.fields.get('etag') };
    await expect(304, 'get', path, { key: null, headers: again });
  });

  test('lets nobody else speak for the carrier', async () => {
    await expect(401, 'post', '/telnyx/webhooks', { key: null, body: { data: {} } });
  });

  test('was seen to succeed in every operation', () => {
    for (const { path, method, operation } of operations()) {
      if (path.startsWith('/telnyx/')) continue;
      const described = Object.keys(operation.responses);
      if (!described.some((status) => status.startsWith('2'))) continue; // none is there yet
      const good = [200, 201, 202].some((status) => answered.has(`${method} ${path} ${status}`));
      assert.ok(good, `${method} ${path}`);
    }
  });
});
