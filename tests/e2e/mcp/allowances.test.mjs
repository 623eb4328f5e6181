// What one call of a tool may take in all (mcp.tools): when it is used up nobody is asked any more, the client is told why, and what
// was there by then is not lost.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { Happenings, startServe } from '../harness.mjs';
import { older } from './connect.mjs';
import { review } from './panel.mjs';
import { question, startProvider } from './provider.mjs';

// Options that leave room for `n` questions: an answer takes 20 tokens and, at this price, two cents.
const price = { input: 1000, output: 1000 };
const after = {
  'mcp.tools.calls': (n) => ({ calls: n }),
  'mcp.tools.tokens': (n) => ({ tokens: 20 * n - 10 }),
  'mcp.tools.dollars': (n) => ({ dollars: 0.02 * n - 0.01 }),
};
const spent = Object.entries(after).filter(([option]) => option !== 'mcp.tools.calls'); // what is not known before

const plan = JSON.stringify({ subtasks: ['sum', 'say'].map((id) => ({ id, task: `do ${id}`, kind: 'math', depends_on: [] })) });
const verdicts = (body) => JSON.stringify({ grades: JSON.parse(body.messages.at(-1).content).answers.map(({ label }) => ({ label, correctness: 9, completeness: 9, relevance: 9, clarity: 9, reason: 'x' })) });
function reply(body) {
  const asked = question(body);
  if (body.model === 'judge') return verdicts(body);
  if (asked.includes('Take this problem apart')) return plan;
  if (asked.includes('Judge a solution')) return JSON.stringify({ score: 0.4, problems: ['too short'], improvements: [], requirements: [] });
  if (asked.includes('Review')) return review(0.8, 0.8);
  return 'Paris\nAnswer: Paris\nConfidence: 90';
}

// A gateway with these options, that asks one model at a time, and a client of it, until the test `t` is over. call() gives the tool's
// whole result.
async function start(t, tools) {
  const provider = await startProvider(reply);
  const models = ['a', 'b', 'c', 'd', 'judge'];
  const prices = Object.fromEntries(models.map((m) => [`up/${m}`, price]));
  const gateway = await startServe({ server: { loop_guard: 0 }, prices, mcp: { tools: { parallel: 1, ...tools } }, providers: provider.config('up', models) });
  const logs = new Happenings();
  const client = await older(gateway.url, { set: (c) => c.setNotificationHandler(LoggingMessageNotificationSchema, (n) => logs.add(n.params)) });
  t.after(async () => {
    await client.close();
    await gateway.stop();
    await provider.stop();
  });
  await client.setLoggingLevel('warning');
  return { provider, logs, call: (name, args) => client.callTool({ name, arguments: args }) };
}
const four = ['a', 'b', 'c', 'd'].map((m) => `up/${m}`);
const measure = { prompt: 'What is the capital of France?', runs: 1, delay_seconds: 0 };
const usedUp = (option) => new RegExp(`used up what the option ${option} grants it`);

describe('compare_models', () => {
  for (const [option, room] of spent)
    test(`${option}: the answers that there are are told, and who was not asked`, async (t) => {
      const { provider, logs, call } = await start(t, room(2));
      const { isError, structuredContent: got } = await call('compare_models', { models: four, prompt: measure.prompt });
      assert.equal(isError ?? false, false);
      assert.deepEqual(got.results.map((r) => r.success), [true, true, false, false]);
      for (const r of got.results.slice(2)) {
        assert.equal(r.error_type, 'rate_limited');
        assert.match(r.error, usedUp(option));
      }
      assert.equal(got.summary.succeeded, 2);
      assert.ok(Math.abs(got.summary.total_cost - 0.04) < 1e-9);
      assert.deepEqual(provider.asked.list, ['a', 'b']);
      const told = await logs.reach(2);
      assert.deepEqual(told.map((l) => [l.level, l.data.event, l.data.asked]), [['warning', 'limit_reached', 'up/c'], ['warning', 'limit_reached', 'up/d']]);
      // The next call has its own.
      assert.equal((await call('compare_models', { models: ['up/d'], prompt: 'x' })).structuredContent.summary.succeeded, 1);
    });

  test('more models than mcp.tools.calls grants: nobody is asked', async (t) => {
    const { provider, call } = await start(t, { calls: 3 });
    const refused = await call('compare_models', { models: four, prompt: 'x' });
    assert.equal(refused.isError, true);
    assert.match(refused.content[0].text, /4 models .* mcp\.tools\.calls grants one call of a tool 3/);
    assert.equal(provider.asked.list.length, 0);
  });
});

