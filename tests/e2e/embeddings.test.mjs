// Embeddings with OpenAI's SDK and over plain HTTP, towards every provider format that has them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import OpenAI from 'openai';
import { providerFormats } from './clients/matrix.mjs';
import * as h from './harness.mjs';

const texts = ['a red apple', 'a green apple', 'quarterly tax report'];
const cosine = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

let sim, gateway;
const formats = ['openai_chat', 'gemini', 'ollama', 'cohere'];
const base = { openai_chat: '/v1', gemini: '/v1beta', ollama: '', cohere: '' };
let spoken = [];

before(async () => {
  sim = await h.startSim();
  const known = await providerFormats();
  spoken = formats.filter((f) => known.includes(f));
  const providers = {};
  for (const f of spoken) providers[f] = { type: 'custom', formats: [f], base_url: sim.url + base[f], api_key: 'k' };
  providers.another = providers.openai_chat;  // a name that nobody knows goes to an only provider
  gateway = await h.startServe({ providers });
});
after(async () => { await gateway?.stop(); await sim?.stop(); });

const client = () => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'k', maxRetries: 0 });
const post = async (path, body) => {
  const response = await fetch(gateway.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return { status: response.status, dropped: response.headers.get('x-patchbay-dropped'), body: await response.json() };
};

describe('embeddings', () => {
  test('OpenAI’s SDK, which asks for base64 by itself, towards every provider format', async () => {
    for (const format of spoken) {
      const answer = await client().embeddings.create({ model: `${format}/vectors`, input: texts });
      assert.equal(answer.data.length, 3, format);
      assert.equal(answer.data[2].index, 2);
      const [red, green, tax] = answer.data.map((d) => d.embedding);
      assert.equal(red.length, 16, format);
      assert.ok(Math.abs(cosine(red, red) - 1) < 1e-3);
      assert.ok(cosine(red, green) > cosine(red, tax), format);
      assert.ok(answer.usage.prompt_tokens > 0, format);
      assert.equal(answer.model, format === 'openai_chat' ? 'vectors' : `${format}/vectors`);
      const one = await client().embeddings.create({ model: `${format}/vectors`, input: texts[0], encoding_format: 'float', dimensions: 32 });
      assert.equal(one.data[0].embedding.length, 32, format);
    }
  });

  test('more texts than a provider takes at once are asked for in several requests', async () => {
    for (const format of spoken.filter((f) => f !== 'openai_chat')) {
      const many = Array.from({ length: 205 }, (_, i) => `text ${i}`);
      const answer = await client().embeddings.create({ model: `${format}/vectors`, input: many });
      assert.equal(answer.data.length, 205);
      const alone = await client().embeddings.create({ model: `${format}/vectors`, input: many[204] });
      assert.deepEqual(answer.data[204].embedding, alone.data[0].embedding);
    }
  });

  test('clients of the other formats', async () => {
    for (const format of spoken) {
      const model = `${format}/vectors`;
      const ollama = await post('/api/embed', { model, input: texts });
      assert.equal(ollama.status, 200, JSON.stringify(ollama.body));
      assert.equal(ollama.body.embeddings.length, 3);
      assert.ok(ollama.body.prompt_eval_count > 0);
      const older = await post('/api/embeddings', { model, prompt: texts[0] });
      assert.deepEqual(older.body.embedding.map(Math.fround), ollama.body.embeddings[0].map(Math.fround));
      const cohere = await post('/v2/embed', { model, texts, input_type: 'search_query', embedding_types: ['float'] });
      assert.equal(cohere.body.embeddings.float.length, 3);
      const gemini = await post(`/v1beta/models/${model}:batchEmbedContents`, { requests: texts.map((text) => ({ content: { parts: [{ text }] } })) });
      assert.equal(gemini.status, 200, JSON.stringify(gemini.body));
      assert.equal(gemini.body.embeddings.length, 3);
      const single = await post(`/v1beta/models/${encodeURIComponent(model)}:embedContent`, { content: { parts: [{ text: texts[0] }] } });
      assert.equal(single.status, 200, JSON.stringify(single.body));
      assert.deepEqual(single.body.embedding.values.map(Math.fround), gemini.body.embeddings[0].values.map(Math.fround));
    }
  });

  test('token numbers, where they mean something', async () => {
    const raw = await client().embeddings.create({ model: 'openai_chat/vectors', input: [[1, 2, 3], [4]] });
    assert.equal(raw.data.length, 2);
    for (const format of spoken.filter((f) => f !== 'openai_chat'))
      await assert.rejects(client().embeddings.create({ model: `${format}/vectors`, input: [1, 2, 3] }), (e) => e.status === 400 && e.param === 'input');
  });

  test('errors in the client’s own shape', async () => {
    const bad = await post('/v1/embeddings', { model: 'openai_chat/vectors', input: 7 });
    assert.equal(bad.status, 400);
    const unknown = await post('/v1/embeddings', { model: 'nobody/vectors', input: 'a' });
    assert.equal(unknown.status, 404);
    assert.equal(unknown.body.error.code, 'model_not_found');
    for (const format of spoken)
      await assert.rejects(client().embeddings.create({ model: `${format}/sim-error-500`, input: 'a' }), (e) => e.status === 500);
    assert.equal((await post('/v1/embeddings', { input: 'a' })).status, 400);
  });

  test('they are booked', async () => {
    const own = await h.startServe({ providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'k' } } });
    await new OpenAI({ baseURL: `${own.url}/v1`, apiKey: 'k' }).embeddings.create({ model: 'up/vectors', input: 'a text of six whole tokens' });
    await own.stop();
    const { stdout } = await h.run(['usage', '--json', '--by', 'model', '--config', own.config]);
    assert.match(stdout, /"vectors"/);
    assert.match(stdout, /"input(_tokens)?":\s*[1-9]/);
  });
});
