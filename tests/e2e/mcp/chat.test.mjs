// Tools that ask one model: through the gateway, with its limits and its ledger, and away with the call that asked.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Happenings, elapsed, keySeen, providers, run, slow, startPair, startServe, startUpstream, temporary } from '../harness.mjs';
import { called, newer, older, overStdio, refusal } from './connect.mjs';

let pair;
before(async () => (pair = await startPair({ server: { loop_guard: 10 }, retries: { attempts: 0 } })));
after(() => pair.stop());

const say = (content) => [{ role: 'user', content }];
const ways = {
  'sessions over HTTP': () => older(pair.url),
  '2026 over HTTP': () => newer(pair.url),
  'sessions over stdio': () => overStdio({ server: { data_dir: temporary() }, retries: { attempts: 0 }, providers: providers(pair.sim.url) }),
};

for (const [way, connect] of Object.entries(ways))
  describe(way, () => {
    let c;
    before(async () => (c = await connect()));
    after(() => c.close());

    test('chat returns the answer, the completion, tokens, cost and latency', async () => {
      const result = await c.callTool({ name: 'chat', arguments: { model: 'oai/echo', messages: say('eins zwei drei') } });
      const a = result.structuredContent;
      assert.equal(result.content[0].text, 'eins zwei drei');
      assert.match(result.content[1].text, /^oai\/echo \| tokens: \d+ \+ \d+.* \| latency: \d+ ms$/);
      assert.equal(a.response, 'eins zwei drei');
      assert.equal(a.completion.choices[0].message.content, 'eins zwei drei');
      assert.equal(a.completion.usage.total_tokens, a.usage.total_tokens);
      assert.equal(a.usage.prompt_tokens + a.usage.completion_tokens, a.usage.total_tokens);
      assert.deepEqual([a.model, a.provider, a.finish_reason], ['echo', 'oai', 'stop']);
      assert.ok(a.latency_ms > 0 && !('cost' in a) && !('first_token_ms' in a));
    });

    test('a model of another format answers as well, at its price', async () => {
      const a = await called(c, 'chat', { model: 'ant/claude-sonnet-4-6', messages: say('hello'), max_tokens: 50 });
      assert.equal(a.provider, 'ant');
      const price = (a.usage.prompt_tokens * 3 + a.usage.completion_tokens * 15) / 1e6;
      assert.ok(Math.abs(a.cost - price) < 1e-9, `${a.cost} for ${JSON.stringify(a.usage)}`);
    });

    for (const model of ['oai/sim-stream-8', 'ant/sim-stream-8'])
      test(`a streamed answer is told as it comes, and whole: ${model}`, async () => {
        const progress = [];
        const a = await called(c, 'chat', { model: `${model}+slow-token-5ms`, messages: say('x'), stream: true }, { onprogress: (p) => progress.push(p) });
        assert.equal(a.response.trim().split(' ').length, 8);
        assert.equal(a.completion.choices[0].message.content, a.response);
        assert.ok(a.first_token_ms > 0 && a.first_token_ms < a.latency_ms);
        assert.ok(a.usage.completion_tokens > 0);
        const text = progress.map((p) => p.message).join('');
        // Clients that read several messages at once forget the progress that came together with the answer.
        if (way.includes('stdio')) assert.ok(a.response.startsWith(text.slice(0, 10)));
        else assert.equal(text, a.response);
        assert.ok(progress.length > 1);
      });

    test('generate takes a prompt, a provider and a system prompt', async () => {
      const a = await called(c, 'generate', { provider: 'ant', model: 'echo', prompt: 'vier', system_prompt: 'be brief' });
      assert.equal(a.response, 'vier');
      assert.equal(a.provider, 'ant');
      const b = await called(c, 'generate', { model: 'oai/echo', messages: say('fünf') });
      assert.equal(b.response, 'fünf');
    });

    test('proxy_completion passes tools on and returns the calls', async () => {
      const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];
      for (const provider of ['oai', 'ant']) {
        const a = await called(c, 'proxy_completion', { provider, model: 'sim-tools', messages: say('get_weather({"city": "Rome"})'), tools, metadata: { mine: 1 } });
        assert.equal(a.finish_reason, 'tool_calls');
        assert.equal(a.tool_calls[0].name, 'get_weather');
        assert.deepEqual(JSON.parse(a.tool_calls[0].arguments), { city: 'Rome' });
        assert.deepEqual(a.metadata, { mine: 1 });
        assert.ok(a.id && a.tool_calls[0].id);
      }
    });

    test('what is wrong with a call names its place', async () => {
      assert.match(await refusal(c, 'chat', { model: 'oai/echo', messages: [] }), /messages/);
      assert.match(await refusal(c, 'chat', { model: 'oai/echo', messages: [{ role: 'king', content: 'x' }] }), /messages\[0\]\.role/);
      assert.match(await refusal(c, 'chat', { model: 'oai/echo', messages: say('x'), temperature: 3 }), /temperature/);
      assert.match(await refusal(c, 'chat', { model: 'oai/echo', messages: say('x'), max_tokens: 0 }), /max_tokens/);
      assert.match(await refusal(c, 'chat', { model: 'nobody/echo', messages: say('x') }), /nobody.*\((not_found|invalid_request)\)/);
      assert.match(await refusal(c, 'generate', { model: 'echo', provider: 'nobody', prompt: 'x' }), /provider.*nobody/);
      assert.match(await refusal(c, 'proxy_completion', { messages: say('x') }), /^model: name a model.*\(invalid_request\)$/);
    });

    test('what a provider refuses is told with its code, and when to try again', async () => {
      assert.match(await refusal(c, 'chat', { model: 'oai/sim-429-3', messages: say('x') }), /\(rate_limited; try again in 3 s\)$/);
      for (const stream of [false, true])
        assert.match(await refusal(c, 'chat', { model: 'oai/sim-stream-8+cut', messages: say('x'), stream }), /\((bad_upstream|overloaded)/);
    });
  });

