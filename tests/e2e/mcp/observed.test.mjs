// What can be seen of the MCP server: metrics, lines of the log, options, names that are completed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually, keySeen, providers, run, startPair, startServe, temporary, writeConfig } from '../harness.mjs';
import { eras, of2025, of2026 } from './talkers.mjs';

let pair;
before(async () => (pair = await startPair()));
after(() => pair.stop());

const metric = async (url, name) => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((l) => l.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};

test('calls are counted by tool and outcome, and what is open shows', async () => {
  const gateway = await startServe({ providers: providers(pair.sim.url) });
  const t = await of2025(gateway.url);
  const young = await of2026(gateway.url);
  const subscription = await young.watch(['stats://usage']);
  await t.structured('list_models', { provider: 'ant' });
  await young.structured('list_models');
  await t.refusal('list_models', { provider: 'nobody' });
  await t.refusal('list_models', { wrong: 1 });
  await assert.rejects(t.call('no_such_tool'));
  const calls = (outcome) => metric(gateway.url, `patchbay_mcp_tool_calls_total{tool="list_models",outcome="${outcome}"}`);
  assert.deepEqual([await calls('ok'), await calls('error')], [2, 2]);
  assert.equal(await metric(gateway.url, 'patchbay_mcp_tool_call_seconds_count{tool="list_models"}'), 4);
  assert.equal(await metric(gateway.url, 'patchbay_mcp_sessions'), 1);
  await eventually(async () => (await metric(gateway.url, 'patchbay_mcp_streams')) === 2, 'the stream of the session and the one that listens');
  assert.equal(await metric(gateway.url, 'patchbay_mcp_tasks'), 0);
  assert.ok((await metric(gateway.url, 'patchbay_mcp_open_requests')) >= 1);
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  assert.ok(!text.includes('no_such_tool'), 'names that clients make up are no series');
  await subscription.close();
  await t.client.transport.terminateSession();
  await t.close();
  await young.close();
  await eventually(async () => (await metric(gateway.url, 'patchbay_mcp_streams')) === 0, 'no stream is left');
  assert.equal(await metric(gateway.url, 'patchbay_mcp_sessions'), 0);
  await gateway.stop();
});

test('a session that asks for more lines is told how each call ended, and which provider does not answer', async () => {
  const gateway = await startServe({ providers: { ...providers(pair.sim.url), gone: { type: 'custom', formats: ['openai_chat'], base_url: 'http://127.0.0.1:1/v1', api_key: 'x' } } });
  const t = await of2025(gateway.url);
  await t.structured('health_check');
  await t.logs.reach(1);
  assert.deepEqual([t.logs.list[0].level, t.logs.list[0].logger, t.logs.list[0].data.event, t.logs.list[0].data.provider], ['warning', 'health', 'provider_unhealthy', 'gone']);
  await t.client.setLoggingLevel('debug');
  await t.refusal('get_model_info', { model: 'nobody/x' });
  await t.logs.reach(2);
  const { level, logger, data } = t.logs.list[1];
  assert.deepEqual([level, logger, data.event, data.tool, data.outcome], ['debug', 'tools', 'tool_call_ended', 'get_model_info', 'error']);
  assert.ok(data.ms >= 0);
  await t.client.setLoggingLevel('emergency');
  await t.structured('health_check');
  assert.equal(t.logs.list.length, 2);
  await t.close();
  // 2026-07-28 has no session to keep a level: it comes with each request.
  const young = await of2026(gateway.url);
  await young.structured('health_check');
  assert.equal(young.logs.list.length, 0);
  const level2026 = { 'io.modelcontextprotocol/logLevel': 'warning' };
  await young.client.callTool({ name: 'health_check', arguments: {}, _meta: level2026 });
  await young.logs.reach(1);
  assert.equal(young.logs.list[0].data.provider, 'gone');
  await young.close();
  await gateway.stop();
});

