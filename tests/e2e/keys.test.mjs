// Virtual keys: made, used, changed and ended with `patchbay keys` beside a running gateway; their rights; limits of keys, teams
// and providers; budgets, also over a restart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Happenings, Program, anthropic, chat, elapsed, eventually, message, openai, post, providers, run, slow, startServe, startSim, startUpstream } from './harness.mjs';

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());

// Gateways with databases of their own; each test makes its keys in one of them.
// The same question again and again is what these tests are about.
const serve = (config = {}) =>
  startServe({ ...config, server: { loop_guard: 0, ...config.server }, providers: { ...providers(sim.url), ...config.providers }, ledger: { flush: '20ms', ...config.ledger } });
const again = (gateway) => {
  const next = new Program(['serve', '--config', gateway.config]);
  next.config = gateway.config;
  return next.listening();
};

async function keys(gateway, ...args) {
  const done = await run(['keys', ...args, '--config', gateway.config]);
  assert.equal(done.code, 0, done.stderr);
  return done.stdout.trim();
}
const json = async (gateway, ...args) => JSON.parse(await keys(gateway, ...args, '--json'));

const auth = (key) => (key === undefined ? {} : { authorization: `Bearer ${key}` });
const ask = (gateway, key, model = 'oai/echo', extra = {}) => post(gateway.url, '/v1/chat/completions', chat(model, 'hi', extra), auth(key));
const askAnthropic = (gateway, key, model = 'ant/echo', extra = {}) =>
  post(gateway.url, '/v1/messages', message(model, 'hi', extra), { 'x-api-key': key, 'anthropic-version': '2023-06-01' });

// Asks until the status is as wanted; the milliseconds it took.
async function until(status, question, ms = 2000 * slow) {
  const time = elapsed();
  let got;
  await eventually(async () => (got = await question()).status === status, () => `still ${got.status}: ${got.text}`, ms);
  return time();
}

// The gateway has seen that there are keys, and this one.
async function seen(gateway, key, model) {
  await until(401, () => ask(gateway, undefined, 'ant/echo'));
  await until(200, () => ask(gateway, key, model));
}

const usage = async (gateway, by) => JSON.parse((await run(['usage', '--by', by, '--json', '--config', gateway.config])).stdout).rows ?? [];

test('a key made while the gateway runs works within two seconds, with the official SDKs', async () => {
  const gateway = await serve({ teams: { search: {} } });
  assert.equal((await ask(gateway)).status, 200); // nobody has a key yet
  const key = await keys(gateway, 'create', 'alice', '--team', 'search');
  assert.match(key, /^pb-[0-9A-Za-z]{40}$/);
  await until(401, () => ask(gateway)); // now one is needed
  await until(200, () => ask(gateway, key));

  const o = openai(gateway.url, { apiKey: key });
  const whole = await o.chat.completions.create(chat('oai/echo', 'hello'));
  assert.equal(whole.choices[0].message.content, 'hello');
  const a = anthropic(gateway.url, { apiKey: key });
  const stream = a.messages.stream(message('ant/echo', 'hello'));
  assert.equal(await stream.finalText(), 'hello');

  const wrong = await ask(gateway, `pb-${'x'.repeat(40)}`);
  assert.equal(wrong.status, 401);
  assert.equal(wrong.json.error.code, 'invalid_api_key');
  await assert.rejects(anthropic(gateway.url, { apiKey: 'nobody' }).messages.create(message('ant/echo', 'x')), { status: 401 });

  const metrics = await fetch(`${gateway.url}/metrics`, { headers: auth(key) });
  assert.equal(metrics.status, 403);
  await gateway.stop();
  const rows = await usage(gateway, 'key,team');
  const mine = rows.find((row) => row.key === 'alice');
  assert.equal(mine.team, 'search');
  assert.equal(mine.requests, 3);
  const shown = await json(gateway, 'show', 'alice');
  assert.ok(shown.last_used);
  assert.ok(!JSON.stringify(shown).includes(key));
});

