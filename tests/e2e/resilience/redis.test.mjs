// Several replicas that share Redis: limits and budgets in common, breakers known to all, and going on without it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Program, chat, eventually, post, slow, startSim } from '../harness.mjs';
import { Redis, skip, startReplicas } from '../redis.mjs';

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const custom = (url, more = {}) => ({ type: 'custom', formats: ['openai_chat'], base_url: `${url}/v1`, api_key: 'key', ...more });
const ask = (gateway, key, model, extra) =>
  post(gateway.url, '/v1/chat/completions', chat(model, 'hi', extra), key === undefined ? {} : { authorization: `Bearer ${key}` });
const health = async (gateway) => (await (await fetch(`${gateway.url}/health`)).json()).shared;
const statuses = (all) => all.reduce((count, got) => ({ ...count, [got.status]: (count[got.status] ?? 0) + 1 }), {});
// Sanitizer builds are slow to answer; what is waited for there is not Redis.
const timeout = slow > 1 ? '2s' : '500ms';

const until = (test, ms) => eventually(test, String(test), ms);

// So many questions, `at_a_time` of them to each gateway in turn.
async function load(gateways, count, atATime, question) {
  const all = [];
  let left = count;
  const worker = async (gateway) => {
    while (left-- > 0) all.push(await question(gateway));
  };
  await Promise.all(gateways.flatMap((gateway) => Array.from({ length: atATime }, () => worker(gateway))));
  return all;
}

let sim;
before(async () => (sim = await startSim()));
after(() => sim?.stop());

