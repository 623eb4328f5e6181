// Comparisons and benchmarks of models, as official clients call them.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { LoggingMessageNotificationSchema, ResourceListChangedNotificationSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client as NewClient, StreamableHTTPClientTransport as NewHttp } from '@modelcontextprotocol/client';
import { Happenings, eventually, startServe, startUpstream } from '../harness.mjs';
import { connect, good, quick, refused, startBench } from './benchmark.mjs';

let judge, gateway, config, c, bench;
before(async () => {
  bench = await startBench();
  ({ judge, gateway, config, client: c } = bench);
});
after(() => bench.stop());

describe('compare_models', () => {
  test('several models answer one question, each with its figures, and the client hears of each', async () => {
    const progress = [];
    const got = await good(c, 'compare_models', { models: ['oai/echo', { model: 'sim-text', provider: 'oai' }, 'oai/sim-error-400'], prompt: 'Say hello' }, { onprogress: (p) => progress.push(p) });
    assert.deepEqual(got.results.map((r) => [r.asked_model, r.success]), [['oai/echo', true], ['oai/sim-text', true], ['oai/sim-error-400', false]]);
    assert.equal(got.results[0].response, 'Say hello');
    assert.equal(got.results[0].provider, 'oai');
    assert.ok(got.results[0].cost > 0 && got.results[0].latency_ms > 0 && got.results[0].usage.total_tokens > 0);
    assert.equal(got.results[2].error_type, 'invalid_request');
    assert.equal(got.summary.succeeded, 2);
    assert.equal(got.summary.cheapest, 'oai/echo');
    assert.ok(['oai/echo', 'oai/sim-text'].includes(got.summary.fastest));
    assert.deepEqual(progress.map((p) => [p.progress, p.total]), [[1, 3], [2, 3], [3, 3]]);
  });

  test('they are asked at the same time', async () => {
    const waiting = new Happenings();
    const answers = [];
    const upstream = await startUpstream((request, response) => {
      answers.push(response);
      waiting.add(request);
    });
    const other = await startServe({ providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: upstream.url, api_key: 'k' } }, mcp: { tools: { parallel: 2 } } });
    const client = await connect(other.url);
    const result = good(client, 'compare_models', { models: ['up/a', 'up/b', 'up/c'], prompt: 'x' });
    await waiting.reach(2); // before either is answered
    assert.equal(waiting.list.length, 2); // and no more than mcp.tools.parallel
    const answer = (response, model) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: '1', object: 'chat.completion', model, choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'ok' } }] }));
    };
    answer(answers[0], 'a');
    await waiting.reach(3);
    for (const left of answers.slice(1)) answer(left, 'b');
    assert.equal((await result).summary.succeeded, 3);
    await client.close();
    await other.stop();
    await upstream.stop();
  });

  test('what is wrong is told precisely', async () => {
    assert.match(await refused(c, 'compare_models', { models: ['oai/echo', { model: 'echo', provider: 'oai' }], prompt: 'x' }), /models\[1\] is the same as models\[0\]/);
    assert.match(await refused(c, 'compare_models', { models: [], prompt: 'x' }), /models/);
    assert.match(await refused(c, 'compare_models', { models: ['oai/echo'], prompt: 'x', temperature: 3 }), /temperature/);
    const none = await c.callTool({ name: 'compare_models', arguments: { models: ['oai/sim-error-400'], prompt: 'x' } });
    assert.equal(none.isError, true);
    assert.equal(none.structuredContent.summary.succeeded, 0);
  });
});

