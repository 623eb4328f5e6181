// Cohere's format, with its SDK: straight to the simulator, through the gateway to every format, and other clients to it.
// What every client must do with every format is in clients/; here is what only this format has.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CohereClientV2 } from 'cohere-ai';
import { weather } from './clients.mjs';
import { anthropic, events, openai, post, providers, startServe, startSim, startUpstream } from './harness.mjs';

let sim, gateway, upstream, answer;
before(async () => {
  sim = await startSim();
  upstream = await startUpstream((request, response) => answer(request, response));
  const coh = { type: 'custom', formats: ['cohere'], base_url: sim.url, api_key: 'key-for-coh' };
  gateway = await startServe({ providers: { ...providers(sim.url), coh, vendor: { type: 'cohere', base_url: upstream.url, api_key: 'k' } } });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
  await upstream.stop();
});

const tools = [{ type: 'function', function: { name: weather.name, description: weather.description, parameters: weather.schema } }];
const client = (url) => new CohereClientV2({ token: 'client-key', environment: url, maxRetries: 0 });
const user = (content) => ({ role: 'user', content });

// One answer, whole or streamed: {message, finish, usage}.
async function ask(url, stream, body) {
  if (!stream) {
    const raw = await client(url).chat(body);
    return { message: raw.message, finish: raw.finishReason, usage: raw.usage };
  }
  const message = { role: 'assistant', content: [], toolPlan: '', toolCalls: [] };
  const seen = [];
  let end;
  for await (const e of await client(url).chatStream(body)) {
    seen.push(e.type);
    const m = e.delta?.message;
    if (e.type === 'content-start') message.content[e.index] = { ...m.content };
    if (e.type === 'content-delta') message.content[e.index][message.content[e.index].type] += m.content[message.content[e.index].type];
    if (e.type === 'tool-plan-delta') message.toolPlan += m.toolPlan;
    if (e.type === 'tool-call-start') message.toolCalls[e.index] = { ...m.toolCalls, function: { ...m.toolCalls.function } };
    if (e.type === 'tool-call-delta') message.toolCalls[e.index].function.arguments += m.toolCalls.function.arguments;
    if (e.type === 'message-end') end = e.delta;
  }
  assert.equal(seen[0], 'message-start');
  assert.equal(seen.at(-1), 'message-end');
  if (!message.toolPlan) delete message.toolPlan;
  if (!message.toolCalls.length) delete message.toolCalls;
  return { message, finish: end.finishReason, error: end.error, usage: end.usage };
}
const textOf = (message) => (message.content ?? []).filter((b) => b.type === 'text').map((b) => b.text).join('');

const places = { 'the simulator': () => [sim.url, ''], cohere: () => [gateway.url, 'coh/'], openai_chat: () => [gateway.url, 'oai/'], anthropic: () => [gateway.url, 'ant/'] };
for (const [place, at] of Object.entries(places))
  for (const stream of [false, true])
    describe(`cohere SDK → ${place}${stream ? ', streamed' : ''}`, () => {
      const say = (model, messages, more = {}) => {
        const [url, prefix] = at();
        return ask(url, stream, { model: prefix + model, messages, ...more });
      };

      test('text, parameters and usage', async () => {
        const got = await say('echo', [{ role: 'system', content: 'You repeat.' }, user('Grüße 🎉')], { temperature: 0.2, p: 0.9, k: 10, stopSequences: ['END'], safetyMode: 'STRICT' });
        assert.equal(textOf(got.message), 'Grüße 🎉');
        assert.equal(got.finish, 'COMPLETE');
        assert.ok(got.usage.tokens.inputTokens > 3 && got.usage.billedUnits.outputTokens > 2, JSON.stringify(got.usage));
      });

      test('a tool loop of three turns with REQUIRED', async () => {
        const messages = [user('get_weather, three times')];
        for (let turn = 0; turn < 3; ++turn) {
          const got = await say('sim-tools-3', messages, { tools, toolChoice: 'REQUIRED', strictTools: true });
          assert.equal(got.finish, 'TOOL_CALL');
          const [call] = got.message.toolCalls;
          assert.equal(JSON.parse(call.function.arguments).city, ['Paris', 'Oslo', 'Lima'][turn]);
          messages.push({ role: 'assistant', toolCalls: got.message.toolCalls, toolPlan: 'I look.' });
          messages.push({ role: 'tool', toolCallId: call.id, content: [{ type: 'document', document: { data: { text: `${turn} degrees` } } }] });
        }
        const last = await say('sim-tools-3', messages, { tools });
        // The simulator quotes text, and says of documents how long they are.
        assert.match(textOf(last.message), /(0 degrees|9 bytes of text)[\s\S]*(1 degrees|9 bytes of text)[\s\S]*(2 degrees|9 bytes of text)/);
      });

      test('thinking', async () => {
        const more = place === 'anthropic' ? { thinking: { type: 'enabled', tokenBudget: 1024 }, maxTokens: 4000 } : {};
        const got = await say('sim-thinking', [user('think')], more);
        assert.match(got.message.content[0].thinking, /^The user wants an answer/);
        assert.equal(got.message.content[1].type, 'text');
      });

      test('documents arrive', async () => {
        const got = await say('sim-image', [user('which?')], { documents: ['plain words', { id: 'd2', data: { title: 'T', text: 'more words' } }] });
        assert.ok(textOf(got.message).length > 0);
        if (place !== 'openai_chat') assert.match(textOf(got.message), /document 1: text\/plain, 11 bytes of text/);
      });

      test('a structured answer', async () => {
        const jsonSchema = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'] };
        const got = await say('sim-json', [user('a person')], { responseFormat: { type: 'json_object', jsonSchema } });
        assert.deepEqual(JSON.parse(textOf(got.message)), { name: 'Paris', age: 1 });
      });

      test('errors reach the SDK', async () => {
        const error = await say('sim-429-7', [user('x')]).then(() => assert.fail('answered'), (e) => e);
        assert.equal(error.statusCode, 429);
        assert.equal(error.constructor.name, 'TooManyRequestsError');
        assert.match(error.body.message, /simulator was asked/);
        assert.equal(error.rawResponse.headers.get('retry-after'), '7');
        if (!stream) return;
        const cut = await say('sim-error-midstream', [user('x')]);
        assert.equal(cut.finish, 'ERROR');
        assert.match(cut.error, /simulator was asked to fail/);
      });
    });

