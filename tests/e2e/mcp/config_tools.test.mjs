// set_config and reset_config: not there by default, what they change is in force at once, and what they must not change stays.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { keySeen, run, startServe, startSim, temporary, writeConfig } from '../harness.mjs';
import { called, newer, older, overStdio, refusal } from './connect.mjs';
import { eras } from './talkers.mjs';

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());

const allowed = ['log', 'default_model', 'models', 'routes.way', 'providers.a.api_key', 'ledger.flush', 'mcp'];
const provider = (api_key) => ({ type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key });
const config = (configure, more = {}) => ({
  admin: { key: 'an-admin-key-for-tests' },
  model_lists: { fetch: false },
  providers: { a: provider('key-of-a'), b: provider('key-of-b') }, // with one alone any name would be its model's
  models: { main: 'a/sim-text', 'a.b': 'a/sim-text' },
  routes: { way2: { deployments: ['a/echo'] } },
  mcp: { tools: { configure } },
  ...more,
  server: { data_dir: temporary(), loop_guard: 0, ...more.server },
});
const names = async (c) => (await c.listTools()).tools.map((t) => t.name);
const configuring = async (c) => (await names(c)).filter((n) => /^(re)?set_config$/.test(n)).sort();
const say = async (c, model) => (await called(c, 'generate', { model, prompt: 'hello' })).response;
const got = async (c, path) => (await called(c, 'get_config', { path })).config;

const overHttp = (connect) => async (settings) => {
  const gateway = await startServe(settings);
  const c = await connect(gateway.url);
  return { c, file: gateway.config, gateway, stop: async () => (await c.close(), await gateway.stop()) };
};
const ways = {
  '2025 over HTTP': overHttp(older),
  '2026 over HTTP': overHttp(newer),
  stdio: async (settings) => {
    const file = writeConfig(settings);
    const c = await overStdio(settings, { file, env: { A_SECRET: 'value-of-a-variable' } });
    return { c, file, stop: () => c.close() };
  },
};

