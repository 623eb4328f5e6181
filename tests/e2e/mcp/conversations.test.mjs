// Conversations that are kept: tools, resources, the prompt and completions, as official clients of both eras use them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { binary, eventually, keySeen, providers, run, startPair, startServe, temporary, writeConfig } from '../harness.mjs';
import { Piped } from './everything.mjs';
import { eras, of2025, of2026 } from './talkers.mjs';

let pair;
before(async () => (pair = await startPair()));
after(() => pair.stop());

const user = (content) => ({ role: 'user', content });
const assistant = (content) => ({ role: 'assistant', content });

for (const [era, connect] of Object.entries(eras))
  describe(`a client of ${era}`, () => {
    let t;
    before(async () => (t = await connect(pair.url)));
    after(() => t.close());

    test('saves, goes on, finds, reads and deletes', async () => {
      const made = await t.structured('save_conversation', {
        title: `Trip ${era}`,
        model: 'echo',
        provider: 'oai',
        messages: [user('Where to go?'), { ...assistant(null), tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }] }],
        metadata: { tags: ['travel'] },
      });
      assert.match(made.id, /^conv_\w{24}$/);
      assert.deepEqual([made.created, made.version, made.message_count], [true, 1, 2]);
      const more = await t.structured('save_conversation', { id: made.id, version: 1, messages: [assistant('To Zürich, 100%')] });
      assert.deepEqual([more.created, more.version, more.message_count, more.title], [false, 2, 3, `Trip ${era}`]);
      const got = await t.structured('get_conversation', { id: made.id });
      assert.deepEqual(got.messages.map((m) => m.content), ['Where to go?', null, 'To Zürich, 100%']);
      assert.equal(got.messages[1].tool_calls[0].id, '1');
      assert.deepEqual(got.metadata, { tags: ['travel'] });
      const part = await t.structured('get_conversation', { id: made.id, offset: 1, limit: 1 });
      assert.deepEqual([part.messages.length, part.next_offset], [1, 2]);
      const found = await t.structured('list_conversations', { search: 'zürich, 100%', model: 'echo', since: '1h' });
      assert.equal(found.total, found.conversations.length);
      assert.ok(found.conversations.some((c) => c.id === made.id && c.message_count === 3));
      assert.equal((await t.structured('list_conversations', { search: 'zürich', provider: 'ant' })).total, 0);
      assert.deepEqual(await t.structured('delete_conversation', { id: made.id, version: 2 }), {
        id: made.id,
        title: `Trip ${era}`,
        deleted: true,
        message_count: 3,
      });
      assert.match(await t.refusal('get_conversation', { id: made.id }), /there is no conversation/);
    });

    test('is told precisely what is wrong', async () => {
      const { id } = await t.structured('save_conversation', { messages: [user('Hello there')] });
      await t.structured('save_conversation', { id, title: 'Named' });
      assert.match(await t.refusal('save_conversation', { id, version: 1, messages: [user('x')] }), /has version 2, not 1/);
      assert.equal((await t.structured('get_conversation', { id })).message_count, 1);
      assert.match(await t.refusal('delete_conversation', { id, version: 1 }), /has version 2, not 1/);
      assert.match(await t.refusal('save_conversation', { title: 'x' }), /needs messages/);
      assert.match(await t.refusal('save_conversation', { messages: [user('a'), user(7)] }), /messages\[1\]\.content|\/messages\/1\/content/);
      assert.match(await t.refusal('save_conversation', { messages: [user('a')], version: 3 }), /give its id/);
      assert.match(await t.refusal('save_conversation', { messages: [user('a')], metadata: { x: 'y'.repeat(20_000) } }), /metadata may have 16384 bytes/);
      assert.match(await t.refusal('list_conversations', { limit: 1000 }), /limit/);
      assert.match(await t.refusal('list_conversations', { since: 'yesterday' }), /since/);
      assert.match(await t.refusal('get_conversation', { id: "x' OR 1=1" }), /there is no conversation/);
      await t.structured('delete_conversation', { id });
    });

    test('reads a conversation as a resource, and has it summarised', async () => {
      const { id, uri } = await t.structured('save_conversation', { messages: [user(`A question of ${era}`), assistant('An answer')] });
      assert.equal(uri, `conversation://${id}`);
      const read = await t.read(uri);
      assert.deepEqual([read.title, read.messages.length], [`A question of ${era}`, 2]);
      const prompt = await t.client.getPrompt({ name: 'summarise_conversation', arguments: { conversation: id, length: 'a line' } });
      assert.match(prompt.messages[0].content.text, /a line/);
      assert.equal(prompt.messages[1].content.resource.uri, uri);
      assert.deepEqual(JSON.parse(prompt.messages[1].content.resource.text).messages, read.messages);
      await assert.rejects(t.client.getPrompt({ name: 'summarise_conversation', arguments: { conversation: 'x' } }), /no conversation `x`/);
      const missing = await t.client.readResource({ uri: 'conversation://nothing' }).catch((e) => e);
      assert.equal(missing.code, era === '2026' ? -32602 : -32002);
      const ref = { type: 'ref/prompt', name: 'summarise_conversation' };
      const complete = async (r, name, value) => (await t.client.complete({ ref: r, argument: { name, value } })).completion;
      assert.deepEqual((await complete(ref, 'conversation', id.slice(0, 20))).values, [id]);
      assert.deepEqual((await complete(ref, 'conversation', `TION OF ${era}`)).values, [id]);
      assert.deepEqual((await complete({ type: 'ref/resource', uri: 'conversation://{id}' }, 'id', id)).values, [id]);
      await t.structured('delete_conversation', { id });
    });
  });

