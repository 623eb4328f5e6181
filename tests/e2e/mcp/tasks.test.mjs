// Long tools as tasks, with the MCP project's own client for them: made, asked after, their results fetched, cancelled.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, keySeen, run, startServe, temporary } from '../harness.mjs';
import { called, newer } from './connect.mjs';
import { startProvider } from './provider.mjs';
import { overHttp, overStdio } from './tasking.mjs';

// Every question waits until release(), from then on none does. Ends with the test `t`.
const models = ['a', 'b', 'c', 'd'];
async function startHolding(t) {
  let release;
  const released = new Promise((done) => (release = done));
  const provider = await startProvider(() => released.then(() => 'Paris\nAnswer: Paris\nConfidence: 90'));
  const config = { server: { loop_guard: 0 }, mcp: { tools: { parallel: 3 } }, providers: provider.config('up', models) };
  t.after(provider.stop);
  return { ...provider, config, release };
}
const asked = models.map((m) => `up/${m}`);
const tools = {
  benchmark_models: {
    args: { models: asked, prompt: 'What is the capital of France?', runs: 1, delay_seconds: 0 },
    good: (r) => assert.deepEqual([r.state, r.saved, r.results.map((m) => m.succeeded)], ['done', true, [1, 1, 1, 1]]),
  },
  compare_models: {
    args: { models: asked, prompt: 'What is the capital of France?' },
    good: (r) => assert.equal(r.summary.succeeded, 4),
  },
  collective_chat_completion: {
    args: { models: asked, prompt: 'What is the capital of France?' },
    good: (r) => assert.deepEqual([r.short_answer, r.agreement_level, r.usage.calls], ['Paris', 'unanimous', 4]),
  },
};
const ways = {
  HTTP: async (t, config) => {
    const gateway = await startServe(structuredClone(config));
    const c = await overHttp(gateway.url);
    t.after(async () => (await c.close(), await gateway.stop()));
    return c;
  },
  stdio: async (t, config) => {
    const c = await overStdio({ ...config, server: { ...config.server, data_dir: temporary() } });
    t.after(c.close);
    return c;
  },
};
const fault = (promise, code) => assert.rejects(promise, (e) => (e.code ?? e.cause?.code) === code);

for (const [way, connect] of Object.entries(ways))
  describe(`tasks over ${way}`, () => {
    for (const [name, { args, good }] of Object.entries(tools)) {
      test(`${name} runs on as a task and gives its result when it is asked for`, async (t) => {
        const provider = await startHolding(t);
        const c = await connect(t, provider.config);
        const execution = await c.session.callTool(name, args);
        assert.equal(execution.kind, 'task');
        const { taskId } = execution.handle;
        await provider.asked.reach(3);
        const view = await c.session.task(taskId).snapshot();
        assert.deepEqual([view.status, view.suggestedPollIntervalMs], ['working', 500]);
        assert.ok(view.retentionMs > 0);
        provider.release();
        const states = [];
        const { outcome } = await execution.settle({ onEvent: (e) => void states.push(e.task?.status ?? e.outcome.status) });
        assert.equal(outcome.status, 'completed', JSON.stringify(outcome));
        good(outcome.result.structuredContent);
        assert.equal(states[0], 'working');
        assert.equal(states.at(-1), 'completed');
        // And once more: it is kept.
        assert.deepEqual((await c.session.task(taskId).result()).result.structuredContent, outcome.result.structuredContent);
        assert.equal(provider.asked.list.length, 4);
      });

      test(`${name} is cancelled, and its requests with it`, async (t) => {
        const provider = await startHolding(t);
        const c = await connect(t, provider.config);
        const execution = await c.session.callTool(name, args);
        await provider.asked.reach(3);
        await execution.cancel();
        await provider.gone.reach(3);
        assert.equal((await execution.settle()).outcome.status, 'cancelled');
        assert.equal((await c.session.task(execution.handle.taskId).snapshot()).status, 'cancelled');
        await c.session.cancelTask(execution.handle.taskId); // once more changes nothing
        if (name === 'benchmark_models') await eventually(async () => (await called(c.client, 'get_benchmark_history')).history[0].state === 'cancelled', 'the history knows');
        assert.deepEqual([provider.asked.list.length, provider.open()], [3, 0]); // the fourth model was never asked
      });
    }

    test('what is no task, what is refused, what is not there', async (t) => {
      const provider = await startHolding(t);
      const c = await connect(t, provider.config);
      const quick = await c.session.callTool('list_models', {});
      assert.equal(quick.kind, 'immediate');
      assert.equal((await quick.settle()).outcome.result.structuredContent.count, 4);
      const refused = await c.session.callTool('benchmark_models', { models: asked, runs: 0 });
      const { outcome } = await refused.settle();
      assert.deepEqual([outcome.status, outcome.result.isError], ['completed', true]);
      assert.match(outcome.result.content[0].text, /`runs` must be at least 1, got 0/);
      await fault(c.session.task('nobody').snapshot(), -32602);
      await fault(c.session.task('nobody').cancel(), -32602);
      assert.equal(provider.asked.list.length, 0);
    });
  });

test("a task goes on without its client, and is another one's to take up again, with the same key only", async (t) => {
  const provider = await startHolding(t);
  const gateway = await startServe(provider.config);
  t.after(() => gateway.stop());
  const key = {};
  for (const name of ['ann', 'bob']) {
    const made = await run(['keys', 'create', name, '--config', gateway.config]);
    assert.equal(made.code, 0, made.stderr);
    key[name] = made.stdout.trim();
    await keySeen(gateway, key[name]);
  }
  const first = await overHttp(gateway.url, { key: key.ann });
  const execution = await first.session.callTool('benchmark_models', tools.benchmark_models.args);
  await provider.asked.reach(3);
  let reference;
  await execution.handoff((r) => void (reference = r));
  await first.close();
  const bob = await overHttp(gateway.url, { key: key.bob });
  await fault(bob.session.task(reference.taskId).snapshot(), -32602);
  await fault(bob.session.task(reference.taskId).cancel(), -32602);
  await bob.close();
  const second = await overHttp(gateway.url, { key: key.ann });
  const again = await second.session.resumeTask(reference);
  assert.equal((await second.session.task(reference.taskId).snapshot()).status, 'working');
  provider.release();
  const { outcome } = await again.settle();
  tools.benchmark_models.good(outcome.result.structuredContent);
  await second.close();
  assert.deepEqual([provider.asked.list.length, provider.gone.list.length], [4, 0]);
  // Its figures are kept like those of any other call.
  const plain = await newer(gateway.url, { key: key.ann });
  assert.deepEqual((await called(plain, 'get_benchmark_history')).history.map((h) => h.id), [outcome.result.structuredContent.id]);
  await plain.close();
});
