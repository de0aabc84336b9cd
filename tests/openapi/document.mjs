// SPDX-License-Identifier: Apache-2.0
// docs/openapi.json, and what it says about one answer or one webhook.
import { readFile } from 'node:fs/promises';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export const documentFile = new URL('../../docs/openapi.json', import.meta.url);
export const document = JSON.parse(await readFile(documentFile, 'utf8'));
const documentId = 'https://openapi.invalid/document';
const verbs = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

function operationsOf(items) {
  const all = [];
  for (const [path, item] of Object.entries(items)) {
    for (const method of verbs.filter((verb) => item[verb])) {
      all.push({ path, method, operation: item[method], parameters: item.parameters ?? [] });
    }
  }
  return all;
}
// Every operation: its path, its method, and the operation itself. A webhook's path is its name.
export const operations = () => operationsOf(document.paths);
export const webhooks = () => operationsOf(document.webhooks);

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

// A header field is text; what it says may be a number.
function faultsOfField(name, schema, text) {
  const value = schema.type === 'integer' ? Number(text) : text;
  return faultsOf(schema, value).map((fault) => `${name}: ${fault}`);
}

// Of HTTP itself, on any answer.
const unsaid = new Set([
  'cache-control', 'connection', 'content-length', 'content-type', 'date', 'keep-alive',
  'transfer-encoding',
]);

function faultsOfFields(described, fields) {
  const faults = [];
  const said = new Map(
    Object.entries(described.headers ?? {}).map(([name, header]) => [name.toLowerCase(), header]),
  );
  for (const [name, header] of said) {
    const text = fields.get(name);
    const { schema, required } = follow(header);
    if (text !== null) faults.push(...faultsOfField(name, schema, text));
    else if (required) faults.push(`${name} is missing`);
  }
  for (const name of fields.keys()) {
    if (!said.has(name) && !unsaid.has(name)) faults.push(`${name} is not described`);
  }
  return faults;
}

// What the fields mean together, which OpenAPI has no words for.
function faultsOfLimits(fields, isSecured, keyIsGood) {
  const tier = fields.get('x-ratelimit-tier');
  const counted = ['limit', 'remaining', 'reset'].map((name) => fields.get(`x-ratelimit-${name}`));
  if (tier === null) {
    const stray = counted.some((value) => value !== null);
    const missing = isSecured && keyIsGood === true;
    return [
      ...(stray ? ['X-RateLimit-* without a tier'] : []),
      ...(missing ? ['X-RateLimit-Tier is missing, and the key was good'] : []),
    ];
  }
  if (!isSecured || keyIsGood === false) return ['X-RateLimit-Tier is told without a good key'];
  if (fields.get('x-concurrent-call-limit') === null) return ['X-Concurrent-Call-Limit is missing'];
  const wanted = tier !== 'enterprise';
  const right = counted.every((value) => (value !== null) === wanted);
  return right ? [] : [`X-RateLimit-Limit, -Remaining, -Reset: wrong for the tier ${tier}`];
}

// The rows of a stream of Server-Sent Events; a last one that was cut is left out.
function faultsOfStream(text) {
  const faults = [];
  for (const block of text.split('\n\n').slice(0, -1)) {
    const data = /^data: (.*)$/m.exec(block);
    if (data === null) continue; // a comment, or `retry`
    const row = JSON.parse(data[1]);
    faults.push(...faultsOf(document.components.schemas.TimelineEvent, row));
    if (!block.startsWith(`id: ${row.seq}\nevent: ${row.kind}\n`)) faults.push(`${block}: id, event`);
  }
  return faults;
}

function faultsOfBody(described, answer) {
  const { fields, body, hasStream, isHead } = answer;
  const type = fields.get('content-type');
  const content = described.content ?? {};
  if (Object.keys(content).length === 0) return body === '' && type === null ? [] : ['has a body'];
  if (!content[type]) return [`Content-Type ${type} is not described`];
  if (hasStream || type === 'text/event-stream') return faultsOfStream(body);
  if (isHead && body === '') return [];
  if (type !== 'application/json') return faultsOf(content[type].schema, body);
  let value;
  try {
    value = JSON.parse(body);
  } catch {
    return ['the body is not JSON'];
  }
  const faults = faultsOf(content[type].schema, value);
  const wait = fields.get('retry-after');
  if ('retryAfter' in Object(value) && String(value.retryAfter) !== wait) {
    faults.push(`retryAfter is ${value.retryAfter}, Retry-After is ${wait}`);
  }
  return faults;
}