test('many conversations are listed page by page, as a tool and as resources', async () => {
  const gateway = await startServe({ providers: providers(pair.sim.url) });
  const t = await of2025(gateway.url);
  for (let i = 0; i < 120; ++i) await t.structured('save_conversation', { title: `number ${i}`, messages: [user('x')] });
  const first = await t.structured('list_conversations', { limit: 100 });
  assert.deepEqual([first.total, first.next_offset, first.conversations[0].title], [120, 100, 'number 119']);
  const rest = await t.structured('list_conversations', { limit: 100, offset: first.next_offset });
  assert.deepEqual([rest.conversations.length, rest.next_offset], [20, undefined]);
  for (const c of [t, await of2026(gateway.url)]) {
    const uris = [];
    for (let cursor; ; ) {
      const page = await c.client.request({ method: 'resources/list', params: cursor ? { cursor } : {} }, ...(c === t ? [(await import('@modelcontextprotocol/sdk/types.js')).ListResourcesResultSchema] : []));
      assert.ok(page.resources.length <= 100);
      uris.push(...page.resources.map((r) => r.uri));
      if (!(cursor = page.nextCursor)) break;
    }
    assert.equal(uris.filter((u) => u.startsWith('conversation://')).length, 120);
    assert.equal(new Set(uris).size, uris.length);
    assert.ok(uris.includes('stats://usage') && uris.includes('health://providers') && uris.includes('config://providers'));
    const done = await c.client.complete({ ref: { type: 'ref/prompt', name: 'summarise_conversation' }, argument: { name: 'conversation', value: 'number' } });
    assert.deepEqual([done.completion.values.length, done.completion.total, done.completion.hasMore], [100, 120, true]);
    await c.close();
  }
  await gateway.stop();
});

