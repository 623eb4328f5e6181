// A route's deployments fail in every way that providers do; the client gets its answer from the next, and does not notice.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { anthropic, chat, elapsed, events, message, openai, post, slow, startServe, startSim, startUpstream } from '../harness.mjs';

let one, two, gateway, dead, silent;
const faults = {
  'a server error': 'oai/sim-text+error-500',
  overloaded: 'ant/sim-text+error-529',
  'a rate limit': 'oai/sim-text+429-20',
  'a missing model': 'oai/sim-text+error-404',
  'a wrong key of ours': 'badkey/echo',
  'an answer that is cut': 'oai/sim-text+cut-body',
  'an answer of another format that is cut': 'ant/sim-text+cut-body',
  'half a JSON text': 'oai/sim-text+malformed',
  'no connection': 'dead/echo',
  'a host without an address': 'nohost/echo',
  silence: 'hung/sim-text+hang',
  'an error in a 200 answer': 'wrapped/any',
};
before(async () => {
  one = await startSim();
  two = await startSim();
  // A port where nobody listens: taken and given back.
  const probe = http.createServer().listen(0, '127.0.0.1');
  await new Promise((done) => probe.on('listening', done));
  dead = `http://127.0.0.1:${probe.address().port}`;
  await new Promise((done) => probe.close(done));
  silent = await startUpstream((request, response) => {
    const error = { error: { message: 'Provider returned error', code: 502 } };
    if (!JSON.parse(request.body).stream) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(error));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\ndata: ${JSON.stringify({ ...error, choices: [] })}\n\ndata: [DONE]\n\n`);
  });
  const custom = (url, more = {}) => ({ type: 'custom', formats: ['openai_chat'], base_url: `${url}/v1`, api_key: 'key', ...more });
  const routes = {};
  let n = 0;
  for (const use of Object.values(faults)) routes[`route-${n++}`] = { strategy: 'priority', deployments: [{ use, priority: 1 }, { use: 'good/echo', priority: 2 }] };
  for (const [name, use] of Object.entries({ late: 'oai/sim-text+slow-first-10s', mute: 'oai/sim-text+silent-10s' }))
    routes[name] = { first_token: '300ms', deployments: [{ use, priority: 1 }, { use: 'good/echo', priority: 2 }] };
  routes.fellback = { deployments: ['oai/sim-text+error-503'], retries: { attempts: 0 }, fallbacks: ['second', 'good/echo'] };
  routes.second = { deployments: ['ant/sim-text+error-500'], retries: { attempts: 0 } };
  routes.patient = { deployments: ['oai/sim-text+fail-2'], retries: { attempts: 3, wait: '10ms', wait_max: '50ms' } };
  routes.impatient = { deployments: ['oai/sim-text+fail-9'], retries: { attempts: 1, wait: '10ms', wait_max: '50ms' } };
  routes.limited = { deployments: ['oai/sim-text+429-30'], retries: { attempts: 3 } };
  routes.wrong = { deployments: [{ use: 'oai/echo', priority: 1 }, { use: 'good/echo', priority: 2 }] };
  routes.resumed = { mid_stream: 'continue', deployments: [{ use: 'oai/sim-text+cut', priority: 1 }, { use: 'good/echo', priority: 2 }] };
  routes.broken = { deployments: [{ use: 'oai/sim-text+cut', priority: 1 }, { use: 'good/echo', priority: 2 }] };
  gateway = await startServe({
    breaker: { failures: 0 },
    retries: { budget: 1 },
    providers: {
      oai: custom(one.url),
      ant: { type: 'anthropic', base_url: one.url, api_key: 'key' },
      badkey: custom(one.url, { api_key: 'invalid-key' }),
      dead: custom(dead),
      nohost: custom('http://nobody.invalid'),
      hung: custom(one.url, { timeouts: { first_byte: '300ms' } }),
      wrapped: custom(silent.url),
      good: { type: 'anthropic', base_url: two.url, api_key: 'key' },
    },
    routes,
  });
});
after(async () => {
  await gateway.stop();
  for (const sim of [one, two]) await sim.stop();
  await silent.stop();
});

describe('before the first byte a switch is not seen', { concurrency: true }, () => {
  Object.keys(faults).forEach((name, n) => {
    for (const stream of /cut|half/.test(name) ? [false] : [false, true])
      test(`${name}${stream ? ', streamed' : ''}`, async () => {
        const time = elapsed();
        const oai = openai(gateway.url);
        const ask = { model: `route-${n}`, messages: [{ role: 'user', content: 'still here?' }] };
        let text = '';
        if (stream) for await (const chunk of await oai.chat.completions.create({ ...ask, stream: true })) text += chunk.choices[0]?.delta?.content ?? '';
        else text = (await oai.chat.completions.create(ask)).choices[0].message.content;
        assert.equal(text, 'still here?');
        assert.ok(time() < 1000 * slow, `${time()} ms`);
        const ant = anthropic(gateway.url);
        const said = stream
          ? await ant.messages.stream(message(`route-${n}`, 'and here?')).finalText()
          : (await ant.messages.create(message(`route-${n}`, 'and here?'))).content[0].text;
        assert.equal(said, 'and here?');
      });
  });
  for (const name of ['late', 'mute'])
    test(`a stream that does not begin in time: ${name}`, async () => {
      const time = elapsed();
      const got = await post(gateway.url, '/v1/chat/completions', chat(name, 'go', { stream: true }));
      assert.equal(got.status, 200);
      assert.match(got.text, /"content":"go/);
      assert.ok(time() < 2000 * slow, `${time()} ms`);
      assert.match(got.headers.get('x-patchbay-route'), /good\/echo; route=(late|mute); attempt=2/);
    });
});

test('fallbacks follow in their order', async () => {
  const got = await post(gateway.url, '/v1/messages', message('fellback', 'who?'));
  assert.equal(got.json.content[0].text, 'who?');
  assert.match(got.headers.get('x-patchbay-route'), /^good\/echo; attempt=3/);
});

test('the only deployment is asked again after a wait, within limits', async () => {
  const got = await post(gateway.url, '/v1/chat/completions', chat('patient', 'again'));
  assert.equal(got.status, 200, got.text);
  assert.match(got.headers.get('x-patchbay-route'), /attempt=3/);
  const refused = await post(gateway.url, '/v1/chat/completions', chat('impatient', 'again'));
  assert.equal(refused.status, 503);
});

test('a wait that is longer than ours is the client’s to make', async () => {
  const time = elapsed();
  const got = await post(gateway.url, '/v1/messages', message('limited', 'x'));
  assert.equal(got.status, 429);
  assert.equal(got.headers.get('retry-after'), '30');
  assert.equal(got.json.error.type, 'rate_limit_error');
  assert.ok(time() < 1000 * slow);
});

test('a client’s own mistake is told at once, and nobody else is asked', async () => {
  const got = await post(gateway.url, '/v1/chat/completions', { model: 'wrong', messages: [] });
  assert.equal(got.status, 400);
  const translated = await post(gateway.url, '/v1/messages', { model: 'wrong', max_tokens: 5, messages: [{ role: 'nobody', content: 'x' }] });
  assert.equal(translated.status, 400);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  assert.doesNotMatch(metrics, /patchbay_requests_total\{provider="good",model="echo",[^}]*status="400"/);
});

test('who asks for a provider by name gets its answer as it is', async () => {
  const got = await post(gateway.url, '/v1/chat/completions', chat('oai/sim-text+fail-1', 'only once'));
  assert.equal(got.status, 503);
  assert.equal(got.headers.get('x-patchbay-route'), null);
});

describe('a stream that breaks after its first byte', () => {
  const deltas = (text) => events(text).filter((e) => e.data.startsWith('{')).map((e) => JSON.parse(e.data));
  test('is told by default', async () => {
    const got = await post(gateway.url, '/v1/messages', message('broken', 'x', { stream: true }));
    assert.match(got.text, /event: error/);
    assert.doesNotMatch(got.text, /message_stop/);
  });
  test('is gone on with where the route says so', async () => {
    const got = await post(gateway.url, '/v1/messages', message('resumed', 'x', { stream: true }));
    assert.doesNotMatch(got.text, /event: error/);
    assert.match(got.text, /: resumed on good\/echo/);
    const all = deltas(got.text);
    assert.equal(all.filter((e) => e.type === 'message_start').length, 1);
    assert.equal(all.filter((e) => e.type === 'content_block_start').length, 1);
    assert.equal(all.filter((e) => e.type === 'message_stop').length, 1);
    const text = all.map((e) => e.delta?.text ?? '').join('');
    assert.match(text, /Your answer was cut off\. Go on/); // the echo of what the second one was asked
    const before = text.slice(0, text.indexOf('Your answer was cut off'));
    assert.ok(before.length > 20, before);
    let said = '';
    for await (const chunk of await openai(gateway.url).chat.completions.create({ ...chat('resumed', 'x'), stream: true })) said += chunk.choices[0]?.delta?.content ?? '';
    assert.equal(said, text);
  });
});