test('one question asked often is no loop', async () => {
  const c = await older(pair.url);
  for (let i = 0; i < 15; ++i) assert.equal((await called(c, 'chat', { model: 'oai/echo', messages: say('again') })).response, 'again');
  await c.close();
});

describe('a call that is cancelled', () => {
  let upstream, gateway;
  const gone = new Happenings(), asked = new Happenings();
  before(async () => {
    upstream = await startUpstream((request, response) => {
      asked.add(request);
      request.socket.once('close', () => gone.add(performance.now()));
      if (JSON.parse(request.body).stream) response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
    });
    gateway = await startServe({ providers: providers(upstream.url) });
  });
  after(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  for (const connect of [older, newer])
    for (const model of ['oai/m', 'ant/m'])
      for (const stream of [false, true])
        test(`takes its request to the provider with it: ${connect.name}, ${model}${stream ? ', streamed' : ''}`, async () => {
          const c = await connect(gateway.url);
          const before = gone.list.length;
          const reached = asked.reach(asked.list.length + 1);
          const stop = new AbortController();
          const outcome = called(c, 'chat', { model, messages: say('x'), stream }, { signal: stop.signal, onprogress: () => {} }).then(
            () => 'answered',
            () => 'cancelled',
          );
          await reached;
          const time = elapsed();
          stop.abort();
          await gone.reach(before + 1);
          assert.ok(time() < 100 * slow, `the request ended after ${time()} ms`);
          assert.equal(await outcome, 'cancelled');
          await c.close();
        });
});

test('a key has its own models, limits and rows in the ledger', async () => {
  const gateway = await startServe({ server: { data_dir: temporary() }, providers: providers(pair.sim.url) });
  const made = await run(['keys', 'create', 'ann', '--models', 'echo', '--rpm', '2', '--config', gateway.config]);
  assert.equal(made.code, 0, made.stderr);
  const key = made.stdout.trim();
  await keySeen(gateway, key);
  const c = await older(gateway.url, { key });
  assert.match(await refusal(c, 'chat', { model: 'oai/sim-text', messages: say('x') }), /\(permission_denied\)$/);
  assert.equal((await called(c, 'chat', { model: 'oai/echo', messages: say('x') })).response, 'x');
  await called(c, 'chat', { model: 'oai/echo', messages: say('y') });
  assert.match(await refusal(c, 'chat', { model: 'oai/echo', messages: say('z') }), /\(rate_limited; try again in \d+ s\)$/);
  await c.close();
  await gateway.stop();
  const usage = await run(['usage', '--by', 'key', '--json', '--config', gateway.config]);
  assert.match(usage.stdout, /ann/);
});

test('a provider is asked in its own words, and streams tell their usage', async () => {
  const upstream = await startUpstream((request, response) => {
    const body = JSON.parse(request.body);
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const chunk = (choices, more) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...more })}\n\n`;
    if (!body.stream) {
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'good' }, finish_reason: 'stop' }], usage }));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk([{ index: 0, delta: { role: 'assistant', content: 'go' }, finish_reason: null }]));
    response.write(chunk([{ index: 0, delta: { content: 'od' }, finish_reason: 'stop' }]));
    if (body.stream_options?.include_usage) response.write(chunk([], { usage }));
    response.end('data: [DONE]\n\n');
  });
  const base_url = `${upstream.url}/v1`;
  const gateway = await startServe({ providers: { new: { type: 'openai', base_url, api_key: 'k' }, old: { type: 'custom', base_url, api_key: 'k' } } });
  const c = await older(gateway.url);
  for (const [provider, name] of [['new', 'max_completion_tokens'], ['old', 'max_tokens']])
    for (const stream of [false, true]) {
      const a = await called(c, 'chat', { model: `${provider}/m`, messages: say('x'), max_tokens: 9, top_p: 0.5, stop: ['END'], stream }, { onprogress: () => {} });
      const { body, headers } = upstream.requests.at(-1);
      const sent = JSON.parse(body);
      assert.deepEqual([sent.model, sent[name], sent.top_p, sent.stop, sent.stream ?? false], ['m', 9, 0.5, ['END'], stream]);
      assert.equal('max_tokens' in sent && 'max_completion_tokens' in sent, false);
      assert.equal('temperature' in sent, false);
      assert.equal(headers.authorization, 'Bearer k');
      assert.deepEqual([a.response, a.usage.total_tokens, a.completion.usage.total_tokens], ['good', 5, 5]);
    }
  await c.close();
  await gateway.stop();
  await upstream.stop();
});