const plan = { role: 'assistant', tool_plan: 'I will look.', tool_calls: [{ id: 'get_weather_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }] };
const usage = { billed_units: { input_tokens: 1, output_tokens: 2 }, tokens: { input_tokens: 30, output_tokens: 20 }, cached_tokens: 10 };

describe('other clients → cohere', () => {
  test('a tool plan is text, and goes back as a plan', async () => {
    answer = (request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 'a', message: plan, finish_reason: 'TOOL_CALL', usage }));
    const body = { model: 'vendor/command-a-03-2025', messages: [{ role: 'user', content: 'weather?' }], tools, tool_choice: { type: 'function', function: { name: 'get_weather' } }, stop: ['x'] };
    const first = await openai(gateway.url).chat.completions.create(body);
    const { message } = first.choices[0];
    assert.equal(message.content, 'I will look.');
    assert.equal(first.usage.prompt_tokens_details.cached_tokens, 10);
    const got = upstream.requests.at(-1);
    assert.equal(got.url, '/v2/chat');
    assert.equal(got.headers.authorization, 'Bearer k');
    const sent = JSON.parse(got.body);
    assert.equal(sent.tool_choice, 'REQUIRED');
    assert.deepEqual(sent.stop_sequences, ['x']);
    await openai(gateway.url).chat.completions.create({ ...body, messages: [...body.messages, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'rain' }] });
    assert.deepEqual(JSON.parse(upstream.requests.at(-1).body).messages.slice(1), [plan, { role: 'tool', tool_call_id: 'get_weather_1', content: 'rain' }]);
  });

  test('an Anthropic client, streamed', async () => {
    const sse = [
      { type: 'message-start', id: 'a', delta: { message: { role: 'assistant' } } },
      { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I will look.' } } },
      { type: 'tool-call-start', index: 0, delta: { message: { tool_calls: { id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '' } } } } },
      { type: 'tool-call-delta', index: 0, delta: { message: { tool_calls: { function: { arguments: '{"city":"Oslo"}' } } } } },
      { type: 'tool-call-end', index: 0 },
      { type: 'message-end', delta: { finish_reason: 'TOOL_CALL', usage } },
    ].map((e) => `event: ${e.type}\ndata: ${JSON.stringify(e)}\n\n`);
    answer = (request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse.join(''));
    const stream = anthropic(gateway.url).messages.stream({ model: 'vendor/command-a-03-2025', max_tokens: 100, messages: [{ role: 'user', content: 'weather?' }], tools: [{ name: weather.name, input_schema: weather.schema }] });
    const message = await stream.finalMessage();
    assert.deepEqual(message.content.map((b) => b.text ?? b.input), ['I will look.', { city: 'Oslo' }]);
    assert.equal(message.stop_reason, 'tool_use');
    assert.equal(message.usage.cache_read_input_tokens, 10);
    // The same stream reaches a client of the format as it came.
    const own = await post(gateway.url, '/v2/chat', { model: 'vendor/command-a-03-2025', stream: true, messages: [user('x')] });
    assert.equal(own.text, sse.join(''));
    assert.equal(events(own.text).length, sse.length);
  });

  test('errors of the provider', async () => {
    answer = (request, response) => response.writeHead(400, { 'content-type': 'application/json' }).end('{"id":"x","message":"invalid request: all tool calls need results"}');
    const error = await openai(gateway.url).chat.completions.create({ model: 'vendor/m', messages: [{ role: 'user', content: 'x' }] }).catch((e) => e);
    assert.equal(error.status, 400);
    assert.match(error.message, /all tool calls need results/);
  });
});

test('a conversation with signed reasoning goes on through a format without signatures', async () => {
  const body = { model: 'ant/sim-thinking+tools', maxTokens: 4000, thinking: { type: 'enabled', tokenBudget: 1024 }, tools };
  const messages = [user('think, then get_weather')];
  const first = await client(gateway.url).chat({ ...body, messages });
  assert.ok(first.message.toolCalls?.length, JSON.stringify(first.message));
  messages.push({ role: 'assistant', content: first.message.content, toolCalls: first.message.toolCalls }, { role: 'tool', toolCallId: first.message.toolCalls[0].id, content: 'rain' });
  const second = await client(gateway.url).chat({ ...body, model: 'ant/sim-thinking', messages });
  assert.match(textOf(second.message), /1 intact, 0 changed, 0 unsigned/);
});