for (const [way, start] of Object.entries(ways))
  describe(way, () => {
    let on, c, own;
    const overlay = async () => JSON.parse((await run(['config', 'overlay', '--json', '--config', on.file])).stdout);
    before(async () => {
      on = await start(config(allowed));
      c = on.c;
      own = readFileSync(on.file, 'utf8');
    });
    after(async () => {
      assert.equal(readFileSync(on.file, 'utf8'), own, "the user's file");
      await on.stop();
    });

    test('not offered unless paths are listed', async (t) => {
      const plain = await start(config([]));
      t.after(plain.stop);
      assert.deepEqual(await configuring(plain.c), []);
      assert.ok((await names(plain.c)).includes('get_config'));
      for (const name of ['set_config', 'reset_config'])
        await assert.rejects(plain.c.callTool({ name, arguments: { path: 'log.level', value: 'debug' } }), new RegExp(`there is no tool \`${name}\``));
      const { tools } = await c.listTools();
      for (const name of ['set_config', 'reset_config']) {
        const { title, ...hints } = tools.find((t) => t.name === name).annotations;
        assert.deepEqual(hints, { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false });
      }
    });

    test('what is set is in force when the tool answers, and taken away again one by one', async () => {
      const set = (path, value) => called(c, 'set_config', { path, value });
      const plain = { changed: true, notes: [], needs_restart: [] };
      assert.deepEqual(await set('log.level', 'debug'), { path: 'log.level', value: 'debug', before: 'info', ...plain });
      assert.equal(await got(c, 'log.level'), 'debug');
      assert.deepEqual(await set('log.level', 'debug'), { path: 'log.level', value: 'debug', before: 'debug', ...plain, changed: false });

      assert.match(await refusal(c, 'generate', { model: 'fast', prompt: 'hello' }), /fast/);
      assert.deepEqual(await set('models.fast', 'a/echo'), { path: 'models.fast', value: 'a/echo', before: null, ...plain });
      assert.equal(await say(c, 'fast'), 'hello');
      assert.notEqual(await say(c, 'a.b'), 'hello');
      assert.deepEqual(await set("models.'a.b'", { use: 'a/echo' }), { path: 'models."a.b"', value: 'a/echo', before: 'a/sim-text', ...plain });
      assert.equal(await say(c, 'a.b'), 'hello');
      for (const path of ['models."a.b"', 'models.a.b']) assert.equal(await got(c, path), 'a/echo', path);
      assert.equal((await set('models.main', null)).value, null);
      assert.match(await refusal(c, 'generate', { model: 'main', prompt: 'hello' }), /main/);
      assert.equal((await set('default_model', 'fast')).value, 'fast');
      assert.equal(await say(c, 'unknown'), 'hello');
      assert.equal((await set('routes.way', { deployments: ['a/echo'] })).before, null);
      assert.equal((await set('routes.way.deployments[0].weight', 7)).value, 7);
      assert.equal(await got(c, 'routes.way.deployments[0].weight'), 7);
      assert.deepEqual((await set('ledger.flush', '20ms')).needs_restart, ['ledger']);
      const key = await set('providers.a.api_key', null);
      assert.equal(key.value, '');
      assert.ok(key.before && !key.before.includes('key-of-a'), key.before);
      assert.deepEqual(await overlay(), {
        log: { level: 'debug' },
        models: { fast: 'a/echo', 'a.b': { use: 'a/echo' }, main: null },
        default_model: 'fast',
        routes: { way: { deployments: [{ use: 'a/echo', weight: 7 }] } },
        ledger: { flush: '20ms' },
        providers: { a: { api_key: null } },
      });

      assert.deepEqual(await called(c, 'reset_config', { path: 'log.level' }), { reset: ['log.level'], path: 'log.level', value: 'info', before: 'debug', ...plain });
      assert.equal(await got(c, 'log.level'), 'info');
      assert.equal((await overlay()).log, undefined);
      assert.match(await refusal(c, 'reset_config', { path: 'log.level' }), /log\.level: is not set in the overlay/);
      assert.equal(await say(c, 'fast'), 'hello');
      await called(c, 'reset_config', { path: 'models.main' });
      assert.notEqual(await say(c, 'main'), 'hello');
      // `fast` is needed as long as it is the default.
      assert.match(await refusal(c, 'reset_config', { path: 'models.fast' }), /nothing was changed: .*default_model/);
      assert.equal(await say(c, 'unknown'), 'hello');
    });

    test('all is taken away at once, except what tools may not change', async () => {
      for (const [path, value] of [['cache.enabled', 'true'], ['mcp.tools.configure', JSON.stringify([...allowed, 'prices'])], ['mcp.tools.calls', '7']]) {
        const set = await run(['config', 'set', path, value, '--config', on.file]);
        assert.equal(set.code, 0, set.stderr);
      }
      await called(c, 'set_config', { path: 'models.fast', value: 'a/echo' });
      await called(c, 'set_config', { path: 'default_model', value: 'fast' });
      await called(c, 'set_config', { path: 'log', value: { level: 'warn', format: 'json' } });
      const done = await called(c, 'reset_config');
      for (const path of ['models.fast', 'default_model', 'log.level', 'log.format', 'mcp.tools.calls']) assert.ok(done.reset.includes(path), path);
      assert.equal(done.changed, true);
      assert.deepEqual(await overlay(), { cache: { enabled: true }, mcp: { tools: { configure: [...allowed, 'prices'] } } });
      assert.equal(await got(c, 'log.level'), 'info');
      assert.equal(await got(c, 'cache.enabled'), true);
      assert.deepEqual([(await called(c, 'reset_config')).changed, (await called(c, 'reset_config')).reset], [false, []]);
      assert.equal((await run(['config', 'reset', '--config', on.file])).code, 0);
      await called(c, 'set_config', { path: 'log.level', value: 'info' }); // reads everything again
      await called(c, 'reset_config');
      assert.equal(await got(c, 'cache.enabled'), false);
    });

    test('what is refused changes nothing', async () => {
      const before = await overlay(), shown = await called(c, 'get_config');
      const refused = async (what, path, value = 'x') => {
        const text = await refusal(c, 'set_config', { path, value });
        assert.match(text, what);
        assert.doesNotMatch(text, /sk-secret|value-of-a-variable/);
      };
      const outside = /is not among what tools may change here, which is log, default_model, models, routes\.way, .* \(mcp\.tools\.configure\)/;
      for (const path of ['providers.a.base_url', 'providers', 'server.listen', 'logs', '"log.level"', 'routes', 'routes.way2', 'admin.key', 'ledger', 'ledger.path', 'profiles'])
        await refused(outside, path);
      for (const path of ['mcp', 'mcp.tools', 'mcp.tools.configure', 'mcp.tools.configure[0]', 'mcp."tools.configure"', '"mcp.tools.configure"']) {
        await refused(outside, path, null);
        assert.match(await refusal(c, 'reset_config', { path }), outside);
      }
      await refused(/cannot stand in the overlay/, 'mcp.files.roots', ['/']);
      await refused(/^path: `log\.\.level`: /, 'log..level');
      await refused(/providers\.a\.api_key: secrets are not set by tools/, 'providers.a.api_key', 'sk-secret-0123456789');
      await refused(/models\.fast: tools cannot set variables/, 'models.fast', '${A_SECRET}');
      await refused(/models\.fast\.use: tools cannot set variables/, 'models', { fast: { use: 'a/${A_SECRET}' } });
      await refused(/providers\.a\.api_key: tools cannot set variables/, 'providers.a.api_key', '${A_SECRET}');
      await refused(/overlay\.yaml:\d+:\d+: log\.level: unknown value `loud`/, 'log.level', 'loud');
      await refused(/overlay\.yaml:\d+:\d+: log\.colour: unknown key/, 'log', { colour: 'red' });
      await refused(/models\.fast: no provider is named `nobody`/, 'models.fast', 'nobody/x');
      await refused(/there is no option `log\.levle`; did you mean `log\.level`\?/, 'log.levle');
      await refused(/value: has \d+ bytes, at most 65536/, 'default_model', 'x'.repeat(70_000));
      assert.match(await refusal(c, 'set_config', { path: 'log.level' }), /value/);
      assert.match(await refusal(c, 'set_config', { value: 'debug' }), /path/);
      assert.match(await refusal(c, 'reset_config', { path: 'cache.enabled' }), outside);
      assert.deepEqual(await overlay(), before);
      assert.deepEqual(await called(c, 'get_config'), shown);
    });
  });

