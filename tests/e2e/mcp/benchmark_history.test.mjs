// What benchmarks leave behind: history, comparisons made of it, reports.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { binary, cleanEnv, eventually, run, startServe, temporary, writeConfig } from '../harness.mjs';
import { connect, good, quick, refused, startBench } from './benchmark.mjs';

const names = ['benchmark_models', 'compare_model_categories', 'compare_model_performance', 'compare_models', 'export_benchmark_report', 'get_benchmark_history'];

let config, c, bench;
before(async () => {
  bench = await startBench();
  ({ config, client: c } = bench);
});
after(() => bench.stop());

describe('history', () => {
  test('lists what was measured, newest first, by filters, also after a restart', async () => {
    const folder = join(temporary(), 'data');
    let other = await startServe({ ...config, server: { data_dir: folder } });
    let client = await connect(other.url);
    assert.deepEqual((await good(client, 'get_benchmark_history')).history, []);
    const a = await good(client, 'benchmark_models', { models: ['oai/echo'], prompt: 'x', runs: 2, ...quick });
    const b = await good(client, 'benchmark_models', { models: ['oai/sim-text', 'oai/sim-error-400'], prompt: 'x', runs: 1, ...quick });
    await client.close();
    await other.stop();
    other = await startServe({ ...config, server: { data_dir: folder } });
    client = await connect(other.url);
    const all = await good(client, 'get_benchmark_history');
    assert.deepEqual(all.history.map((h) => h.id), [b.id, a.id]);
    assert.equal(all.total, 2);
    const [newest] = all.history;
    assert.equal(newest.success_rate, '1/2');
    assert.deepEqual(newest.models_tested.toSorted(), ['oai/sim-error-400', 'oai/sim-text']);  // by whose run ended first
    assert.equal(newest.summary.best_model, 'oai/sim-text');
    assert.equal(newest.summary.successful_models, 1);
    assert.ok(newest.summary.avg_response_time_ms > 0);
    const filtered = await good(client, 'get_benchmark_history', { model_filter: 'echo', limit: 1 });
    assert.deepEqual(filtered.history.map((h) => h.id), [a.id]);
    assert.equal(filtered.filter_applied, 'echo');
    assert.deepEqual((await good(client, 'get_benchmark_history', { model_filter: "' OR 1=1 --" })).history, []);
    const { report } = await good(client, 'get_benchmark_history', { id: a.id });
    assert.deepEqual(report.rankings, a.rankings);
    assert.match(await refused(client, 'get_benchmark_history', { id: 'bm_none' }), /there is no benchmark `bm_none`/);
    await client.close();
    await other.stop();
  });

  test("a key sees its own benchmarks only; a key of the configuration sees everybody's", async () => {
    const other = await startServe({ ...config, server: { keys: ['secret-admin-key-1'] } });
    const keys = {};
    for (const name of ['ann', 'bob']) {
      const made = await run(['keys', 'create', name, '--config', other.config]);
      assert.equal(made.code, 0, made.stderr);
      keys[name] = made.stdout.trim();
      await eventually(async () => (await fetch(`${other.url}/v1/models`, { headers: { authorization: `Bearer ${keys[name]}` } })).status === 200, 'the key is seen');
    }
    const [ann, bob, admin] = await Promise.all([keys.ann, keys.bob, 'secret-admin-key-1'].map((key) => connect(other.url, { key })));
    const { id } = await good(ann, 'benchmark_models', { models: ['oai/echo'], prompt: 'x', runs: 1, ...quick });
    assert.equal((await good(ann, 'get_benchmark_history')).total, 1);
    assert.equal((await good(bob, 'get_benchmark_history')).total, 0);
    assert.equal((await good(admin, 'get_benchmark_history')).total, 1);
    assert.match(await refused(bob, 'get_benchmark_history', { id }), /there is no benchmark/);
    assert.match(await refused(bob, 'export_benchmark_report', { benchmark: id }), /there is no benchmark/);
    assert.match(await refused(bob, 'compare_model_performance', { models: ['oai/echo'], measure: 'never' }), /nothing was measured/);
    await assert.rejects(bob.readResource({ uri: `stats://benchmarks/${id}` }), (e) => e.code === -32002);
    const own = await good(ann, 'export_benchmark_report', { benchmark: id });
    assert.match(dirname(own.output_path), /reports\/key_/);
    for (const client of [ann, bob, admin]) await client.close();
    await other.stop();
  });
});