describe('benchmarks', () => {
  for (const [option, room] of spent) {
    test(`${option}: a benchmark ends with what was measured, and keeps it`, async (t) => {
      const { provider, call } = await start(t, room(3));
      const { structuredContent: got } = await call('benchmark_models', { ...measure, models: four.slice(0, 3), runs: 2 });
      assert.deepEqual([got.state, got.saved, got.results.map((r) => [r.model, r.succeeded])], ['limited', true, [['up/a', 2], ['up/b', 1]]]);
      assert.ok(got.notes.some((n) => /ended early/.test(n) && n.includes(option)), got.notes.join('\n'));
      assert.deepEqual(provider.asked.list, ['a', 'a', 'b']);
      const kept = (await call('get_benchmark_history', { id: got.id })).structuredContent.report;
      assert.deepEqual([kept.state, kept.runs.map((r) => r.model)], ['limited', ['up/a', 'up/a', 'up/b']]);
    });

    test(`${option}: a judge that is not asked any more leaves the grades it gave`, async (t) => {
      const { provider, call } = await start(t, room(5)); // four answers and one of two questions to the judge
      const { structuredContent: got } = await call('benchmark_models', { ...measure, models: four.slice(0, 2), runs: 2, judge: 'up/judge' });
      assert.deepEqual(provider.asked.list, ['a', 'a', 'b', 'b', 'judge']);
      assert.deepEqual([got.judge.graded, got.judge.failed], [1, 1]);
      assert.ok(got.results.every((r) => r.succeeded === 2 && r.quality.n === 1 && r.quality_by === 'judge'), JSON.stringify(got.results));
      assert.ok(got.notes.some((n) => /The judge failed on 1 of 2/.test(n) && usedUp(option).test(n)), got.notes.join('\n'));
      assert.equal(got.state, 'limited');
    });

    for (const name of ['compare_model_performance', 'compare_model_categories'])
      test(`${option}: ${name} compares what it could measure`, async (t) => {
        const { provider, call } = await start(t, room(2));
        const { structuredContent: got } = await call(name, { ...(name === 'compare_model_performance' ? measure : { ...measure, prompt: undefined, categories: ['coding'] }), models: four, measure: 'always' });
        assert.deepEqual((got.ranking ?? got.overall_ranking).map((r) => r.model_id ?? r.model).sort(), ['up/a', 'up/b']);
        for (const note of [/ended early/, /no runs of up\/c/, /no runs of up\/d/]) assert.ok(got.notes.some((n) => note.test(n)), `${note} in ${got.notes.join('\n')}`);
        assert.deepEqual(provider.asked.list, ['a', 'b']);
      });
  }

  test('more requests than mcp.tools.calls grants: nobody is asked, and nothing is kept', async (t) => {
    const { provider, call } = await start(t, { calls: 3 });
    for (const [name, args] of [['benchmark_models', {}], ['compare_model_performance', { measure: 'always' }], ['compare_model_categories', { measure: 'always' }]]) {
      const refused = await call(name, { ...measure, models: four, ...args });
      assert.equal(refused.isError, true, name);
      assert.match(refused.content[0].text, /take 4 requests to models, and the option mcp\.tools\.calls grants one call of a tool 3/);
    }
    assert.equal(provider.asked.list.length, 0);
    assert.equal((await call('get_benchmark_history', {})).structuredContent.total, 0);
  });
});

