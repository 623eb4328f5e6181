// A second attempt where the first is slow to begin: the first to answer wins.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Happenings, chat, elapsed, message, post, rawConnection, run, slow, startServe, startSim, startUpstream } from '../harness.mjs';

let sim, stuck, gateway;
const closed = new Happenings();
before(async () => {
  sim = await startSim();
  stuck = await startUpstream((request, response) => response.on('close', () => closed.add(request)));
  const custom = (url, more = {}) => ({ type: 'custom', formats: ['openai_chat'], base_url: `${url}/v1`, api_key: 'key', ...more });
  const pair = (first, second, hedge = { after: '100ms', share: '100%' }) => ({ hedge, deployments: [{ use: first, priority: 1 }, { use: second, priority: 2 }] });
  gateway = await startServe({
    server: { loop_guard: 0 },
    breaker: { failures: 0 },
    providers: { stuck: custom(stuck.url), a: custom(sim.url), b: { type: 'anthropic', base_url: sim.url, api_key: 'key' } },
    routes: {
      relayed: pair('stuck/x', 'a/echo'),
      translated: pair('stuck/x', 'b/echo'),
      first: pair('a/echo+slow-first-200ms', 'b/sim-text+slow-first-2s'),
      failing: pair('a/sim-text+slow-first-300ms+error-500', 'b/sim-text+slow-first-100ms+error-503'),
      late: pair('a/sim-text+slow-first-300ms+error-500', 'b/echo+slow-first-500ms'),
      both: pair('stuck/x', 'stuck/y'),
      learned: pair('a/echo', 'b/echo', { after: 'p95', share: '100%' }),
    },
  });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
  await stuck.stop();
});

const ask = (model, text, stream) => post(gateway.url, '/v1/chat/completions', chat(model, text, { stream }));

for (const stream of [false, true])
  describe(stream ? 'streamed' : 'whole', () => {
    for (const [model, provider] of [['relayed', 'a'], ['translated', 'b']])
      test(`the second wins, the first is cancelled: ${model}`, async () => {
        const time = elapsed(), before = closed.list.length;
        const got = await ask(model, `who answers ${model}`, stream);
        assert.equal(got.status, 200, got.text);
        assert.ok(time() < 1000 * slow, `${time()} ms`);
        assert.match(got.headers.get('x-patchbay-route'), new RegExp(`^${provider}/echo; route=${model}; attempt=2`));
        if (stream) assert.match(got.text, /"content":"who/);
        else assert.equal(got.json.choices[0].message.content, `who answers ${model}`);
        await closed.reach(before + 1);
      });
    test('the first wins although a second was asked', async () => {
      const got = await post(gateway.url, '/v1/messages', message('first', 'me', { stream }));
      assert.equal(got.status, 200);
      assert.match(got.headers.get('x-patchbay-route'), /^a\/echo/);
      if (stream) assert.match(got.text, /"text":"me"/);
      else assert.equal(got.json.content[0].text, 'me');
    });
    test('both fail: the first one’s error', async () => {
      const got = await ask('failing', 'x', stream);
      assert.equal(got.status, 500, got.text);
    });
    test('the first fails while the second is under way', async () => {
      const got = await ask('late', 'still', stream);
      assert.equal(got.status, 200, got.text);
      assert.match(got.text, /still/);
    });
  });

test('a client that hangs up ends both', async () => {
  const before = closed.list.length;
  const client = await rawConnection(gateway.url);
  const body = JSON.stringify(chat('both', 'x'));
  client.send(`POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await gateway.seen(/asking a second deployment.*model="?y/);
  client.close();
  await closed.reach(before + 2);
});

test('a fast deployment is hardly ever doubled', async () => {
  for (let i = 0; i < 60; ++i) assert.equal((await ask('learned', `n ${i}`, i % 2 === 1)).status, 200);
  assert.equal((await fetch(`${gateway.url}/health`)).status, 200);
});

test('each request is booked once, at the deployment that answered', async () => {
  await gateway.stop(); // what it drained is in the ledger
  const { stdout, code } = await run(['usage', '--config', gateway.config, '--by', 'provider,model', '--json']);
  assert.equal(code, 0);
  const { rows } = JSON.parse(stdout);
  const of = (model) => rows.filter((row) => row.model === model).reduce((sum, row) => sum + row.requests, 0);
  assert.equal(of('x'), 1); // the one whose client hung up
  assert.equal(of('y'), 0);
});
