// SPDX-License-Identifier: Apache-2.0
// The peer: a webhook receiver as a good Node.js engineer would write it for speed. No framework, the
// platform's own Ed25519, SQLite in WAL mode with synchronous=FULL, all requests that have arrived in one
// turn of the event loop in one transaction. Per event: verify, parse, deduplicate, three durable rows (the
// event, the call's state, an entry of the outbox), then 200. No state machine, no API, no commands, no limits.
//   node server.mjs DATABASE PUBLIC_KEY_BASE64
import { createServer } from 'node:http';
import { createPublicKey, verify } from 'node:crypto';
import Database from 'better-sqlite3';

const [path, publicKey] = process.argv.slice(2);
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410, an Ed25519 key
const key = createPublicKey({
  key: Buffer.concat([spkiPrefix, Buffer.from(publicKey, 'base64')]), format: 'der', type: 'spki',
});
const toleranceSeconds = 300;

const db = new Database(path);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE events (id TEXT PRIMARY KEY, leg TEXT NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL,
                       body TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE calls (leg TEXT PRIMARY KEY, session TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL)
    WITHOUT ROWID;
  CREATE TABLE outbox (id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, type TEXT NOT NULL, due INTEGER NOT NULL);
`);
const insertEvent = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
const upsertCall = db.prepare(`INSERT INTO calls VALUES (?, ?, ?, ?)
  ON CONFLICT (leg) DO UPDATE SET state = excluded.state, at = excluded.at WHERE excluded.at > calls.at`);
const insertOutbox = db.prepare('INSERT INTO outbox (event_id, type, due) VALUES (?, ?, ?)');
const commit = db.transaction((batch) => {
  for (const { data, body } of batch) {
    const { call_control_id: leg, call_session_id: session } = data.payload;
    const { changes } = insertEvent.run(data.id, leg, data.event_type, data.occurred_at, body);
    if (changes === 1) {
      upsertCall.run(leg, session, data.event_type, data.occurred_at);
      insertOutbox.run(data.id, data.event_type, Date.now());
    }
  }
});

let waiting = [];
function flush() {
  const batch = waiting;
  waiting = [];
  let status = 200;
  try {
    commit(batch);
  } catch {
    status = 503;
  }
  for (const { response } of batch) response.writeHead(status, { 'Content-Length': 0 }).end();
}

function take(request, response, bytes) {
  const refuse = (status) => response.writeHead(status, { 'Content-Length': 0 }).end();
  const timestamp = request.headers['telnyx-timestamp'] ?? '';
  const signature = request.headers['telnyx-signature-ed25519'] ?? '';
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= toleranceSeconds)) return refuse(401);
  const signed = Buffer.concat([Buffer.from(`${timestamp}|`), bytes]);
  if (!verify(null, signed, key, Buffer.from(signature, 'base64'))) return refuse(401);
  const body = bytes.toString();
  let data;
  try {
    ({ data } = JSON.parse(body));
  } catch {
    return refuse(400);
  }
  if (waiting.push({ response, data, body }) === 1) setImmediate(flush);
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => take(request, response, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
});
server.keepAliveTimeout = 60_000;
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  console.log(JSON.stringify({ ready: true, http: `127.0.0.1:${server.address().port}` }));
});