test('revoked, expired, rotated', async () => {
  const gateway = await serve({ server: { keys: ['a-key-of-the-configuration'] } });
  const [one, short, turned] = [await keys(gateway, 'create', 'one'), await keys(gateway, 'create', 'short', '--expires', '2s'), await keys(gateway, 'create', 'turned')];
  assert.equal((await ask(gateway, 'a-key-of-the-configuration')).status, 200);
  await until(200, () => ask(gateway, turned));
  assert.equal((await ask(gateway, one)).status, 200);
  await until(401, () => ask(gateway, short), 4000 * slow);
  assert.match((await ask(gateway, short)).text, /expired/);

  const next = await keys(gateway, 'rotate', 'turned', '--grace', '1h');
  await until(200, () => ask(gateway, next));
  assert.equal((await ask(gateway, turned)).status, 200); // still
  const last = await keys(gateway, 'rotate', 'turned');
  await until(200, () => ask(gateway, last));
  for (const old of [turned, next]) assert.equal((await ask(gateway, old)).status, 401);

  await keys(gateway, 'revoke', 'one');
  await until(401, () => ask(gateway, one));
  assert.match((await ask(gateway, one)).text, /revoked/);
  assert.deepEqual((await json(gateway, 'list')).map((k) => k.name), ['short', 'turned']);
  assert.equal((await json(gateway, 'list', '--revoked')).length, 3);
  await gateway.stop();
});

test('a key without the right gets 403 in its format, and learns nothing else', async () => {
  const gateway = await serve({ models: { fast: 'oai/echo', secret: 'ant/echo' }, teams: { small: { models: ['fast'] } } });
  const key = await keys(gateway, 'create', 'k', '--models', 'fast,ant/sim-*', '--tools', 'read_*');
  const member = await keys(gateway, 'create', 'm', '--team', 'small');
  await seen(gateway, member, 'fast');
  assert.equal((await ask(gateway, key, 'fast')).status, 200);
  assert.equal((await askAnthropic(gateway, key, 'ant/sim-text')).status, 200);

  for (const model of ['oai/echo', 'secret', 'no-such-model', 'nowhere/x', '']) {
    const got = await ask(gateway, key, model);
    assert.equal(got.status, 403, model);
    assert.equal(got.json.error.message, `this key may not use the model \`${model}\``);
    assert.equal(got.json.error.param, 'model');
    const other = await askAnthropic(gateway, key, model);
    assert.equal(other.status, 403, model);
    assert.equal(other.json.error.type, 'permission_error');
    assert.equal(other.json.error.message, `this key may not use the model \`${model}\``);
  }
  assert.equal((await ask(gateway, member, 'oai/echo')).status, 403);
  const embeddings = await post(gateway.url, '/v1/embeddings', { model: 'oai/x', input: 'a' }, auth(key));
  assert.equal(embeddings.status, 403);
  const counted = await post(gateway.url, '/v1/messages/count_tokens', message('secret', 'a'), { 'x-api-key': key });
  assert.equal(counted.status, 403);

  const tool = (name) => ({ tools: [{ type: 'function', function: { name, parameters: { type: 'object' } } }] });
  assert.equal((await ask(gateway, key, 'fast', tool('read_file'))).status, 200);
  const refused = await ask(gateway, key, 'fast', tool('rm'));
  assert.equal(refused.status, 403);
  assert.equal(refused.json.error.message, 'this key may not use the tool `rm`');
  assert.equal((await askAnthropic(gateway, key, 'ant/sim-text', { tools: [{ name: 'rm', input_schema: { type: 'object' } }] })).status, 403);

  const list = await (await fetch(`${gateway.url}/v1/models`, { headers: auth(key) })).json();
  const ids = list.data.map((m) => m.id);
  assert.ok(ids.includes('fast') && ids.includes('ant/sim-text'), ids.join()); // the second is what the provider tells
  assert.deepEqual(ids.filter((id) => id !== 'fast' && !id.startsWith('ant/sim-')), []);
  assert.equal((await fetch(`${gateway.url}/v1/models/secret`, { headers: auth(key) })).status, 404);
  await gateway.stop();
});

