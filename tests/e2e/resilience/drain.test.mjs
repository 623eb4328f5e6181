// SIGTERM under load, with a route of several deployments: what was taken is answered, and the ledger has it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elapsed, slow, startServe, startSim } from '../harness.mjs';
import { startLoad, exact } from './load.mjs';

test('every request that was taken is answered whole', async (t) => {
  const sims = [await startSim(), await startSim(), await startSim()];
  const providers = Object.fromEntries(sims.map((sim, i) => [`p${i}`, i === 2 ? { type: 'anthropic', base_url: sim.url, api_key: 'key' } : { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'key' }]));
  const gateway = await startServe({
    server: { loop_guard: 0, threads: 2, drain: '20s' },
    providers,
    routes: { main: { strategy: 'least-connections', deployments: Object.keys(providers).map((p) => `${p}/sim-stream-30+slow-token-5ms`) } },
  });
  const load = startLoad(t, () => gateway.url, { workers: 20 });
  await load.more(100);
  const under_way = load.workers.length;
  const time = elapsed();
  gateway.child.kill('SIGTERM');
  await load.more(under_way);
  load.stopped = true;
  assert.equal(await gateway.ended(), 0, gateway.log.slice(-2000));
  const took = time();
  const answers = await load.stop();
  // After the signal new connections are refused, and clients are told to close theirs; nothing that was taken is cut.
  const cut = answers.filter((a) => a.status !== 0 && !a.complete);
  assert.deepEqual(cut.map((a) => `${a.status} ${a.fault} ${a.text.slice(-200)}`), []);
  const dropped = answers.filter((a) => a.status === 0 && !/ECONNREFUSED|other side closed|ECONNRESET|UND_ERR_SOCKET/.test(a.fault));
  assert.deepEqual(dropped.map((a) => a.fault), []);
  assert.deepEqual(exact(gateway.config, answers), []);
  assert.ok(took < 5000 * slow, `${took} ms`);
  for (const sim of sims) await sim.stop();
});
