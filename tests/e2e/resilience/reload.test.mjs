// The configuration changes while requests are under way.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { chat, eventually, post, startServe, startSim } from '../harness.mjs';

let sim, gateway, server;
const config = (model) => ({
  server: { listen: '127.0.0.1:0' },
  providers: { a: { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'key' } },
  models: { main: `a/${model}` },
});
before(async () => {
  sim = await startSim();
  gateway = await startServe(config('echo'));
  server = JSON.parse(readFileSync(gateway.config, 'utf8')).server;
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

const health = async () => (await fetch(`${gateway.url}/health`)).json();
async function until(test, what) {
  let state;
  await eventually(async () => test((state = (await health()).config)), () => `${what}: ${JSON.stringify(state)}`);
  return state;
}
// Written beside it and moved into place, as editors do.
function write(text) {
  const next = typeof text === 'string' ? text : JSON.stringify({ ...text, server });
  writeFileSync(`${gateway.config}.new`, next);
  renameSync(`${gateway.config}.new`, gateway.config);
}
const say = async (text) => (await post(gateway.url, '/v1/chat/completions', chat('main', text))).json;

test('an edited file is taken without a restart, while a request of the old one goes on', async () => {
  assert.equal((await say('one')).choices[0].message.content, 'one');
  const generation = (await health()).config.generation;
  const running = post(gateway.url, '/v1/chat/completions', chat('a/sim-text+slow-first-2s', 'long'));
  const original = readFileSync(gateway.config, 'utf8');
  write(config('sim-text'));
  await until((s) => s.generation > generation, 'not taken');
  assert.match((await say('two')).choices[0].message.content, /simulator|text/i);
  assert.equal((await running).status, 200);
  write(original);
  await until((s) => s.generation > generation + 1, 'not taken back');
});

test('a bad file is refused whole, and /health says why', async () => {
  const original = readFileSync(gateway.config, 'utf8');
  const generation = (await health()).config.generation;
  write('providers: {a: {type: custom, base_url: "http://127.0.0.1:9", formats: [openai_chat], api_keyy: x}}\n');
  const state = await until((s) => s.refused, 'not refused');
  assert.match(state.refused, /patchbay\.yaml:1:\d+: providers\.a\.api_keyy: .*`api_key`/);
  assert.equal(state.generation, generation);
  assert.equal((await say('still')).choices[0].message.content, 'still');
  assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /patchbay_config_reloads_total\{result="refused"\} 1/);
  write(original);
  await until((s) => !s.refused, 'still refused');
});

test('SIGHUP reads it again even when it looks the same', async () => {
  const generation = (await health()).config.generation;
  gateway.child.kill('SIGHUP');
  await until((s) => s.generation === generation + 1, 'not read');
});

test('a hundred edits under load: no request fails', async () => {
  let stop = false, asked = 0;
  const failed = [];
  const load = Array.from({ length: 8 }, async () => {
    while (!stop) {
      const got = await post(gateway.url, '/v1/chat/completions', chat('main', `x ${++asked}`, { stream: asked % 2 === 1 }));
      if (got.status !== 200 || /"error"/.test(got.text)) failed.push(got.text);
    }
  });
  try {
    for (let i = 0; i < 100; ++i) {
      const { generation } = (await health()).config;
      write(config(i % 2 ? 'echo' : 'sim-text'));
      gateway.child.kill('SIGHUP');
      await until((s) => s.generation > generation, `edit ${i}`);
    }
  } finally {
    stop = true;
    await Promise.all(load);
  }
  assert.deepEqual(failed, []);
  assert.ok(asked > 100, `${asked}`);
});
