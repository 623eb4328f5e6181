// Five providers behind one route, under load, while they fail in every way at once or in turn.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Program, slow, startServe, startSim, startUpstream } from '../harness.mjs';
import { startLoad, exact, failed, slowest } from './load.mjs';

const custom = (url, more = {}) => ({ type: 'custom', formats: ['openai_chat'], base_url: `${url}/v1`, api_key: 'key', ...more });
const sims = [];
before(async () => {
  for (let i = 0; i < 5; ++i) sims.push(await startSim());
});
after(() => Promise.all(sims.map((sim) => sim.stop())));

const serve = (models, more = {}) => {
  const providers = Object.fromEntries(sims.map((sim, i) => [`p${i}`, i % 2 ? { type: 'anthropic', base_url: sim.url, api_key: 'key', timeouts: { first_byte: '400ms' } } : custom(sim.url, { timeouts: { first_byte: '400ms' } })]));
  return startServe({
    server: { loop_guard: 0, threads: 2 },
    providers,
    retries: { budget: 1 },
    routes: { main: { strategy: 'round-robin', first_token: '400ms', deployments: models.map((model, i) => `p${i}/${model}`) } },
    ...more,
  });
};
// All answers whole, none slower than `ms` but for those of the provider `paused`, and the ledger exact.
async function check(gateway, load, ms, paused) {
  const answers = await load.stop();
  assert.deepEqual(failed(answers), []);
  const timed = answers.filter((a) => paused === undefined || !a.route?.startsWith(paused));
  assert.ok(slowest(timed) < ms * slow, `${slowest(timed)} ms`);
  await gateway.stop();
  assert.deepEqual(exact(gateway.config, answers), []);
  return answers;
}

test('four of five fail, each in its own way: nobody sees it, and they are soon left alone', async (t) => {
  const gateway = await serve(['sim-text+error-500', 'sim-text+429-20', 'sim-text+hang', 'sim-text+error-529', 'sim-stream-5'], { breaker: { failures: 3, open: '30s' } });
  const load = startLoad(t, () => gateway.url, { workers: 10 });
  await load.more(300);
  const answers = await check(gateway, load, 1500);
  const last = answers.slice(-50);
  assert.ok(last.every((a) => /^p4\//.test(a.route)));
  assert.ok(last.every((a) => a.ms < 1000 * slow), `${slowest(last)} ms`);
});

test('a provider is killed, another stands still: the switch takes less than a second', async (t) => {
  const gateway = await serve(Array(5).fill('sim-stream-5'), { breaker: { failures: 2, open: '30s' } });
  const load = startLoad(t, () => gateway.url, { workers: 10 });
  await load.more(100);
  const port = sims[0].port;
  sims[0].child.kill('SIGKILL');
  sims[1].child.kill('SIGSTOP');
  try {
    await load.more(300);
    sims[1].child.kill('SIGCONT'); // a stream that it was in the middle of goes on
    await check(gateway, load, 1000, 'p1/');
  } finally {
    sims[1].child.kill('SIGCONT');
    sims[0] = await new Program(['sim', '--listen', `127.0.0.1:${port}`, '--threads', '1']).listening();
  }
});

test('a provider that comes and goes', async (t) => {
  let works = true, refused = 0;
  const flapping = await startUpstream((request, response) => {
    if (!works) return ++refused, response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":{"message":"away"}}');
    const { stream } = JSON.parse(request.body);
    const message = { index: 0, finish_reason: 'stop', [stream ? 'delta' : 'message']: { role: 'assistant', content: 'here' } };
    const answer = { id: 'x', object: stream ? 'chat.completion.chunk' : 'chat.completion', created: 1, model: 'm', choices: [message], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
    if (!stream) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${JSON.stringify(answer)}\n\ndata: [DONE]\n\n`);
  });
  const gateway = await startServe({
    server: { loop_guard: 0 },
    breaker: { failures: 2, open: '50ms', open_max: '100ms' },
    providers: { flapping: custom(flapping.url), steady: custom(sims[2].url) },
    routes: { main: { strategy: 'priority', deployments: [{ use: 'flapping/m', priority: 1 }, { use: 'steady/sim-stream-5', priority: 2 }] } },
  });
  const load = startLoad(t, () => gateway.url, { workers: 6 });
  for (let i = 0; i < 12; ++i) {
    works = !works;
    await load.more(30);
  }
  const answers = await check(gateway, load, 1000);
  assert.ok(refused > 0);
  for (const provider of ['flapping', 'steady']) assert.ok(answers.some((a) => a.route?.startsWith(provider)), provider);
  await flapping.stop();
});
