// Ollama's API, with its SDK and as it stands on the wire. What every client must do with every format is in clients/; here is
// what only this format has: /api/generate, thinking by levels, results without ids, listings, what is refused.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ollama } from 'ollama';
import { clock, weather } from './clients.mjs';
import { png, post, providers, sha, startServe, startSim, startUpstream } from './harness.mjs';

let sim, gateway;
before(async () => {
  sim = await startSim();
  const own = (format, base) => ({ type: 'custom', formats: [format], base_url: sim.url + base, api_key: `key-for-${format}` });
  gateway = await startServe({
    providers: { ...providers(sim.url), oll: own('ollama', ''), gem: own('gemini', '/v1beta'), resp: own('openai_responses', '/v1'), coh: own('cohere', ''), mis: own('mistral', '/mistral/v1') },
    models: { smart: { use: 'ant/sim-thinking' } },
  });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

const formats = ['oll', 'oai', 'ant', 'gem', 'resp', 'coh', 'mis'];
const client = (url = gateway.url) => new Ollama({ host: url });
const failure = (promise) => promise.then((a) => assert.fail(`answered: ${JSON.stringify(a)}`), (error) => error);
const functions = [clock, weather].map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
const user = (content) => ({ role: 'user', content });
const base64 = png.toString('base64');
const person = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'] };

// The lines of a stream, each of which must be JSON.
const lines = (text) => {
  assert.ok(text.endsWith('\n'), 'the last line is whole');
  return text.slice(0, -1).split('\n').map((line) => JSON.parse(line));
};

// One answer of a method of the SDK, whole or from the lines of a stream: {text, thinking, last}.
async function ask(method, stream, body) {
  const parts = [];
  if (stream) for await (const part of await client()[method]({ ...body, stream: true })) parts.push(part);
  else parts.push(await client()[method](body));
  const words = parts.map((p) => p.message ?? { content: p.response, thinking: p.thinking });
  if (stream) assert.ok(parts.slice(0, -1).every((p) => p.done === false), 'only the last line is the end');
  const last = parts.at(-1);
  assert.equal(last.done, true);
  return { text: words.map((w) => w.content).join(''), thinking: words.map((w) => w.thinking ?? '').join(''), calls: words.flatMap((w) => w.tool_calls ?? []), last };
}

for (const format of formats)
  for (const stream of [false, true])
    describe(`ollama SDK → ${format}${stream ? ', streamed' : ''}`, { concurrency: true }, () => {
      test('generate: a prompt, a system text, the counts', async () => {
        const { text, last } = await ask('generate', stream, { model: `${format}/echo`, prompt: 'Grüße 🎉 \\ "x"', system: 'You repeat.' });
        assert.equal(text, 'Grüße 🎉 \\ "x"');
        assert.equal(last.done_reason, 'stop');
        assert.equal(last.model, format === 'oll' ? 'echo' : `${format}/echo`);
        assert.ok(last.prompt_eval_count > 5 && last.eval_count > 3, JSON.stringify(last));
        assert.ok(Math.abs(Date.now() - Date.parse(last.created_at)) < 3e8 || format === 'oll', last.created_at);
      });

      test('generate: images', async () => {
        const { text } = await ask('generate', stream, { model: `${format}/sim-image`, prompt: 'what?', images: [new Uint8Array(png), base64] });
        const line = `image/png, ${png.length} bytes, sha256 ${sha(png)}`;
        assert.equal(text, `image 1: ${line}\nimage 2: ${line}`);
      });

      test('an answer in a form, and one that is cut for its length', async () => {
        const generated = await ask('generate', stream, { model: `${format}/sim-json`, prompt: 'a person', format: person });
        const { name, age } = JSON.parse(generated.text);
        assert.deepEqual([name, age], ['Paris', 1]);
        const chatted = await ask('chat', stream, { model: `${format}/sim-json`, messages: [user('a person')], format: person });
        assert.equal(typeof JSON.parse(chatted.text).age, 'number');
        const free = await ask('chat', stream, { model: `${format}/sim-json`, messages: [user('json')], format: 'json' });
        assert.equal(typeof JSON.parse(free.text), 'object');
        const cut = await ask('generate', stream, { model: `${format}/sim-text+max-tokens`, prompt: 'x' });
        assert.equal(cut.last.done_reason, 'length');
      });

      test('calls that are answered by name and by order', async () => {
        const messages = [user('both')];
        const { calls, text } = await ask('chat', stream, { model: `${format}/sim-tools-parallel`, messages, tools: functions });
        assert.deepEqual(calls.map((c) => c.function.name), ['get_time', 'get_weather']);
        messages.push({ role: 'assistant', content: text, tool_calls: calls.map((c) => ({ function: { name: c.function.name, arguments: c.function.arguments } })) });
        messages.push({ role: 'tool', tool_name: 'get_weather', content: 'sunny' }, { role: 'tool', content: 'noon' });
        const answer = await ask('chat', stream, { model: `${format}/sim-tools-parallel`, messages, tools: functions });
        assert.match(answer.text, /get_time answered: .*noon/);
        assert.match(answer.text, /get_weather answered: .*sunny/);
      });

      test('an error in the middle of a stream, or instead of an answer', async () => {
        const model = `${format}/sim-text+error-midstream`;
        const error = await failure(ask('chat', stream, { model: stream ? model : `${format}/sim-error-503`, messages: [user('x')] }));
        assert.match(error.message, stream ? /fail in the middle/ : /simulator was asked/);
        if (!stream) assert.equal(error.status_code, 503);
      });
    });

describe('thinking', () => {
  for (const format of formats.filter((f) => f !== 'coh'))
    for (const stream of [false, true])
      test(`${format}${stream ? ', streamed' : ''}: shown apart from the answer`, async () => {
        for (const method of ['chat', 'generate']) {
          const question = method === 'chat' ? { messages: [user('think')] } : { prompt: 'think' };
          const { text, thinking } = await ask(method, stream, { model: `${format}/sim-thinking`, think: true, ...question });
          assert.match(thinking, /^The user wants an answer/, method);
          assert.doesNotMatch(text, /The user wants an answer/);
        }
      });

  test('levels are the provider’s own words for them', async () => {
    const upstream = await startUpstream((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        request.url.endsWith('/messages')
          ? '{"type":"message","id":"m","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}'
          : '{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
      );
    });
    const serve = await startServe({ providers: { oai: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'k' }, ant: { type: 'anthropic', base_url: upstream.url, api_key: 'k' } } });
    const sent = async (model, think, more = {}) => {
      await client(serve.url).chat({ model, messages: [user('x')], think, ...more });
      return JSON.parse(upstream.requests.at(-1).body);
    };
    for (const level of ['low', 'medium', 'high']) assert.equal((await sent('oai/gpt-5.4', level)).reasoning_effort, level);
    assert.ok(!('reasoning_effort' in (await sent('oai/gpt-5.4', undefined))));
    const effort = (body) => body.output_config?.effort;
    assert.equal(effort(await sent('ant/claude-opus-4-6', 'medium')), 'medium');
    assert.equal(effort(await sent('ant/claude-opus-4-6', 'max')), 'max');
    const off = await sent('ant/claude-opus-4-5', false);
    assert.ok(off.thinking === undefined || off.thinking.type === 'disabled', JSON.stringify(off));
    assert.notEqual((await sent('ant/claude-opus-4-5', true)).thinking?.type ?? 'unset', 'disabled');
    const options = await sent('oai/gpt-5.4', undefined, { options: { temperature: 0.5, seed: 7, num_predict: 20, stop: ['END'], top_p: 0.9, num_ctx: 4096 }, keep_alive: '5m' });
    assert.deepEqual([options.temperature, options.seed, options.stop, options.top_p, options.max_tokens ?? options.max_completion_tokens], [0.5, 7, ['END'], 0.9, 20]);
    assert.ok(!JSON.stringify(options).includes('num_ctx') && !('keep_alive' in options));
    await serve.stop();
    await upstream.stop();
  });
});

