// A choice among some of the tools, and tools of a namespace, from every client format that can say so to every provider format:
// where the provider's format cannot, only those tools are offered, and names come back as they went.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { providerFormats, providerUrl } from './clients/matrix.mjs';
import { openai, post, startServe, startSim, startUpstream } from './harness.mjs';
import { ask, textOf, user } from './responses.mjs';

const formats = await providerFormats();
let sim, gateway;
before(async () => {
  sim = await startSim();
  const providers = { openai: { type: 'openai', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'k' } };
  for (const format of formats) providers[format] = { type: 'custom', formats: [format], base_url: providerUrl(sim, format), api_key: 'k' };
  gateway = await startServe({ providers });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

const names = ['first', 'second', 'third'];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const answered = (answer) => {
  assert.equal(answer.status, 200, answer.text);
  assert.doesNotMatch(answer.headers.get('x-patchbay-dropped') ?? '', /allowed_tools/);
  return answer.json;
};

// Each: the names of the tools that are called when only `allowed` may be.
const clients = {
  responses: async (model, allowed, mode) => {
    const tool_choice = { type: 'allowed_tools', mode, tools: allowed.map((name) => ({ type: 'function', name })) };
    const answer = answered(await post(gateway.url, '/v1/responses', { model, input: 'go', tools: names.map((name) => ({ type: 'function', name, parameters, strict: false })), tool_choice }));
    if (!model.startsWith('openai_responses')) assert.deepEqual(answer.tool_choice, tool_choice);
    return answer.output.filter((i) => i.type === 'function_call').map((c) => c.name);
  },
  chat: async (model, allowed, mode) => {
    const tools = names.map((name) => ({ type: 'function', function: { name, parameters } }));
    const tool_choice = { type: 'allowed_tools', allowed_tools: { mode, tools: allowed.map((name) => ({ type: 'function', function: { name } })) } };
    const answer = answered(await post(gateway.url, '/v1/chat/completions', { model, messages: [user('go')], tools, tool_choice }));
    return (answer.choices[0].message.tool_calls ?? []).map((c) => c.function.name);
  },
  gemini: async (model, allowed, mode) => {
    const functionCallingConfig = { mode: mode === 'required' ? 'ANY' : 'VALIDATED', allowedFunctionNames: allowed };
    const body = { contents: [{ role: 'user', parts: [{ text: 'go' }] }], tools: [{ functionDeclarations: names.map((name) => ({ name, parametersJsonSchema: parameters })) }], toolConfig: { functionCallingConfig } };
    const answer = await post(gateway.url, `/v1beta/models/${model}:generateContent`, body);
    return answered(answer).candidates[0].content.parts.filter((p) => p.functionCall).map((p) => p.functionCall.name);
  },
};

for (const [client, called] of Object.entries(clients))
  describe(`some of the tools are allowed: ${client}`, { concurrency: true }, () => {
    for (const format of ['openai', ...formats])
      for (const mode of ['required', 'auto'])
        test(`${format}, ${mode}`, async () => {
          assert.deepEqual(await called(`${format}/sim-tools`, ['second'], mode), ['second']);
          assert.deepEqual(await called(`${format}/sim-tools-parallel`, ['second', 'third'], mode), ['second', 'third']);
        });
  });

test('the provider that can be told is told, and offered all tools', async () => {
  const upstream = await startUpstream((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}');
  });
  const serve = await startServe({ providers: { openai: { type: 'openai', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'k' } } });
  const tools = names.map((name) => ({ type: 'function', name, parameters, strict: false }));
  await openai(serve.url).responses.create({ model: 'openai/gpt-5.4', input: 'x', tools, tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'third' }] } });
  const sent = JSON.parse(upstream.requests[0].body);
  assert.equal(sent.tools.length, 3);
  assert.deepEqual(sent.tool_choice, { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'third' } }] } });
  await serve.stop();
  await upstream.stop();
});

test('a list of allowed tools that is no list', async () => {
  for (const [path, body, param] of [
    ['/v1/responses', { input: 'x', tool_choice: { type: 'allowed_tools', mode: 'auto', tools: {} } }, 'tool_choice.tools'],
    ['/v1/responses', { input: 'x', tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function' }] } }, 'tool_choice.tools[0].name'],
    ['/v1/chat/completions', { messages: [user('x')], tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: {} }] } } }, 'tool_choice.allowed_tools.tools[0].function.name'],
    ['/v1/chat/completions', { messages: [user('x')], tool_choice: { type: 'allowed_tools' } }, 'tool_choice.allowed_tools'],
  ]) {
    const answer = await post(gateway.url, path, { model: 'anthropic/echo', ...body });
    assert.deepEqual([answer.status, answer.json.error.param], [400, param], answer.text);
  }
});

describe('tools of a namespace', { concurrency: true }, () => {
  const read = { type: 'function', name: 'read', description: 'd', strict: false, parameters };
  const tools = [{ type: 'namespace', name: 'files', description: 'Files.', tools: [read, { ...read, name: 'write' }] }];
  for (const format of formats)
    for (const stream of [false, true])
      test(`${format}${stream ? ', streamed' : ''}: there, back, and there again`, async () => {
        const answer = await ask(gateway.url, stream, { model: `${format}/sim-tools`, input: 'files__write({"city": "Rome"})', tools });
        const call = answer.output.find((i) => i.type === 'function_call');
        assert.deepEqual([call.namespace, call.name, JSON.parse(call.arguments)], ['files', 'write', { city: 'Rome' }]);
        const input = [user('files__write({"city": "Rome"})'), ...answer.output, { type: 'function_call_output', call_id: call.call_id, output: 'written' }];
        assert.match(textOf(await ask(gateway.url, stream, { model: `${format}/sim-tools`, tools, input })), /^files__write answered: .*written/);
      });
});
