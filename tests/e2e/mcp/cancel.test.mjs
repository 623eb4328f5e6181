// Tools that ask models, cancelled while their questions are under way: all of these end, and no other is asked. (chat: chat.test.mjs;
// benchmark_models while it measures: benchmark.test.mjs.)
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, picture, startServe } from '../harness.mjs';
import { called, newer, older } from './connect.mjs';
import { question, startProvider } from './provider.mjs';

const four = ['up/a', 'up/b', 'up/c', 'up/d']; // one more than are asked at a time
const messages = [{ role: 'user', content: 'x' }];
const measure = { models: four, measure: 'always', runs: 2, delay_seconds: 0 };
const image = { data: picture(4, 4).toString('base64') };
const plan = JSON.stringify({ subtasks: ['one', 'two', 'three', 'four'].map((id) => ({ id, task: `do ${id}`, kind: 'math', depends_on: [] })) });
const planned = (asked) => (asked.includes('Take this problem apart') ? plan : null);

// `open`: how many questions are under way when it is cancelled. `first(text, model)`: what a question is answered with, null where it
// waits; `before`: how many are answered before those. `kept`: a benchmark, which the history then tells to have been cancelled.
const tools = {
  generate: { args: { model: 'up/a', prompt: 'x' }, open: 1 },
  proxy_completion: { args: { model: 'up/a', messages }, open: 1 },
  chat_with_vision: { args: { model: 'up/a', prompt: 'x', images: [image] }, open: 1 },
  free_chat: { args: { message: 'x' }, open: 1 },
  compare_models: { args: { models: four, prompt: 'x' }, open: 3 },
  'benchmark_models, while the judge grades': {
    args: { models: ['up/a'], prompt: 'x', runs: 4, delay_seconds: 0, judge: 'up/judge' },
    first: (_, model) => (model === 'judge' ? null : 'ok'),
    before: 4,
    open: 3,
    kept: true,
  },
  compare_model_performance: { args: { ...measure, prompt: 'x' }, open: 3, kept: true },
  compare_model_categories: { args: { ...measure, categories: ['coding'] }, open: 3, kept: true },
  collective_chat_completion: { args: { prompt: 'x', models: four }, open: 3 },
  'collective_chat_completion, while the judge compares': {
    args: { prompt: 'x', models: ['up/a', 'up/b'], judge_model: 'up/judge' },
    first: (_, model) => (model === 'judge' ? null : `Answer: ${model}\nConfidence: 90`),
    before: 2,
    open: 1,
  },
  'ensemble_reasoning, while it plans': { args: { problem: 'x', models: four }, open: 1 },
  'ensemble_reasoning, while parts are solved': { args: { problem: 'x', models: four }, first: planned, before: 1, open: 3 },
  cross_model_validation: { args: { content: 'x', models: four }, open: 3 },
  'collaborative_problem_solving, while all propose': { args: { problem: 'x', strategy: 'parallel', models: four }, open: 3 },
  'collaborative_problem_solving, while others review': {
    args: { problem: 'x', strategy: 'iterative', models: four, lead_model: 'up/a' },
    first: (asked) => (asked.includes('Judge a solution') ? null : 'a draft'),
    before: 1,
    open: 3,
  },
  'collaborative_problem_solving, while parts are solved': { args: { problem: 'x', strategy: 'hierarchical', models: four }, first: planned, before: 1, open: 3 },
};

for (const [what, { args, open, first = () => null, before = 0, kept }] of Object.entries(tools))
  describe(what, () => {
    for (const connect of [older, newer])
      test(`${connect.name === 'older' ? 'sessions' : '2026'}: nothing goes on`, async (t) => {
        const provider = await startProvider((body) => first(question(body), body.model));
        t.after(provider.stop);
        const models = ['a', 'b', 'c', 'd', 'judge', ...(what === 'free_chat' ? ['a:free', 'b:free'] : [])];
        const gateway = await startServe({ server: { loop_guard: 0 }, mcp: { tools: { parallel: 3 } }, providers: provider.config('up', models) });
        t.after(() => gateway.stop());
        const client = await connect(gateway.url);
        t.after(() => client.close());
        const stop = new AbortController();
        const outcome = called(client, what.split(',')[0], args, { signal: stop.signal, onprogress: () => {} }).then(
          (result) => `answered: ${JSON.stringify(result)}`,
          (error) => (stop.signal.aborted ? 'cancelled' : `failed: ${error.message}`),
        );
        // What fails at once need not be waited for.
        await Promise.race([provider.asked.reach(before + open), outcome.then((o) => assert.fail(o))]);
        assert.equal(provider.open(), open);
        stop.abort();
        assert.equal(await outcome, 'cancelled');
        await provider.gone.reach(open);
        assert.equal(provider.open(), 0);
        if (kept) await eventually(async () => (await called(client, 'get_benchmark_history')).history[0].state === 'cancelled', 'the history knows');
        else await called(client, 'list_models');
        assert.equal(provider.asked.list.length, before + open, 'no other was asked');
      });
  });