describe('what other formats have no word for', () => {
  const generate = (provider, body) => post(gateway.url, '/api/generate', { model: `${provider}/echo`, stream: false, ...body });

  test('a gap to fill in is asked for in words', async () => {
    const answer = await generate('oai', { prompt: 'def add(a, b):', suffix: '    return c' });
    assert.equal(answer.json.response, '<before>def add(a, b):</before>\n<after>    return c</after>');
  });

  test('what is left out is named', async () => {
    const answer = await generate('ant', { prompt: 'x', raw: true, template: '{{ .Prompt }}', context: [1, 2], keep_alive: '5m', options: { num_ctx: 4096, mirostat: 1 } });
    assert.equal(answer.status, 200, answer.text);
    const dropped = answer.headers.get('x-patchbay-dropped').split(', ');
    for (const name of ['raw', 'template', 'context', 'keep_alive', 'options.num_ctx', 'options.mirostat']) assert.ok(dropped.includes(name), `${name}: ${dropped}`);
  });

  test('loading and unloading a model', async () => {
    for (const [path, member] of [['/api/chat', 'message'], ['/api/generate', 'response']]) {
      const loaded = await post(gateway.url, path, { model: 'ant/echo' });
      assert.deepEqual([loaded.status, loaded.json.done, loaded.json.done_reason], [200, true, 'load']);
      assert.ok(member in loaded.json);
      assert.equal((await post(gateway.url, path, { model: 'ant/echo', keep_alive: 0 })).json.done_reason, 'unload');
      assert.equal((await post(gateway.url, path, { model: 'nobody/echo' })).status, 404);
    }
  });
});

