// kill -9 under load, several times, and a restart on the same database each time: every answer that a client has whole is in the
// ledger once, and budgets go on from there.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Program, chat, keySeen, message, post, rawConnection, run, slow, startServe, startSim, startUpstream } from '../harness.mjs';
import { startLoad, exact, query } from './load.mjs';

const workers = 12;
const model = 'sim-stream-12+slow-token-1ms';
let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());

const serve = (config) =>
  startServe({
    ...config,
    server: { loop_guard: 0, threads: 2, ...config.server },
    providers: {
      oai: { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'key' },
      ant: { type: 'anthropic', base_url: sim.url, api_key: 'key' },
    },
    prices: { [`oai/${model}`]: { input: 1000, output: 2000 }, [`ant/${model}`]: { input: 1000, output: 2000 } },
    routes: { main: { strategy: 'round-robin', deployments: [`oai/${model}`, `ant/${model}`] } },
  });
async function again(gateway, change) {
  if (change) writeFileSync(gateway.config, JSON.stringify({ ...JSON.parse(readFileSync(gateway.config, 'utf8')), ...change }));
  const next = new Program(['serve', '--config', gateway.config]);
  next.config = gateway.config;
  return next.listening();
}
async function makeKey(gateway, ...args) {
  const made = await run(['keys', 'create', ...args, '--config', gateway.config]);
  assert.equal(made.code, 0, made.stderr);
  const key = made.stdout.trim();
  await keySeen(gateway, key);
  return key;
}
async function kill(gateway) {
  gateway.child.kill('SIGKILL');
  await gateway.ended();
}

// With a flush of a minute nothing reaches the database before the kill: all of it comes from the journal.
for (const flush of ['60s', '5ms'])
  test(`six kills at random moments, ledger.flush: ${flush}`, async (t) => {
    let gateway = await serve({ ledger: { flush } });
    const key = await makeKey(gateway, 'spender', '--budget', '1000', '--per', 'total');
    let url = gateway.url;
    const load = startLoad(t, () => url, { key, workers });
    let interrupted = 0;
    try {
      for (let i = 0; i < 6; ++i) {
        await load.more(60 + Math.floor(Math.random() * 80));
        await new Promise((done) => setTimeout(done, Math.random() * 30));
        await kill(gateway);
        gateway = await again(gateway);
        url = gateway.url;
        for (const [, n] of gateway.log.matchAll(/interrupted=(\d+)/g)) interrupted += Number(n);
      }
      await load.more(50);
    } finally {
      await load.stop();
    }
    await kill(gateway);
    gateway = await again(gateway);
    const complete = load.answers.filter((a) => a.complete);
    assert.ok(complete.length > 400, `${complete.length}`);
    const others = exact(gateway.config, load.answers).filter((row) => row.client_key === 'spender');
    // What no client has whole: requests that were under way, one a worker and kill at most.
    assert.ok(others.length <= 7 * workers, `${others.length}`);
    const seen = new Map(load.answers.map((a) => [a.id, a]));
    for (const row of others) {
      assert.ok(row.error === 'interrupted' || !seen.get(row.request_id)?.complete, JSON.stringify(row));
      if (row.error !== 'interrupted') continue;
      assert.equal(row.status, 500);
      assert.ok(row.input > 0 && row.cost > 0 && row.usage_estimated === 1, JSON.stringify(row));
    }
    assert.ok(others.some((row) => row.error === 'interrupted'), 'nothing was under way');
    assert.ok(interrupted > 0, 'the log tells');

    const [{ cost }] = query(gateway.config, "SELECT SUM(cost) AS cost FROM usage WHERE client_key = 'spender'");
    const got = await post(gateway.url, '/v1/chat/completions', chat('main', 'one more'), { authorization: `Bearer ${key}` });
    assert.equal(got.status, 200);
    const left = Number(got.headers.get('x-patchbay-budget-remaining'));
    assert.ok(Math.abs(1000 - cost - left) < 1e-5, `${cost} spent, ${left} left`);
    await gateway.stop();
    exact(gateway.config, load.answers);
  });

