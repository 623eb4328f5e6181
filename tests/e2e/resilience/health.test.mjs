// Deployments that go down and come back: circuit breakers, health checks, and what clients see of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Program, chat, eventually, message, post, slow, startServe, startSim, startUpstream } from '../harness.mjs';

const custom = (url, more = {}) => ({ type: 'custom', formats: ['openai_chat'], base_url: `${url}/v1`, api_key: 'key', ...more });
const route = (got) => got.headers.get('x-patchbay-route');
let n = 0;
const ask = (gateway, model, extra) => post(gateway.url, '/v1/chat/completions', chat(model, `question ${++n}`, extra));
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

describe('circuit breaker', () => {
  let sim, gateway;
  const open = 1500 * slow;
  before(async () => {
    sim = await startSim();
    gateway = await startServe({
      server: { loop_guard: 0 },
      breaker: { failures: 3, open: `${open}ms` },
      providers: { a: custom(sim.url), b: custom(sim.url), c: custom(sim.url) },
      routes: {
        main: { deployments: [{ use: 'a/sim-text+error-500', priority: 1 }, { use: 'b/echo', priority: 2 }] },
        alone: { deployments: ['c/sim-text+error-500'], retries: { attempts: 0 } },
        mistaken: { deployments: ['c/echo'], retries: { attempts: 0 } },
      },
    });
  });
  after(async () => {
    await gateway.stop();
    await sim.stop();
  });

  test('opens after failures in a row, and lets one request try after a while', async () => {
    for (let i = 0; i < 3; ++i) assert.match(route(await ask(gateway, 'main')), /^b\/echo; route=main; attempt=2/);
    assert.match(route(await ask(gateway, 'main')), /attempt=1/);
    await wait(open + 100);
    const tried = await Promise.all(Array.from({ length: 10 }, () => ask(gateway, 'main')));
    assert.ok(tried.every((got) => got.status === 200));
    assert.equal(tried.filter((got) => /attempt=2/.test(route(got))).length, 1);
  });

  test('with nobody left, says who is out, why and until when', async () => {
    for (let i = 0; i < 3; ++i) assert.equal((await ask(gateway, 'alone')).status, 500);
    const refused = await post(gateway.url, '/v1/messages', message('alone', 'x'));
    assert.equal(refused.status, 503);
    assert.match(refused.json.error.message, /route `alone`.*c\/sim-text\+error-500: .*breaker/);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
  });

  test('is never opened by clients’ own mistakes', async () => {
    for (let i = 0; i < 10; ++i) {
      const got = await post(gateway.url, '/v1/chat/completions', { model: 'mistaken', messages: [], seed: i });
      assert.equal(got.status, 400);
    }
    assert.equal((await ask(gateway, 'mistaken')).status, 200);
  });
});

describe('a provider that dies under load', () => {
  let one, two, gateway;
  before(async () => {
    one = await startSim();
    two = await startSim();
    gateway = await startServe({
      server: { loop_guard: 0, threads: 2 },
      health: { interval: '100ms', timeout: '500ms', unhealthy_after: 2, healthy_after: 2 },
      breaker: { open: '200ms' },
      providers: { a: custom(one.url), b: { type: 'anthropic', base_url: two.url, api_key: 'key' } },
      routes: { main: { strategy: 'round-robin', deployments: ['a/echo', 'b/echo'] } },
    });
  });
  after(async () => {
    await gateway.stop();
    await one.stop();
    await two.stop();
  });

  test('no request fails; it is left out, and used again when it is back', async () => {
    const port = new URL(one.url).port;
    let stop = false, asked = 0, longest = 0;
    const failed = [], used = new Set();
    const load = Array.from({ length: 10 }, async () => {
      while (!stop) {
        const begin = performance.now();
        const got = await ask(gateway, 'main');
        longest = Math.max(longest, performance.now() - begin);
        ++asked;
        if (got.status !== 200) failed.push(got.text);
        else used.add(route(got).split('/')[0]);
      }
    });
    try {
      await wait(300);
      one.child.kill('SIGKILL');
      await gateway.seen(/provider is unhealthy: left out.*provider="?a/);
      used.clear();
      await wait(300);
      assert.deepEqual([...used], ['b']);
      one = await new Program(['sim', '--listen', `127.0.0.1:${port}`, '--threads', '1']).listening();
      await gateway.seen(/provider is healthy again.*provider="?a/);
      used.clear();
      await wait(500 * slow);
      assert.deepEqual([...used].sort(), ['a', 'b']);
    } finally {
      stop = true;
      await Promise.all(load);
    }
    assert.deepEqual(failed, []);
    assert.ok(asked > 50, `${asked}`);
    assert.ok(longest < 1000 * slow, `${longest} ms`);
  });
});

test('the gateway ends while a provider is asked for its health and for its models', async () => {
  const silent = await startUpstream(() => {});
  const gateway = await startServe({
    health: { interval: '10s', timeout: '60s' },
    providers: { a: custom(silent.url) },
    routes: { main: { deployments: ['a/echo'] } },
  });
  await fetch(`${gateway.url}/v1/models`);
  await eventually(() => silent.requests.length === 2, 'a check and a list');
  await gateway.stop(); // what waits is gone before the connections it waits on: a sanitizer would tell
  await silent.stop();
});
