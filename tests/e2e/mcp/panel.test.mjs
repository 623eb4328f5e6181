// Tools that put one matter to several models, as official clients call them; the models are the simulator's, with answers from a
// script, and small upstreams where the order of things matters.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Happenings, keySeen, providers, run, startServe, startUpstream, temporary } from '../harness.mjs';
import { answerWith, called, calls, models, newer, older, overStdio, refused, review, startScripted } from './panel.mjs';

let sim, gateway, c, configuration;
before(async () => {
  sim = await startScripted();
  const both = providers(sim.url);
  configuration = {
    retries: { attempts: 0 },
    prices: { 'oai/paris-a': { input: 1, output: 10 } },
    providers: { oai: { ...both.oai, models }, ant: { ...both.ant, models } },
  };
  gateway = await startServe({ ...configuration, server: { loop_guard: 0 } });
  c = await older(gateway.url);
});
after(async () => {
  await c.close();
  await gateway.stop();
  await sim.stop();
});

const ways = {
  'sessions over HTTP': () => older(gateway.url),
  '2026 over HTTP': () => newer(gateway.url),
  'sessions over stdio': () => overStdio({ ...configuration, server: { data_dir: temporary() } }),
};
for (const [way, connect] of Object.entries(ways))
  describe(way, () => {
    let client;
    before(async () => (client = await connect()));
    after(() => client.close());

    test('the tools are offered with schemas and hints', async () => {
      const { tools } = await client.listTools();
      for (const name of ['collective_chat_completion', 'ensemble_reasoning', 'adaptive_model_selection', 'cross_model_validation', 'collaborative_problem_solving']) {
        const tool = tools.find((t) => t.name === name);
        assert.ok(tool?.title && tool.description && tool.outputSchema, name);
        assert.deepEqual([tool.annotations.readOnlyHint, tool.annotations.destructiveHint], [true, false]);
      }
    });

    test('a majority of models of two formats', async () => {
      const progress = [];
      const a = await called(client, 'collective_chat_completion', { prompt: 'What is the capital of France?', models: ['oai/paris-a', 'ant/paris-b', 'oai/london'] }, { onprogress: (p) => progress.push(p) });
      assert.equal(a.consensus_response, 'The capital is Paris.');
      assert.deepEqual([a.short_answer, a.agreement_level, a.consensus_reached, a.tie], ['Paris', 'moderate', true, false]);
      assert.deepEqual(a.groups, [['oai/paris-a', 'ant/paris-b'], ['oai/london']]);
      assert.ok(a.confidence_score > 0.55 && a.confidence_score <= 0.67, `${a.confidence_score}`);
      assert.deepEqual(a.individual_responses.map((r) => [r.model, r.short_answer, r.stated_confidence, r.group]), [['oai/paris-a', 'Paris', 0.9, 0], ['ant/paris-b', 'Paris, France', 0.8, 0], ['oai/london', 'London', 0.4, 1]]);
      assert.deepEqual(a.individual_responses.map((r) => r.compared_by), ['itself', 'words', 'words']);
      assert.deepEqual([a.usage.calls, a.usage.failed_calls, a.quality_metrics.answered], [3, 0, 3]);
      assert.ok(Math.abs(a.individual_responses[0].cost - (100 * 1 + 50 * 10) / 1e6) < 1e-12);
      assert.equal(a.usage.complete, false, 'not all have a price');
      assert.match(a.text, /^The capital is Paris\.\n\n\[agreement moderate, confidence 0\.\d+: 2 of 3 answers agree/);
      if (!way.includes('stdio')) {
        assert.equal(progress.length, 3);
        assert.deepEqual(progress.map((p) => [p.progress, p.total]), [[1, 3], [2, 3], [3, 3]]);
        assert.ok(progress.some((p) => /^oai\/london answered in \d+ ms: I think it is London/.test(p.message)), JSON.stringify(progress));
      }
    });
  });

describe('collective_chat_completion', () => {
  const ask = (args, options) => called(c, 'collective_chat_completion', { prompt: 'What is the capital of France?', ...args }, options);

  test('each strategy', async () => {
    const models = ['oai/paris-a', 'oai/paris-b', 'oai/london'];
    const sure = await ask({ models, strategy: 'confidence_threshold', confidence_threshold: 0.85 });
    assert.match(sure.explanation, /^1 of 3 answers name a confidence of 0.85 or more/);
    const nobody = await ask({ models, strategy: 'confidence_threshold', confidence_threshold: 0.95 });
    assert.equal(nobody.consensus_reached, false);
    const expert = await ask({ models, strategy: 'expert_selection', model_weights: { 'oai/london': 5 } });
    assert.deepEqual([expert.short_answer, expert.agreement_level], ['London', 'moderate']);
    const middle = await ask({ models, strategy: 'semantic_similarity' });
    assert.match(middle.short_answer, /^Paris/);
    const weighed = await ask({ models, strategy: 'weighted_average', model_weights: { 'oai/london': 100 } });
    assert.equal(weighed.short_answer, 'London');
    const mean = await ask({ models: ['oai/ten', 'ant/fourteen'], strategy: 'weighted_average', model_weights: { 'oai/ten': 3, 'ant/fourteen': 1 } });
    assert.equal(mean.consensus_response, '11');
    assert.equal(mean.agreement_level, 'none');
    assert.match(mean.explanation, /weighted mean/);
  });

  test('one model that fails does not fail the whole while enough have answered', async () => {
    const a = await ask({ models: ['oai/paris-a', 'oai/fails', 'oai/mute', 'ant/paris-b'], min_models: 2 });
    assert.equal(a.agreement_level, 'unanimous');
    assert.deepEqual(a.participating_models, ['oai/paris-a', 'ant/paris-b']);
    assert.deepEqual(a.failures.map((f) => f.model), ['oai/fails', 'oai/mute']);
    assert.match(a.failures[0].error, /out of order/);
    assert.match(a.failures[1].error, /empty/);
    assert.deepEqual([a.usage.calls, a.usage.failed_calls], [4, 1]);
    const few = await refused(c, 'collective_chat_completion', { prompt: 'x', models: ['oai/paris-a', 'oai/fails', 'ant/fails'] });
    assert.match(few.text, /^1 of 3 models answered, and 3 are needed \(`min_models`\)\.\noai\/fails: .*out of order/);
    assert.equal(few.individual_responses[0].model, 'oai/paris-a');
  });

  test('a judge sees what words do not show, and one who cannot judge is told', async () => {
    const models = ['oai/plain-a', 'oai/plain-b', 'oai/london'];
    const words = await ask({ models });
    assert.equal(words.agreement_level, 'none');
    const judged = await ask({ models, judge_model: 'ant/judge' });
    assert.deepEqual([judged.agreement_level, judged.quality_metrics.judged_by], ['moderate', 'ant/judge']);
    assert.deepEqual(judged.groups[0], ['oai/plain-a', 'oai/plain-b']);
    assert.equal(judged.individual_responses[1].compared_by, 'judge');
    const not = await ask({ models, judge_model: 'ant/no-judge' });
    assert.match(not.quality_metrics.judge_error, /no valid JSON after it was asked again.*no JSON object/);
    assert.match(not.explanation, /from the words alone/);
    assert.equal(not.usage.calls, 5, 'asked once more and not again');
  });

  test('vectors of a provider tell how alike meanings are', async () => {
    const models = ['oai/plain-a', 'ant/plain-b'];
    const a = await ask({ models, embedding_model: 'oai/vectors', similarity_threshold: 0 });
    assert.deepEqual([a.quality_metrics.embedded_by, a.quality_metrics.embedding_error, a.usage.calls], ['oai/vectors', undefined, 3]);
    assert.deepEqual(a.individual_responses.map((r) => r.compared_by), ['itself', 'embedding']);
    assert.deepEqual(a.groups, [models]);
    const not = await ask({ models, embedding_model: 'oai/sim-error-500' });
    assert.match(not.quality_metrics.embedding_error, /500|error/i);
    assert.deepEqual(not.individual_responses.map((r) => r.compared_by), ['itself', 'words']);
  });

  test('the prompt goes out as it is where no short answers are wanted', async () => {
    const upstream = await startUpstream((request, response) => answerWith(response, request.method === 'POST' ? 'same' : null));
    const one = await startServe({ providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: upstream.url, api_key: 'k', models: ['a', 'b'] } } });
    const client = await older(one.url);
    await called(client, 'collective_chat_completion', { prompt: 'hello', models: ['up/a', 'up/b'], short_answers: false, temperature: 0.5, max_tokens: 9 });
    const bodies = () => upstream.requests.filter((r) => r.method === 'POST').map((r) => JSON.parse(r.body));
    assert.deepEqual(bodies()[0].messages, [{ role: 'user', content: 'hello' }]);
    assert.deepEqual([bodies()[0].temperature, bodies()[0].max_tokens], [0.5, 9]);
    await called(client, 'collective_chat_completion', { prompt: 'hello', models: ['up/a', 'up/b'], system_prompt: 'be kind' });
    assert.match(bodies()[2].messages[0].content, /^End your reply with two lines[^]*\n\nbe kind$/);
    await client.close();
    await one.stop();
    await upstream.stop();
  });

  test('limits of the call', async () => {
    const models = ['oai/paris-a', 'oai/paris-b', 'oai/london'];
    const a = await ask({ models, min_models: 2, limits: { calls: 2 } });
    assert.equal(a.failures.length, 1);
    assert.match(a.failures[0].error, /used up/);
    const few = await refused(c, 'collective_chat_completion', { prompt: 'x', models, limits: { calls: 1 } });
    assert.match(few.text, /^1 of 3 models answered/);
  });

  test('what is wrong with the arguments is told by their path', async () => {
    const text = async (args) => (await refused(c, 'collective_chat_completion', { prompt: 'x', ...args })).text;
    assert.match(await text({ models: ['oai/paris-a'] }), /`models` names 1 model, and 2 are needed/);
    assert.match(await text({ models: ['oai/paris-a', 'oai/london'], max_models: 1 }), /`models` names 2 models, and `max_models` allows 1/);
    assert.match(await text({ min_models: 5, max_models: 2 }), /`min_models` must be at most `max_models`, got 5 and 2/);
    assert.match(await text({ models: ['oai/paris-a', 'nobody/x'] }), /`models\[1\]`: no model `nobody\/x` is known/);
    assert.match(await text({ models: ['oai/paris-a', 'oai/london'], exclude_models: ['oai/london'] }), /models\[1\] is excluded/);
    assert.match(await text({ strategy: 'dice' }), /`strategy`/);
    assert.match(await text({ confidence_threshold: 2 }), /`confidence_threshold` must be at most 1/);
    assert.match(await text({ modles: [] }), /modles/);
  });

  test('where none are named, different providers come first, and a key is asked for its own only', async () => {
    const own = await startServe({ ...configuration, server: { loop_guard: 0 } });
    const made = await run(['keys', 'create', 'ann', '--models', 'paris-a,paris-b', '--config', own.config]);
    assert.equal(made.code, 0, made.stderr);
    const key = made.stdout.trim();
    await keySeen(own, key);
    const client = await older(own.url, key);
    const a = await called(client, 'collective_chat_completion', { prompt: 'capital?', max_models: 2 });
    assert.deepEqual(a.participating_models.map((m) => m.split('/')[0]).sort(), ['ant', 'oai']);
    assert.ok(a.participating_models.every((m) => /paris-/.test(m)), JSON.stringify(a.participating_models));
    assert.notEqual(a.participating_models[0].split('/')[1], a.participating_models[1].split('/')[1], 'not the same model twice');
    const other = await refused(client, 'collective_chat_completion', { prompt: 'x', models: ['oai/paris-a', 'oai/london'] });
    assert.match(other.text, /`models\[1\]`: no model/);
    await client.close();
    await own.stop();
  });
});

