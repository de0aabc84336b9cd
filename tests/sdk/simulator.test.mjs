// SPDX-License-Identifier: Apache-2.0
// telnyx-simulator answers as Telnyx's own SDK expects: its commands succeed, its error types are thrown,
// and its verifier accepts the webhooks.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import Telnyx from 'telnyx';
import { apiKey, connectionId, start } from './harness.mjs';

const busy = '+31612340301';
const talker = '+31612340302';
const ours = '+31612340100';
const state = (text) => Buffer.from(text).toString('base64');

describe('telnyx-simulator with the official SDK', { timeout: 60_000 }, () => {
  let sim;
  before(async () => {
    sim = await start();
    await sim.control('PUT', '/scenario', {
      speak_ms: 20,
      callees: {
        [busy]: { outcome: 'busy', after_ms: 20 },
        [talker]: { outcome: 'answer', after_ms: 40, bridged_after_ms: 10 },
      },
    });
  });
  afterEach(() => sim.control('PUT', '/faults', { targets: [] }));
  after(async () => assert.equal(await sim.stop(), 0, 'SIGTERM ends it cleanly'));

  // A caller who rings until answered and then does `steps`; resolves once call.initiated was told.
  const ring = async (steps = []) => {
    const call = await sim.control('POST', '/calls', { steps });
    await sim.receiver.event('call.initiated', call.call_control_id);
    return call.call_control_id;
  };
  const answered = async (steps = []) => {
    const id = await ring(steps);
    await sim.client.calls.actions.answer(id, {});
    await sim.receiver.event('call.answered', id);
    return id;
  };

  test('an inbound call is answered and hung up', async () => {
    const id = await ring();
    const answer = await sim.client.calls.actions.answer(id, { client_state: state('one'), command_id: 'c1' });
    assert.deepEqual(answer.data, { result: 'ok' });
    const told = await sim.receiver.event('call.answered', id);
    assert.equal(told.parsed.data.payload.client_state, state('one'));

    const alive = await sim.client.calls.retrieveStatus(id);
    assert.equal(alive.data.is_alive, true);
    assert.equal(alive.data.call_control_id, id);

    await sim.client.calls.actions.hangup(id, {});
    const ended = await sim.receiver.event('call.hangup', id);
    assert.equal(ended.parsed.data.payload.hangup_cause, 'normal_clearing');
    assert.equal((await sim.client.calls.retrieveStatus(id)).data.is_alive, false);
  });

  test('a repeated command_id is answered 200 and not executed again', async () => {
    const id = await answered();
    await sim.client.calls.actions.speak(id, { payload: 'hello', voice: 'female', command_id: 'once' });
    await sim.client.calls.actions.speak(id, { payload: 'hello', voice: 'female', command_id: 'once' });
    await sim.client.calls.actions.speak(id, { payload: 'hello', voice: 'female', command_id: 'twice' });
    const { entries } = await sim.control('GET', '/history?type=command');
    const speaks = entries.filter((entry) => entry.command === 'speak' && entry.call_control_id === id);
    assert.deepEqual(speaks.map((entry) => entry.executed), [true, false, true]);
    assert.deepEqual(speaks.map((entry) => entry.duplicate), [false, true, false]);
  });

  test('a dialled number answers', async () => {
    const dialled = await sim.client.calls.dial({
      connection_id: connectionId, from: ours, to: talker, client_state: state('out'),
    });
    assert.equal(dialled.data.is_alive, false);
    assert.equal(dialled.data.client_state, state('out'));
    const id = dialled.data.call_control_id;
    const initiated = await sim.receiver.event('call.initiated', id);
    assert.equal(initiated.parsed.data.payload.direction, 'outgoing');
    assert.equal(initiated.parsed.data.payload.state, 'bridging');
    await sim.receiver.event('call.answered', id);

    const active = await sim.client.connections.listActiveCalls(connectionId);
    assert.ok(active.data.some((call) => call.call_control_id === id));
    await assert.rejects(sim.client.calls.actions.answer(id, {}), (error) => {
      assert.ok(error instanceof Telnyx.UnprocessableEntityError);
      assert.equal(error.error.errors[0].code, '90102');
      return true;
    });
    await sim.client.calls.actions.hangup(id, {});
    await sim.receiver.event('call.hangup', id);
  });

  test('a busy number ends with user_busy', async () => {
    const { data } = await sim.client.calls.dial({ connection_id: connectionId, from: ours, to: busy });
    const ended = await sim.receiver.event('call.hangup', data.call_control_id);
    assert.equal(ended.parsed.data.payload.hangup_cause, 'user_busy');
  });

  test('the list of active calls is gone through to its end, page by page', async () => {
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push(await ring());
    const seen = [];
    for await (const call of sim.client.connections.listActiveCalls(connectionId, { 'page[size]': 2 })) {
      seen.push(call.call_control_id);
    }
    assert.equal(new Set(seen).size, seen.length, 'no call twice');
    for (const id of ids) assert.ok(seen.includes(id));
    const all = [];
    for await (const call of sim.client.connections.listActiveCalls(connectionId)) all.push(call.call_control_id);
    assert.deepEqual(all, seen);
    for (const id of ids) await sim.client.calls.actions.hangup(id, {});
  });

  test('a transfer makes a second leg of the same session', async () => {
    const id = await answered();
    await sim.client.calls.actions.transfer(id, { to: talker, target_leg_client_state: state('B') });
    const { parsed } = await sim.receiver.until(
      (webhook) =>
        webhook.parsed.data.event_type === 'call.answered' &&
        webhook.parsed.data.payload.client_state === state('B'),
    );
    const target = parsed.data.payload.call_control_id;
    await sim.receiver.event('call.bridged', target);
    const first = await sim.receiver.event('call.initiated', id);
    assert.equal(parsed.data.payload.call_session_id, first.parsed.data.payload.call_session_id);
    await sim.client.calls.actions.hangup(id, {});
    await sim.receiver.event('call.hangup', id);
    await sim.receiver.event('call.hangup', target);
  });

  test('a gather collects the keys the caller presses', async () => {
    const id = await answered([{ await: 'gather' }, { press: '12#', gap_ms: 5 }]);
    await sim.client.calls.actions.gatherUsingSpeak(id, {
      payload: 'Your number, please', voice: 'female', minimum_digits: 1, maximum_digits: 4,
    });
    const ended = await sim.receiver.event('call.gather.ended', id);
    assert.equal(ended.parsed.data.payload.status, 'valid');
    assert.equal(ended.parsed.data.payload.digits, '12');
    await sim.client.calls.actions.hangup(id, {});
  });

  test('a recording can be read and fetched', async () => {
    const id = await answered();
    await sim.client.calls.actions.startRecording(id, { format: 'wav', channels: 'dual' });
    await sim.client.calls.actions.hangup(id, {});
    const saved = await sim.receiver.event('call.recording.saved', id);
    const url = saved.parsed.data.payload.recording_urls.wav;
    const file = Buffer.from(await (await fetch(url)).arrayBuffer());
    assert.equal(file.subarray(0, 4).toString(), 'RIFF');
    const withKey = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } });
    assert.equal(withKey.status, 400, 'a signed link refuses a second way of authentication');
    const recording = await sim.client.recordings.retrieve(saved.parsed.data.payload.recording_id);
    assert.equal(recording.data.channels, 'dual');
    assert.ok(recording.data.download_urls.wav);
  });

  test('a recording is served in the format and with the channels it was asked for', async () => {
    const id = await answered();
    await sim.client.calls.actions.startRecording(id, { format: 'mp3', channels: 'single', max_length: 1 });
    const saved = await sim.receiver.event('call.recording.saved', id);
    const file = await fetch(saved.parsed.data.payload.recording_urls.mp3);
    assert.equal(file.headers.get('content-type'), 'audio/mpeg');
    const bytes = Buffer.from(await file.arrayBuffer());
    assert.equal(bytes.length, 36 * 28, 'frames of 36 ms, for a second');
    await sim.client.calls.actions.hangup(id, {});
    const { entries } = await sim.control('GET', '/history?type=download');
    assert.equal(entries.at(-1).headers.authorization, false);
  });

  test('faults of a body become the SDK error types with all codes', async () => {
    const id = await ring();
    await assert.rejects(
      sim.client.calls.actions.answer(id, { record_channels: 'triple', client_state: '?', no_such_field: 1 }),
      (error) => {
        assert.ok(error instanceof Telnyx.UnprocessableEntityError);
        assert.deepEqual(error.error.errors.map((item) => item.code), ['90017', '10032', '10015']);
        assert.equal(error.error.errors[1].source.pointer, '/record_channels');
        return true;
      },
    );
    await assert.rejects(sim.client.calls.dial({ connection_id: '1', from: ours, to: talker }), (error) => {
      assert.equal(error.error.errors[0].code, '10015');
      assert.equal(error.error.errors[0].source.pointer, '/connection_id');
      return true;
    });
    await assert.rejects(sim.client.calls.actions.gather(id, {}), (error) => {
      assert.equal(error.error.errors[0].code, '90034');
      return true;
    });
    await sim.client.calls.actions.reject(id, { cause: 'USER_BUSY' });
    await assert.rejects(sim.client.calls.actions.answer(id, {}), (error) => {
      assert.equal(error.error.errors[0].code, '90018');
      return true;
    });
    await assert.rejects(sim.client.calls.actions.hangup('v3:nobody', {}), (error) => {
      assert.equal(error.error.errors[0].code, '90015');
      return true;
    });
  });

  test('a wrong key and an unknown path are refused', async () => {
    const stranger = new Telnyx({ apiKey: 'KEY_WRONG', baseURL: sim.ready.api, maxRetries: 0 });
    await assert.rejects(stranger.calls.retrieveStatus('v3:x'), Telnyx.AuthenticationError);
    await assert.rejects(sim.client.get('/no/such/path'), Telnyx.NotFoundError);
  });

  test('a 5xx and a 429 are retried by the SDK, and executed once', async () => {
    const id = await ring();
    const retrying = new Telnyx({ apiKey, baseURL: sim.ready.api, maxRetries: 2 });
    await sim.control('PUT', '/faults', {
      targets: [
        { command: 'answer', nth: 1, fault: 'server_error' },
        { command: 'answer', nth: 2, fault: 'rate_limited' },
      ],
    });
    await retrying.calls.actions.answer(id, { command_id: 'r1' });
    const { entries } = await sim.control('GET', '/history?type=command');
    const answers = entries.filter((entry) => entry.command === 'answer' && entry.call_control_id === id);
    assert.deepEqual(answers.map((entry) => entry.status), [503, 429, 200]);
    assert.deepEqual(answers.map((entry) => entry.executed), [false, false, true]);
    await sim.client.calls.actions.hangup(id, {});
  });

  test('a lost reply is executed, and its repetition is ignored', async () => {
    const id = await ring();
    // More retries than one: on a machine that stalls an answer may be as late as a lost one.
    const impatient = new Telnyx({ apiKey, baseURL: sim.ready.api, maxRetries: 5, timeout: 1000 });
    await sim.control('PUT', '/faults', { targets: [{ command: 'answer', nth: 1, fault: 'reply_lost' }] });
    const answer = await impatient.calls.actions.answer(id, { command_id: 'lost' });
    assert.equal(answer.data.result, 'ok');
    await sim.receiver.event('call.answered', id);
    const { entries } = await sim.control('GET', '/history?type=command');
    const answers = entries.filter((entry) => entry.command === 'answer' && entry.call_control_id === id);
    assert.ok(answers.length > 1);
    assert.deepEqual(
      answers.map((entry) => [entry.executed, entry.duplicate]),
      answers.map((_, i) => (i === 0 ? [true, false] : [false, true])),
    );
  });

  test('a webhook not accepted comes again with a rising attempt and a fresh signature', async () => {
    await sim.control('PUT', '/faults', { redelivery: { attempts: 3, backoff_ms: [10] } });
    sim.receiver.status = 503;
    const call = await sim.control('POST', '/calls', { steps: [] });
    const attempt = (number) =>
      sim.receiver.until(
        ({ parsed }) =>
          parsed.data.payload.call_control_id === call.call_control_id && parsed.meta.attempt === number,
      );
    await attempt(1);
    await attempt(2);
    sim.receiver.status = 200;
    const [first, second] = [await attempt(1), await attempt(2)];
    assert.equal(first.parsed.data.id, second.parsed.data.id);
    assert.notEqual(first.headers['telnyx-signature-ed25519'], second.headers['telnyx-signature-ed25519']);
    assert.equal(second.error, undefined);
  });

  test('hand-made webhooks with a wrong or old signature are refused by the SDK', async () => {
    const send = async (faults) => {
      const { event_id } = await sim.control('POST', '/events', {
        event_type: 'call.answered', payload: { call_control_id: 'v3:hand-made' }, ...faults,
      });
      return sim.receiver.until(({ parsed }) => parsed.data.id === event_id);
    };
    assert.equal((await send({})).error, undefined);
    assert.ok((await send({ signature: 'wrong' })).error);
    assert.ok((await send({ signature: 'missing' })).error);
    assert.ok((await send({ timestamp_offset_s: -301 })).error);
  });

  test('every webhook of the calls above was verified by the SDK', () => {
    const simulated = sim.receiver.webhooks.filter(
      ({ parsed }) => parsed.data.payload.call_control_id !== 'v3:hand-made',
    );
    assert.ok(simulated.length > 30);
    for (const { error, headers, event, parsed } of simulated) {
      assert.equal(error, undefined);
      assert.equal(headers['user-agent'], 'telnyx-webhooks');
      assert.equal(event.data.event_type, parsed.data.event_type);
    }
  });
});

describe('telnyx-simulator behind another address', { timeout: 60_000 }, () => {
  test('tells that address in the links of recordings', async () => {
    const sim = await start(['--public-url', 'http://telnyx.test:4010/']);
    const { call_control_id: id } = await sim.control('POST', '/calls', { steps: [] });
    await sim.client.calls.actions.answer(id, { record: 'record-from-answer' });
    await sim.client.calls.actions.hangup(id, {});
    const saved = await sim.receiver.event('call.recording.saved', id);
    assert.ok(saved.parsed.data.payload.recording_urls.mp3.startsWith('http://telnyx.test:4010/recordings/'));
    assert.equal(await sim.stop(), 0);
  });
});
