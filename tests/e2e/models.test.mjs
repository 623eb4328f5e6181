// Lists of models, token counts and the small endpoints.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import { anthropic, chat, message, openai, post, startPair, startServe, startUpstream } from './harness.mjs';

let pair;
before(
  async () =>
    (pair = await startPair({
      providers: {},
      models: { fast: 'oai/echo', smart: 'ant/echo' },
    })),
);
after(() => pair.stop());

test('models in OpenAI’s shape', async () => {
  const client = openai(pair.url);
  const ids = [];
  for await (const model of client.models.list()) {
    assert.equal(model.object, 'model');
    assert.equal(typeof model.created, 'number');
    assert.equal(typeof model.owned_by, 'string');
    ids.push(model.id);
  }
  for (const id of ['fast', 'smart']) assert.ok(ids.includes(id), ids.join());
  const one = await client.models.retrieve('fast');
  assert.equal(one.id, 'fast');
  await assert.rejects(client.models.retrieve('no-such-model-anywhere'), { status: 404 });
});

test('models in Anthropic’s shape', async () => {
  const client = anthropic(pair.url);
  const ids = [];
  for await (const model of client.models.list({ limit: 1000 })) {
    assert.equal(model.type, 'model');
    assert.ok(model.display_name);
    assert.ok(!Number.isNaN(Date.parse(model.created_at)));
    ids.push(model.id);
  }
  for (const id of ['fast', 'smart']) assert.ok(ids.includes(id), ids.join());
  const one = await client.models.retrieve('smart');
  assert.equal(one.type, 'model');
  assert.equal(one.id, 'smart');
  const error = await client.models.retrieve('no-such-model-anywhere').then(assert.fail, (e) => e);
  assert.equal(error.status, 404);
  assert.equal(error.error.type, 'error');
});

test('models in Google’s shape, at both versions of its paths', async () => {
  for (const apiVersion of ['v1beta', 'v1']) {
    const client = new GoogleGenAI({ apiKey: 'client-key', apiVersion, httpOptions: { baseUrl: pair.url } });
    const names = [];
    for await (const model of await client.models.list({ config: { pageSize: 1 } })) names.push(model.name);
    for (const id of ['fast', 'smart']) assert.ok(names.includes(`models/${id}`), names.join());
    assert.equal(new Set(names).size, names.length);
    assert.equal((await client.models.get({ model: 'fast' })).name, 'models/fast');
    const error = await client.models.get({ model: 'no-such-model-anywhere' }).then(assert.fail, (e) => e);
    assert.equal(error.status, 404);
    assert.equal(JSON.parse(error.message).error.status, 'NOT_FOUND');
  }
});

test('the list has the shape that the caller’s headers and path ask for', async () => {
  const shapes = {
    openai: (l) => l.object === 'list' && l.data.every((m) => m.object === 'model' && m.created > 0),
    anthropic: (l) => l.object === undefined && typeof l.has_more === 'boolean' && l.data.every((m) => m.type === 'model' && m.created_at),
    gemini: (l) => l.data === undefined && l.models.every((m) => m.name.startsWith('models/') && m.supportedGenerationMethods),
    openrouter: (l) => l.object === undefined && l.data.every((m) => m.canonical_slug && m.architecture && m.pricing),
  };
  for (const [path, headers, shape] of [
    ['/v1/models', {}, 'openai'],
    ['/v1/models', { authorization: 'Bearer any' }, 'openai'],
    ['/v1/models', { 'x-api-key': 'any' }, 'openai'],
    ['/v1/models', { 'x-goog-authenticated-user-email': 'accounts.google.com:a@b.example' }, 'openai'],
    ['/v1/models', { 'anthropic-version': '2023-06-01' }, 'anthropic'],
    ['/v1/models', { 'x-goog-api-key': 'any' }, 'gemini'],
    ['/v1/models', { 'x-goog-api-client': 'google-genai-sdk/1.0' }, 'gemini'],
    ['/v1/models', { 'x-goog-user-project': 'p' }, 'gemini'],
    ['/v1beta/models', {}, 'gemini'],
    ['/v1beta/models', { authorization: 'Bearer any' }, 'gemini'],
    ['/api/v1/models', {}, 'openrouter'],
  ]) {
    const answer = await fetch(pair.url + path, { headers });
    const list = await answer.json();
    assert.ok(answer.status === 200 && shapes[shape](list), `${path} ${JSON.stringify(headers)}: ${JSON.stringify(list).slice(0, 300)}`);
    for (const [other, is] of Object.entries(shapes)) if (other !== shape) assert.throws(() => assert.ok(is(list)), `${path} is ${other}’s too`);
  }
});