test('requests and tokens per minute, with the headers that SDKs read', async () => {
  const gateway = await serve({ limits: { requests_per_minute: 3 } });
  const plain = await keys(gateway, 'create', 'plain');
  const tokens = await keys(gateway, 'create', 'tokens', '--tpm', '1000', '--rpm', '100');
  await seen(gateway, tokens);

  const left = [];
  for (let i = 0; i < 3; ++i) {
    const got = await ask(gateway, plain);
    assert.equal(got.status, 200);
    left.push(got.headers.get('x-ratelimit-remaining-requests'));
    assert.equal(got.headers.get('x-ratelimit-limit-requests'), '3');
  }
  assert.deepEqual(left, ['2', '1', '0']);
  const error = await openai(gateway.url, { apiKey: plain }).chat.completions.create(chat('oai/echo', 'x')).catch((e) => e);
  assert.ok(error instanceof openai(gateway.url).constructor.RateLimitError, String(error));
  assert.match(error.message, /key plain has used up its limit of 3 requests a minute/);
  const wait = Number(error.headers.get('retry-after'));
  assert.ok(wait > 50 && wait <= 61, `retry-after ${wait}`);
  const theirs = await askAnthropic(gateway, plain);
  assert.equal(theirs.status, 429);
  assert.equal(theirs.json.error.type, 'rate_limit_error');
  assert.equal(theirs.headers.get('anthropic-ratelimit-requests-limit'), '3');
  assert.equal(theirs.headers.get('anthropic-ratelimit-requests-remaining'), '0');
  assert.ok(Date.parse(theirs.headers.get('anthropic-ratelimit-requests-reset')) > Date.now());

  let status = 200;
  let remaining = 1000;
  for (let i = 0; status === 200 && i < 30; ++i) {
    const got = await askAnthropic(gateway, tokens, 'ant/sim-text', { max_tokens: 100 });
    ({ status } = got);
    const now = Number(got.headers.get('anthropic-ratelimit-tokens-remaining'));
    assert.ok(now <= remaining);
    remaining = now;
    if (status === 429) assert.match(got.text, /1000 tokens a minute/);
  }
  assert.equal(status, 429);
  await gateway.stop();
  const used = (await usage(gateway, 'key')).find((row) => row.key === 'tokens');
  assert.ok(used.input + used.output >= 1000 - 200 && used.input + used.output < 1200, JSON.stringify(used));
});

test('requests at a time, of a key and of a provider, which queues', async () => {
  const waiting = [];
  let together = 0;
  let most = 0;
  const upstream = await startUpstream((request, response) => {
    most = Math.max(most, ++together);
    waiting.push(() => {
      --together;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
    });
  });
  const up = { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'k' };
  const gateway = await serve({
    providers: { up, one: { ...up, limits: { concurrency: 1 }, queue: `${20 * slow}s` }, none: { ...up, limits: { concurrency: 1 }, queue: 0 } },
  });
  const key = await keys(gateway, 'create', 'k', '--concurrency', '1');
  const free = await keys(gateway, 'create', 'free');
  await seen(gateway, free);

  let came = upstream.next();
  const first = ask(gateway, key, 'up/m');
  await came;
  const second = await ask(gateway, key, 'up/m');
  assert.equal(second.status, 429);
  assert.match(second.text, /1 requests at a time/);
  waiting.shift()();
  assert.equal((await first).status, 200);
  await until(200, () => ask(gateway, key)); // its place is free again

  most = 0;
  came = upstream.next();
  const three = [1, 2, 3].map(() => ask(gateway, free, 'one/m'));
  for (let i = 0; i < 3; ++i) {
    await came;
    came = upstream.next();
    waiting.shift()();
  }
  assert.deepEqual((await Promise.all(three)).map((r) => r.status), [200, 200, 200]);
  assert.equal(most, 1);

  const held = ask(gateway, free, 'none/m');
  await came;
  const refused = await ask(gateway, free, 'none/m');
  assert.equal(refused.status, 429);
  assert.match(refused.text, /provider none/);
  waiting.shift()();
  assert.equal((await held).status, 200);
  await gateway.stop();
  await upstream.stop();
});

const priced = { prices: { 'oai/echo': { input: 1000, output: 1000 } } }; // a tenth of a cent a token
const small = { max_tokens: 10 };
const estimate = 0.001 * (Buffer.byteLength(JSON.stringify(chat('oai/echo', 'hi', small))) / 3 + 1 + 10);
const spent = async (gateway, name) => (await usage(gateway, 'key')).find((row) => row.key === name)?.cost ?? 0;