describe('what happens while models are asked', () => {
  // Answers only once `n` requests are there: who asks one after the other waits for ever.
  const together = async (n) => {
    const waiting = [];
    const closed = new Happenings(), arrived = new Happenings();
    const upstream = await startUpstream((request, response) => {
      if (request.method !== 'POST') return answerWith(response, null);
      request.socket.on('close', () => closed.add(request));
      waiting.push(response);
      arrived.add(request);
      if (waiting.length < n) return;
      for (const r of waiting.splice(0)) answerWith(r, 'Answer: 4\nConfidence: 90');
    });
    const served = await startServe({ server: { loop_guard: 0 }, providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: upstream.url, api_key: 'k', models: ['a', 'b', 'c'] } } });
    const client = await older(served.url);
    return { upstream, client, closed, arrived, stop: async () => (await client.close(), await served.stop(), await upstream.stop()) };
  };

  test('all are asked at the same time', async () => {
    const t = await together(3);
    const a = await called(t.client, 'collective_chat_completion', { prompt: '2+2', models: ['up/a', 'up/b', 'up/c'] });
    assert.equal(a.agreement_level, 'unanimous');
    await t.stop();
  });

  test('a call that is cancelled ends every question', async () => {
    const t = await together(99);
    const going = new AbortController();
    const call = calls(t.client, 'collective_chat_completion', { prompt: '2+2', models: ['up/a', 'up/b', 'up/c'] }, { signal: going.signal });
    call.catch(() => {});
    await t.arrived.reach(3);
    going.abort();
    await assert.rejects(call);
    await t.closed.reach(3);
    await t.stop();
  });

  test('who takes too long counts as failed', async () => {
    const t = await together(99);
    const few = await refused(t.client, 'collective_chat_completion', { prompt: '2+2', models: ['up/a', 'up/b'], timeout_seconds: 1 });
    assert.match(few.text, /^0 of 2 models answered[^]*up\/a: .*1000 ms/);
    await t.stop();
  });

  test('a model that knows no response_format is asked without it', async () => {
    const upstream = await startUpstream((request, response) => {
      if (request.method !== 'POST') return answerWith(response, null);
      const body = JSON.parse(request.body);
      if (body.response_format) return response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"response_format is not supported","type":"invalid_request_error"}}');
      answerWith(response, review(0.8, 0.8));
    });
    const served = await startServe({ providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: upstream.url, api_key: 'k', models: ['a'] } } });
    const client = await older(served.url);
    const v = await called(client, 'cross_model_validation', { content: 'x', validation_criteria: ['accuracy', 'clarity'], models: ['up/a'] });
    assert.deepEqual([v.validation_result, v.usage.calls, v.failures.length], ['VALID', 2, 0]);
    await client.close();
    await served.stop();
    await upstream.stop();
  });
});

