// The admin API: who may call it, every endpoint of its OpenAPI document with the answer's shape, and what its changes do.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chat, post, providers, root, run, startServe, startSim } from './harness.mjs';
import { shapes } from './openapi.mjs';

const secret = 'an-admin-key-for-tests';
const installed = existsSync(join(root, 'tests/e2e/node_modules/ajv-formats')) || process.env.CI;

let sim, gateway, document, shape;
const called = new Set();
before(async () => {
  sim = await startSim();
  gateway = await serve();
  document = await (await fetch(`${gateway.url}/admin/v1/openapi.json`, { headers: auth() })).json();
  shape = installed ? await shapes(document) : () => {};
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

const serve = (config = {}, options = {}) =>
  startServe(
    {
      admin: { key: secret },
      teams: { search: { budget: { amount: 5 } } },
      routes: { main: { strategy: 'round-robin', deployments: ['oai/echo', { use: 'ant/echo', weight: 2, tags: ['eu'], limits: { requests_per_day: 1_000_000 } }] } },
      ...config,
      server: { loop_guard: 0, ...config.server },
      providers: { ...providers(sim.url), ...config.providers },
      ledger: { flush: '20ms', ...config.ledger },
    },
    options,
  );

const auth = (key = secret) => (key ? { authorization: `Bearer ${key}` } : {});

// The document's path that a path is one of.
function templateOf(path, method) {
  const found = Object.keys(document.paths).filter((template) => {
    const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/, '.+')}$`);
    return pattern.test(path) && document.paths[template][method];
  });
  return found.sort((a, b) => b.length - a.length)[0];
}

async function call(method, path, { body, key, url = gateway.url, headers = {} } = {}) {
  const response = await fetch(`${url}/admin/v1${path}`, { method, headers: { ...auth(key), ...headers }, body: typeof body === 'object' ? JSON.stringify(body) : body });
  const json = await response.json();
  const lower = method.toLowerCase(), template = templateOf(`/admin/v1${path.split('?')[0]}`, lower);
  if (template) {
    called.add(document.paths[template][lower].operationId);
    shape(template, lower, response.status, json);
  }
  return { status: response.status, headers: response.headers, json };
}
const get = async (path) => {
  const got = await call('GET', path);
  assert.equal(got.status, 200, JSON.stringify(got.json));
  return got.json;
};
const ask = (model = 'main', key, extra = {}) => post(gateway.url, '/v1/chat/completions', chat(model, 'hi', extra), key ? auth(key) : {});

test('without a key configured the admin API is off and says how to switch it on', async () => {
  const off = await startServe({ providers: providers(sim.url) });
  for (const headers of [{}, auth('anything-at-all-here'), auth('')]) {
    const got = await fetch(`${off.url}/admin/v1/status`, { headers });
    assert.equal(got.status, 403);
    assert.match((await got.json()).error.message, /admin\.key.*PATCHBAY_ADMIN_KEY/);
  }
  await off.stop();
});

test('the key is wanted, no client’s key is taken for it, and it is none of theirs', async () => {
  const strict = await serve({ server: { keys: ['a-client-key'] } });
  const made = await call('POST', '/keys', { body: { name: 'client' }, url: strict.url });
  assert.equal(made.status, 201);
  for (const [headers, status] of [
    [{}, 401],
    [auth('a-client-key'), 401],
    [auth(made.json.key), 401],
    [auth(`${secret}x`), 401],
    [auth(secret), 200],
    [{ 'x-api-key': secret }, 200],
  ]) {
    const got = await fetch(`${strict.url}/admin/v1/status`, { headers });
    assert.equal(got.status, status, JSON.stringify(headers));
    if (status === 401) assert.equal(got.headers.get('www-authenticate'), 'Bearer');
  }
  assert.equal((await fetch(`${strict.url}/admin/v1/status?key=${secret}`)).status, 401); // keys in URLs end up in logs
  assert.equal((await post(strict.url, '/v1/chat/completions', chat('main', 'x'), auth(secret))).status, 401);
  assert.equal((await fetch(`${strict.url}/admin/v1/status`, { headers: { ...auth(), origin: 'https://elsewhere.example' } })).status, 403);
  await strict.stop();
});

test('the key may come from the environment', async () => {
  const one = await startServe({ providers: providers(sim.url) }, { env: { PATCHBAY_ADMIN_KEY: secret } });
  assert.equal((await call('GET', '/status', { url: one.url })).status, 200);
  await one.stop();
});

test('after ten wrong keys within a minute an address has to wait', async () => {
  const one = await serve();
  for (let i = 0; i < 10; ++i) assert.equal((await call('GET', '/status', { key: `wrong-key-number-${i}`, url: one.url })).status, 401);
  const got = await call('GET', '/status', { url: one.url });
  assert.equal(got.status, 429);
  assert.ok(Number(got.headers.get('retry-after')) > 0);
  assert.equal((await post(one.url, '/v1/chat/completions', chat('main', 'x'))).status, 200);
  await one.stop();
});

test('an address of its own: there and only there', async () => {
  const one = await serve({ admin: { key: secret, listen: '127.0.0.1:0' } });
  const [, url] = await one.seen(/the admin API is on (http:\/\/[^\s"]+)/);
  assert.equal((await call('GET', '/status', { url })).status, 200);
  assert.equal((await call('GET', '/status', { url: one.url })).status, 404);
  assert.equal((await post(url, '/v1/chat/completions', chat('main', 'x'))).status, 404);
  assert.equal((await post(one.url, '/v1/chat/completions', chat('main', 'x'))).status, 200);
  const shown = await run(['status', '--once', '--url', url], { env: { PATCHBAY_ADMIN_KEY: secret } });
  assert.equal(shown.code, 0, shown.stderr);
  await one.stop();
});

test('the OpenAPI document is one', { skip: installed ? false : 'not installed: @seriousme/openapi-schema-validator' }, async () => {
  const { Validator } = await import('@seriousme/openapi-schema-validator');
  const result = await new Validator().validate(await get('/openapi.json'));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
});

test('routes and deployments tell what happens', async () => {
  for (let i = 0; i < 6; ++i) assert.equal((await ask()).status, 200);
  await ask('oai/sim-text+error-500');
  const routes = await get('/routes');
  assert.deepEqual(routes.data.map((r) => [r.name, r.strategy, r.deployments.map((d) => d.id)]), [['main', 'round-robin', ['oai/echo', 'ant/echo']]]);
  assert.ok(routes.data[0].deployments.every((d) => d.usable));

  const all = (await get('/deployments')).data;
  const ant = all.find((d) => d.id === 'ant/echo');
  assert.deepEqual(ant.routes, [{ route: 'main', weight: 2, priority: 1, tags: ['eu'] }]);
  assert.equal(ant.answered, 4);
  assert.equal(ant.last_minute.error_rate, 0);
  assert.ok(ant.first_token_ms >= 0 && ant.success > 0.9);
  assert.equal(ant.allowance.limits[0].left, 999_996);
  assert.equal(ant.health, 'unchecked');
  const named = all.find((d) => d.id === 'oai/sim-text+error-500');
  assert.equal(named.failed, 1);
  assert.equal(named.last_minute.error_rate, 1);
  assert.deepEqual(named.routes, []);
  assert.equal((await get('/deployments?provider=ant')).data.length, 1);
  assert.equal((await get('/deployments?route=main')).data.length, 2);
  const first = await get('/deployments?limit=1');
  assert.equal(first.data.length, 1);
  assert.equal((await get(`/deployments?limit=1&cursor=${encodeURIComponent(first.next)}`)).data[0].id, all[1].id);
  assert.deepEqual((await get('/deployments/ant%2Fecho')).id, 'ant/echo');
  assert.equal((await call('GET', '/deployments/nobody/x')).status, 404);
});

test('drain under load: no request is dropped, none is sent there any more; it outlives a reload', async () => {
  const answers = [];
  const before = (await get('/deployments/oai/echo')).answered;
  let stop = false;
  const load = Array.from({ length: 8 }, async (_, worker) => {
    for (let i = 0; !stop; ++i) answers.push(await ask('main', undefined, { stream: (worker + i) % 2 === 0 }));
  });
  const slowOne = ask('oai/echo+slow-first-500ms');
  const answered = async (n) => {
    while (answers.length < n) await new Promise(setImmediate);
  };
  await answered(100);
  assert.ok((await get('/deployments/oai/echo')).answered > before);
  const drained = await call('POST', '/deployments/oai/echo/drain');
  assert.deepEqual([drained.status, drained.json.state, drained.json.drained], [200, 'drained', true]);
  while ((await get('/deployments/oai/echo')).in_flight > 0); // those under way finish
  const then = (await get('/deployments/oai/echo')).answered;
  await answered(answers.length + 100);
  const reloaded = await call('POST', '/config/reload');
  assert.equal(reloaded.status, 200);
  await answered(answers.length + 100);
  stop = true;
  await Promise.all(load);
  assert.ok(answers.every((a) => a.status === 200), JSON.stringify(answers.find((a) => a.status !== 200)));
  assert.equal((await get('/deployments/oai/echo')).answered, then);
  assert.equal((await slowOne).status, 200);
  const asked = await ask('oai/echo');
  assert.equal(asked.status, 503);
  assert.match(asked.json.error.message, /oai\/echo: drained/);
  assert.ok(!(await get('/routes')).data[0].deployments.find((d) => d.id === 'oai/echo').usable);

  const enabled = await call('POST', '/deployments/oai%2Fecho/enable');
  assert.equal(enabled.json.state, 'ready');
  assert.equal((await ask('oai/echo')).status, 200);
  assert.equal((await call('POST', '/deployments/nobody/x/drain')).status, 404);
});

test('a breaker is closed by hand', async () => {
  const one = await serve({ breaker: { failures: 1, open: '60s' }, routes: { bad: { deployments: ['oai/sim-text+error-500'], retries: { attempts: 0 } } } });
  const bad = () => post(one.url, '/v1/chat/completions', chat('bad', 'x'));
  assert.equal((await bad()).status, 500);
  assert.equal((await bad()).status, 503);
  const path = `/deployments/${encodeURIComponent('oai/sim-text+error-500')}`;
  const open = (await call('GET', path, { url: one.url })).json;
  assert.equal(open.state, 'open');
  assert.ok(open.breaker.retry_in_ms > 50_000 && open.breaker.since);
  const reset = await call('POST', `${path}/reset`, { url: one.url });
  assert.equal(reset.json.breaker.state, 'closed');
  assert.equal((await bad()).status, 500);
  await one.stop();
});

test('keys: made, used at once, changed, rotated, revoked; each with what it has used', async () => {
  const one = await serve({ teams: { search: {} } });
  const at = { url: one.url };
  const made = await call('POST', '/keys', { ...at, body: { name: 'alice', team: 'search', limits: { requests_per_minute: 3 }, budget: { amount: 2, per: 'day' }, expires: '30d', metadata: { owner: 'ann' } } });
  assert.equal(made.status, 201, JSON.stringify(made.json));
  assert.match(made.json.key, /^pb-/);
  const use = (key) => post(one.url, '/v1/chat/completions', chat('main', 'hi'), auth(key));
  assert.equal((await use(made.json.key)).status, 200); // this very moment
  const seen = (await call('GET', '/keys/alice', at)).json;
  assert.deepEqual([seen.key, seen.use.requests_today], [undefined, 1]);
  assert.deepEqual(seen.use.limits.map((l) => [l.limit, l.most, l.left]).slice(0, 1), [['requests_per_minute', 3, 2]]);
  assert.ok(seen.last_used);
  assert.deepEqual(seen.metadata, { owner: 'ann' });
  const changed = await call('PATCH', '/keys/alice', { ...at, body: { limits: { requests_per_minute: 0 }, budget: null, models: ['main'], metadata: { owner: null, x: 'y' } } });
  assert.deepEqual([changed.json.limits.requests_per_minute, changed.json.budget, changed.json.models, changed.json.metadata, changed.json.team], [0, null, ['main'], { x: 'y' }, 'search']);
  const rotated = await call('POST', '/keys/alice/rotate', { ...at, body: { grace: '1h' } });
  assert.equal((await use(made.json.key)).status, 200);
  assert.equal((await use(rotated.json.key)).status, 200);
  assert.equal((await call('POST', '/keys', { ...at, body: { name: 'bob' } })).status, 201);
  const first = (await call('GET', '/keys?limit=1', at)).json;
  assert.deepEqual([first.data.map((k) => k.name), first.next], [['alice'], 'alice']);
  assert.deepEqual((await call('GET', `/keys?limit=1&cursor=${first.next}`, at)).json.data.map((k) => k.name), ['bob']);
  assert.deepEqual((await call('GET', '/keys?team=search', at)).json.data.map((k) => k.name), ['alice']);
  const revoked = await call('POST', '/keys/alice/revoke', at);
  assert.equal(revoked.json.state, 'revoked');
  assert.equal((await use(rotated.json.key)).status, 401);
  assert.equal((await call('GET', '/keys', at)).json.data.length, 1);
  assert.equal((await call('GET', '/keys?revoked=true', at)).json.data.length, 2);
  // The same keys as those of the command.
  const listed = JSON.parse((await run(['keys', 'list', '--json', '--config', one.config])).stdout);
  assert.deepEqual(listed.map((k) => k.name), ['bob']);
  for (const [method, path, body, status, message] of [
    ['POST', '/keys', {}, 400, /name: is missing/],
    ['POST', '/keys', { name: 'a b' }, 400, /letters, digits/],
    ['POST', '/keys', { name: 'bob' }, 400, /already/],
    ['POST', '/keys', { name: 'c', limits: { rpm: 1 } }, 400, /limits\.rpm: is not known/],
    ['POST', '/keys', { name: 'c', team: 'serch' }, 400, /no team `serch`; did you mean `search`/],
    ['POST', '/keys', { name: 'c', expires: 'soon' }, 400, /expires: /],
    ['POST', '/keys', '{"name":', 400, /./],
    ['PATCH', '/keys/alice', { team: '' }, 400, /revoked/],
    ['PATCH', '/keys/nobody', {}, 404, /no key named/],
    ['POST', '/keys/bob/rotate', { grace: 'x' }, 400, /grace: /],
    ['GET', '/keys?limit=0', undefined, 400, /limit: .*1 to 1000/],
    ['GET', '/keys?nmae=x', undefined, 400, /nmae: no such parameter; there are `team`/],
    ['DELETE', '/keys/bob', undefined, 405, /takes GET, PATCH/],
    ['GET', '/nothing', undefined, 404, /openapi\.json/],
  ]) {
    const got = await call(method, path, { ...at, body });
    assert.equal(got.status, status, `${method} ${path}: ${JSON.stringify(got.json)}`);
    assert.match(got.json.error.message, message);
  }
  assert.equal((await call('POST', '/keys?force=true', { ...at, body: { name: 'c', team: 'elsewhere' } })).status, 201);
  await one.stop();
});

test('usage and requests: sums, filters, pages, and the row of a moment ago', async () => {
  const one = await serve();
  const say = (model, extra) => post(one.url, '/v1/chat/completions', chat(model, 'hello', extra));
  for (let i = 0; i < 4; ++i) await say('main');
  await say('oai/sim-text+error-503');
  const last = await say('oai/echo', { stream: true });
  const at = { url: one.url };
  const rows = (await call('GET', '/requests', at)).json.data;
  assert.equal(rows.length, 6);
  assert.deepEqual([rows[0].model, rows[0].stream, rows[0].status, rows[0].route], ['echo', true, 200, '']);
  assert.ok(rows[0].first_token_ms >= 0 && rows[0].input > 0);
  assert.deepEqual([rows[1].status, rows[5].route], [503, 'main']);
  const page = (await call('GET', '/requests?limit=4', at)).json;
  const rest = (await call('GET', `/requests?limit=4&cursor=${page.next}`, at)).json;
  assert.deepEqual([...page.data, ...rest.data].map((r) => r.id), rows.map((r) => r.id));
  assert.equal(rest.next, null);
  const count = async (query) => (await call('GET', `/requests?${query}`, at)).json.data.length;
  assert.deepEqual([await count('status=errors'), await count('status=2xx'), await count('route=main'), await count('provider=nobody'), await count('since=1h'), await count('until=2020-01-01')], [1, 5, 4, 0, 6, 0]);
  assert.deepEqual((await call('GET', `/requests/${rows[2].id}`, at)).json, rows[2]);
  assert.equal((await call('GET', `/requests/${rows[0].request_id}`, at)).json.id, rows[0].id);
  assert.equal(last.status, 200);
  assert.equal((await call('GET', '/requests/none', at)).status, 404);
  const usage = (await call('GET', '/usage?by=route,status', at)).json;
  assert.deepEqual(usage.rows.map((r) => [r.route, r.status, r.requests]), [['', '200', 1], ['', '503', 1], ['main', '200', 4]]);
  assert.equal(usage.total.requests, 6);
  assert.equal((await call('GET', '/usage?status=errors', at)).json.total.requests, 1);
  for (const path of ['/usage?by=colour', '/usage?since=soon', '/requests?status=ok', '/requests?cursor=x'])
    assert.equal((await call('GET', path, at)).status, 400, path);
  await one.stop();
  const none = await serve({ ledger: { enabled: false } });
  assert.match((await call('GET', '/requests', { url: none.url })).json.error.message, /ledger\.enabled/);
  await none.stop();
});

test('limits: of keys, teams, providers and deployments, and those nearly used up', async () => {
  const one = await serve({ providers: { oai: { ...providers(sim.url).oai, limits: { requests_per_day: 50 } } } });
  const at = { url: one.url };
  const key = (await call('POST', '/keys', { ...at, body: { name: 'k', team: 'search', limits: { requests_per_minute: 4 } } })).json.key;
  for (let i = 0; i < 4; ++i) await post(one.url, '/v1/chat/completions', chat('oai/echo', 'x'), auth(key));
  const all = (await call('GET', '/limits', at)).json.data;
  assert.deepEqual(all.map((a) => `${a.subject}/${a.name}`), ['deployment/ant/echo', 'key/k', 'provider/oai', 'team/search']);
  assert.deepEqual(all[1].limits[0], { limit: 'requests_per_minute', most: 4, left: 0, resets_in_ms: all[1].limits[0].resets_in_ms, per: null });
  assert.equal(all[2].limits[0].left, 46);
  assert.deepEqual([all[3].limits[0].limit, all[3].limits[0].per], ['budget', 'month']);
  assert.deepEqual((await call('GET', '/limits?used_over=0.9', at)).json.data.map((a) => a.name), ['k']);
  assert.deepEqual((await call('GET', '/limits?subject=team', at)).json.data.map((a) => a.name), ['search']);
  assert.equal((await call('GET', '/limits?subject=x', at)).status, 400);
  await one.stop();
});

test('a hedged request counts once for its key, and each attempt for its deployment', async () => {
  const limits = { requests_per_day: 10 };
  const one = await serve({
    routes: { raced: { hedge: { after: '50ms', share: '100%' }, deployments: [{ use: 'oai/sim-text+slow-first-2s', priority: 1, limits }, { use: 'ant/echo', priority: 2, limits }] } },
  });
  const at = { url: one.url };
  const key = (await call('POST', '/keys', { ...at, body: { name: 'k', limits } })).json.key;
  const got = await post(one.url, '/v1/chat/completions', chat('raced', 'x'), auth(key));
  assert.match(got.headers.get('x-patchbay-route'), /^ant\/echo.*attempt=2/);
  assert.equal((await call('GET', '/keys/k', at)).json.use.requests_today, 1);
  const used = (await call('GET', '/limits?subject=deployment', at)).json.data.map((d) => [d.name, d.requests_today]);
  assert.deepEqual(used, [['ant/echo', 1], ['oai/sim-text+slow-first-2s', 1]]);
  await one.stop();
});

test('configuration: shown without secrets, read again, refused with the reason, checked', async () => {
  const one = await serve();
  const at = { url: one.url };
  const shown = (await call('GET', '/config', at)).json;
  assert.equal(shown.config.routes.main.strategy, 'round-robin');
  assert.ok(!JSON.stringify(shown).includes(secret) && !JSON.stringify(shown).includes('key-for-oai'));
  const text = readFileSync(one.config, 'utf8');
  const config = JSON.parse(text);
  writeFileSync(one.config, JSON.stringify({ ...config, models: { quick: 'oai/echo' } }));
  const taken = await call('POST', '/config/reload', at);
  assert.deepEqual([taken.status, taken.json.generation, taken.json.refused], [200, shown.generation + 1, null]);
  assert.equal((await post(one.url, '/v1/chat/completions', chat('quick', 'x'))).status, 200); // no wait
  writeFileSync(one.config, 'nonsense: true\n');
  const refused = await call('POST', '/config/reload', at);
  assert.equal(refused.status, 422);
  assert.match(refused.json.error.message, /patchbay\.yaml:1:1: nonsense: unknown key/);
  assert.match((await call('GET', '/status', at)).json.config.refused, /nonsense/);
  assert.equal((await post(one.url, '/v1/chat/completions', chat('quick', 'x'))).status, 200);

  const good = (await call('POST', '/config/validate', { ...at, body: text })).json;
  assert.deepEqual([good.valid, good.mistakes], [true, []]);
  const bad = (await call('POST', '/config/validate', { ...at, body: 'a: 1\nserver: {listen: "${HOME}"}\n' })).json;
  assert.equal(bad.valid, false);
  assert.deepEqual(bad.mistakes.map((m) => [m.line, m.path]), [[1, 'a'], [2, 'server.listen']]);
  assert.match(bad.mistakes[1].message, /`\$\{HOME\}`/); // no value of a variable
  await one.stop();
});

test('settings over those of the file: set, in force at once, taken away', async () => {
  const one = await serve();
  const at = { url: one.url };
  const set = await call('PUT', '/config/overlay/models.quick', { ...at, body: { value: 'oai/echo' } });
  assert.deepEqual([set.status, set.json.changed], [200, true], JSON.stringify(set.json));
  const quick = async () => (await post(one.url, '/v1/chat/completions', chat('quick', 'x'))).status;
  assert.equal(await quick(), 200);
  assert.deepEqual((await call('GET', '/config/overlay', at)).json.overlay, { models: { quick: 'oai/echo' } });
  assert.equal((await call('PUT', '/config/overlay/server.threads', { ...at, body: { value: 'many' } })).status, 422);
  assert.equal((await call('DELETE', '/config/overlay/models.quick', at)).status, 200);
  assert.equal(await quick(), 404);
  assert.equal((await call('DELETE', '/config/overlay', at)).status, 200);
  await one.stop();
});

test('the cache is shown and emptied', async () => {
  const one = await serve({ cache: { enabled: true } });
  const at = { url: one.url };
  const say = async (text) => (await post(one.url, '/v1/chat/completions', chat('oai/echo', text, { temperature: 0 }))).status;
  for (const text of ['a', 'b', 'a']) assert.equal(await say(text), 200);
  const shown = (await call('GET', '/cache', at)).json;
  assert.deepEqual([shown.enabled, shown.entries], [true, 2]);
  assert.equal((await call('GET', '/requests?limit=1', at)).json.data[0].cache, 'hit');
  assert.equal((await call('DELETE', '/cache?provider=ant', at)).json.purged, 0);
  assert.equal((await call('DELETE', '/cache?model=oai%2Fecho', at)).json.purged, 2);
  assert.equal((await call('GET', '/cache', at)).json.entries, 0);
  assert.equal((await call('DELETE', '/cache?modle=x', at)).status, 400);
  await one.stop();
});

test('status of the process', async () => {
  const s = await get('/status');
  assert.ok(s.ready && s.uptime_s > 0 && s.answered > 0 && s.deployments >= 2);
  assert.equal(s.config.source, gateway.config);
});

test('every documented endpoint was called', () => {
  const documented = Object.values(document.paths).flatMap((path) => Object.values(path).map((operation) => operation.operationId));
  assert.deepEqual([...called].sort(), documented.sort());
});