describe('the provider speaks this format', () => {
  // Four durations and an unknown member, spelled as no encoder of ours would.
  const last = '{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done":true, "done_reason":"stop","prompt_eval_count":11,"eval_count":4,"total_duration":1.50e3,"x_unknown":[1]}';
  const stream = `{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"o\\u006b"},"done":false}\n${last}\n`;
  let upstream, serve;
  before(async () => {
    upstream = await startUpstream((request, response) => {
      if (request.url === '/api/tags') return response.end('{"models":[{"name":"llama3:latest","model":"llama3:latest","size":5,"digest":"abc","details":{}}]}');
      if (request.url === '/api/show') return response.end('{"capabilities":["completion","audio"],"model_info":{"general.architecture":"llama"},"asked":' + request.body + '}');
      const whole = JSON.parse(request.body).stream === false;
      response.writeHead(200, { 'content-type': whole ? 'application/json' : 'application/x-ndjson' });
      response.end(whole ? last : stream);
    });
    serve = await startServe({ providers: { box: { type: 'ollama', base_url: upstream.url }, oai: { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'k' } } });
  });
  after(async () => {
    await serve.stop();
    await upstream.stop();
  });

  for (const path of ['/api/chat', '/api/generate'])
    test(`${path}: bytes go as they come, and usage is booked`, async () => {
      const tokens = async () => {
        const metrics = await (await fetch(`${serve.url}/metrics`)).text();
        const total = (kind) => [...metrics.matchAll(new RegExp(`^patchbay_tokens[^\\n]*"${kind}"[^\\n]* (\\d+)$`, 'gm'))].reduce((n, m) => n + Number(m[1]), 0);
        return [total('input'), total('output')];
      };
      const [input, output] = await tokens();
      for (const more of ['', ', "stream" : false']) {
        const body = `{"model": "box/llama3:latest",\n "messages":[{"role":"user","content":"x \\u00e9"}], "prompt":"x", "raw": true, "keep_alive":"10m", "options":{"num_ctx":1.0}, "unknown": {"a":1.0}${more}}`;
        const answer = await post(serve.url, path, body);
        const request = upstream.requests.at(-1);
        assert.equal(request.url, path);
        assert.equal(request.body.toString(), body.replace('box/llama3:latest', 'llama3:latest'));
        assert.equal(answer.text, more ? last : stream);
      }
      assert.deepEqual(await tokens(), [input + 22, output + 8]);
    });

  test('a request that only loads a model reaches the server', async () => {
    const before = upstream.requests.length;
    await post(serve.url, '/api/generate', { model: 'box/llama3:latest', keep_alive: -1, stream: false });
    assert.deepEqual(upstream.requests.slice(before).map((r) => [r.url, JSON.parse(r.body).keep_alive]), [['/api/generate', -1]]);
  });

  test('its models are listed under its name, and shown as it shows them', async () => {
    const { models } = await client(serve.url).list();
    const listed = models.find((m) => m.name === 'box/llama3:latest');
    assert.deepEqual([listed?.model, listed?.size, listed?.digest], ['box/llama3:latest', 5, 'abc'], JSON.stringify(models));
    const shown = await client(serve.url).show({ model: 'box/llama3:latest' });
    assert.deepEqual(shown.capabilities, ['completion', 'audio']);
    assert.equal(shown.asked.model, 'llama3:latest');
  });
});