describe('two replicas with Redis', { skip }, () => {
  let redis, gateways, keys;
  before(async () => {
    redis = await Redis.start();
    ({ gateways, secrets: keys } = await startReplicas(
      2,
      {
        shared: { url: redis.url, timeout },
        server: { threads: 2 },
        breaker: { failures: 3, open: '60s' },
        prices: { 'a/echo': { input: 1000, output: 1000 } },
        providers: { a: custom(sim.url), b: custom(sim.url), p: custom(sim.url, { limits: { requests_per_minute: 100 }, queue: 0 }) },
        teams: { search: { limits: { requests_per_day: 200 } } },
        routes: {
          main: { deployments: [{ use: 'a/sim-text+error-500', priority: 1 }, { use: 'b/echo', priority: 2 }] },
          free: { deployments: [{ use: 'b/sim-text', limits: { requests_per_day: 20 } }] },
        },
      },
      {
        minute: ['--rpm', '300'],
        money: ['--budget', '2', '--per', 'day'],
        one: ['--team', 'search'],
        two: ['--team', 'search'],
        places: ['--concurrency', '3'],
        plain: [],
      },
    ));
  });
  after(async () => {
    for (const gateway of gateways ?? []) if (gateway.code === undefined) await gateway.stop();
    await redis?.stop();
  });

  test('both say so', async () => {
    for (const gateway of gateways) {
      await gateway.seen(/limits are shared by way of Redis/);
      await until(async () => (await health(gateway)).replicas === 2);
      const shared = await health(gateway);
      assert.equal(shared.state, 'ok');
      assert.equal(shared.redis, redis.url);
    }
  });

  test('a limit of requests a minute holds for both together, within 1 %', async () => {
    const all = await load(gateways, 700, 20, (gateway) => ask(gateway, keys.minute, 'b/echo'));
    const count = statuses(all);
    assert.deepEqual(Object.keys(count).sort(), ['200', '429']);
    assert.ok(count[200] >= 297 && count[200] <= 303, JSON.stringify(count));
    assert.equal(count[200] + count[429], 700);
    const refused = all.find((got) => got.status === 429);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.match(refused.json.error.message, /limit of 300 requests a minute/);
    assert.equal(refused.headers.get('x-ratelimit-remaining-requests'), '0');
  });

  test('a team’s limit holds for its keys wherever they are used', async () => {
    let turn = 0;
    const all = await load(gateways, 300, 10, (gateway) => ask(gateway, ++turn % 2 === 0 ? keys.one : keys.two, 'b/echo'));
    assert.deepEqual(statuses(all), { 200: 200, 429: 100 });
  });

  test('a provider’s limit too', async () => {
    const all = await load(gateways, 150, 10, (gateway) => ask(gateway, keys.plain, 'p/echo'));
    assert.deepEqual(statuses(all), { 200: 100, 429: 50 });
  });

  test('a budget is used up and not overrun by more than one estimate', async () => {
    const all = await load(gateways, 300, 15, (gateway) => ask(gateway, keys.money, 'a/echo', { max_tokens: 40 }));
    const cost = (got) => got.json.usage.total_tokens / 1000;
    let used = all.filter((got) => got.status === 200).reduce((sum, got) => sum + cost(got), 0);
    // What is left, one after the other: side by side, estimates may have filled it.
    let last;
    for (let i = 0; (last = await ask(gateways[i % 2], keys.money, 'a/echo', { max_tokens: 40 })).status === 200; ++i) used += cost(last);
    const estimate = 0.1; // 40 tokens of answer and some 30 of the prompt, at $1,000 a million
    assert.ok(used >= 2 - 1e-9 && used <= 2 + estimate, `$${used}`);
    assert.match(last.json.error.message, /has used up its limit of a budget of \$2.00 a day/);
    assert.equal(last.headers.get('x-patchbay-budget-remaining'), '0.000000');
  });

  test('places are given back, and tokens settled, for both', async () => {
    const all = await load(gateways, 40, 5, async (gateway) => {
      for (;;) {
        const got = await ask(gateway, keys.places, 'b/sim-text+slow-first-20ms');
        if (got.status === 200) return got;
        assert.equal(got.status, 429);
        assert.match(got.json.error.message, /3 requests at a time/);
        await wait(5);
      }
    });
    assert.deepEqual(statuses(all), { 200: 40 });
  });

  test('a deployment’s quota is one for all', async () => {
    const all = await load(gateways, 30, 3, (gateway) => ask(gateway, keys.plain, 'free'));
    assert.deepEqual(statuses(all), { 200: 20, 429: 10 });
  });

  test('a breaker that one of them opens is known to the other within a second', async () => {
    const route = (got) => got.headers.get('x-patchbay-route');
    for (let i = 0; i < 3; ++i) assert.match(route(await ask(gateways[0], keys.plain, 'main')), /attempt=2/);
    assert.match(route(await ask(gateways[0], keys.plain, 'main')), /attempt=1/);
    await wait(1000 * slow);
    assert.match(route(await ask(gateways[1], keys.plain, 'main')), /^b\/echo;.*attempt=1/);
  });

  test('who is killed gives back what it held', async () => {
    const hold = async () => {
      for (;;) {
        const got = await ask(gateways[0], keys.places, 'b/sim-text+slow-first-60000ms').catch(() => 'cut');
        if (got === 'cut') return got;
        assert.equal(got.status, 429); // whoever looks below was there for a moment
        await wait(5);
      }
    };
    const held = Array.from({ length: 3 }, hold);
    await until(async () => (await ask(gateways[1], keys.places, 'b/echo')).status === 429);
    gateways[0].child.kill('SIGKILL');
    const killed = performance.now();
    assert.deepEqual(await Promise.all(held), ['cut', 'cut', 'cut']);
    await until(async () => (await ask(gateways[1], keys.places, 'b/echo')).status === 200, 8000 * slow);
    assert.ok(performance.now() - killed > 1000, 'it was still counted a second later');
    await until(async () => (await health(gateways[1])).replicas === 1);
  });

  test('who comes back goes on where it was', async () => {
    const next = await new Program(['serve', '--config', gateways[0].config]).listening();
    gateways[0] = next;
    await next.seen(/Redis is back|limits are shared/);
    await until(async () => (await health(next)).state === 'ok');
    assert.equal((await ask(next, keys.money, 'a/echo', { max_tokens: 40 })).status, 429);
    assert.equal((await ask(next, keys.one, 'b/echo')).status, 429);
  });
});

