// `patchbay config set`, `unset`, `reset`, and profiles: taken by the running gateway, kept apart from the user's file.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Program, chat, eventually, post, run, startServe, startSim, temporary } from './harness.mjs';

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());

const custom = (url) => ({ type: 'custom', formats: ['openai_chat'], base_url: `${url}/v1`, api_key: 'key' });
const health = async (gateway) => (await (await fetch(`${gateway.url}/health`)).json()).config;
async function until(gateway, test) {
  let state;
  await eventually(async () => test((state = await health(gateway))), () => JSON.stringify(state));
  return state;
}

describe('a gateway that runs', () => {
  let gateway, file, overlay;
  const config = (...args) => run(['config', ...args, '--config', file]);
  const say = async (model, text = 'hello') => (await post(gateway.url, '/v1/chat/completions', chat(model, text))).json;
  before(async () => {
    gateway = await startServe({ server: { loop_guard: 0 }, providers: { a: custom(sim.url) }, models: { main: 'a/sim-text' }, log: { level: 'info' } });
    file = gateway.config;
    overlay = join(JSON.parse(readFileSync(file, 'utf8')).server.data_dir, 'overlay.yaml');
  });
  after(() => gateway.stop());

  // Runs an edit and waits until the gateway has taken it.
  async function edit(...args) {
    const { generation } = await health(gateway);
    const done = await config(...args);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /overlay\.yaml: written/);
    await until(gateway, (s) => s.generation > generation && !s.refused);
    return done;
  }

  test('takes what is set, also when the overlay is made for it, and lets go of it again', async () => {
    const own = readFileSync(file, 'utf8');
    assert.notEqual((await say('main')).choices[0].message.content, 'hello');
    await edit('set', 'models.main', 'a/echo');
    assert.equal((await say('main')).choices[0].message.content, 'hello');
    assert.equal(statSync(overlay).mode & 0o777, 0o600);
    assert.equal(readFileSync(file, 'utf8'), own);

    await edit('set', 'routes."v1.5"', '{deployments: [a/echo], strategy: weighted}');
    await edit('set', 'routes."v1.5".deployments.a/echo.weight', '3');
    assert.equal((await say('v1.5')).choices[0].message.content, 'hello');

    const shown = await config('show');
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, new RegExp(`main: a/echo  # ${overlay}:\\d+, overlay\\n`));
    assert.match(shown.stdout, /weight: 3 {2}# .*overlay\.yaml:\d+, overlay\n/);
    assert.match(shown.stdout, new RegExp(`listen: "127\\.0\\.0\\.1:0" {2}# ${file}:\\d+\\n`));
    assert.match(shown.stdout, /drain: "30s" {2}# default\n/);
    const set = await config('overlay');
    assert.match(set.stdout, /^# .*overlay\.yaml\nmodels:\n {2}main: a\/echo\nroutes:\n/);
    assert.equal(JSON.parse((await config('overlay', '--json')).stdout).models.main, 'a/echo');

    await edit('unset', 'models.main');
    assert.notEqual((await say('main')).choices[0].message.content, 'hello');
    await edit('reset');
    assert.doesNotMatch((await config('show')).stdout, /v1\.5|overlay/);
    assert.match((await config('overlay')).stdout, /nothing is set/);
  });

  test('is not reached by an edit that is wrong', async () => {
    const { generation } = await health(gateway);
    const refused = async (what, ...args) => {
      const done = await config(...args);
      assert.equal(done.code, 2, done.stdout);
      assert.match(done.stderr, what);
      assert.match(done.stderr, /nothing was changed/);
      assert.equal(done.stdout, '');
    };
    await refused(/there is no option `log\.levle`; did you mean `log\.level`\?/, 'set', 'log.levle', 'debug');
    await refused(/overlay\.yaml:4:10: log\.level: unknown value `loud`; valid values/, 'set', 'log.level', 'loud');
    await refused(/patchbay\.yaml:\d+:\d+: models\.main: no provider is named `a`/, 'set', 'providers.a', 'null');
    await refused(/a secret is not kept in the overlay/, 'set', 'providers.a.api_key', 'sk-secret-0123456789');
    await refused(/is not set in the overlay/, 'unset', 'log.level');
    await refused(/cannot stand in the overlay/, 'set', 'server.data_dir', '/tmp/x');
    assert.equal((await health(gateway)).generation, generation);
  });

  test('is told what waits for the next start, and what goes before the overlay', async () => {
    const done = await edit('set', 'server.threads', '2');
    assert.match(done.stderr, /waits for the next start: server\.threads/);
    const stronger = await run(['config', 'set', 'log.level', 'warn', '--config', file], { env: { PATCHBAY_LOG_LEVEL: 'error' } });
    assert.match(stronger.stderr, /log\.level is set by environment: PATCHBAY_LOG_LEVEL/);
    assert.equal((await config('reset')).code, 0);
  });

  test('writers at the same time lose nothing', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `m${i}`);
    const done = await Promise.all(names.map((name) => config('set', `models.${name}`, 'a/echo')));
    for (const one of done) assert.equal(one.code, 0, one.stderr);
    assert.deepEqual(Object.keys(JSON.parse((await config('overlay', '--json')).stdout).models).sort(), names.sort());
    await until(gateway, () => true);
    assert.equal((await config('reset')).code, 0);
  });

  test('an overlay that the file no longer goes with is refused with its name, and a reset mends it', async () => {
    await edit('set', 'models.other', 'a/echo');
    const own = readFileSync(file, 'utf8');
    const changed = JSON.parse(own);
    changed.providers = { b: changed.providers.a };
    changed.models = { main: 'b/echo' };
    writeFileSync(file, JSON.stringify(changed));
    const state = await until(gateway, (s) => s.refused);
    assert.match(state.refused, /overlay\.yaml:\d+:\d+: models\.other: no provider is named `a`/);
    await edit('reset');
    assert.equal((await say('main')).choices[0].message.content, 'hello');
    writeFileSync(file, own);
    await until(gateway, (s) => !s.refused);
  });
});