describe('ensemble_reasoning', () => {
  const ask = (args, options) => called(c, 'ensemble_reasoning', { problem: 'Add the numbers, say it nicely, and write a function', ...args }, options);

  test('a problem is taken apart, solved along its dependencies and put together', async () => {
    const progress = [];
    const a = await ask({ models: ['oai/worker', 'ant/worker'], planner_model: 'oai/planner', synthesis_model: 'ant/planner', judge_model: 'oai/judge' }, { onprogress: (p) => progress.push(p) });
    assert.equal(a.final_result, 'The whole answer.');
    assert.deepEqual([a.strategy_used, a.planner, a.synthesiser, a.success_rate], ['decomposed', 'oai/planner', 'ant/planner', 1]);
    assert.deepEqual(a.subtask_results.map((s) => [s.id, s.kind, s.depends_on, s.status, s.result]), [
      ['sum', 'math', [], 'solved', 'a part is solved'],
      ['say', 'creative', ['sum'], 'solved', 'a part is solved'],
      ['code', 'code_generation', [], 'solved', 'a part is solved'],
    ]);
    assert.equal(new Set(Object.values(a.model_assignments)).size, 2, 'nearly equal models share the work');
    assert.deepEqual([a.reasoning_quality.solved, a.reasoning_quality.score, a.reasoning_quality.problems], [3, 0.75, ['too short']]);
    assert.equal(a.usage.calls, 6);
    assert.match(a.text, /^The whole answer\.\n\n\[3 of 3 subtasks solved/);
    assert.equal(progress.at(-1).progress, 6);
    for (let i = 1; i < progress.length; ++i) assert.ok(progress[i].progress > progress[i - 1].progress && progress[i].total >= progress[i].progress);
  });

  test('a plan that goes in circles is asked for again', async () => {
    const a = await ask({ models: ['oai/worker'], planner_model: 'oai/circles', synthesis_model: 'oai/circles' });
    assert.deepEqual(a.subtask_results.map((s) => s.id), ['one']);
    assert.equal(a.usage.calls, 4);
  });

  test('without a plan the problem is solved as one, and that is told', async () => {
    const a = await ask({ models: ['oai/worker'], planner_model: 'oai/hopeless' });
    assert.deepEqual([a.final_result, a.strategy_used], ['the whole at once', 'single']);
    assert.match(a.planning_error, /no valid JSON after it was asked again/);
    const plain = await ask({ models: ['oai/worker'], decompose: false });
    assert.deepEqual([plain.final_result, plain.usage.calls, plain.planning_error, plain.reasoning_quality.score], ['the whole at once', 1, undefined, undefined]);
  });

  test('a part is given to the next best where a model fails', async () => {
    const a = await ask({ models: ['oai/steady', 'oai/breaks'], planner_model: 'oai/planner', synthesis_model: 'oai/planner' });
    assert.equal(a.success_rate, 1);
    assert.ok(a.subtask_results.some((s) => s.attempts === 2), 'the failing one had its turn');
    assert.ok(a.subtask_results.every((s) => s.model === 'oai/steady'));
    const none = await refused(c, 'ensemble_reasoning', { problem: 'x', models: ['oai/fails'], planner_model: 'oai/planner' });
    assert.match(none.text, /^no model solved any part of the problem\noai\/fails: .*out of order/);
    assert.deepEqual(none.subtask_results.map((s) => s.status), ['failed', 'skipped', 'failed']);
  });
});

describe('cross_model_validation', () => {
  const criteria = ['accuracy', 'clarity'];
  const check = (args) => called(c, 'cross_model_validation', { content: 'The battle of Hastings was in 1067.', validation_criteria: criteria, ...args });

  test('reviews become one judgement, and the same issue is told once', async () => {
    const v = await check({ models: ['oai/fenced', 'ant/good'] });
    assert.deepEqual([v.validation_result, v.threshold, v.strategy_used], ['VALID', 0.7, 'peer_review']);
    assert.ok(Math.abs(v.validation_score - 0.8) < 1e-9);
    assert.ok(Math.abs(v.criteria_scores.accuracy - 0.85) < 1e-9);
    assert.deepEqual(v.issues.map((i) => [i.severity, i.found_by, i.confidence]), [['high', ['oai/fenced', 'ant/good'], 0.75], ['info', ['ant/good'], 0.5]]);
    assert.deepEqual(v.recommendations.length, 2);
    assert.deepEqual(v.model_validations.map((m) => [m.model, m.provider, m.issues]), [['oai/fenced', 'oai', 1], ['ant/good', 'ant', 2]]);
    assert.equal((await check({ models: ['oai/fenced', 'ant/good'], threshold: 0.9 })).validation_result, 'INVALID');
  });

  test('who answers with something else is asked again once, then told; no score is made up', async () => {
    const v = await check({ models: ['oai/late', 'oai/hopeless', 'ant/too-high', 'ant/good'] });
    assert.deepEqual(v.model_validations.map((m) => m.model), ['oai/late', 'ant/good']);
    assert.ok(Math.abs(v.validation_score - 0.9) < 1e-9);
    assert.deepEqual(v.failures.map((f) => f.model), ['oai/hopeless', 'ant/too-high']);
    assert.match(v.failures[0].error, /no JSON object in it; it began: It is a fine text/);
    assert.match(v.failures[1].error, /must be at most 1, got 9/);
    assert.equal(v.usage.calls, 7);
    const few = await refused(c, 'cross_model_validation', { content: 'x', validation_criteria: criteria, models: ['oai/hopeless', 'ant/good'] });
    assert.match(few.text, /^1 of 2 models gave a review that can be read, and 2 are needed/);
  });

  test('a critical issue makes it invalid, unless the others see that it is none', async () => {
    const two = await check({ models: ['oai/alarmed', 'oai/calm-a'] });
    assert.equal(two.validation_result, 'INVALID');
    assert.match(two.explanation, /a critical issue stands/);
    const tried = await check({ models: ['oai/alarmed', 'oai/calm-a', 'ant/calm-b'], strategy: 'adversarial' });
    assert.equal(tried.validation_result, 'VALID');
    assert.deepEqual(tried.rejected_issues.map((i) => [i.description, i.confirmed, i.disputed]), [['It deletes all files', 0, 2]]);
    assert.equal(tried.usage.calls, 6);
    const agreed = await check({ models: ['oai/fenced', 'ant/good'], strategy: 'consensus_check' });
    assert.deepEqual([agreed.issues.length, agreed.rejected_issues[0].rejected_because], [1, 'only one reviewer found it']);
  });
});

describe('collaborative_problem_solving', () => {
  const ask = (args, options) => called(c, 'collaborative_problem_solving', { problem: 'Write a slogan', ...args }, options);

  test('a draft is reviewed and revised until it is good enough', async () => {
    const s = await ask({ strategy: 'iterative', models: ['oai/author', 'ant/critic'], lead_model: 'oai/author', requirements: { length: 'short' }, constraints: { words: 3 } });
    assert.equal(s.final_solution, 'second draft');
    assert.deepEqual(s.solution_path.map((p) => [p.iteration, p.kind, p.model]), [[1, 'draft', 'oai/author'], [1, 'review', 'ant/critic'], [2, 'revision', 'oai/author'], [2, 'review', 'ant/critic']]);
    assert.deepEqual(s.alternative_solutions, [{ model: 'oai/author', kind: 'draft', solution: 'first draft', score: 0.4 }]);
    assert.deepEqual([s.quality_assessment.score, s.quality_assessment.target_reached, s.quality_assessment.by_its_author], [0.95, true, false]);
    assert.deepEqual(s.quality_assessment.requirements.map((r) => [r.requirement, r.met]), [['length: short', true], ['words: 3', true]]);
    assert.match(s.stopped_because, /0\.95 is good enough/);
    assert.match(s.session_id, /^collab_/);
    assert.deepEqual(s.component_contributions['ant/critic'], { steps: 2, failed: 0, kinds: ['review'] });
    assert.equal(s.iterations, 2);
  });

  test('iterations are bounded, and a worse revision is not told', async () => {
    const one = await ask({ strategy: 'iterative', models: ['oai/author', 'ant/harsh'], lead_model: 'oai/author', max_iterations: 1 });
    assert.deepEqual([one.final_solution, one.iterations], ['first draft', 1]);
    assert.match(one.stopped_because, /all 1 iterations are used up/);
    const worse = await ask({ strategy: 'iterative', models: ['oai/author', 'ant/harsh'], lead_model: 'oai/author', max_iterations: 5 });
    assert.deepEqual([worse.final_solution, worse.iterations], ['first draft', 2]);
    assert.match(worse.stopped_because, /the last revision was worse/);
    assert.equal(worse.alternative_solutions[0].solution, 'second draft');
  });

  test('the other ways', async () => {
    const parallel = await ask({ strategy: 'parallel', models: ['oai/author', 'ant/critic', 'oai/fails'], lead_model: 'oai/author' });
    assert.equal(parallel.final_solution, 'the best of all proposals');
    assert.deepEqual(parallel.alternative_solutions.map((x) => x.solution).sort(), ['first draft', "the critic's proposal"]);
    assert.deepEqual(parallel.failures.map((f) => f.model), ['oai/fails', 'oai/fails']);
    const sequential = await ask({ strategy: 'sequential', models: ['oai/author', 'ant/critic'] });
    assert.deepEqual(sequential.solution_path.slice(0, 2).map((p) => p.kind), ['draft', 'improvement']);
    assert.equal(sequential.final_solution, 'bettered by the critic');
    const parts = await ask({ strategy: 'hierarchical', models: ['oai/worker', 'ant/critic'], lead_model: 'oai/planner' });
    assert.equal(parts.final_solution, 'The whole answer.');
    assert.ok(parts.components_used.includes('plan') && parts.components_used.includes('part') && parts.components_used.includes('merge'));
    const adaptive = await ask({ models: ['oai/author', 'ant/critic'], lead_model: 'oai/author' });
    assert.match(adaptive.strategy_reason, /^the problem looks (easy|medium|hard)/);
    assert.notEqual(adaptive.strategy_used, 'adaptive');
  });

  test('who cannot review gives no score', async () => {
    const s = await ask({ strategy: 'iterative', models: ['oai/author', 'ant/hopeless'], lead_model: 'oai/author' });
    assert.equal(s.final_solution, 'first draft');
    assert.equal('score' in s.quality_assessment, false);
    assert.match(s.stopped_because, /nobody gave a review that can be read/);
    assert.match(s.text, /not scored/);
    const none = await refused(c, 'collaborative_problem_solving', { problem: 'x', models: ['oai/fails'] });
    assert.match(none.text, /^no model gave a solution\noai\/fails: /);
  });
});