describe('without Redis for a while', { skip }, () => {
  let redis, gateways, keys;
  before(async () => {
    redis = await Redis.start();
    ({ gateways, secrets: keys } = await startReplicas(
      2,
      { shared: { url: redis.url, timeout }, server: { keys: ['of-the-operator'] }, providers: { a: custom(sim.url) } },
      { day: ['--rpd', '100'], many: ['--rpd', '1000000', '--rpm', '1000000', '--budget', '1000'] },
    ));
    for (const gateway of gateways) await until(async () => (await health(gateway)).replicas === 2);
  });
  after(async () => {
    for (const gateway of gateways ?? []) await gateway.stop();
    await redis?.stop();
  });

  for (const [how, stop, start] of [
    ['killed, with all it knew', () => redis.stop(), () => redis.start()],
    ['hanging', () => redis.freeze(), () => redis.thaw()],
  ])
    test(`${how}, under load: no request fails, none waits long, and it is found again`, async () => {
      let done = false, longest = 0, asked = 0;
      const failed = [];
      const work = gateways.flatMap((gateway) =>
        Array.from({ length: 4 }, async () => {
          while (!done) {
            const begin = performance.now();
            const got = await ask(gateway, keys.many, 'a/echo');
            longest = Math.max(longest, performance.now() - begin);
            ++asked;
            if (got.status !== 200) failed.push(got.text);
          }
        }),
      );
      const seen = gateways.map((gateway) => gateway.log.length);
      const since = (i, pattern) => until(() => pattern.test(gateways[i].log.slice(seen[i])));
      try {
        await wait(200);
        await stop();
        for (const [i, gateway] of gateways.entries()) {
          await since(i, /Redis is out of reach: this replica goes on with its own share.*replicas=2/);
          const shared = await health(gateway);
          assert.equal(shared.state, 'degraded');
          assert.ok(Math.abs(shared.since - Date.now() / 1000) < 10 * slow);
          assert.ok(shared.why.length > 0);
        }
        await wait(300);
        await start();
        for (const [i, gateway] of gateways.entries()) {
          await since(i, /Redis is back/);
          await until(async () => (await health(gateway)).state === 'ok');
        }
        await wait(200);
      } finally {
        done = true;
        await Promise.all(work);
      }
      assert.deepEqual(failed, []);
      assert.ok(asked > 100, `${asked}`);
      assert.ok(longest < 1000 * slow, `${longest} ms`);
      for (const [i, gateway] of gateways.entries())
        assert.equal(gateway.log.slice(seen[i]).match(/Redis is out of reach/g).length, 1, 'told once');
    });

  test('each keeps to its share, and what was used is settled when Redis is back', async () => {
    // 20 with Redis; of the 80 that are left, each may use 40.
    assert.deepEqual(statuses(await load(gateways, 20, 1, (gateway) => ask(gateway, keys.day, 'a/echo'))), { 200: 20 });
    const used = await Promise.all(
      gateways.map(async (gateway) => {
        const got = await ask(gateway, keys.day, 'a/echo');
        assert.equal(got.status, 200);
        return got;
      }),
    );
    assert.equal(Number(used[1].headers.get('x-ratelimit-limit-requests')), 100);
    await redis.stop();
    const before = 22;
    const share = [];
    for (const gateway of gateways) {
      await until(async () => (await health(gateway)).state === 'degraded');
      const all = await load([gateway], 60, 5, (one) => ask(one, keys.day, 'a/echo'));
      share.push(statuses(all)[200]);
      const refused = all.find((got) => got.status === 429);
      assert.match(refused.json.error.message, /used up its share, while the other replicas cannot be asked, of/);
    }
    assert.ok(share[0] + share[1] <= 100 - before && share[0] + share[1] >= 100 - before - 4, `${share}`);
    await redis.start();
    for (const gateway of gateways) await until(async () => (await health(gateway)).state === 'ok');
    const all = await load(gateways, 20, 1, (gateway) => ask(gateway, keys.day, 'a/echo'));
    assert.equal(statuses(all)[200] ?? 0, 100 - before - share[0] - share[1]);
  });

  test('metrics tell of it', async () => {
    const text = await (await fetch(`${gateways[0].url}/metrics`, { headers: { authorization: 'Bearer of-the-operator' } })).text();
    assert.match(text, /^patchbay_shared_up 1$/m);
    assert.match(text, /^patchbay_shared_replicas 2$/m);
    assert.match(text, /^patchbay_shared_outages_total [1-9]/m);
  });
});