describe('profiles', () => {
  const folder = temporary();
  const file = join(folder, 'patchbay.yaml');
  const text = (level) => `providers_from_environment: false
server: {listen: "127.0.0.1:0", data_dir: ${folder}/data}
providers: {a: {type: custom, base_url: "${sim.url}/v1", api_key: "\${DEV_KEY:-none}"}}
models: {main: a/sim-text}
log: {level: ${level}}
profiles:
  prod: {models: {main: a/echo}, log: {format: json}}
  staging: {default_model: main, providers: {a: {api_key: "\${STAGING_KEY}"}}}
`;

  test('one is chosen by option or environment, stays through reloads, and its own file counts', async () => {
    writeFileSync(file, text('info'));
    const gateway = await new Program(['serve', '--config', file, '--profile', 'prod']).listening();
    const say = async () => (await post(gateway.url, '/v1/chat/completions', chat('main', 'hello'))).json.choices[0].message.content;
    assert.equal(await say(), 'hello');
    assert.match(gateway.log, /"profile":"prod"/);
    writeFileSync(file, text('debug'));
    await until(gateway, (s) => s.generation === 2);
    assert.equal(await say(), 'hello');
    writeFileSync(join(folder, 'patchbay.prod.yaml'), 'models: {main: a/sim-text}\n');
    await until(gateway, (s) => s.generation === 3);
    assert.notEqual(await say(), 'hello');
    await gateway.stop();

    const shown = await run(['config', 'show', '--config', file], { env: { PATCHBAY_PROFILE: 'prod' } });
    assert.match(shown.stdout, /^# from .*patchbay\.yaml, profile prod\n/);
    assert.match(shown.stdout, /main: a\/sim-text {2}# .*patchbay\.prod\.yaml:1, profile prod\n/);
    assert.match(shown.stdout, /format: json {2}# .*patchbay\.yaml:7, profile prod\n/);
  });

  test('config check knows them', async () => {
    writeFileSync(file, text('info'));
    const plain = await run(['config', 'check', file]);
    assert.equal(plain.code, 0, plain.stderr);
    const staging = await run(['config', 'check', '--profile', 'staging', file]);
    assert.equal(staging.code, 2);
    assert.match(staging.stderr, /patchbay\.yaml:8:\d+: profiles\.staging\.providers\.a\.api_key: the environment variable STAGING_KEY is not set/);
    const all = await run(['config', 'check', file, '--all-profiles']);
    assert.equal(all.code, 2);
    assert.match(all.stdout, /profile prod: 0 mistakes\nprofile staging: 1 mistake\n/);
    const unknown = await run(['serve', '--config', file, '--profile', 'live']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /PATCHBAY_PROFILE\): no profile is named `live`; there are: `prod`, `staging`/);
  });
});