test('aliases reach their provider', async () => {
  assert.equal((await openai(pair.url).chat.completions.create(chat('smart', 'hi'))).choices[0].message.content, 'hi');
  assert.equal((await anthropic(pair.url).messages.create(message('fast', 'hi'))).content[0].text, 'hi');
});

test('tokens are counted by the provider where it can, and here where it cannot', async () => {
  const client = anthropic(pair.url);
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(100);
  const body = { messages: [{ role: 'user', content: text }], system: 'Be brief.' };
  const remote = await client.messages.countTokens({ model: 'ant/echo', ...body });
  const local = await client.messages.countTokens({ model: 'oai/echo', ...body });
  // 1,000 words and 100 full stops are about 1,000 tokens.
  for (const { input_tokens: n } of [remote, local]) assert.ok(n > 900 && n < 1150, `${n} tokens`);
  const bad = await post(pair.url, '/v1/messages/count_tokens', '{"model":');
  assert.equal(bad.status, 400);
  assert.equal(bad.json.type, 'error');
});

test('count_tokens of the provider is asked with query and betas kept', async () => {
  const upstream = await startUpstream((request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens": 4711}'));
  const gateway = await startServe({ providers: { ant: { type: 'anthropic', base_url: upstream.url, api_key: 'key-for-ant' } } });
  const seen = upstream.next();
  const answer = await post(gateway.url, '/v1/messages/count_tokens?beta=true', '{"model":"ant/c","messages":[{"role":"user","content":"x"}]}', { 'anthropic-beta': 'token-counting-2024-11-01', 'x-api-key': 'client' });
  assert.deepEqual(answer.json, { input_tokens: 4711 });
  const request = await seen;
  assert.equal(request.url, '/v1/messages/count_tokens?beta=true');
  assert.equal(request.body.toString(), '{"model":"c","messages":[{"role":"user","content":"x"}]}');
  assert.equal(request.headers['anthropic-beta'], 'token-counting-2024-11-01');
  assert.equal(request.headers['x-api-key'], 'key-for-ant');
  await gateway.stop();
  await upstream.stop();
});

test('health, readiness, greeting and Claude Code’s hello', async () => {
  assert.equal((await fetch(`${pair.url}/health`)).status, 200);
  assert.equal((await fetch(`${pair.url}/ready`)).status, 200);
  const hello = await fetch(`${pair.url}/api/hello`, { method: 'HEAD' });
  assert.equal(hello.status, 200);
  assert.equal(await hello.text(), '');
  const page = await fetch(`${pair.url}/`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /patchbay/i);
});

test('metrics count requests and tokens, and hold no keys', async () => {
  await post(pair.url, '/v1/chat/completions', chat('oai/echo', 'counted'));
  await post(pair.url, '/v1/chat/completions', chat('oai/sim-error-500', 'counted'));
  const text = await (await fetch(`${pair.url}/metrics`)).text();
  assert.match(text, /^# TYPE patchbay_requests_total counter$/m);
  assert.match(text, /^patchbay_requests_total\{[^}]*provider="oai"[^}]*\} \d+/m);
  assert.match(text, /^patchbay_tokens_total\{[^}]*\} [1-9]/m);
  assert.match(text, /_bucket\{[^}]*le="\+Inf"[^}]*\} [1-9]/m);
  assert.ok(!text.includes('key-for-'));
});
