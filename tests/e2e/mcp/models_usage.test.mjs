// Tools that tell which models there are and what was used, and the one that takes whichever is free.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually, keySeen, providers, run, startServe, startSim, startUpstream, temporary } from '../harness.mjs';
import { called, newer, older, overStdio, refusal } from './connect.mjs';

let sim, gateway;
const prices = { 'oai/gpt-paid': { input: 2, output: 8 }, 'oai/echo': { input: 1, output: 1 } };
const models = { oai: ['echo', 'gpt-paid', 'alpha:free', 'beta:free'], ant: [] };
const withModels = (url) => {
  const both = providers(url);
  return { oai: { ...both.oai, models: models.oai }, ant: both.ant };
};
const config = () => ({ server: { data_dir: temporary() }, model_lists: { fetch: false }, retries: { attempts: 0 }, prices, providers: withModels(sim.url) });
before(async () => {
  sim = await startSim();
  gateway = await startServe(config());
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

const names = (list) => list.map((m) => m.name);
const say = (content) => [{ role: 'user', content }];

for (const [way, connect] of Object.entries({ older: () => older(gateway.url), newer: () => newer(gateway.url), stdio: () => overStdio(config()) }))
  describe(`models, ${way}`, () => {
    let c;
    before(async () => (c = await connect()));
    after(() => c.close());

    test('search_models takes words, bounds and orders', async () => {
      const search = (args) => called(c, 'search_models', args);
      const all = await search({ limit: 500 });
      assert.ok(all.total_count > 10 && all.count === all.models.length);
      const cheap = await search({ query: 'the cheapest claude models', limit: 5 });
      assert.deepEqual(cheap.understood, ['the cheapest first']);
      assert.equal(cheap.count, 5);
      const price = cheap.models.map((m) => m.price.input);
      assert.deepEqual(price, [...price].sort((a, b) => a - b));
      assert.ok(cheap.models.every((m) => m.name.includes('claude')));
      const next = await search({ query: 'the cheapest claude models', limit: 5, offset: 5 });
      assert.ok(!names(next.models).some((n) => names(cheap.models).includes(n)));
      const bounded = await search({ provider: 'oai', max_prompt_price: 1.5, sort_by: 'name', sort_order: 'desc' });
      assert.deepEqual(names(bounded.models), ['oai/echo', 'oai/beta:free', 'oai/alpha:free']);
      assert.deepEqual(names((await search({ query: 'free' })).models), ['oai/alpha:free', 'oai/beta:free']);
      const long = await search({ min_context_length: 200000, input_modality: 'image', has_reasoning: true });
      assert.ok(long.count > 0 && long.models.every((m) => m.context_length >= 200000 && m.vision && m.reasoning));
      assert.equal((await search({ query: 'no such model anywhere' })).count, 0);
    });

    test('list_vision_models and list_free_models', async () => {
      const vision = await called(c, 'list_vision_models', { filter_by: 'CLAUDE' });
      assert.ok(vision.total_count > 0 && vision.models.every((m) => m.vision && m.name.includes('claude') && m.price));
      const free = await called(c, 'list_free_models');
      assert.deepEqual(names(free.models), ['oai/alpha:free', 'oai/beta:free']);
      assert.deepEqual([free.total_count, free.available_count], [2, 2]);
      assert.ok(free.models.every((m) => m.free && m.available));
    });

    test('bad input names its place', async () => {
      assert.match(await refusal(c, 'search_models', { limit: 0 }), /limit/);
      assert.match(await refusal(c, 'search_models', { sort_by: 'beauty' }), /sort_by/);
      assert.match(await refusal(c, 'search_models', { max_price: 1 }), /max_price/);
      assert.match(await refusal(c, 'search_models', { provider: 'nobody' }), /^provider: there is no provider `nobody`/);
      assert.match(await refusal(c, 'list_free_models', { provider: 'nobody' }), /^provider: /);
    });

    test('get_config shows parts of the configuration, without secrets', async () => {
      const whole = await called(c, 'get_config');
      assert.ok(!JSON.stringify(whole).includes('key-for-oai'));
      assert.equal(whole.config.providers.oai.base_url, `${sim.url}/v1`);
      assert.equal((await called(c, 'get_config', { path: 'log.level' })).config, 'info');
      assert.deepEqual((await called(c, 'get_config', { path: 'mcp.tools' })).config, { calls: 20, tokens: 100000, dollars: 1, parallel: 3, configure: [] });
      assert.match(await refusal(c, 'get_config', { path: 'log.colour' }), /^path: there is no option `log\.colour`/);
    });
  });

describe('what was used', () => {
  let g, c;
  before(async () => {
    g = await startServe(config());
    c = await older(g.url);
    await called(c, 'chat', { model: 'oai/echo', messages: say('one two three') });
    await called(c, 'chat', { model: 'oai/echo', messages: say('four') });
    await called(c, 'chat', { model: 'ant/claude-sonnet-4-6', messages: say('five') });
    await refusal(c, 'chat', { model: 'ant/sim-429-1', messages: say('six') });
  });
  after(async () => {
    await c.close();
    await g.stop();
  });

  test('by provider and model unless asked otherwise', async () => {
    const u = await called(c, 'get_usage_stats');
    assert.deepEqual(u.by, ['provider', 'model']);
    assert.deepEqual(u.rows.map((r) => [r.provider, r.model, r.requests, r.errors]), [['ant', 'claude-sonnet-4-6', 1, 0], ['ant', 'sim-429-1', 1, 1], ['oai', 'echo', 2, 0]]);
    assert.equal(u.requests, 4);
    assert.equal(u.total_tokens, u.rows.reduce((n, r) => n + r.input + r.output, 0));
    assert.ok(u.total_cost > 0 && Math.abs(u.total_cost - u.total.cost) < 1e-12);
  });

  test('every filter counts', async () => {
    const usage = (args) => called(c, 'get_usage_stats', args);
    assert.equal((await usage({ provider: 'oai' })).requests, 2);
    assert.equal((await usage({ model: 'claude-sonnet-4-6' })).requests, 1);
    assert.equal((await usage({ status: '429' })).requests, 1);
    assert.equal((await usage({ status: 'errors', provider: 'oai' })).requests, 0);
    assert.equal((await usage({ start_date: '1h' })).requests, 4);
    assert.equal((await usage({ end_date: '2020-01-01' })).requests, 0);
    assert.equal((await usage({ key: 'nobody' })).requests, 0);
    assert.equal((await usage({ team: "x' OR 1=1 --" })).requests, 0);
    const days = await usage({ group_by: 'day' });
    assert.deepEqual([days.by, days.rows.length], [['day'], 1]);
    const two = await usage({ group_by: ['status', 'provider'] });
    assert.deepEqual(two.rows.map((r) => [r.provider, r.status, r.requests]), [['ant', '200', 1], ['ant', '429', 1], ['oai', '200', 2]]);
    assert.deepEqual((await usage({ group_by: [] })).rows.map((r) => r.requests), [4]);
  });

  test('bad input names its place', async () => {
    assert.match(await refusal(c, 'get_usage_stats', { start_date: 'yesterday' }), /^start_date: /);
    assert.match(await refusal(c, 'get_usage_stats', { end_date: '2026-13-01' }), /^end_date: /);
    assert.match(await refusal(c, 'get_usage_stats', { start_date: '2026-02-01', end_date: '2026-01-01' }), /^end_date: lies before/);
    assert.match(await refusal(c, 'get_usage_stats', { status: 'bad' }), /^status: /);
    assert.match(await refusal(c, 'get_usage_stats', { group_by: 'model; DROP TABLE usage' }), /group_by/);
  });

  test('a key sees its own rows only, and no configuration', async () => {
    const made = await run(['keys', 'create', 'ann', '--config', g.config]);
    const key = made.stdout.trim();
    await keySeen(g, key);
    const ann = await older(g.url, { key });
    assert.equal((await called(ann, 'get_usage_stats')).requests, 0);
    await called(ann, 'chat', { model: 'oai/echo', messages: say('mine') });
    const own = await called(ann, 'get_usage_stats', { group_by: 'key' });
    assert.deepEqual([own.key, own.requests, own.rows[0].key], ['ann', 1, 'ann']);
    assert.match(await refusal(ann, 'get_usage_stats', { key: 'bob' }), /\(permission_denied\)$/);
    assert.match(await refusal(ann, 'get_config'), /\(permission_denied\)$/);
    await ann.close();
  });
});

describe('free_chat', () => {
  test('takes turns among the free models, and tells the quota', async () => {
    const g = await startServe({ ...config(), mcp: { free: { per_day: 4, per_minute: 0 } } });
    const c = await older(g.url);
    const used = [];
    for (let i = 0; i < 4; ++i) {
      const a = await called(c, 'free_chat', { message: 'hello there' });
      used.push(a.model_used);
      assert.deepEqual(a.attempts, []);
      assert.deepEqual([a.quota.daily_used, a.quota.daily_limit, a.quota.daily_remaining], [i + 1, 4, 3 - i]);
      assert.equal(a.task_type, 'chat');
    }
    assert.equal(new Set(used).size, 2, used.join());
    assert.match(await refusal(c, 'free_chat', { message: 'once more' }), /today's 4 requests to free models are used up/);
    const m = await called(c, 'get_free_model_metrics');
    assert.deepEqual(m.models.map((x) => [x.name, x.total_requests, x.success_rate, x.failure_count]), [['oai/alpha:free', 2, 1, 0], ['oai/beta:free', 2, 1, 0]]);
    assert.ok(m.models.every((x) => x.avg_latency_ms > 0 && x.state === 'ready'));
    assert.deepEqual([m.quota.daily_used, m.quota.daily_remaining], [4, 0]);
    await c.close();
    await g.stop();
  });

  test('a preferred one first, history and system prompt with it, and another where it fails', async () => {
    const asked = [];
    const upstream = await startUpstream((request, response) => {
      const body = JSON.parse(request.body);
      asked.push(body);
      if (body.model === 'bad:free') return response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '30' }).end('{"error":{"message":"slow down"}}');
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: body.model, choices: [{ index: 0, message: { role: 'assistant', content: 'good' }, finish_reason: 'stop' }], usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } }));
    });
    const g = await startServe({ model_lists: { fetch: false }, retries: { attempts: 0 }, providers: { up: { ...providers(upstream.url).oai, models: ['bad:free', 'good:free', 'paid'] } } });
    const c = await older(g.url);
    const a = await called(c, 'free_chat', {
      message: [{ type: 'text', text: 'write a python function' }],
      system_prompt: 'be brief',
      conversation_history: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: 'yes?' }],
      preferred_models: ['BAD'],
    });
    assert.equal(a.model_used, 'up/good:free');
    assert.equal(a.task_type, 'code');
    assert.deepEqual(a.attempts.map((t) => t.model), ['up/bad:free']);
    assert.match(a.attempts[0].error, /slow down/);
    assert.deepEqual(asked.at(-1).messages.map((m) => m.role), ['system', 'user', 'assistant', 'user']);
    assert.deepEqual([asked.at(-1).max_tokens, asked.at(-1).temperature], [4096, 0.7]);
    const listed = await called(c, 'list_free_models');
    assert.deepEqual(listed.models.map((m) => [m.name, m.available]), [['up/bad:free', false], ['up/good:free', true]]);
    const m = await called(c, 'get_free_model_metrics');
    assert.deepEqual(m.models.find((x) => x.name === 'up/bad:free').error_counts, { 429: 1 });
    await called(c, 'free_chat', { message: 'again', preferred_models: ['bad'] });
    assert.equal(asked.at(-1).model, 'good:free', 'one that is cooling down is left alone');
    await c.close();
    await g.stop();
    await upstream.stop();
  });

  test('without a free model it says so', async () => {
    const g = await startServe({ model_lists: { fetch: false }, providers: { ant: providers(sim.url).ant } });
    const c = await older(g.url);
    assert.match(await refusal(c, 'free_chat', { message: 'x' }), /no free model can be asked at this moment/);
    assert.match(await refusal(c, 'free_chat', { message: '' }), /message/);
    await c.close();
    await g.stop();
  });
});

test('what mcp.tools grants is taken anew from a changed configuration', async () => {
  const g = await startServe(config());
  const c = await older(g.url);
  assert.equal((await called(c, 'get_config', { path: 'mcp.tools.calls' })).config, 20);
  const set = await run(['config', 'set', 'mcp.tools.calls', '7', '--config', g.config]);
  assert.equal(set.code, 0, set.stderr);
  await eventually(async () => (await called(c, 'get_config', { path: 'mcp.tools.calls' })).config === 7, 'seven calls');
  const refused = await run(['config', 'set', 'mcp.files.roots', '["/"]', '--config', g.config]);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /cannot stand in the overlay/);
  await c.close();
  await g.stop();
});
