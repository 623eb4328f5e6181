// One name for two models (one answers, one thinks first), names that stand for many, and tools that a provider will not have.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { anthropic, chat, message, openai, post, startServe, startUpstream } from './harness.mjs';

let upstream, gateway;
const chatAnswer = '{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';
const messageAnswer = '{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}';

before(async () => {
  upstream = await startUpstream((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(request.url.includes('count_tokens') ? '{"input_tokens":7}' : request.url.includes('messages') ? messageAnswer : chatAnswer);
  });
  const rules = { exclude_tools: ['BatchTool', 'mcp__*'], strip_schema_formats: ['uri'] };
  gateway = await startServe({
    providers: {
      oai: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'k', ...rules },
      ant: { type: 'anthropic', base_url: upstream.url, api_key: 'k', ...rules },
    },
    models: { main: { use: 'oai/completion', thinking: 'ant/reasoning' }, 'claude-*': 'ant/claude-*', '*': { use: 'oai/any', thinking: 'oai/deep' } },
  });
});
after(async () => {
  await gateway.stop();
  await upstream.stop();
});

// What reaches the provider while `ask` runs.
async function sent(ask) {
  const next = upstream.next();
  const answer = await ask();
  const request = await next;
  return { ...request, json: JSON.parse(request.body), answer };
}

describe('a request that is to think goes to the other model', () => {
  const cases = {
    'messages, thinking': [{ thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 2000 }, true],
    'messages, adaptive': [{ thinking: { type: 'adaptive' } }, true],
    'messages, disabled': [{ thinking: { type: 'disabled' } }, false],
    'messages, nothing said': [{}, false],
  };
  for (const [name, [extra, thinks]] of Object.entries(cases))
    test(name, async () => {
      const { json, url } = await sent(() => anthropic(gateway.url).messages.create(message('main', 'x', extra)));
      assert.equal(json.model, thinks ? 'reasoning' : 'completion');
      assert.equal(url, thinks ? '/v1/messages' : '/v1/chat/completions');
    });
  for (const [effort, thinks] of [['high', true], ['none', false], [undefined, false]])
    test(`chat completions, effort ${effort}`, async () => {
      const { json } = await sent(() => openai(gateway.url).chat.completions.create(chat('main', 'x', { reasoning_effort: effort })));
      assert.equal(json.model, thinks ? 'reasoning' : 'completion');
    });
});

describe('names that end in a star', () => {
  for (const [asked, model, extra] of [
    ['claude-sonnet-9', 'claude-sonnet-9'],
    ['gpt-9', 'any'],
    ['gpt-9', 'deep', { reasoning_effort: 'low' }],
    ['ant/other', 'other'],
  ])
    test(`${asked} → ${model}`, async () => {
      const { json, answer } = await sent(() => post(gateway.url, '/v1/chat/completions', chat(asked, 'x', extra)));
      assert.equal(json.model, model);
      assert.equal(answer.status, 200);
    });

  test('they are no models to list', async () => {
    const ids = (await (await fetch(`${gateway.url}/v1/models`)).json()).data.map((m) => m.id);
    assert.ok(ids.includes('main'));
    assert.ok(ids.every((id) => !id.endsWith('*')), ids.join());
  });
});

const schema = { type: 'object', properties: { url: { type: 'string', format: 'uri' }, day: { type: 'string', format: 'date' } } };
const cleaned = { type: 'object', properties: { url: { type: 'string' }, day: { type: 'string', format: 'date' } } };

describe('tools that the provider will not have', () => {
  const tools = ['Open', 'BatchTool', 'mcp__a__b'].map((name) => ({ name, description: 'd', input_schema: schema }));
  const functions = tools.map(({ name, description, input_schema }) => ({ type: 'function', function: { name, description, parameters: input_schema } }));

  test('messages → messages: cut out of the bytes', async () => {
    const text = (list) => `{ "model":"ant/m",  "max_tokens":10, "n":1.0,\n "tools":[${list}] , "messages":[{"role":"user","content":"BatchTool \\u00e9"}] }`;
    const { body, answer } = await sent(() => post(gateway.url, '/v1/messages', text(tools.map((t) => JSON.stringify(t)).join(', '))));
    assert.equal(body.toString(), text(JSON.stringify({ ...tools[0], input_schema: cleaned })).replace('ant/m', 'm'));
    assert.equal(answer.headers.get('x-patchbay-dropped'), 'exclude_tools, strip_schema_formats');
    assert.equal(answer.text, messageAnswer);
  });

  test('chat completions → chat completions: an OpenAI SDK that asks for a stream’s usage', async () => {
    const { json } = await sent(() => post(gateway.url, '/v1/chat/completions', chat('oai/m', 'x', { tools: functions, tool_choice: { type: 'function', function: { name: 'BatchTool' } }, stream: true })));
    assert.deepEqual(json.tools, [{ ...functions[0], function: { ...functions[0].function, parameters: cleaned } }]);
    assert.equal(json.tool_choice, undefined);
    assert.equal(json.model, 'm');
    assert.deepEqual(json.stream_options, { include_usage: true });
  });

  for (const [name, ask, names] of [
    ['messages → chat completions', () => post(gateway.url, '/v1/messages', message('oai/m', 'x', { tools })), (j) => j.tools.map((t) => [t.function.name, t.function.parameters])],
    ['chat completions → messages', () => post(gateway.url, '/v1/chat/completions', chat('ant/m', 'x', { tools: functions })), (j) => j.tools.map((t) => [t.name, t.input_schema])],
  ])
    test(name, async () => {
      const { json, answer } = await sent(ask);
      assert.deepEqual(names(json), [['Open', cleaned]]);
      assert.match(answer.headers.get('x-patchbay-dropped'), /exclude_tools, strip_schema_formats/);
    });

  test('counting tokens counts what would be sent', async () => {
    const { json, answer } = await sent(() => post(gateway.url, '/v1/messages/count_tokens', { model: 'ant/m', messages: [{ role: 'user', content: 'x' }], tools }));
    assert.equal(json.tools.length, 1);
    assert.equal(answer.json.input_tokens, 7);
  });

  test('nothing is taken out, and nothing said, where there is nothing', async () => {
    const body = '{"model":"ant/m","max_tokens":10,"tools":[{"name":"Open","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"x"}]}';
    const { body: seen, answer } = await sent(() => post(gateway.url, '/v1/messages', body));
    assert.equal(seen.toString(), body.replace('ant/m', 'm'));
    assert.equal(answer.headers.get('x-patchbay-dropped'), null);
  });
});
