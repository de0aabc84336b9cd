// SPDX-License-Identifier: Apache-2.0
// What the gateway answered in the tests in C++ (record.hpp), each held against the document.
// RECORDED_ANSWERS names the file. It is taken away, so that no later run finds it: what was judged
// lies beside it as *.judged.jsonl.
import assert from 'node:assert/strict';
import { readFile, rename } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { judgeTarget } from './document.mjs';

const file = process.env.RECORDED_ANSWERS;
assert.ok(file, 'RECORDED_ANSWERS names no file');
const judged = file.replace(/(\.jsonl)?$/, '.judged.jsonl');

async function take() {
  try {
    await rename(file, judged);
  } catch (error) {
    throw new Error(
      `${file}: ${error.code}. No test recorded an answer: ctest runs this after those that do`,
    );
  }
  const lines = (await readFile(judged, 'utf8')).trimEnd().split('\n');
  return lines.map((line, i) => {
    const { method, target, status, headers, body, ...more } = JSON.parse(line);
    const answer = {
      status,
      fields: new Headers(headers),
      body,
      hasStream: more.has_stream,
      keyIsGood: more.key_is_good ?? undefined,
    };
    return { number: i + 1, method, target, answer };
  });
}

const shorten = (text) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

describe('the recorded answers', () => {
  test('are as the document says', async (t) => {
    const all = await take();
    const wrong = new Map(); // what is wrong, by sentence: the first line, and how many
    const seen = new Set();
    for (const { number, method, target, answer } of all) {
      const faults = judgeTarget(method, target, answer);
      seen.add(answer.status);
      if (faults.length === 0) continue;
      const path = target.replaceAll(/\d+/g, 'N').split('?')[0];
      const kind = `${method} ${path} ${answer.status} ${faults.join('; ')}`;
      const known = wrong.get(kind) ?? { number, method, target, answer, faults, times: 0 };
      wrong.set(kind, { ...known, times: known.times + 1 });
    }
    t.diagnostic(`${all.length} answers, statuses ${[...seen].sort().join(' ')}`);
    const report = [...wrong.values()].map(
      ({ number, method, target, answer, faults, times }) =>
        `${judged}:${number}: ${method || '(no HTTP)'} ${shorten(target)} answered ${answer.status}` +
        `${times > 1 ? ` (and ${times - 1} like it)` : ''}\n    ${faults.join('\n    ')}\n` +
        `    ${shorten(answer.body)}`,
    );
    if (report.length > 0) assert.fail(`\n${report.join('\n')}`);
  });
});
