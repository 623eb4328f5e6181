// Mistral's format, with its SDK: straight to the simulator, through the gateway to every format, and other clients to it.
// What every client must do with every format is in clients/; here is what only this format has.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Mistral } from '@mistralai/mistralai';
import { clock, weather } from './clients.mjs';
import { anthropic, openai, pdf, png, post, providers, sha, startServe, startSim } from './harness.mjs';

let sim, gateway;
before(async () => {
  sim = await startSim();
  const mis = { type: 'custom', formats: ['mistral'], base_url: `${sim.url}/mistral/v1`, api_key: 'key-for-mis' };
  gateway = await startServe({ providers: { ...providers(sim.url), mis, vendor: { type: 'mistral', base_url: `${sim.url}/mistral/v1`, api_key: 'k' } } });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

const tools = [clock, weather].map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
const client = (url) => new Mistral({ apiKey: 'client-key', serverURL: url });

// One answer, whole or streamed: {message to send back, text, thinking, calls, finish, usage}.
async function ask(url, stream, body) {
  const out = { text: '', thinking: '', calls: [] };
  const content = [];
  const take = (part) => {
    if (typeof part === 'string') {
      out.text += part;
      if (part) content.push({ type: 'text', text: part });
      return;
    }
    for (const chunk of part ?? []) {
      content.push(chunk);
      if (chunk.type === 'text') out.text += chunk.text;
      if (chunk.type === 'thinking') out.thinking += chunk.thinking.map((t) => t.text).join('');
    }
  };
  if (stream) {
    for await (const { data } of await client(url).chat.stream(body)) {
      out.usage = data.usage ?? out.usage;
      const [choice] = data.choices;
      take(choice.delta.content);
      for (const call of choice.delta.toolCalls ?? []) {
        assert.ok(call.function.name, 'every delta with a call names it');
        JSON.parse(call.function.arguments);
        out.calls.push(call);
      }
      out.finish = choice.finishReason ?? out.finish;
    }
  } else {
    const raw = await client(url).chat.complete(body);
    const [{ message, finishReason }] = raw.choices;
    take(message.content);
    Object.assign(out, { calls: message.toolCalls ?? [], finish: finishReason, usage: raw.usage });
  }
  out.message = { role: 'assistant', content, ...(out.calls.length ? { toolCalls: out.calls } : {}) };
  return out;
}

const user = (content) => ({ role: 'user', content });
const places = { 'the simulator': () => [`${sim.url}/mistral`, ''], 'mistral': () => [gateway.url, 'mis/'], 'openai_chat': () => [gateway.url, 'oai/'], 'anthropic': () => [gateway.url, 'ant/'] };

for (const [place, at] of Object.entries(places))
  for (const stream of [false, true])
    describe(`mistral SDK → ${place}${stream ? ', streamed' : ''}`, () => {
      const say = (model, messages, more = {}) => {
        const [url, prefix] = at();
        return ask(url, stream, { model: prefix + model, messages, ...more });
      };

      test('text, a seed, a prefix and usage', async () => {
        const answer = await say('echo', [{ role: 'system', content: 'You repeat.' }, user('Grüße 🎉')], { randomSeed: 5, safePrompt: true, temperature: 0.2 });
        assert.equal(answer.text, 'Grüße 🎉');
        assert.equal(answer.finish, 'stop');
        assert.ok(answer.usage.promptTokens > 3 && answer.usage.completionTokens > 2, JSON.stringify(answer.usage));
        const begun = await say('echo', [user('go on'), { role: 'assistant', content: 'I will', prefix: true }]);
        assert.equal(begun.text, 'go on');
      });

      test('a tool loop of three turns with tool_choice any', async () => {
        const messages = [user('get_weather, three times')];
        for (let turn = 0; turn < 3; ++turn) {
          const answer = await say('sim-tools-3', messages, { tools, toolChoice: 'any' });
          assert.equal(answer.finish, 'tool_calls');
          assert.equal(answer.calls.length, 1);
          assert.equal(JSON.parse(answer.calls[0].function.arguments).city, ['Paris', 'Oslo', 'Lima'][turn]);
          messages.push(answer.message, { role: 'tool', toolCallId: answer.calls[0].id, name: 'get_weather', content: `${turn} degrees` });
        }
        const last = await say('sim-tools-3', messages, { tools });
        assert.equal(last.text, 'get_weather answered: 0 degrees\nget_weather answered: 1 degrees\nget_weather answered: 2 degrees');
      });

      test('parallel calls have ids of their own', async () => {
        const answer = await say('sim-tools-parallel', [user('both')], { tools });
        assert.deepEqual(answer.calls.map((c) => c.function.name), ['get_time', 'get_weather']);
        assert.deepEqual(answer.calls.map((c) => c.index), [0, 1]);
        assert.notEqual(answer.calls[0].id, answer.calls[1].id);
      });

      test('thinking comes as chunks, and its signature goes back', async () => {
        const more = place === 'anthropic' ? { promptMode: 'reasoning', maxTokens: 4000 } : {};
        const first = await say('sim-thinking', [user('think')], more);
        assert.match(first.thinking, /^The user wants an answer/);
        const second = await say('sim-thinking', [user('think'), first.message, user('again')], more);
        // OpenAI's format has no place for a signature: there the text alone goes back.
        assert.match(second.text, place === 'openai_chat' ? /0 intact, 0 changed, 1 unsigned/ : /1 intact, 0 changed, 0 unsigned/);
      });

      test('a structured answer', async () => {
        const schema = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'] };
        const answer = await say('sim-json', [user('a person')], { responseFormat: { type: 'json_schema', jsonSchema: { name: 'person', schemaDefinition: schema, strict: true } } });
        assert.deepEqual(JSON.parse(answer.text), { name: 'Paris', age: 1 });
      });

      test('an image and a document', async () => {
        const content = [
          { type: 'image_url', imageUrl: `data:image/png;base64,${png.toString('base64')}` },
          { type: 'document_url', documentUrl: `data:application/pdf;base64,${pdf.toString('base64')}`, documentName: 'report.pdf' },
        ];
        const answer = await say('sim-image', [user(content)]);
        assert.equal(answer.text, `image 1: image/png, ${png.length} bytes, sha256 ${sha(png)}\ndocument 2: application/pdf, ${pdf.length} bytes, sha256 ${sha(pdf)}, name report.pdf`);
      });

      test('errors reach the SDK', async () => {
        const error = await say('sim-429-7', [user('x')]).then(() => assert.fail('answered'), (e) => e);
        assert.equal(error.statusCode, 429);
        assert.match(error.body, /"object":"error"/);
        assert.equal(error.headers.get('retry-after'), '7');
        if (!stream) return;
        const cut = await say('sim-error-midstream', [user('x')]).then(() => assert.fail('ended well'), (e) => e);
        assert.ok(cut instanceof Error);
      });
    });

// What Mistral refuses, the simulator refuses too: ids, and roles out of order.
for (const provider of ['mis', 'vendor'])
  describe(`other clients → ${provider}`, () => {
    test('an OpenAI client whose conversation began elsewhere', async () => {
      const messages = [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'get_weather' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'call_abcdefghijklmnop', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Rome"}' } }] },
        { role: 'tool', tool_call_id: 'call_abcdefghijklmnop', content: '20 degrees' },
        { role: 'system', content: 'a reminder' },
        { role: 'user', content: 'go on' },
      ];
      const answer = await openai(gateway.url).chat.completions.create({ model: `${provider}/echo`, messages, max_completion_tokens: 100, user: 'u1' });
      assert.equal(answer.choices[0].message.content, 'go on');
      const stream = await openai(gateway.url).chat.completions.create({ model: `${provider}/sim-tools`, messages: messages.slice(1, 2), tools, stream: true, stream_options: { include_usage: true } });
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      assert.equal(chunks.at(-1).choices.length, 0);
      assert.ok(chunks.at(-1).usage.completion_tokens > 0);
    });

    test('an Anthropic client with results and text in one turn', async () => {
      const chat = anthropic(gateway.url);
      const params = { model: `${provider}/sim-tools`, max_tokens: 500, tools: [{ name: weather.name, input_schema: weather.schema }] };
      const first = await chat.messages.create({ ...params, messages: [{ role: 'user', content: 'get_weather' }] });
      const call = first.content.find((b) => b.type === 'tool_use');
      const messages = [
        { role: 'user', content: 'get_weather' },
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: [{ type: 'text', text: 'a chart' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png.toString('base64') } }] }, { type: 'text', text: 'What does it show?' }] },
      ];
      const second = await chat.messages.create({ ...params, model: `${provider}/sim-image`, messages });
      assert.equal(second.content[0].text, `image 1: image/png, ${png.length} bytes, sha256 ${sha(png)}`);
    });
  });

