// Kept answers: exact, per key, streamed or whole; Cache-Control; equal requests under way; what the ledger and the metrics say.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import { Ollama } from 'ollama';
import { ask, chunk, completion, counted as countedWith, how, metric, reply, serve as serveWith, usage } from './cache.mjs';
import { anthropic, chat, eventually, keySeen, message, openai, post, run, startSim } from './harness.mjs';

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());
const serve = (config) => serveWith(sim, config);
const counted = (config) => countedWith(sim, config);

test('the same question again is answered without the provider, whatever its order and white space', async () => {
  const { seen, gateway, stop } = await counted({ prices: { 'up/m': { input: 1000, output: 1000 } } });
  const first = ask(gateway, { ...chat('up/m', 'hi'), max_tokens: 5 });
  reply((await seen.reach(1))[0].response, 'hello');
  assert.equal(how(await first), 'miss');
  const again = await ask(gateway, ' { "max_tokens":5, "messages":[ {"content":"hi","role":"user"} ],\n "model":"up/m"}');
  assert.equal(how(again), 'hit');
  assert.equal(again.headers.get('age'), '0');
  assert.deepEqual(again.json, completion('hello'));
  assert.ok(again.headers.get('x-request-id'));
  assert.notEqual(again.headers.get('x-request-id'), (await first).headers.get('x-patchbay-request-id'));
  const streamed = await openai(gateway.url).chat.completions.create({ ...chat('up/m', 'hi'), max_tokens: 5, stream: true, stream_options: { include_usage: true } });
  let text = '', tokens;
  for await (const part of streamed) {
    text += part.choices[0]?.delta?.content ?? '';
    tokens = part.usage ?? tokens;
  }
  assert.equal(text, 'hello');
  assert.equal(tokens.completion_tokens, 10);
  assert.equal(seen.list.length, 1);

  const other = ask(gateway, chat('up/m', 'hi', { max_tokens: 6 }));
  reply((await seen.reach(2))[1].response, 'other');
  assert.equal(how(await other), 'miss');
  assert.equal(await metric(gateway, 'patchbay_cache_requests_total{result="hit"}'), 2);
  assert.equal(await metric(gateway, 'patchbay_cache_requests_total{result="miss"}'), 2);
  assert.equal(await metric(gateway, 'patchbay_cache_entries'), 2);
  assert.ok((await metric(gateway, 'patchbay_cache_bytes')) > 500);
  await stop();
  const { total, rows } = await usage(gateway);
  assert.equal(total.requests, 4);
  assert.equal(total.cached, 2);
  assert.equal(total.input, 200); // of those that were asked
  assert.ok(Math.abs(total.cost - 0.22) < 1e-9, `${total.cost}`);
  assert.ok(Math.abs(total.saved - 0.22) < 1e-9, `${total.saved}`);
  assert.equal(rows[0].model, 'm');
  const table = await run(['usage', '--config', gateway.config]);
  assert.match(table.stdout, /from cache +saved \$/);
});

test('official SDKs: whole then streamed and streamed then whole, in every format', async () => {
  const gateway = await serve();
  const { url } = gateway;
  const o = openai(url), a = anthropic(url);
  const g = new GoogleGenAI({ apiKey: 'client-key', httpOptions: { baseUrl: url } });
  const l = new Ollama({ host: url });
  const join = async (stream, pick) => {
    let text = '';
    for await (const part of stream) text += pick(part) ?? '';
    return text;
  };
  const ways = {
    chat: {
      whole: async (m, q) => (await o.chat.completions.create(chat(m, q))).choices[0].message.content,
      stream: async (m, q) => join(await o.chat.completions.create(chat(m, q, { stream: true })), (c) => c.choices[0]?.delta?.content),
    },
    responses: {
      whole: async (m, q) => (await o.responses.create({ model: m, input: q })).output_text,
      stream: async (m, q) => join(await o.responses.create({ model: m, input: q, stream: true }), (e) => (e.type === 'response.output_text.delta' ? e.delta : '')),
    },
    completions: {
      whole: async (m, q) => (await o.completions.create({ model: m, prompt: q })).choices[0].text,
      stream: async (m, q) => join(await o.completions.create({ model: m, prompt: q, stream: true }), (c) => c.choices[0]?.text),
    },
    messages: {
      whole: async (m, q) => (await a.messages.create(message(m, q))).content[0].text,
      stream: async (m, q) => a.messages.stream(message(m, q)).finalText(),
    },
    gemini: {
      whole: async (m, q) => (await g.models.generateContent({ model: m, contents: q })).text,
      stream: async (m, q) => join(await g.models.generateContentStream({ model: m, contents: q }), (c) => c.text),
    },
    ollama: {
      whole: async (m, q) => (await l.chat({ model: m, messages: [{ role: 'user', content: q }] })).message.content,
      stream: async (m, q) => join(await l.chat({ model: m, messages: [{ role: 'user', content: q }], stream: true }), (c) => c.message.content),
    },
    generate: {
      whole: async (m, q) => (await l.generate({ model: m, prompt: q })).response,
      stream: async (m, q) => join(await l.generate({ model: m, prompt: q, stream: true }), (c) => c.response),
    },
  };
  let hits = 0;
  for (const model of ['oai/echo', 'ant/echo']) {
    for (const [format, { whole, stream }] of Object.entries(ways)) {
      for (const [name, order] of Object.entries({ whole: [whole, stream], stream: [stream, whole] })) {
        const question = `${format} ${name} first, of ${model}`;
        // Ollama's older endpoint cannot be read here, so its answers are kept as they are asked for.
        const own = format === 'generate';
        for (const [i, way] of [order[0], order[0], order[1], order[1]].entries()) {
          assert.equal(await way(model, question), question, `${question}: ${i}`);
          const cached = i === 1 || (i === 2 && !own) || i === 3;
          hits += cached ? 1 : 0;
          assert.equal(await metric(gateway, 'patchbay_cache_requests_total{result="hit"}'), hits, `${question}: ${i}`);
        }
      }
    }
  }
  await gateway.stop();
});

