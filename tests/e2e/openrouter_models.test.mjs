// OpenRouter's SDK checks every member of what it gets; it can list and look up the models here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPair } from './harness.mjs';

const sdk = await import('@openrouter/sdk').catch((error) => {
  if (process.env.CI || error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
});

let pair;
before(
  async () =>
    (pair = await startPair({
      models: { fast: 'oai/echo', 'x-*': 'oai/*' },
      prices: { 'oai/echo': { input: 1, output: 2.5 } },
      server: { keys: ['client-key-0123456789'] },
    })),
);
after(() => pair.stop());

const open = () => new sdk.OpenRouter({ apiKey: 'client-key-0123456789', serverURL: `${pair.url}/api/v1` });

test('models are listed, page by page', { skip: !sdk && 'not installed: @openrouter/sdk' }, async () => {
  const seen = [];
  for await (const page of await open().models.list({ limit: 1 })) {
    assert.ok(page.result.totalCount >= 1);
    seen.push(...page.result.data);
  }
  const fast = seen.find((m) => m.id === 'fast');
  assert.ok(fast, seen.map((m) => m.id).join());
  assert.equal(fast.pricing.prompt, '0.000001');
  assert.equal(fast.pricing.completion, '0.0000025');
  assert.ok(seen.every((m) => !m.id.includes('*')));
  const { data } = await open().models.count();
  assert.equal(data.count, seen.length);
});

test('one model, and one that is not there', { skip: !sdk && 'not installed: @openrouter/sdk' }, async () => {
  const { data } = await open().models.get({ author: 'oai', slug: 'echo' });
  assert.equal(data.id, 'oai/echo');
  const answer = await fetch(`${pair.url}/api/v1/model/no/such`, { headers: { authorization: 'Bearer client-key-0123456789' } });
  assert.equal(answer.status, 404);
  assert.equal((await answer.json()).error.code, 404);
});

test('a key is needed, and the plain list stays OpenAI’s', async () => {
  assert.equal((await fetch(`${pair.url}/api/v1/models`)).status, 401);
  const list = await (await fetch(`${pair.url}/v1/models`, { headers: { authorization: 'Bearer client-key-0123456789' } })).json();
  assert.equal(list.object, 'list');
});
