// Names that cannot be resolved, for good or now and then. The look-ups are made to fail by a library put before the system's.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chat, eventually, post, root, slow, startServe, startSim, temporary } from '../harness.mjs';
import { startLoad, exact, failed, slowest } from './load.mjs';

const sanitized = slow > 1; // those want to be loaded first
const folder = temporary();
const names = join(folder, 'names');
// All names with their addresses; written whole, as it is read at any time.
function resolveAs(all) {
  writeFileSync(`${names}.new`, Object.entries(all).map(([name, address]) => `${name} ${address}\n`).join(''));
  renameSync(`${names}.new`, names);
}
const up = { 'one.flaky': '127.0.0.1', 'two.flaky': '127.0.0.1' };

let one, two, library;
before(async () => {
  if (sanitized) return;
  library = join(folder, 'names.so');
  execFileSync('clang++-19', ['-x', 'c', '-shared', '-fPIC', '-o', library, join(root, 'tests/e2e/resilience/names.c'), '-ldl']);
  one = await startSim();
  two = await startSim();
});
after(async () => {
  await one?.stop();
  await two?.stop();
});
const serve = (config = {}) => {
  const at = (host, sim) => `http://${host}.flaky:${sim.port}`;
  return startServe(
    {
      server: { loop_guard: 0, threads: 2 },
      providers: { a: { type: 'custom', formats: ['openai_chat'], base_url: `${at('one', one)}/v1`, api_key: 'key' }, b: { type: 'anthropic', base_url: at('two', two), api_key: 'key' } },
      routes: { main: { strategy: 'priority', deployments: [{ use: 'a/sim-stream-3', priority: 1 }, { use: 'b/sim-stream-3', priority: 2 }] } },
      ...config,
    },
    { env: { LD_PRELOAD: library, NAMES_FILE: names } },
  );
};

for (const [what, address, says] of [
  ['an unknown name', undefined, /cannot resolve one\.flaky: Name or service not known/],
  ['a resolver that fails', '!', /cannot resolve one\.flaky: Temporary failure in name resolution/],
])
  test(`${what}: the route switches, the breaker opens, and closes when the name is back`, { skip: sanitized }, async (t) => {
    resolveAs(address ? { ...up, 'one.flaky': address } : { 'two.flaky': '127.0.0.1' });
    const gateway = await serve({ breaker: { failures: 3, open: '300ms', open_max: '300ms' } });
    const direct = await post(gateway.url, '/v1/chat/completions', chat('a/sim-stream-3', 'x'));
    assert.equal(direct.status, 502);
    assert.match(direct.json.error.message, says);
    const load = startLoad(t, () => gateway.url, { workers: 6 });
    await load.more(100);
    resolveAs(up);
    await eventually(() => /^a\//.test(load.answers.at(-1).route), 'the first deployment is used again');
    await load.more(20);
    const answers = await load.stop();
    assert.deepEqual(failed(answers), []);
    assert.ok(slowest(answers) < 1000 * slow, `${slowest(answers)} ms`);
    await gateway.stop();
    assert.equal(exact(gateway.config, answers).length, 1); // the direct one
  });

test('a resolver that takes its time does not hold up other names', { skip: sanitized }, async () => {
  resolveAs({ 'one.flaky': '?', 'two.flaky': '127.0.0.1' });
  const gateway = await serve({ breaker: { failures: 1, open: '60s' } });
  // Two look-ups of the slow name at a time are all that the resolver's threads take.
  const slowOnes = [1, 2, 3, 4].map((i) => post(gateway.url, '/v1/chat/completions', chat('a/sim-stream-3', `x${i}`)));
  const begin = performance.now();
  const got = await post(gateway.url, '/v1/messages', { model: 'b/sim-stream-3', max_tokens: 50, messages: [{ role: 'user', content: 'x' }] });
  const took = performance.now() - begin;
  assert.equal(got.status, 200);
  assert.ok(took < 1000 * slow, `${took} ms`);
  for (const each of await Promise.all(slowOnes)) assert.equal(each.status, 502);
  await gateway.stop();
});

test('a name that comes and goes once it was known', { skip: sanitized }, async (t) => {
  resolveAs(up);
  const gateway = await serve({ breaker: { failures: 3, open: '200ms' } });
  const load = startLoad(t, () => gateway.url, { workers: 6 });
  for (let i = 0; i < 10; ++i) {
    resolveAs(i % 2 ? up : { ...up, 'one.flaky': '!' });
    await load.more(30);
  }
  const answers = await load.stop();
  assert.deepEqual(failed(answers), []);
  assert.ok(slowest(answers) < 1000 * slow, `${slowest(answers)} ms`);
  await gateway.stop();
  assert.deepEqual(exact(gateway.config, answers), []);
});