test('what was streamed is streamed again byte for byte, and embeddings are kept too', async () => {
  const gateway = await serve();
  const body = chat('ant/echo', 'a b c d', { stream: true });
  const first = await ask(gateway, body), again = await ask(gateway, body);
  assert.equal(how(again), 'hit');
  assert.equal(again.text, first.text);
  assert.equal(again.headers.get('content-type'), first.headers.get('content-type'));
  const vector = { model: 'oai/embed', input: 'x' };
  const made = await post(gateway.url, '/v1/embeddings', vector), kept = await post(gateway.url, '/v1/embeddings', vector);
  assert.equal(made.status, 200, made.text);
  assert.equal(how(made), 'miss');
  assert.equal(how(kept), 'hit');
  assert.equal(kept.text, made.text);
  await gateway.stop();
});

test('Cache-Control of a request', async () => {
  const { seen, gateway, stop } = await counted();
  let n = 0;
  const provider = async (text) => reply((await seen.reach(++n))[n - 1].response, text);
  const body = chat('up/m', 'hi');
  const none = await ask(gateway, body, { 'cache-control': 'only-if-cached' });
  assert.equal(none.status, 504);
  assert.match(none.json.error.message, /only-if-cached/);
  let [answer] = await Promise.all([ask(gateway, body, { 'cache-control': 'no-store' }), provider('not kept')]);
  assert.equal(how(answer), 'bypass');
  [answer] = await Promise.all([ask(gateway, body), provider('one')]);
  assert.equal(how(answer), 'miss');
  assert.equal((await ask(gateway, body, { 'cache-control': 'only-if-cached' })).json.choices[0].message.content, 'one');
  assert.equal((await ask(gateway, body, { 'cache-control': 'max-age=60' })).json.choices[0].message.content, 'one');
  [answer] = await Promise.all([ask(gateway, body, { 'cache-control': 'no-cache' }), provider('two')]);
  assert.equal(answer.json.choices[0].message.content, 'two');
  answer = await ask(gateway, body);
  assert.equal(how(answer), 'hit');
  assert.equal(answer.json.choices[0].message.content, 'two');
  await stop();
});