test('an Anthropic client gets signed reasoning and sends it back', async () => {
  const chat = anthropic(gateway.url);
  const params = { model: 'mis/sim-thinking', max_tokens: 3000, thinking: { type: 'enabled', budget_tokens: 1024 } };
  const first = await chat.messages.create({ ...params, messages: [{ role: 'user', content: 'think' }] });
  const second = await chat.messages.create({ ...params, messages: [{ role: 'user', content: 'think' }, { role: 'assistant', content: first.content }, { role: 'user', content: 'again' }] });
  assert.match(second.content.find((b) => b.type === 'text').text, /1 intact, 0 changed, 0 unsigned/);
});

test('the simulator holds to the rules', async () => {
  const call = { role: 'assistant', content: '', tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{}' } }] };
  const send = (messages) => post(sim.url, '/mistral/v1/chat/completions', { model: 'echo', messages });
  const badId = await send([user('x'), call, { role: 'tool', tool_call_id: 'call_1', content: 'r' }]);
  assert.equal(badId.status, 400);
  assert.match(badId.json.message, /must be a-z, A-Z, 0-9, with a length of 9/);
  call.tool_calls[0].id = 'abcDEF123';
  const order = await send([user('x'), call, { role: 'tool', tool_call_id: 'abcDEF123', content: 'r' }, user('y')]);
  assert.match(order.json.message, /Unexpected role 'user' after role 'tool'/);
});

test('clients without the SDK have a path of their own', async () => {
  const body = { model: 'ant/sim-thinking', messages: [user('x')], prompt_mode: 'reasoning', max_tokens: 3000 };
  const own = await post(gateway.url, '/mistral/v1/chat/completions', body);
  assert.equal(own.json.choices[0].message.content[0].type, 'thinking');
  const shared = await post(gateway.url, '/v1/chat/completions', body);
  assert.equal(typeof shared.json.choices[0].message.content, 'string');
  const sdk = await post(gateway.url, '/v1/chat/completions', body, { 'user-agent': 'mistral-client-python/2.0.0' });
  assert.equal(sdk.json.choices[0].message.content[0].type, 'thinking');
  const missing = await post(gateway.url, '/mistral/v1/chat/completions', { model: 'mis/echo' });
  assert.ok(missing.status === 400 && missing.json.object === 'error', missing.text);
});
