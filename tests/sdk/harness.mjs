// SPDX-License-Identifier: Apache-2.0
// Starts telnyx-simulator on free ports with a webhook receiver of its own, and stops both again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Telnyx from 'telnyx';

export const simulatorPath = process.env.TELNYX_SIMULATOR;
export const apiKey = 'KEY_SDK_TEST';
export const connectionId = '2811212257810187001';

// Webhooks as they arrive: raw body, headers, and the event the SDK's verifier made of them.
class Receiver {
  #waiting = [];
  webhooks = [];
  status = 200;

  constructor(verify) {
    this.server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString('utf8');
      const webhook = { body, headers: request.headers, parsed: JSON.parse(body) };
      try {
        webhook.event = await verify(body, request.headers);
      } catch (error) {
        webhook.error = error;
      }
      response.writeHead(this.status).end();
      this.webhooks.push(webhook);
      this.#waiting = this.#waiting.filter((waiter) => !waiter());
    });
  }

  async listen() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${this.server.address().port}/webhooks/telnyx`;
  }

  // The first webhook `matches` accepts, also one that came before.
  until(matches) {
    const found = this.webhooks.find(matches);
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        const webhook = this.webhooks.find(matches);
        if (webhook) resolve(webhook);
        return webhook !== undefined;
      });
    });
  }

  // The first webhook of this event on this leg.
  event(type, controlId) {
    return this.until(
      ({ parsed }) =>
        parsed.data.event_type === type &&
        (controlId === undefined || parsed.data.payload.call_control_id === controlId),
    );
  }
}

export async function start(flags = []) {
  let client;
  const receiver = new Receiver((body, headers) => client.webhooks.unwrap(body, { headers }));
  const webhookUrl = await receiver.listen();
  const child = spawn(
    simulatorPath,
    ['--seed', '4', '--api-key', apiKey, '--webhook-url', webhookUrl, ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, 'line');
  const ready = JSON.parse(line);
  client = new Telnyx({ apiKey, baseURL: ready.api, publicKey: ready.public_key, maxRetries: 0 });

  const control = async (method, path, body) => {
    const response = await fetch(ready.control + path, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.error}`);
    return answer;
  };
  const stop = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = await ended;
    receiver.server.closeAllConnections();
    receiver.server.close();
    return code;
  };
  return { client, receiver, control, ready, stop };
}