function faultsAgainst(described, answer, isSecured) {
  return [
    ...faultsOfFields(described, answer.fields),
    ...faultsOfLimits(answer.fields, isSecured, answer.keyIsGood ?? null),
    ...faultsOfBody(described, answer),
  ];
}

const isSecured = (operation) => operation.security?.length !== 0;

// Holds an answer of an operation against the document, and gives what was found wrong. An answer
// is { status, fields (Headers), body, hasStream, isHead, keyIsGood (absent: not known) }. `default`
// is for clients: here an answer has to be described by its status.
export function judge(path, method, answer) {
  const operation = document.paths[path]?.[method];
  const described = follow(operation?.responses[String(answer.status)]);
  if (!described) return [`${answer.status} is not described for ${method.toUpperCase()} ${path}`];
  return faultsAgainst(described, answer, isSecured(operation));
}

// The path of the document that a target is for; a literal one goes before a template.
export function pathOf(target) {
  const bare = target.replace(/^https?:\/\/[^/]*/, '').split('?')[0];
  let segments;
  try {
    segments = bare.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
  const fits = (path) => {
    const parts = path.split('/');
    const same = (part, i) => (part.startsWith('{') ? segments[i] !== '' : part === segments[i]);
    return parts.length === segments.length && parts.every(same);
  };
  const found = Object.keys(document.paths).filter(fits);
  return found.find((path) => !path.includes('{')) ?? found[0];
}

// What is told before anybody looks at the path: the same in every operation.
const refusals = ['400', '408', '413', '417', '431', '503', '505'];
const anyOperation = document.paths['/v1/openapi.json'].get;

function judgeStray(answer, allowed, what) {
  const status = String(answer.status);
  if (status === '404' && allowed.includes('404')) {
    const faults = faultsAgainst(follow(anyOperation.responses.default), answer, false);
    const { code } = answer.body === '' ? { code: 'NOT_FOUND' } : JSON.parse(answer.body);
    return code === 'NOT_FOUND' ? faults : [...faults, `the code is ${code}`];
  }
  if (!allowed.includes(status)) return [`${status} is not described for ${what}`];
  return faultsAgainst(follow(anyOperation.responses[status]), answer, false);
}

function judgeOtherMethod(path, answer) {
  if (answer.status !== 405) return judgeStray(answer, refusals, `another method of ${path}`);
  const faults = judgeStray(answer, ['405'], path);
  const there = verbs.filter((verb) => document.paths[path][verb]);
  const wanted = there.flatMap((verb) => (verb === 'get' ? ['GET', 'HEAD'] : [verb.toUpperCase()]));
  const told = (answer.fields.get('allow') ?? '').split(', ');
  const same = wanted.length === told.length && wanted.every((verb) => told.includes(verb));
  return same ? faults : [...faults, `Allow is ${told}, and the document has ${wanted}`];
}

// Holds any answer of the public door against the document.
export function judgeTarget(method, target, answer) {
  if (method === '') return judgeStray(answer, refusals, 'what is no HTTP');
  const path = pathOf(target);
  if (path === undefined) return judgeStray(answer, [...refusals, '404'], 'a path that is not there');
  const isHead = method === 'HEAD';
  const verb = isHead ? 'get' : method.toLowerCase();
  const isThere = method === method.toUpperCase() && document.paths[path][verb] !== undefined;
  const headed = isHead ? { ...answer, isHead } : answer;
  return isThere ? judge(path, verb, headed) : judgeOtherMethod(path, headed);
}

// What is wrong with a webhook as it came.
export function judgeWebhook(fields, body) {
  const event = JSON.parse(body);
  const described = document.webhooks[event.event]?.post;
  if (!described) return [`${event.event} is not described`];
  const faults = faultsOf(described.requestBody.content['application/json'].schema, event);
  for (const parameter of described.parameters.map(follow)) {
    const text = fields.get(parameter.name);
    if (text === null) faults.push(`${parameter.name} is missing`);
    else faults.push(...faultsOfField(parameter.name, parameter.schema, text));
  }
  return faults;
}
