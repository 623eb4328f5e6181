// Deployments with limits of their own: what one has no quota for goes to the next.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chat, post, startServe, startSim } from '../harness.mjs';

let sim, gateway;
before(async () => {
  sim = await startSim();
  const custom = { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'key' };
  const free = (use, requests_per_minute) => ({ use, limits: { requests_per_minute } });
  gateway = await startServe({
    server: { loop_guard: 0 },
    providers: { a: custom, b: custom, c: custom },
    routes: {
      free: { strategy: 'round-robin', deployments: [free('a/echo', 3), free('b/echo', 5)], fallbacks: ['spare'] },
      spare: { deployments: [{ use: 'c/echo', limits: { requests_per_day: 2 } }] },
      tokens: { deployments: [{ use: 'a/sim-text', limits: { tokens_per_minute: 2000 } }] },
      one: { deployments: [{ use: 'b/sim-text+slow-first-300ms', priority: 1, limits: { concurrency: 1 } }, { use: 'c/sim-text', priority: 2 }] },
    },
  });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});
const ask = (model, extra) => post(gateway.url, '/v1/chat/completions', chat(model, 'hi', extra));
const who = (got) => got.headers.get('x-patchbay-route')?.split('/')[0];

test('a route of free models uses what each of them gives, and then says when to come back', async () => {
  const used = {};
  let last;
  for (let i = 0; i < 10; ++i) {
    last = await ask('free', { stream: i % 2 === 1 });
    assert.equal(last.status, 200, last.text);
    used[who(last)] = (used[who(last)] ?? 0) + 1;
  }
  assert.deepEqual(used, { a: 3, b: 5, c: 2 });
  last = await ask('free');
  assert.equal(last.status, 429, last.text);
  assert.match(last.json.error.message, /a\/echo: its limits are used up/);
  const wait = Number(last.headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 61, `${wait}`);
  assert.equal((await ask('a/echo')).status, 200); // by its name, it has no limit
});

test('exact with many at once', async () => {
  const all = await Promise.all(Array.from({ length: 40 }, () => ask('tokens', { max_tokens: 300 })));
  const used = all.reduce((sum, got) => sum + (got.json.usage?.total_tokens ?? 0), 0);
  assert.ok(used < 2000 + 310, `${used} tokens`); // at most one request's estimate over
  assert.ok(all.filter((got) => got.status === 200).length >= Math.floor(2000 / 310)); // as many as fit side by side
  assert.ok(all.some((got) => got.status === 429));
  for (const got of all) assert.ok([200, 429].includes(got.status), got.text);
});

test('one at a time: the others go on at once', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => ask('one')));
  assert.deepEqual(all.map(who).sort(), ['b', 'c', 'c', 'c']);
});