describe('listings', () => {
  test('tags, show, ps, version', async () => {
    const { models } = await client().list();
    assert.ok(models.some((m) => m.name === 'smart'), JSON.stringify(models));
    assert.ok(models.every((m) => m.name === m.model && m.digest.length === 64 && !Number.isNaN(Date.parse(m.modified_at))));
    const shown = await client().show({ model: 'smart' });
    assert.ok(shown.capabilities.includes('tools'));
    assert.ok(shown.details.family && shown.model_info['general.architecture']);
    assert.equal((await post(gateway.url, '/api/show', { name: 'smart' })).status, 200, 'as older clients ask');
    assert.equal((await failure(client().show({ model: 'nobody/x' }))).status_code, 404);
    const unnamed = await post(gateway.url, '/api/show', {});
    assert.deepEqual([unnamed.status, unnamed.json], [400, { error: 'model is required' }]);
    assert.deepEqual(await client().ps(), { models: [] });
    assert.match((await client().version()).version, /^\d+\.\d+\.\d+$/);
  });

  test('the greeting that clients look for', async () => {
    const greeting = await fetch(gateway.url, { headers: { 'user-agent': 'ollama-python/0.6' } });
    assert.equal(await greeting.text(), 'Ollama is running');
    assert.equal((await fetch(gateway.url, { method: 'HEAD' })).status, 200);
  });

  test('models are configured, not downloaded', async () => {
    const ollama = client();
    for (const ask of [() => ollama.pull({ model: 'llama3' }), () => ollama.push({ model: 'llama3' }), () => ollama.create({ model: 'a', from: 'b' }), () => ollama.copy({ source: 'a', destination: 'b' }), () => ollama.delete({ model: 'a' })]) {
      const error = await failure(ask());
      assert.equal(error.status_code, 501, String(error));
      assert.match(error.message, /keeps no models of its own.*\/api\/tags/);
    }
  });
});

describe('on the wire', () => {
  test('lines are JSON, streams are the default', async () => {
    const answer = await post(gateway.url, '/api/chat', { model: 'ant/echo', messages: [user('one two three')] });
    assert.equal(answer.headers.get('content-type'), 'application/x-ndjson');
    const all = lines(answer.text);
    assert.ok(all.length >= 3);
    assert.ok(all.slice(0, -1).every((l) => l.done === false && l.message.role === 'assistant'));
    const { done, done_reason, prompt_eval_count, eval_count, total_duration } = all.at(-1);
    assert.deepEqual([done, done_reason], [true, 'stop']);
    assert.ok(prompt_eval_count > 0 && eval_count > 0 && total_duration > 0, JSON.stringify(all.at(-1)));
  });

  test('a silent stream is kept alive by spaces, which the SDK does not mind', async () => {
    const patient = await startServe({ server: { ping_after: '100ms' }, providers: providers(sim.url) });
    try {
      const raw = await post(patient.url, '/api/chat', { model: 'ant/echo+slow-first-400ms', messages: [user('still there')] });
      assert.match(raw.text, /^ +\{/);
      assert.equal(lines(raw.text).map((l) => l.message.content).join(''), 'still there');
      let text = '';
      for await (const part of await client(patient.url).chat({ model: 'ant/echo+slow-first-400ms', messages: [user('still there')], stream: true })) text += part.message.content;
      assert.equal(text, 'still there');
    } finally {
      await patient.stop();
    }
  });

  for (const [name, path, body, message] of [
    ['no messages at all', '/api/chat', { messages: {} }, 'messages must be an array of messages, found object'],
    ['an unknown role', '/api/chat', { messages: [{ role: 'nobody', content: 'x' }] }, 'messages[0].role must be one of system, user, assistant and tool'],
    ['an image that is a URL', '/api/chat', { messages: [{ ...user('x'), images: ['http://x/y.png'] }] }, 'messages[0].images[0] must be base64: this format takes no URLs'],
    ['a result without a call', '/api/chat', { messages: [{ role: 'tool', content: 'x' }] }, /^messages\[0\]/],
    ['a level that nobody knows', '/api/chat', { messages: [user('x')], think: 'hard' }, /^think must be true, false/],
    ['options that are no object', '/api/generate', { prompt: 'x', options: [] }, 'options must be an object, found array'],
    ['an option of the wrong type', '/api/generate', { prompt: 'x', options: { temperature: 'hot' } }, 'options.temperature must be a number, found string'],
    ['a prompt that is no text', '/api/generate', { prompt: 7 }, 'prompt must be a string, found number'],
    ['half a call', '/api/chat', { messages: [user('x'), { role: 'assistant', tool_calls: [{ function: { arguments: {} } }] }] }, /^messages\[1\]\.tool_calls\[0\]\.function\.name/],
  ])
    test(`bad input: ${name}`, async () => {
      const answer = await post(gateway.url, path, { model: 'oai/echo', ...body });
      assert.equal(answer.status, 400, answer.text);
      assert.deepEqual(Object.keys(answer.json), ['error']);
      if (typeof message === 'string') assert.equal(answer.json.error, message);
      else assert.match(answer.json.error, message);
    });
});