test('a key sees its own conversations and nobody else’s, also after a restart', async () => {
  const data_dir = temporary();
  const config = { server: { data_dir }, providers: providers(pair.sim.url) };
  let gateway = await startServe(config);
  const keys = [];
  for (const name of ['ann', 'bob']) keys.push((await run(['keys', 'create', name, '--config', gateway.config])).stdout.trim());
  for (const key of keys) await keySeen(gateway, key);
  let [ann, bob] = await Promise.all([of2025(gateway.url, { key: keys[0] }), of2026(gateway.url, { key: keys[1] })]);
  const { id, uri } = await ann.structured('save_conversation', { title: 'secret', messages: [user('of ann')] });
  const none = async () => {
    assert.equal((await bob.structured('list_conversations')).total, 0);
    assert.match(await bob.refusal('get_conversation', { id }), /there is no conversation/);
    assert.match(await bob.refusal('save_conversation', { id, messages: [user('x')] }), /there is no conversation/);
    assert.match(await bob.refusal('delete_conversation', { id }), /there is no conversation/);
    await assert.rejects(bob.read(uri));
    assert.ok(!(await bob.client.listResources()).resources.some((r) => r.uri === uri));
    const done = await bob.client.complete({ ref: { type: 'ref/resource', uri: 'conversation://{id}' }, argument: { name: 'id', value: '' } });
    assert.deepEqual(done.completion.values, []);
  };
  await none();
  await Promise.all([ann.close(), bob.close()]);
  await gateway.stop();
  gateway = await startServe(config);
  for (const key of keys) await keySeen(gateway, key);
  [ann, bob] = await Promise.all([of2026(gateway.url, { key: keys[0] }), of2025(gateway.url, { key: keys[1] })]);
  assert.equal((await ann.structured('get_conversation', { id })).messages[0].content, 'of ann');
  await none();
  await Promise.all([ann.close(), bob.close()]);
  await gateway.stop();
});

test('what `patchbay mcp` saves, the gateway on the same data finds', async () => {
  const data_dir = temporary();
  const config = { server: { data_dir }, ledger: { enabled: false }, providers: providers(pair.sim.url) };
  const piped = new Piped(binary, ['mcp', '--config', writeConfig(config)]);
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
  const params = { name: 'save_conversation', arguments: { messages: [user('over stdio')] }, _meta: meta };
  piped.send({ id: 1, method: 'tools/call', params });
  const saved = await piped.until((m) => m.id === 1);
  assert.equal(saved.result.structuredContent.title, 'over stdio');
  piped.child.stdin.end();
  assert.equal(await piped.ended, 0);
  const gateway = await startServe(config);
  const t = await of2025(gateway.url);
  assert.equal((await t.structured('list_conversations')).conversations[0].title, 'over stdio');
  assert.ok(!(await t.client.listResources()).resources.some((r) => r.uri === 'stats://usage'), 'nothing is booked');
  await t.close();
  await gateway.stop();
});

test('those that nobody has changed for too many days go, and the others stay', async () => {
  const data_dir = temporary();
  const config = { server: { data_dir }, providers: providers(pair.sim.url) };
  let gateway = await startServe(config);
  let t = await of2025(gateway.url);
  for (const title of ['forgotten', 'nearly', 'new']) await t.structured('save_conversation', { title, messages: [user('x')] });
  await t.close();
  await gateway.stop();
  const age = `import sqlite3, sys
d = sqlite3.connect(sys.argv[1], timeout=20)
for title, days in (("forgotten", 31), ("nearly", 29)): d.execute("UPDATE conversations SET updated_ms = updated_ms - ? WHERE title = ?", (days * 86400000, title))
d.commit()`;
  execFileSync('python3', ['-c', age, join(data_dir, 'patchbay.db')]);
  const titles = async () => (await t.structured('list_conversations')).conversations.map((c) => c.title);
  gateway = await startServe(config);
  t = await of2025(gateway.url);
  assert.deepEqual(await titles(), ['new', 'nearly', 'forgotten'], 'without the option all stay');
  await t.close();
  await gateway.stop();
  gateway = await startServe({ ...config, mcp: { conversations: { keep_days: 30 } } });
  t = await of2025(gateway.url);
  await eventually(async () => (await titles()).length === 2, 'the old one is gone');
  assert.deepEqual(await titles(), ['new', 'nearly']);
  await t.close();
  await gateway.stop();
});