test('an answer that one replica keeps is found by the other; without Redis it is asked for again', { skip }, async () => {
  const redis = await Redis.start();
  const { gateways } = await startReplicas(2, { shared: { url: redis.url, timeout }, cache: { enabled: true }, providers: { a: custom(sim.url) } });
  const question = (gateway, text) => post(gateway.url, '/v1/chat/completions', chat('a/echo', text));
  const how = (got) => got.headers.get('x-patchbay-cache');
  for (const gateway of gateways) await until(async () => (await health(gateway)).state === 'ok');
  const first = await question(gateways[0], 'who keeps this?');
  assert.equal(how(first), 'miss');
  await until(async () => how(await question(gateways[0], 'who keeps this?')) === 'hit');
  const other = await question(gateways[1], 'who keeps this?');
  assert.equal(how(other), 'hit');
  assert.deepEqual(other.json.choices, first.json.choices);
  assert.equal(how(await question(gateways[1], 'and this?')), 'miss');
  await redis.stop();
  for (const gateway of gateways) {
    const again = await question(gateway, 'who keeps this?');
    assert.equal(again.status, 200);
    assert.equal(how(again), 'miss');
    await gateway.stop();
  }
});

describe('starting', { skip }, () => {
  test('without Redis; with it later', async () => {
    const redis = await Redis.start();
    await redis.stop();
    const { gateways, secrets } = await startReplicas(1, { shared: { url: redis.url, timeout, replicas: 4 }, providers: { a: custom(sim.url) } }, { k: ['--rpd', '40'] });
    const [gateway] = gateways;
    await gateway.seen(/Redis is out of reach/);
    assert.equal((await health(gateway)).state, 'degraded');
    assert.deepEqual(statuses(await load([gateway], 20, 2, () => ask(gateway, secrets.k, 'a/echo'))), { 200: 10, 429: 10 });
    await redis.start();
    await gateway.seen(/Redis is back/);
    assert.deepEqual(statuses(await load([gateway], 40, 2, () => ask(gateway, secrets.k, 'a/echo'))), { 200: 30, 429: 10 });
    await gateway.stop();
    assert.doesNotMatch(gateway.log.slice(gateway.log.indexOf('stopping')), /out of reach/);
    await redis.stop();
  });

  test('with a password and a database, neither of which is told anybody', async () => {
    const redis = await Redis.start(['--requirepass', 'open-sesame']);
    const address = (password) => `redis://:${password}@127.0.0.1:${redis.port}/2`;
    const { gateways } = await startReplicas(1, { shared: { url: address('wrong-sesame'), timeout }, log: { level: 'debug' }, providers: { a: custom(sim.url) } });
    await gateways[0].seen(/out of reach.*WRONGPASS/);
    const good = await startReplicas(1, { shared: { url: address('open-sesame'), timeout }, log: { level: 'debug' }, providers: { a: custom(sim.url) } });
    await good.gateways[0].seen(/limits are shared by way of Redis/);
    assert.equal((await health(good.gateways[0])).redis, `redis://127.0.0.1:${redis.port}/2`);
    for (const gateway of [...gateways, ...good.gateways]) {
      await gateway.stop();
      assert.doesNotMatch(gateway.log, /sesame/);
    }
    await redis.stop();
  });

  test('over TLS, with its certificate verified', async () => {
    const redis = await Redis.startTls();
    const start = async (shared) => (await startReplicas(1, { shared: { url: redis.url, timeout, ...shared }, providers: { a: custom(sim.url) } })).gateways[0];
    const trusting = await start({ ca_file: redis.ca });
    await trusting.seen(/limits are shared by way of Redis/);
    const wary = await start({});
    await wary.seen(/out of reach.*TLS handshake with localhost failed/);
    await trusting.stop();
    await wary.stop();
    await redis.stop();
  });
});
