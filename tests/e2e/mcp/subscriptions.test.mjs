// Who subscribes to a resource is told when it changes, and reads what it has become: clients of both eras, over real sockets.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { chat, keySeen, post, providers, run, startPair, startServe, startUpstream, temporary } from '../harness.mjs';
import { eras, of2025, of2026 } from './talkers.mjs';

let pair;
before(async () => (pair = await startPair({ server: { loop_guard: 0 } })));
after(() => pair.stop());
const user = (content) => ({ role: 'user', content });

for (const [era, connect] of Object.entries(eras))
  describe(`a client of ${era}`, () => {
    let t;
    before(async () => (t = await connect(pair.url)));
    after(() => t.close());

    test('hears of its conversation, and of the list', async () => {
      const { id, uri } = await t.structured('save_conversation', { messages: [user('one')] });
      await t.watch([uri]);
      await t.structured('save_conversation', { id, messages: [user('two')] });
      await t.changed(`updated ${uri}`);
      assert.deepEqual((await t.read(uri)).messages.map((m) => m.content), ['one', 'two']);
      await t.structured('save_conversation', { id, title: 'renamed' });
      await t.changed('list of resources');
      assert.equal((await t.client.listResources()).resources.find((r) => r.uri === uri).title, 'renamed');
      await t.structured('delete_conversation', { id });
      await t.changed('list of resources');
      await assert.rejects(t.read(uri));
    });

    test('hears that something was used, and reads how much', async () => {
      await t.watch(['stats://usage']);
      const before_ = await t.read('stats://usage');
      assert.equal((await post(pair.url, '/v1/chat/completions', chat('oai/echo', `for ${era}`))).status, 200);
      await t.changed('updated stats://usage');
      const now = await t.read('stats://usage');
      assert.equal(now.total.requests, before_.total.requests + 1);
      assert.ok(now.total.total_tokens > before_.total.total_tokens);
      const row = now.models.find((m) => m.provider === 'oai' && m.model === 'echo');
      assert.ok(row.requests >= 1 && row.errors === 0 && row.avg_latency_ms > 0, JSON.stringify(row));
    });
  });

test('whoever subscribes to nothing hears of nothing but lists', async () => {
  const t = await of2025(pair.url);
  const watching = await of2025(pair.url);
  const { id, uri } = await t.structured('save_conversation', { messages: [user('one')] });
  await watching.watch([uri]);
  await t.structured('save_conversation', { id, messages: [user('two')] });
  await watching.changed(`updated ${uri}`);
  await watching.client.unsubscribeResource({ uri });
  await t.structured('save_conversation', { id, messages: [user('three')] });
  await t.structured('delete_conversation', { id });
  await t.changed('list of resources');
  await watching.changed('list of resources');
  assert.equal(watching.told.list.filter((x) => x.startsWith('updated')).length, 1);
  assert.equal(t.told.list.filter((x) => x.startsWith('updated')).length, 0);
  await Promise.all([t.close(), watching.close()]);
});

test('a resource that nobody offers cannot be watched', async () => {
  const old = await of2025(pair.url);
  await assert.rejects(old.watch(['nothing://here']), (e) => e.code === -32002);
  const young = await of2026(pair.url);
  const subscription = await young.watch(['nothing://here', 'stats://usage']);
  assert.deepEqual(subscription.honoredFilter.resourceSubscriptions, ['stats://usage']);
  await subscription.close();
  await Promise.all([old.close(), young.close()]);
});

test('another key’s conversation is not told of', async () => {
  const gateway = await startServe({ server: { data_dir: temporary() }, providers: providers(pair.sim.url) });
  const keys = [];
  for (const name of ['ann', 'bob']) keys.push((await run(['keys', 'create', name, '--config', gateway.config])).stdout.trim());
  for (const key of keys) await keySeen(gateway, key);
  const ann = await of2025(gateway.url, { key: keys[0] });
  const others = [await of2025(gateway.url, { key: keys[1] }), await of2026(gateway.url, { key: keys[1] })];
  const { id, uri } = await ann.structured('save_conversation', { messages: [user('one')] });
  await ann.watch([uri]);
  for (const bob of others) await bob.watch([uri, 'stats://usage']);
  await ann.structured('save_conversation', { id, title: 'two' });
  await ann.changed(`updated ${uri}`);
  // What comes after it has come, that has not.
  assert.equal((await post(gateway.url, '/v1/chat/completions', chat('oai/echo', 'x'), { authorization: `Bearer ${keys[1]}` })).status, 200);
  for (const bob of others) {
    await bob.changed('updated stats://usage');
    assert.deepEqual(bob.told.list, ['updated stats://usage']);
    assert.equal((await bob.read('stats://usage')).total.requests, 1);
    assert.equal((await bob.read('stats://usage')).key, 'bob');
  }
  assert.equal((await ann.read('stats://usage')).total.requests, 0, 'a key sees its own usage');
  await Promise.all([ann, ...others].map((c) => c.close()));
  await gateway.stop();
});

test('a provider that fails, and one that the configuration adds', async () => {
  const broken = await startUpstream((_, response) => response.writeHead(500).end('{}'));
  const gateway = await startServe({
    server: { data_dir: temporary(), loop_guard: 0 },
    breaker: { failures: 2, open: 60 },
    retries: { attempts: 0 },
    providers: { ...providers(pair.sim.url), bad: { type: 'custom', formats: ['openai_chat'], base_url: `${broken.url}/v1`, api_key: 'x' } },
    routes: { r: { deployments: ['bad/m'] } },
  });
  const clients = [await of2025(gateway.url), await of2026(gateway.url)];
  for (const c of clients) {
    assert.equal((await c.read('health://providers')).providers.find((p) => p.name === 'bad').status, 'unknown');
    await c.watch(['health://providers', 'config://providers']);
  }
  for (let i = 0; i < 3; ++i) await post(gateway.url, '/v1/chat/completions', chat('r', 'x'));
  for (const c of clients) {
    await c.changed('updated health://providers');
    const health = await c.read('health://providers');
    const bad = health.providers.find((p) => p.name === 'bad');
    assert.deepEqual([health.status, bad.status, bad.deployments[0].state], ['degraded', 'unhealthy', 'open'], JSON.stringify(health));
  }
  const config = JSON.parse(readFileSync(gateway.config, 'utf8'));
  config.providers.third = { type: 'anthropic', base_url: pair.sim.url, api_key: 'y', models: ['new-model'] };
  writeFileSync(gateway.config, JSON.stringify(config));
  for (const c of clients) {
    await c.changed('updated config://providers');
    assert.ok((await c.read('config://providers')).providers.some((p) => p.name === 'third'));
    for (const list of ['resources', 'tools', 'prompts']) await c.changed(`list of ${list}`);
    await c.close();
  }
  await gateway.stop();
  await broken.stop();
});