test('what is not kept: errors, cut streams, tools, temperature, what goes on from elsewhere; and what is too long', async () => {
  const { seen, gateway, stop } = await counted({ cache: { entry_bytes_max: '2KiB' } });
  let n = 0;
  const provider = async (act) => act((await seen.reach(++n))[n - 1].response);
  const twice = async (body, act, notes) => {
    for (const note of notes) {
      const [answer] = await Promise.all([ask(gateway, body).catch((e) => e), provider(act)]);
      if (note !== undefined) assert.equal(how(answer), note, JSON.stringify(body));
    }
  };
  const cut = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ role: 'assistant', content: 'half' }));
    response.end();
  };
  const broken = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${chunk({ role: 'assistant', content: 'half' })}data: {"error":{"message":"no","type":"server_error"}}\n\n`);
  };
  await twice(chat('up/m', 'error'), (r) => reply(r, 'down', 500), ['miss', 'miss']);
  await twice(chat('up/m', 'cut', { stream: true }), cut, ['miss', 'miss']);
  await twice(chat('up/m', 'broken', { stream: true }), broken, ['miss', 'miss']);
  await twice(chat('up/m', 'long'), (r) => reply(r, 'x'.repeat(5000)), ['miss', 'miss']);
  await twice(chat('up/m', 'tools', { tools: [{ type: 'function', function: { name: 'f' } }] }), (r) => reply(r, 'x'), ['bypass', 'bypass']);
  await twice(chat('up/m', 'warm', { temperature: 0.7 }), (r) => reply(r, 'x'), ['bypass', 'bypass']);
  await twice({ model: 'up/m', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }] }, (r) => reply(r, 'x'), ['bypass', 'bypass']);
  await stop();
});

test('each key has its own answers, unless they are shared by team or by all', async () => {
  for (const [share, expected] of [['key', ['miss', 'miss', 'miss', 'hit']], ['team', ['miss', 'hit', 'miss', 'hit']], ['all', ['miss', 'hit', 'hit', 'hit']]]) {
    const gateway = await serve({ cache: { share }, teams: { red: {} } });
    const keys = {};
    for (const [name, ...team] of [['ann', '--team', 'red'], ['bob', '--team', 'red'], ['eve']]) {
      const made = await run(['keys', 'create', name, ...team, '--config', gateway.config]);
      assert.equal(made.code, 0, made.log);
      keys[name] = made.stdout.trim();
    }
    const as = (name, text = 'hi') => ask(gateway, chat('oai/echo', text), { authorization: `Bearer ${keys[name]}` });
    await keySeen(gateway, keys.eve);
    const got = [];
    for (const name of ['ann', 'bob', 'eve', 'ann']) got.push(how(await as(name)));
    assert.deepEqual(got, expected, share);
    await gateway.stop();
  }
});

test('routes say for themselves, and so does the list of models', async () => {
  const gateway = await serve({
    cache: { enabled: true, models: ['oai/*'] },
    routes: { kept: { deployments: ['ant/echo'], cache: { keep: 'on', ttl: '1ms' } }, not: { deployments: ['oai/echo'], cache: { keep: 'off' } } },
  });
  const notes = async (model) => [how(await ask(gateway, chat(model, 'hi'))), how(await ask(gateway, chat(model, 'hi')))];
  assert.deepEqual(await notes('oai/echo'), ['miss', 'hit']);
  assert.deepEqual(await notes('ant/echo'), [null, null]);
  assert.deepEqual(await notes('not'), [null, null]);
  assert.equal((await notes('kept'))[0], 'miss');
  await gateway.stop();
});

test('memory is bounded, and what was used longest ago goes first', async () => {
  const gateway = await serve({ cache: { bytes_max: '64KiB', entry_bytes_max: '32KiB' } });
  const text = (i) => `${i} ${'x'.repeat(9000)}`;
  for (let i = 0; i < 12; ++i) assert.equal(how(await ask(gateway, chat('oai/echo', text(i)))), 'miss');
  assert.ok((await metric(gateway, 'patchbay_cache_bytes')) <= 65536);
  assert.ok((await metric(gateway, 'patchbay_cache_evictions_total')) >= 5);
  assert.equal(how(await ask(gateway, chat('oai/echo', text(11)))), 'hit');
  assert.equal(how(await ask(gateway, chat('oai/echo', text(0)))), 'miss');
  await gateway.stop();
});

test('a hit counts as a request of its key, and costs neither tokens nor money', async () => {
  const gateway = await serve({ prices: { 'oai/echo': { input: 100, output: 100 } } });
  const made = await run(['keys', 'create', 'ann', '--rpd', '1000', '--tpd', '100000', '--budget', '5', '--config', gateway.config]);
  assert.equal(made.code, 0, made.log);
  const headers = { authorization: `Bearer ${made.stdout.trim()}` };
  await keySeen(gateway, made.stdout.trim());
  await ask(gateway, chat('oai/echo', 'hello'), headers);
  const left = async () => {
    const a = await ask(gateway, chat('oai/echo', 'hello'), headers);
    assert.equal(how(a), 'hit');
    return [a.headers.get('x-ratelimit-remaining-requests'), a.headers.get('x-patchbay-budget-remaining')];
  };
  const one = await left();
  const two = await left();
  assert.equal(Number(two[0]), Number(one[0]) - 1);
  assert.equal(two[1], one[1]);
  await gateway.stop();
});

test('switched on, made smaller and switched off while the gateway runs', async () => {
  const gateway = await serve({ cache: { enabled: false } });
  const file = JSON.parse(readFileSync(gateway.config, 'utf8'));
  const change = async (cache, note) => {
    writeFileSync(gateway.config, JSON.stringify({ ...file, cache }));
    let got;
    await eventually(async () => (got = how(await ask(gateway, chat('oai/echo', 'x'.repeat(5000))))) === note, () => `still ${got}`);
  };
  await change({ enabled: false }, null);
  await change({ enabled: true }, 'hit');
  await change({ enabled: true, bytes_max: '2KiB', entry_bytes_max: '1KiB' }, 'miss');
  assert.equal(await metric(gateway, 'patchbay_cache_entries'), 0);
  await change({ enabled: false }, null);
  await gateway.stop();
});