describe('benchmark_models', () => {
  let first;
  test('measures every model, ranks them with intervals, and keeps the figures without texts', async () => {
    const progress = [];
    first = await good(c, 'benchmark_models', { models: ['oai/echo', 'oai/sim-text', 'oai/sim-error-400'], prompt: 'a secret question about photosynthesis', runs: 3, ...quick }, { onprogress: (p) => progress.push(p.progress) });
    assert.equal(first.state, 'done');
    assert.equal(first.saved, true);
    const [echo, text, error] = ['oai/echo', 'oai/sim-text', 'oai/sim-error-400'].map((m) => first.results.find((r) => r.model === m));
    assert.equal(echo.runs, 3);
    assert.equal(echo.succeeded, 3);
    assert.equal(echo.success_rate.value, 1);
    assert.ok(echo.success_rate.interval.low > 0.4 && echo.success_rate.interval.high === 1);
    for (const figure of ['response_ms', 'first_token_ms', 'input_tokens', 'output_tokens', 'tokens_per_second', 'cost', 'quality']) {
      const f = echo[figure];
      assert.ok(f.n === 3 && f.min <= f.avg && f.avg <= f.max && f.p50 <= f.p95 && f.interval.low <= f.avg, `${figure}: ${JSON.stringify(f)}`);
    }
    assert.equal(echo.quality_by, 'heuristic');
    assert.equal(echo.quality.avg, 1); // it repeats the question
    assert.ok(text.quality.avg < echo.quality.avg);
    assert.deepEqual(error.errors, { invalid_request: 1 });
    assert.ok(first.notes.some((n) => /sim-error-400 was not asked again/.test(n)));
    assert.ok(first.notes.some((n) => /plain rules/.test(n)));
    assert.deepEqual(first.rankings.map((r) => r.metric), ['overall', 'speed', 'cost', 'quality', 'throughput', 'reliability']);
    const cost = first.rankings.find((r) => r.metric === 'cost');
    assert.deepEqual(cost.models.map((m) => m.model), ['oai/echo', 'oai/sim-text']);
    assert.deepEqual(cost.unranked, ['oai/sim-error-400']);
    assert.equal(first.rankings.find((r) => r.metric === 'reliability').models.at(-1).model, 'oai/sim-error-400');
    assert.deepEqual(progress, [...progress].sort((a, b) => a - b));
    assert.equal(progress.length, 7);
    const kept = readFileSync(join(config.server.data_dir, 'patchbay.db'), 'latin1') + (existsSync(join(config.server.data_dir, 'patchbay.db-wal')) ? readFileSync(join(config.server.data_dir, 'patchbay.db-wal'), 'latin1') : '');
    assert.ok(kept.includes(first.id));
    assert.ok(!kept.includes('photosynthesis'), 'neither questions nor answers are kept');
  });

  test('one run each has no intervals, and says so', async () => {
    const one = await good(c, 'benchmark_models', { models: ['oai/echo'], prompt: 'x', runs: 1, save_results: false, ...quick });
    assert.equal(one.results[0].response_ms.interval, undefined);
    assert.equal(one.results[0].response_ms.std, undefined);
    assert.equal(one.saved, false);
    assert.ok(one.notes.some((n) => /One run each/.test(n)));
    const { history } = await good(c, 'get_benchmark_history');
    assert.ok(!history.some((h) => h.id === one.id));
  });

  test('a run that takes too long ends, as a timeout', async () => {
    const late = await good(c, 'benchmark_models', { models: ['oai/echo', 'oai/sim-text+hang'], prompt: 'x', runs: 1, timeout_seconds: 0.5, save_results: false, ...quick });
    assert.deepEqual(late.results.find((r) => r.model === 'oai/sim-text+hang').errors, { timeout: 1 });
    assert.equal(late.results.find((r) => r.model === 'oai/echo').succeeded, 1);
  });

  test('a judge grades without knowing whose the answers are', async () => {
    const before = judge.requests.length;
    const judged = await good(c, 'benchmark_models', { models: ['oai/echo', 'oai/sim-text'], prompt: 'Only these words', runs: 4, judge: 'jury/judge', include_texts: true, ...quick });
    assert.deepEqual({ graded: judged.judge.graded, failed: judged.judge.failed }, { graded: 4, failed: 0 });
    const quality = Object.fromEntries(judged.results.map((r) => [r.model, r.quality.avg]));
    assert.ok(Math.abs(quality['oai/echo'] - 0.9) < 1e-9 && Math.abs(quality['oai/sim-text'] - 0.2) < 1e-9, JSON.stringify(quality));
    assert.ok(judged.results.every((r) => r.quality_by === 'judge'));
    assert.ok(judged.notes.some((n) => /judge model/.test(n)));
    const asked = judge.requests.slice(before).filter((r) => r.method === 'POST').map((r) => JSON.parse(r.body));
    assert.equal(asked.length, 4);
    for (const body of asked) {
      assert.ok(!JSON.stringify(body.messages).includes('sim-text') && !JSON.stringify(body.messages).includes('oai/'), 'no names');
      assert.equal(body.response_format.type, 'json_schema');
      assert.deepEqual(body.response_format.json_schema.schema.properties.grades.items.properties.label.enum, ['A', 'B']);
    }
    assert.equal(judged.runs.length, 8);
    assert.equal(judged.runs.find((r) => r.model === 'oai/echo').response, 'Only these words');
    assert.equal(judged.config.prompts[0].text, 'Only these words');
    const { report } = await good(c, 'get_benchmark_history', { id: judged.id });
    assert.equal(report.runs.find((r) => r.model === 'oai/echo').response, 'Only these words');
    assert.equal(report.runs[0].quality_by, 'judge');
  });

  test('a judge that talks nonsense leaves the plain rules, and that is told', async () => {
    const judged = await good(c, 'benchmark_models', { models: ['oai/echo'], prompt: 'x', runs: 1, judge: 'oai/echo', save_results: false, ...quick });
    assert.equal(judged.judge.failed, 1);
    assert.equal(judged.results[0].quality_by, 'heuristic');
    assert.ok(judged.notes.some((n) => /The judge failed on 1 of 1/.test(n)));
    assert.ok(judged.notes.some((n) => /graded its own answers/.test(n)));
  });

  test('more than the configuration grants is refused before anything is asked', async () => {
    const text = await refused(c, 'benchmark_models', { models: ['oai/echo', 'oai/sim-text'], prompts: ['a', 'b'], runs: 20 });
    assert.match(text, /2 models, 2 prompts, 20 runs take 80 requests.*mcp\.tools\.calls.*60/);
    assert.match(await refused(c, 'benchmark_models', { models: ['oai/echo'], categories: ['cooking'] }), /`cooking`.*coding/);
    assert.match(await refused(c, 'benchmark_models', { models: ['oai/echo'], runs: 0 }), /runs/);
  });

  test('what one call may take together ends a benchmark early, with what was measured', async () => {
    const other = await startServe({ ...config, server: {}, mcp: { tools: { tokens: 5, parallel: 1 } } });
    const client = await connect(other.url);
    const got = await good(client, 'benchmark_models', { models: ['oai/sim-text', 'oai/echo'], prompt: 'x', runs: 3, ...quick });
    assert.equal(got.state, 'limited');
    assert.ok(got.notes.some((n) => /mcp\.tools\.tokens/.test(n)));
    assert.deepEqual(got.results.map((r) => r.runs), [1]);
    await client.close();
    await other.stop();
  });

  test('the resource tells it, subscribers hear when it is finished, ids are completed', async () => {
    const log = new Happenings(), updated = new Happenings(), lists = new Happenings();
    const client = await connect(gateway.url, {
      set: (s) => {
        s.setNotificationHandler(LoggingMessageNotificationSchema, (n) => log.add(n.params));
        s.setNotificationHandler(ResourceUpdatedNotificationSchema, (n) => updated.add(n.params.uri));
        s.setNotificationHandler(ResourceListChangedNotificationSchema, (n) => lists.add(n));
      },
    });
    await client.setLoggingLevel('info');
    const running = good(client, 'benchmark_models', { models: ['oai/sim-text+slow-first-500ms'], prompt: 'x', runs: 2, ...quick });
    const id = (await log.reach(1))[0].data.benchmark;
    const uri = `stats://benchmarks/${id}`;
    await client.subscribeResource({ uri });
    assert.equal(JSON.parse((await client.readResource({ uri })).contents[0].text).state, 'running');
    const done = await running;
    assert.equal(done.id, id);
    assert.equal(done.resource, uri);
    assert.deepEqual(await updated.reach(1), [uri]);
    await lists.reach(1);
    const read = JSON.parse((await client.readResource({ uri })).contents[0].text);
    assert.equal(read.state, 'done');
    assert.equal(read.runs.length, 2);
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.ok(resourceTemplates.some((t) => t.uriTemplate === 'stats://benchmarks/{id}'));
    const ref = { type: 'ref/resource', uri: 'stats://benchmarks/{id}' };
    const { completion } = await client.complete({ ref, argument: { name: 'id', value: id.slice(0, 10) } });
    assert.deepEqual(completion.values, [id]);
    const models = await client.complete({ ref: { type: 'ref/resource', uri: 'model://{provider}/{+model}' }, argument: { name: 'provider', value: 'o' } });
    assert.deepEqual(models.completion.values, ['oai']);
    await assert.rejects(client.readResource({ uri: 'stats://benchmarks/bm_nowhere' }), (e) => e.code === -32002);
    await client.close();
  });

  test('a client that cancels leaves no request behind, and the history says so', async () => {
    const asked = new Happenings(), closed = new Happenings();
    const upstream = await startUpstream((request) => {
      request.socket.on('close', () => closed.add(1));
      asked.add(1);
    });
    const other = await startServe({ providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: upstream.url, api_key: 'k' } }, retries: { attempts: 0 }, mcp: { tools: { parallel: 2 } } });
    const client = await connect(other.url);
    const stop = new AbortController();
    const call = client.callTool({ name: 'benchmark_models', arguments: { models: ['up/a', 'up/b', 'up/c'], prompt: 'x', runs: 2, ...quick } }, undefined, { signal: stop.signal });
    await asked.reach(2);
    stop.abort();
    await assert.rejects(call);
    await closed.reach(2);
    await eventually(async () => (await good(client, 'get_benchmark_history')).history[0]?.state === 'cancelled', 'the history knows');
    assert.equal(upstream.requests.length, 2); // the third model was not asked
    await client.close();
    await other.stop();
    await upstream.stop();
  });

  test('2026-07-28: the same, and a client that goes away cancels it', async () => {
    const asked = new Happenings(), closed = new Happenings();
    const upstream = await startUpstream((request) => {
      request.socket.on('close', () => closed.add(1));
      asked.add(1);
    });
    const other = await startServe({ ...config, server: {}, providers: { ...config.providers, up: { type: 'custom', formats: ['openai_chat'], base_url: upstream.url, api_key: 'k' } } });
    const client = new NewClient({ name: 'e2e', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(new NewHttp(new URL('/mcp', other.url)));
    const got = await client.callTool({ name: 'benchmark_models', arguments: { models: ['oai/echo'], prompt: 'x', runs: 2, ...quick } });
    assert.equal(got.structuredContent.results[0].succeeded, 2);
    const stop = new AbortController();
    const call = client.callTool({ name: 'benchmark_models', arguments: { models: ['up/a'], prompt: 'x', runs: 2, ...quick } }, { signal: stop.signal });
    await asked.reach(1);
    stop.abort();
    await assert.rejects(call);
    await closed.reach(1);
    await client.close();
    await other.stop();
    await upstream.stop();
  });
});