test('a stream under way costs what had come of it; the budget knows', async () => {
  let gateway = await serve({ ledger: { flush: '60s' } });
  const slowModel = 'sim-stream-500+slow-token-5ms';
  await gateway.stop();
  gateway = await again(gateway, { prices: { [`oai/${slowModel}`]: { input: 0, output: 10_000 } } });
  const key = await makeKey(gateway, 'streamer', '--budget', '0.05', '--per', 'total');
  const body = JSON.stringify(chat(`oai/${slowModel}`, 'go', { stream: true }));
  const connection = await rawConnection(gateway.url);
  connection.send(`POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await connection.wait((c) => c.text.split('data: ').length > 20);
  await kill(gateway);
  const pieces = connection.text.split('data: ').length;
  gateway = await again(gateway);
  const [row] = query(gateway.config, "SELECT * FROM usage WHERE client_key = 'streamer'");
  assert.equal(row.error, 'interrupted');
  assert.equal(row.stream, 1);
  assert.ok(row.output >= 15 && row.output <= pieces + 50, `${row.output} tokens, ${pieces} pieces`);
  assert.ok(Math.abs(row.cost - row.output * 0.01) < 1e-9, JSON.stringify(row));
  const refused = await post(gateway.url, '/v1/chat/completions', chat('main', 'x'), { authorization: `Bearer ${key}` });
  assert.equal(refused.status, 429, refused.text);
  assert.equal(refused.json.error.code, 'insufficient_quota');
  await gateway.stop();
});

test('what a request was estimated to cost is forgotten when it fails', async () => {
  const failing = 'sim-text+error-500';
  const gateway = await startServe({
    server: { loop_guard: 0 },
    ledger: { flush: '5ms' },
    providers: { oai: { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'key' } },
    prices: { [`oai/${failing}`]: { input: 1000, output: 1000 } },
  });
  assert.equal((await post(gateway.url, '/v1/chat/completions', chat(`oai/${failing}`, 'x'))).status, 500);
  await gateway.stop();
  const [row] = query(gateway.config, 'SELECT * FROM usage');
  assert.deepEqual([row.status, row.cost, row.cost_known, row.usage_known, row.input, row.output], [500, 0, 0, 0, 0, 0]);
});

test('an answer whose last event has come is in the ledger, even if its body has not ended', async () => {
  const upstream = await startUpstream((_, response) => {
    const chunk = (more) => `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], ...more })}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'all of it' }, finish_reason: 'stop' }] }));
    response.write(`${chunk({ usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } })}data: [DONE]\n\n`); // and stays open
  });
  let gateway = await startServe({ ledger: { flush: '60s' }, providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'key' } } });
  for (const [path, body, end] of [
    ['/v1/chat/completions', chat('up/m', 'x', { stream: true }), /\[DONE\]/],
    ['/v1/messages', message('up/m', 'y', { stream: true }), /message_stop/],
  ]) {
    const text = JSON.stringify(body);
    const connection = await rawConnection(gateway.url);
    connection.send(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
    await connection.until(end);
  }
  await kill(gateway);
  await upstream.stop();
  gateway = await again(gateway);
  const rows = query(gateway.config, 'SELECT * FROM usage ORDER BY id');
  assert.deepEqual(rows.map(({ client_format, status, error, input, output }) => ({ client_format, status, error, input, output })), [
    { client_format: 'openai_chat', status: 200, error: '', input: 11, output: 7 },
    { client_format: 'anthropic', status: 200, error: '', input: 11, output: 7 },
  ]);
  await gateway.stop();
});

test('usage that is still to be counted is not lost either', async () => {
  let gateway = await serve({ ledger: { flush: '60s' } });
  // The simulator of this format tells no usage in a stream that was cut off before its end.
  const got = await post(gateway.url, '/v1/messages', message('oai/sim-text+no-end', 'x', { stream: true }));
  assert.equal(got.status, 200);
  await kill(gateway);
  gateway = await again(gateway);
  const rows = query(gateway.config, 'SELECT * FROM usage');
  assert.equal(rows.length, 1, JSON.stringify(rows));
  await gateway.stop();
});