test('limits are options, and the whole of it can be switched off', async () => {
  const gateway = await startServe({ mcp: { sessions_max: 1, session_idle: '1h' }, providers: providers(pair.sim.url) });
  const t = await of2025(gateway.url);
  await assert.rejects(of2025(gateway.url), /too many sessions/);
  await t.close();
  await gateway.stop();
  const off = await startServe({ mcp: { enabled: false }, providers: providers(pair.sim.url) });
  const response = await fetch(`${off.url}/mcp`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  assert.equal(response.status, 404);
  assert.match((await response.json()).error.message, /not served/);
  await off.stop();
  const wrong = await run(['config', 'check', '--config', writeConfig({ mcp: { sessions_max: 0 } })]);
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stdout + wrong.stderr, /mcp\.sessions_max/);
});

for (const [era, connect] of Object.entries(eras))
  describe(`names for a client of ${era}`, () => {
    let t;
    before(async () => (t = await connect(pair.url)));
    after(() => t.close());
    const complete = async (ref, name, value, context) => (await t.client.complete({ ref, argument: { name, value }, ...(context && { context: { arguments: context } }) })).completion;
    const address = { type: 'ref/resource', uri: 'model://{provider}/{+model}' };
    const compare = { type: 'ref/prompt', name: 'compare_models' };

    test('those that begin with it come before those that contain it', async () => {
      assert.deepEqual((await complete(address, 'provider', 'a')).values, ['ant', 'oai']);
      assert.deepEqual((await complete(address, 'provider', 'AI')).values, ['oai']);
      assert.deepEqual((await complete(address, 'provider', '')).total, 2);
      const models = await complete(address, 'model', 'claude', { provider: 'ant' });
      assert.ok(models.values.length > 1 && models.values.every((m) => m.includes('claude') && !m.includes('/')), models.values.join());
      const list = await complete(compare, 'models', 'oai/echo, ant/cla');
      assert.ok(list.values.length > 0 && list.values.every((m) => /^oai\/echo, ant\/cla/.test(m)), list.values.join());
      assert.deepEqual((await complete(compare, 'question', 'w')).values, []);
    });

    test('prompts say what to do with their arguments', async () => {
      const { prompts } = await t.client.listPrompts();
      assert.deepEqual(prompts.map((p) => p.name).sort(), ['choose_model', 'compare_models', 'review_with_models', 'summarise_conversation']);
      for (const p of prompts) assert.ok(p.title && p.description && p.arguments.every((a) => a.description));
      const text = async (name, args) => (await t.client.getPrompt({ name, arguments: args })).messages[0].content.text;
      assert.match(await text('compare_models', { question: 'How tall is it?', models: 'a, b' }), /compare_models[^]*a, b[^]*How tall is it\?/);
      assert.match(await text('review_with_models', { text: 'int main;', focus: 'bugs' }), /bugs[^]*int main;/);
      await assert.rejects(text('compare_models', {}), (e) => e.code === -32602 && /question is missing/.test(e.message));
    });
  });

test('a key that may use some models only is told of no others', async () => {
  const gateway = await startServe({ server: { data_dir: temporary() }, providers: { ...providers(pair.sim.url), third: { type: 'custom', formats: ['openai_chat'], base_url: `${pair.sim.url}/v1`, api_key: 'z', models: ['only-here'] } } });
  const key = (await run(['keys', 'create', 'ann', '--models', 'third/*', '--config', gateway.config])).stdout.trim();
  await keySeen(gateway, key);
  for (const connect of [of2025, of2026]) {
    const t = await connect(gateway.url, { key });
    const ref = { type: 'ref/resource', uri: 'model://{provider}/{+model}' };
    const values = async (name) => (await t.client.complete({ ref, argument: { name, value: '' } })).completion.values;
    assert.deepEqual(await values('provider'), ['third']);
    assert.ok((await values('model')).includes('only-here'));
    assert.ok(!(await values('model')).some((m) => m.includes('claude')));
    for (const uri of ['config://providers', 'health://providers']) assert.deepEqual((await t.read(uri)).providers.map((p) => p.name), ['third']);
    await t.close();
  }
  await gateway.stop();
});