test('a budget: 1,000 requests at a time end within one request of it, and a restart does not forget', async () => {
  const alerts = new Happenings();
  const hook = await startUpstream((request, response) => {
    alerts.add(JSON.parse(request.body));
    response.end();
  });
  const gateway = await serve({ ...priced, server: { threads: 2 }, alerts: { webhook: `${hook.url}/alerts` } });
  const key = await keys(gateway, 'create', 'spender', '--budget', '1', '--per', 'day');
  await seen(gateway, key, 'ant/echo'); // of no known price
  const all = await Promise.all(Array.from({ length: 1000 }, () => ask(gateway, key, 'oai/echo', small)));
  const passed = all.filter((r) => r.status === 200).length;
  assert.ok(passed > 0 && passed < 1000, `${passed} passed`);
  for (const r of all) assert.ok(r.status === 200 || r.status === 429, r.text);
  // Until the budget is used up to the last request.
  let last;
  // What is left may be less than an estimate while the request before is being settled: that is refused, too.
  const usedUp = (got) => got?.status === 429 && got.headers.get('x-patchbay-budget-remaining') === '0.000000';
  for (let i = 0; i < 300 && !usedUp(last); ++i) last = await ask(gateway, key, 'oai/echo', small);
  assert.equal(last.status, 429);
  assert.equal(last.json.error.code, 'insufficient_quota');
  assert.equal(last.headers.get('x-should-retry'), 'false');
  assert.equal(last.headers.get('x-patchbay-budget-remaining'), '0.000000');
  await gateway.seen(/percent=?"?:? ?100/);
  const told = await alerts.reach(3);
  told.sort((x, y) => x.percent - y.percent); // each has a connection of its own
  assert.deepEqual(told.map((a) => [a.scope, a.name, a.percent]), [['key', 'spender', 50], ['key', 'spender', 80], ['key', 'spender', 100]]);
  await gateway.stop();
  const cost = await spent(gateway, 'spender');
  assert.ok(cost >= 1 && cost < 1 + estimate, `spent ${cost}`);

  const next = await again(gateway);
  assert.equal((await ask(next, key, 'oai/echo', small)).status, 429);
  await keys(next, 'update', 'spender', '--budget', '1.5');
  await until(200, () => ask(next, key, 'oai/echo', small));
  await next.stop();
  await hook.stop();
});

test('budgets of a team and of a provider, and kill -9', async () => {
  const gateway = await serve({ ...priced, teams: { t: { budget: { amount: 0.1, per: 'total' } } }, providers: { oai: { ...providers(sim.url).oai, budget: { amount: 0.2 } } } });
  const [a, b, c] = [await keys(gateway, 'create', 'a', '--team', 't'), await keys(gateway, 'create', 'b', '--team', 't'), await keys(gateway, 'create', 'c')];
  await seen(gateway, c, 'ant/echo');
  const empty = async (key) => {
    for (let i = 0; i < 200; ++i) {
      const got = await ask(gateway, key, 'oai/echo', small);
      if (got.status === 429) return got.json.error.message;
    }
    assert.fail('never refused');
  };
  assert.match(await empty(a), /team t has used up its limit of a budget of \$0.10/);
  assert.match((await ask(gateway, b, 'oai/echo', small)).text, /team t/);
  assert.match(await empty(c), /provider oai/);
  // Rows are written every 20 ms; those that are there survive the kill.
  const before = performance.now();
  for (;;) {
    const rows = await usage(gateway, 'provider');
    if ((rows.find((row) => row.provider === 'oai')?.cost ?? 0) >= 0.2) break;
    assert.ok(performance.now() - before < 10_000 * slow);
  }
  gateway.child.kill('SIGKILL');
  await gateway.ended();
  const next = await again(gateway);
  assert.match((await ask(next, b, 'oai/echo', small)).text, /team t/);
  assert.match((await ask(next, c, 'oai/echo', small)).text, /provider oai/);
  assert.equal((await ask(next, c, 'ant/echo')).status, 200);
  await next.stop();
});

test('who leaves a stream has used what came until then', async () => {
  const gateway = await serve({ prices: { 'oai/sim-stream-1000+slow-token-5ms': { input: 1000, output: 1000 } } });
  const key = await keys(gateway, 'create', 'leaver', '--budget', '0.02', '--per', 'total');
  const model = 'oai/sim-stream-1000+slow-token-5ms';
  await seen(gateway, key);
  const gone = new AbortController();
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    signal: gone.signal,
    headers: { 'content-type': 'application/json', ...auth(key) },
    body: JSON.stringify(chat(model, 'hi', { stream: true })),
  });
  let events = 0;
  for await (const piece of response.body) {
    events += Buffer.from(piece).toString().split('\n\n').length - 1;
    if (events > 20) break;
  }
  gone.abort();
  await until(429, () => ask(gateway, key, model));
  await gateway.stop();
});
