// adaptive_model_selection: by prices of the configuration, and by what has happened to earlier requests.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { providers, startServe } from '../harness.mjs';
import { called, older, refused, startScripted } from './panel.mjs';

const prices = { 'oai/dear': { input: 5, output: 25 }, 'oai/cheap': { input: 0.1, output: 0.2 }, 'ant/middle': { input: 1, output: 5 } };
let sim, served, client;
before(async () => {
  sim = await startScripted();
  const both = providers(sim.url);
  served = await startServe({
    server: { loop_guard: 0 },
    prices,
    providers: { oai: { ...both.oai, models: ['dear', 'cheap', 'fails', 'unpriced'] }, ant: { ...both.ant, models: ['middle'] } },
  });
  client = await older(served.url);
});
after(async () => {
  await client.close();
  await served.stop();
  await sim.stop();
});
const models = ['oai/dear', 'oai/cheap', 'ant/middle', 'oai/unpriced'];
const choose = (args) => called(client, 'adaptive_model_selection', { query: 'Write a story', models, ...args });

test('prices are real, and explained', async () => {
  const s = await choose({ strategy: 'cost_optimized', max_tokens: 400 });
  assert.equal(s.selected_model, 'oai/cheap');
  assert.ok(Math.abs(s.selected.expected_cost - (4 * 0.1 + 400 * 0.2) / 1e6) < 1e-9, `${s.selected.expected_cost}`);
  assert.match(s.selection_reasoning, /^cost_optimized: the task looks like writing, \w+; quality 0\.\d+ \(guessed from its price\), about \$0\.0000\d/);
  assert.equal(s.alternative_models.length, 3);
  assert.ok(s.confidence > 0 && s.confidence <= 1 && s.confidence_explained.length > 20);
  assert.deepEqual([s.task.kind, s.routing_metrics.candidates, s.routing_metrics.passed], ['writing', 4, 4]);
  assert.equal(s.selected.success_rate, undefined, 'nothing was asked of it so far');
  assert.equal((await choose({ strategy: 'quality_optimized' })).selected_model, 'oai/dear');
});

test('constraints', async () => {
  const s = await choose({ strategy: 'quality_optimized', constraints: { max_cost: 0.003 } });
  assert.equal(s.selected_model, 'ant/middle');
  assert.deepEqual(s.left_out.map((l) => l.model).sort(), ['oai/dear', 'oai/unpriced']);
  assert.match(s.left_out.find((l) => l.model === 'oai/unpriced').reason, /price is not known/);
  assert.equal((await choose({ constraints: { preferred_provider: 'ant' } })).selected_model, 'ant/middle');
  const none = await refused(client, 'adaptive_model_selection', { query: 'x', models, constraints: { max_cost: 0 } });
  assert.match(none.text, /^no model passes:\n[^]*oai\/dear: about \$0\.01\d+ is above `constraints\.max_cost`/);
  const nobody = await refused(client, 'adaptive_model_selection', { query: 'x', constraints: { preferred_provider: 'nobody' } });
  assert.match(nobody.text, /`constraints.preferred_provider`: there is no provider `nobody`/);
  const wrong = await refused(client, 'adaptive_model_selection', { query: 'x', constraints: { max_cots: 1 } });
  assert.match(wrong.text, /constraints\.max_cots/);
});

test('what happened here counts', async () => {
  const both = ['oai/cheap', 'oai/fails'];
  const ask = (model) => fetch(`${served.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }] }) }).then((r) => r.text());
  for (const model of both) for (let i = 0; i < 3; ++i) await ask(model);
  const s = await called(client, 'adaptive_model_selection', { query: 'Hello', strategy: 'performance_based', models: both });
  assert.equal(s.selected_model, 'oai/cheap');
  assert.ok(s.selected.success_rate > 0.99);
  assert.equal(s.selected.requests_seen, 3);
  assert.ok(s.selected.expected_latency_ms > 0);
  const other = s.alternative_models[0] ?? {};
  assert.ok(other.success_rate < 0.6 || s.left_out.length === 1, JSON.stringify(s));
  const fast = await called(client, 'adaptive_model_selection', { query: 'Hello', models: ['oai/cheap', 'oai/dear'], constraints: { max_latency_ms: 60000 } });
  assert.deepEqual(fast.left_out.map((l) => l.model), ['oai/dear'], 'never measured');
});