test('the admin API shows the same, and what one has set the other takes away', async (t) => {
  const on = await ways['2025 over HTTP'](config(['models']));
  t.after(on.stop);
  const admin = async (method, path = '', body) => {
    const headers = { authorization: 'Bearer an-admin-key-for-tests' };
    const response = await fetch(`${on.gateway.url}/admin/v1/config/overlay${path}`, { method, headers, body: body && JSON.stringify(body) });
    assert.equal(response.status, 200);
    return response.json();
  };
  await called(on.c, 'set_config', { path: 'models.fast', value: 'a/echo' });
  assert.deepEqual((await admin('GET')).overlay, { models: { fast: 'a/echo' } });
  await admin('PUT', '/models.other', { value: 'a/echo' });
  await admin('PUT', '/log.level', { value: 'debug' });
  assert.equal(await say(on.c, 'other'), 'hello');
  assert.deepEqual((await called(on.c, 'reset_config')).reset, ['models.fast', 'models.other']);
  assert.deepEqual((await admin('GET')).overlay, { log: { level: 'debug' } });
});

test('virtual keys neither see these tools nor may they call them', async (t) => {
  const gateway = await startServe(config(['log'], { server: { keys: ['key-of-the-house'] } }));
  const open = [];
  t.after(async () => (await Promise.all(open.map((client) => client.close())), await gateway.stop()));
  const made = await run(['keys', 'create', 'ann', '--config', gateway.config]);
  const key = made.stdout.trim();
  await keySeen(gateway, key);
  for (const connect of [older, newer]) {
    const ann = await connect(gateway.url, { key }), house = await connect(gateway.url, { key: 'key-of-the-house' });
    open.push(ann, house);
    assert.deepEqual(await configuring(ann), []);
    assert.deepEqual(await configuring(house), ['reset_config', 'set_config']);
    await assert.rejects(ann.callTool({ name: 'set_config', arguments: { path: 'log.level', value: 'debug' } }), /there is no tool `set_config`/);
    await assert.rejects(ann.callTool({ name: 'reset_config', arguments: {} }), /there is no tool `reset_config`/);
    assert.equal(await got(house, 'log.level'), 'info');
    assert.equal((await called(house, 'set_config', { path: 'log.level', value: 'debug' })).value, 'debug');
    await called(house, 'reset_config');
  }
  assert.ok(!existsSync(join(JSON.parse(readFileSync(gateway.config, 'utf8')).server.data_dir, 'overlay.yaml')));
});

for (const [era, connect] of Object.entries(eras))
  test(`the tools come and go with the list of paths, and ${era} is told`, async (test) => {
    const gateway = await startServe(config([]));
    const t = await connect(gateway.url);
    test.after(async () => (await t.close(), await gateway.stop()));
    await t.watch();
    assert.deepEqual(await configuring(t.client), []);
    const edit = async (...args) => {
      const done = await run(['config', ...args, '--config', gateway.config]);
      assert.equal(done.code, 0, done.stderr);
    };
    await edit('set', 'mcp.tools.configure', '[log]');
    await t.changed('list of tools');
    assert.deepEqual(await configuring(t.client), ['reset_config', 'set_config']);
    assert.equal((await t.structured('set_config', { path: 'log.level', value: 'debug' })).value, 'debug');
    await edit('reset');
    await t.changed('list of tools');
    assert.deepEqual(await configuring(t.client), []);
    const wrong = await run(['config', 'set', 'mcp.tools.configure', '[log, lgo.level]', '--config', gateway.config]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /mcp\.tools\.configure\[1\]: there is no option `lgo\.level`/);
  });