// Of the panel's tools: the arguments, for how many questions there is room, and what is to come of it. `told`: the structured result, or
// what an error tells beside its text.
const panel = {
  'collective_chat_completion: the answers are compared': {
    args: { prompt: 'x', models: four, min_models: 2 },
    room: 2,
    good: (r) => assert.deepEqual([r.participating_models, r.short_answer], [['up/a', 'up/b'], 'Paris']),
    failed: ['up/c', 'up/d'],
  },
  'collective_chat_completion: too few answers are an error that tells them': {
    args: { prompt: 'x', models: four, min_models: 3 },
    room: 2,
    error: /^2 of 4 models answered, and 3 are needed/,
    good: (r) => assert.deepEqual(r.individual_responses.map((x) => x.model), ['up/a', 'up/b']),
    failed: ['up/c', 'up/d'],
  },
  'collective_chat_completion: without its judge the words decide': {
    args: { prompt: 'x', models: four.slice(0, 2), judge_model: 'up/judge' },
    room: 2,
    good: (r) => assert.equal(r.short_answer, 'Paris'),
    why: (r) => [r.quality_metrics.judge_error],
  },
  'cross_model_validation: the reviews count': {
    args: { content: 'x', validation_criteria: ['accuracy', 'clarity'], models: four, min_models: 2 },
    room: 2,
    good: (r) => assert.deepEqual([r.validation_result, r.model_validations.map((v) => v.model)], ['VALID', ['up/a', 'up/b']]),
    failed: ['up/c', 'up/d'],
  },
  'ensemble_reasoning: the parts are told': {
    args: { problem: 'x', models: ['up/a'], planner_model: 'up/a', synthesis_model: 'up/a' },
    room: 3,
    error: /^the parts are solved, but no model made one answer of them/,
    good: (r) => assert.deepEqual(r.subtask_results.map((s) => [s.id, s.status]), [['sum', 'solved'], ['say', 'solved']]),
    failed: ['up/a'],
  },
  'ensemble_reasoning: the parts that are solved become one answer': {
    args: { problem: 'x', models: ['up/a'], planner_model: 'up/a', synthesis_model: 'up/a', judge_model: 'up/b' },
    room: 4,
    good: (r) => assert.deepEqual([r.success_rate, r.reasoning_quality.score], [1, undefined]),
    why: (r) => [r.reasoning_quality.judge_error],
  },
  'collaborative_problem_solving: the draft is the solution': {
    args: { problem: 'x', strategy: 'iterative', models: ['up/a', 'up/b'], lead_model: 'up/a' },
    room: 2,
    good: (r) => assert.deepEqual([r.final_solution.split('\n')[0], r.quality_assessment.score], ['Paris', 0.4]),
    failed: ['up/a'],
  },
};
describe('the panel', () => {
  for (const [what, { args, room, error, good, failed, why }] of Object.entries(panel))
    for (const [option, options] of Object.entries(after))
      test(`${what}: ${option}`, async (t) => {
        const { provider, call } = await start(t, options(room));
        const result = await call(what.split(':')[0], args);
        assert.equal(result.isError ?? false, Boolean(error), result.content[0].text);
        if (error) assert.match(result.content[0].text, error);
        const told = result.structuredContent ?? JSON.parse(result.content[1].text);
        good(told);
        if (failed) assert.deepEqual([...new Set(told.failures.map((f) => f.model))], failed);
        for (const reason of why ? why(told) : told.failures.map((f) => f.error)) assert.match(reason, usedUp(option));
        assert.deepEqual([provider.asked.list.length, told.usage.calls, told.usage.failed_calls, told.usage.total_tokens], [room, room, 0, 20 * room]);
        assert.equal(provider.open(), 0);
      });
});