describe('comparisons from the history', () => {
  test('categories: the best of each', async () => {
    await good(c, 'benchmark_models', { models: ['oai/echo', 'oai/sim-text'], categories: ['coding', 'writing'], prompts: [{ text: 'x', category: 'mine' }], runs: 2, ...quick });
    const got = await good(c, 'compare_model_categories', { categories: ['coding', 'mine'], top_n: 1, metric: 'cost' });
    assert.deepEqual(Object.keys(got.results).sort(), ['coding', 'mine']);
    assert.equal(got.category_info.coding.title, 'Programming');
    assert.deepEqual(got.results.coding.map((r) => r.model), ['oai/echo']);
    assert.equal(got.overall_ranking.length, 2);
    assert.equal(got.better, 'lower');
    assert.match(await refused(c, 'compare_model_categories', { categories: ['translation'] }), /nothing was measured/);
    // Models that are named and have no runs there are measured now.
    const now = await good(c, 'compare_model_categories', { categories: ['translation'], models: ['oai/echo'], runs: 1, ...quick });
    assert.match(now.benchmark, /^bm_/);
    assert.deepEqual(now.results.translation.map((r) => r.model), ['oai/echo']);
  });

  test('performance: by weights of the caller, with advice', async () => {
    const got = await good(c, 'compare_model_performance', { models: ['oai/echo', 'oai/sim-text'], weights: { cost: 3, speed: 1 }, measure: 'always', prompt: 'Only these words', runs: 3, ...quick });
    assert.deepEqual(got.weights, { speed: 0.25, cost: 0.75, quality: 0, throughput: 0 });
    assert.equal(got.ranking[0].model_id, 'oai/echo');
    assert.ok(got.ranking[0].interval.low <= got.ranking[0].weighted_score);
    assert.ok(got.ranking[0].individual_scores.cost > got.ranking[1].individual_scores.cost);
    assert.equal(got.detailed_metrics.length, 2);
    assert.ok(got.analysis.cost_efficiency.length === 2 && got.analysis.performance_distribution.response_ms.models === 2);
    const cheapest = got.recommendations.find((r) => r.type === 'cheapest');
    assert.equal(cheapest.model, 'oai/echo');
    assert.match(cheapest.reason, /do not overlap/);
    const kept = await good(c, 'compare_model_performance', { models: ['oai/echo', 'oai/sim-text'], benchmark: got.benchmark, include_cost_analysis: false });
    assert.deepEqual(kept.detailed_metrics, got.detailed_metrics);
    assert.equal(kept.analysis.cost_efficiency, undefined);
    assert.match(await refused(c, 'compare_model_performance', { models: ['oai/echo'], weights: { speed: 0 } }), /weights/);
  });
});

describe('export_benchmark_report', () => {
  let id, reports, gate, client;
  before(async () => {
    reports = join(temporary(), 'out');
    gate = await startServe({ ...config, server: {}, mcp: { files: { export: reports } } });
    client = await connect(gate.url);
    ({ id } = await good(client, 'benchmark_models', { models: ['oai/echo', 'oai/sim-text'], prompt: 'x', runs: 2, ...quick }));
  });
  after(async () => {
    await client.close();
    await gate.stop();
  });

  test('Markdown with charts, CSV and JSON, for the owner only', async () => {
    const md = await good(client, 'export_benchmark_report', { benchmark: id });
    assert.equal(md.output_path, join(reports, `${id}.md`));
    assert.deepEqual(md.models_included, ['oai/echo', 'oai/sim-text']);
    const page = readFileSync(md.output_path, 'utf8');
    assert.match(page, /^# Benchmark bm_/);
    assert.equal((page.match(/<svg /g) ?? []).length, 6);
    assert.equal(statSync(md.output_path).mode & 0o777, 0o600);
    const csv = await good(client, 'export_benchmark_report', { benchmark: id, format: 'csv', output_file: 'figures.csv' });
    const lines = readFileSync(csv.output_path, 'utf8').trim().split('\r\n');
    assert.equal(lines.length, 3);
    const [head, row] = lines.map((l) => l.split(','));
    const figure = (name) => Number(row[head.indexOf(name)]);
    assert.ok(figure('avg_response_time_ms') > 0 && figure('avg_cost') > 0 && figure('throughput') > 0 && figure('quality_score') > 0 && figure('success_rate') === 1);
    const json = await good(client, 'export_benchmark_report', { benchmark: id, format: 'json' });
    assert.equal(JSON.parse(readFileSync(json.output_path, 'utf8')).id, id);
    assert.match(await refused(client, 'export_benchmark_report', { benchmark: id }), /is there already/);
    await good(client, 'export_benchmark_report', { benchmark: id, overwrite: true });
  });

  test('nothing is written anywhere else', async () => {
    const outside = join(dirname(reports), 'victim');
    writeFileSync(outside, 'untouched');
    symlinkSync(outside, join(reports, 'link.md'));
    const names = { '../victim': /without `\/`/, '/etc/passwd': /absolute path/, '..': /not `\.\.`/, 'a/b.md': /without `\/`/, '..\\x': /without/, '': /empty/, '.x': /dot/, 'a\u0000b': /NUL/, 'link.md': /symbolic link/ };
    const before = readdirSync(reports).sort();
    for (const [output_file, why] of Object.entries(names))
      for (const overwrite of [false, true]) assert.match(await refused(client, 'export_benchmark_report', { benchmark: id, output_file, overwrite }), why, output_file);
    assert.match(await refused(client, 'export_benchmark_report', { benchmark: '../../x' }), /there is no benchmark/);
    assert.equal(readFileSync(outside, 'utf8'), 'untouched');
    assert.deepEqual(readdirSync(reports).sort(), before);
  });
});

test('over standard input and output there is the same', async () => {
  const data = join(temporary(), 'data');
  const file = writeConfig({ ...config, server: { data_dir: data } });
  const open = async () => {
    const client = new Client({ name: 'e2e', version: '1' });
    await client.connect(new StdioClientTransport({ command: binary, args: ['mcp', '--config', file], env: cleanEnv(), stderr: 'ignore' }));
    return client;
  };
  let client = await open();
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((t) => t.name).filter((n) => names.includes(n)).sort(), names);
  for (const tool of tools.filter((t) => names.includes(t.name))) assert.ok(tool.title && tool.description && tool.outputSchema && tool.annotations);
  const { id } = await good(client, 'benchmark_models', { models: ['oai/echo'], prompt: 'x', runs: 2, ...quick });
  const exported = await good(client, 'export_benchmark_report', { benchmark: id, format: 'json' });
  assert.equal(exported.output_path, join(data, 'reports', `${id}.json`));
  await client.close();
  client = await open(); // another process
  assert.deepEqual((await good(client, 'get_benchmark_history')).history.map((h) => h.id), [id]);
  await client.close();
});
