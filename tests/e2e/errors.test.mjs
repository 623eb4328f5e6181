// Errors of every origin reach both SDKs as their own, and no stream hangs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { anthropic, chat, elapsed, events, message, openai, post, startPair, startServe } from './harness.mjs';

let pair;
before(async () => (pair = await startPair()));
after(() => pair.stop());

const sdks = {
  openai: {
    ask: (model, options = {}, text = 'hi') => openai(pair.url, options).chat.completions.create(chat(model, text)),
    stream: async (model) => {
      const stream = await openai(pair.url).chat.completions.create(chat(model, 'hi', { stream: true }));
      for await (const chunk of stream) void chunk;
    },
    helper: (model) => openai(pair.url).chat.completions.stream(chat(model, 'hi')).finalChatCompletion(),
    Error: OpenAI.APIError,
  },
  anthropic: {
    ask: (model, options = {}, text = 'hi') => anthropic(pair.url, options).messages.create(message(model, text)),
    stream: async (model) => {
      const stream = await anthropic(pair.url).messages.create(message(model, 'hi', { stream: true }));
      for await (const event of stream) void event;
    },
    helper: (model) => anthropic(pair.url).messages.stream(message(model, 'hi')).finalMessage(),
    Error: Anthropic.APIError,
  },
};

for (const [kind, sdk] of Object.entries(sdks))
  for (const provider of ['oai', 'ant'])
    describe(`${kind} SDK → ${provider}`, () => {
      for (const status of [400, 401, 403, 404, 413, 422, 429, 500, 502, 503, 529]) {
        test(`the provider answers ${status}`, async () => {
          const error = await sdk.ask(`${provider}/sim-error-${status}`).then(assert.fail, (e) => e);
          assert.ok(error instanceof sdk.Error, String(error));
          // 401 of a provider is the gateway's own trouble, not the client's key: either status is an honest answer.
          if (status === 401) assert.ok([401, 500, 502].includes(error.status), `status ${error.status}`);
          else assert.equal(error.status, status);
          assert.match(error.message, /simulator was asked/);
        });
      }

      test('a rate limit is waited for as long as the provider says', async () => {
        const time = elapsed();
        const answer = await sdk.ask(`${provider}/sim-fail-1+429-1`, { maxRetries: 2 }, `retry ${kind} ${provider}`);
        assert.ok(answer.id);
        assert.ok(time() >= 950, `came back after ${time()} ms`);
      });

      test('retry-after is passed on', async () => {
        const error = await sdk.ask(`${provider}/sim-429-3`).then(assert.fail, (e) => e);
        assert.equal(error.status, 429);
        assert.equal(error.headers.get('retry-after'), '3');
      });

      for (const fault of ['cut', 'cut-body', 'no-end', 'malformed', 'error-midstream']) {
        test(`a stream with ${fault} throws`, { timeout: 10_000 }, async () => {
          await assert.rejects(sdk.stream(`${provider}/sim-${fault}`));
          await assert.rejects(sdk.helper(`${provider}/sim-${fault}`));
        });
      }

      for (const fault of ['cut', 'malformed', 'error-midstream']) {
        test(`a whole answer with ${fault} throws`, { timeout: 10_000 }, async () => {
          await assert.rejects(sdk.ask(`${provider}/sim-${fault}`));
        });
      }
    });

// A stream that breaks ends with an error event of the client's format, which every SDK throws at, and a proper end of
// the body, so that no agent waits or asks again for want of one.
for (const provider of ['oai', 'ant'])
  for (const fault of ['cut', 'cut-body', 'error-midstream'])
    describe(`the bytes of a broken stream: ${provider}, ${fault}`, () => {
      test('chat completions', async () => {
        const answer = await post(pair.url, '/v1/chat/completions', chat(`${provider}/sim-${fault}`, 'hi', { stream: true }));
        assert.ok(answer.text.endsWith('data: [DONE]\n\n'));
        const seen = events(answer.text).filter((e) => e.data && e.data !== '[DONE]').map((e) => JSON.parse(e.data));
        const error = seen.findIndex((e) => e.error?.message);
        const finish = seen.findIndex((e) => e.choices?.[0]?.finish_reason);
        assert.ok(error >= 0, answer.text.slice(-400));
        // Clients that pass over the error still find an end, after it.
        assert.ok(finish > error, `error at ${error}, finish_reason at ${finish}`);
      });

      test('messages', async () => {
        const answer = await post(pair.url, '/v1/messages', message(`${provider}/sim-${fault}`, 'hi', { stream: true }));
        const seen = events(answer.text);
        const error = seen.find((e) => e.event === 'error');
        assert.ok(error, answer.text.slice(-400));
        assert.equal(JSON.parse(error.data).type, 'error');
        assert.ok(!seen.some((e) => e.event === 'message_stop'));
      });
    });

describe('what the gateway refuses itself', () => {
  const endpoints = { '/v1/chat/completions': (json) => json.error.type && json.error.message, '/v1/messages': (json) => json.type === 'error' && json.error.type && json.error.message };
  for (const [path, shape] of Object.entries(endpoints)) {
    const cases = {
      'not JSON': ['{"model": "oai/echo", ', 400],
      'an empty body': ['', 400],
      'not an object': ['[1]', 400],
      'a number for a model': ['{"model": 5, "messages": []}', 400],
      'no messages': ['{"model": "oai/echo", "max_tokens": 5}', 400],
      'invalid UTF-8': [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400],
      'binary garbage': [Buffer.from(Array.from({ length: 256 }, (_, i) => i)), 400],
      'nesting without end': ['['.repeat(100_000), 400],
      'a model that nobody has': [JSON.stringify(message('no-such-model-anywhere', 'hi')), 404],
      'a provider that is not configured': [JSON.stringify(message('nowhere/gpt-x', 'hi')), 404],
    };
    for (const [name, [body, status]] of Object.entries(cases))
      test(`${path}: ${name}`, async () => {
        const answer = await post(pair.url, path, body);
        assert.equal(answer.status, status, answer.text);
        assert.ok(answer.json && shape(answer.json), answer.text);
        assert.match(answer.headers.get('content-type'), /application\/json/);
        assert.ok(answer.headers.get('x-request-id') || answer.headers.get('request-id'), 'a request id');
      });
  }

  test('unknown paths and wrong methods', async () => {
    assert.equal((await post(pair.url, '/v1/nothing', {})).status, 404);
    assert.equal((await fetch(pair.url + '/v1/messages')).status, 405);
    assert.equal((await fetch(pair.url + '/v1/chat/completions', { method: 'DELETE' })).status, 405);
  });

  test('the gateway still answers after all that', async () => {
    assert.equal((await post(pair.url, '/v1/chat/completions', chat('oai/echo', 'alive'))).json.choices[0].message.content, 'alive');
  });
});

test('what a client asks for in vain is told to whoever wants to know', async () => {
  const gateway = await startServe({ log: { modules: { api: 'debug' } } });
  assert.equal((await fetch(`${gateway.url}/v1/assistants?key=secret`)).status, 404);
  await gateway.seen(/debug api +request refused method=GET path=\/v1\/assistants status=404 what="no such endpoint: GET \/v1\/assistants"/);
  assert.equal((await fetch(`${gateway.url}/v1/responses/resp_none`)).status, 404);
  await gateway.seen(/request refused method=GET path=\/v1\/responses\/resp_none status=404/);
  assert.doesNotMatch(gateway.log, /secret/);
  await gateway.stop();
});
