// An agent that sends the same conversation for ever is stopped, with an answer that its user can read.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { anthropic, chat, message, openai, post, startPair } from './harness.mjs';

let pair;
before(async () => (pair = await startPair({ server: { loop_guard: 12 } })));
after(() => pair.stop());

const said = /12 times a minute/;

for (const provider of ['oai', 'ant']) {
  test(`openai SDK → ${provider}: the thirteenth time is refused, in its own shape`, async () => {
    const client = openai(pair.url);
    const ask = (text, extra) => client.chat.completions.create(chat(`${provider}/echo`, text, extra));
    // Streamed or not, with a larger limit or not: it is the same conversation.
    for (let i = 0; i < 12; ++i) await ask('again', i % 2 ? { max_tokens: 100 + i } : {});
    const error = await ask('again').then(assert.fail, (e) => e);
    assert.equal(error.status, 429);
    assert.equal(error.code, 'loop_detected');
    assert.match(error.message, said);
    assert.ok(Number(error.headers.get('retry-after')) >= 40, error.headers.get('retry-after'));
    assert.equal(error.headers.get('x-should-retry'), 'false');
    assert.equal((await ask('going on')).choices[0].message.content, 'going on');
  });

  test(`anthropic SDK → ${provider}: streams are refused before they begin; counting tokens does not count`, async () => {
    const client = anthropic(pair.url);
    const body = message(`${provider}/echo`, 'once more');
    for (let i = 0; i < 20; ++i) await client.messages.countTokens({ model: body.model, messages: body.messages });
    for (let i = 0; i < 12; ++i) await client.messages.stream(body).finalText();
    const error = await client.messages.stream(body).finalText().then(assert.fail, (e) => e);
    assert.equal(error.status, 429);
    assert.equal(error.type, 'rate_limit_error');
    assert.match(error.message, said);
  });
}

test('an SDK that would try again is told not to, and the refusal is counted', async () => {
  const client = openai(pair.url, { maxRetries: 6 });
  const ask = () => client.chat.completions.create(chat('oai/echo', 'retry'));
  const before = await count();
  for (let i = 0; i < 12; ++i) await ask();
  assert.equal((await ask().then(assert.fail, (e) => e)).status, 429);
  assert.equal(await count(), before + 1);
});

async function count() {
  const text = await (await fetch(`${pair.url}/metrics`)).text();
  return Number(/patchbay_loops_refused_total\{format="openai_chat"\} (\d+)/.exec(text)?.[1] ?? 0);
}

test('switched off, anything goes', async () => {
  const other = await startPair({ server: { loop_guard: 0 } });
  for (let i = 0; i < 80; ++i) assert.equal((await post(other.url, '/v1/chat/completions', chat('oai/echo', 'x'))).status, 200);
  await other.stop();
});
