// Same format on both sides: the bytes stay as they are but for the model's name and the credentials.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { post, startServe, startUpstream } from './harness.mjs';

let upstream, gateway;
let reply = () => {};
before(async () => {
  upstream = await startUpstream((request, response) => reply(request, response));
  gateway = await startServe({
    providers: {
      oai: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'key-for-oai', stream_usage: false },
      asks: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'key-for-oai' },
      ant: { type: 'anthropic', base_url: upstream.url, api_key: 'key-for-ant' },
    },
    models: { fast: 'oai/gpt-x' },
  });
});
after(async () => {
  await gateway.stop();
  await upstream.stop();
});

const json = (body, headers = {}) => (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(body);
};

test('a chat completion keeps every byte but the model', async () => {
  const answer = '{ "id":"x",  "object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"h\\u0069"},"finish_reason":"stop","surprise":1e-7}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2},"unknown":{"a":[1,2.50]} }\n';
  reply = json(answer, { 'x-vendor': 'kept', 'openai-processing-ms': '7' });
  const seen = upstream.next();
  const body = '{\n  "messages" : [{"role":"user","content":"a \\u00e9 \\/ \\ud83d\\ude00"}],\t"model":"oai/gpt-x", "number": 1.50e+3, "unknown_field":{"deep":[null,true]} }\r\n';
  const got = await post(gateway.url, '/v1/chat/completions?a=b&c=%20d', body, { authorization: 'Bearer client-key', 'x-custom': 'yes', 'openai-beta': 'thing=v1' });
  const request = await seen;
  assert.equal(request.body.toString(), body.replace('"oai/gpt-x"', '"gpt-x"'));
  assert.equal(request.url, '/v1/chat/completions?a=b&c=%20d');
  assert.equal(request.headers.authorization, 'Bearer key-for-oai');
  assert.equal(request.headers['x-custom'], 'yes');
  assert.equal(request.headers['openai-beta'], 'thing=v1');
  assert.ok(!JSON.stringify(request.rawHeaders).includes('client-key'));
  assert.equal(got.text, answer);
  assert.equal(got.headers.get('x-vendor'), 'kept');
});

test('an alias becomes the provider’s name for the model', async () => {
  reply = json('{"id":"x","choices":[]}');
  const seen = upstream.next();
  await post(gateway.url, '/v1/chat/completions', '{"model":"fast","messages":[{"role":"user","content":"x"}]}');
  assert.equal((await seen).body.toString(), '{"model":"gpt-x","messages":[{"role":"user","content":"x"}]}');
});

test('a message keeps betas, query, system messages and fields nobody knows', async () => {
  const answer = '{"id":"msg_1","type":"message","role":"assistant","model":"claude-y","content":[{"type":"text","text":"ok","new":1}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1},"safeguards":[{"verdict":"allow"}]}';
  reply = json(answer, { 'request-id': 'req_from_vendor', 'anthropic-organization-id': 'org' });
  const seen = upstream.next();
  const body = '{"model":"ant/claude-y","max_tokens":10,"safeguards":[{"type":"dangerous_tool_use","classifier_context":{}}],"context_management":{"edits":[]},"thread":{"type":"create"},"messages":[{"role":"user","content":"x"},{"role":"system","content":"mid","output_config":{"effort":"high"}},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s=="}]},{"role":"user","content":"y"}]}';
  const got = await post(gateway.url, '/v1/messages?beta=true', body, {
    'x-api-key': 'client-key',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14',
    'x-claude-code-session-id': 'abc',
  });
  const request = await seen;
  assert.equal(request.body.toString(), body.replace('ant/claude-y', 'claude-y'));
  assert.equal(request.url, '/v1/messages?beta=true');
  assert.equal(request.headers['anthropic-beta'], 'claude-code-20250219,interleaved-thinking-2025-05-14');
  assert.equal(request.headers['anthropic-version'], '2023-06-01');
  assert.equal(request.headers['x-api-key'], 'key-for-ant');
  assert.equal(request.headers['x-claude-code-session-id'], 'abc');
  assert.ok(!JSON.stringify(request.rawHeaders).includes('client-key'));
  assert.equal(got.text, answer);
  assert.equal(got.headers.get('anthropic-organization-id'), 'org');
});

test('a client key sent as Bearer is replaced for a provider that wants x-api-key', async () => {
  reply = json('{"type":"message"}');
  const seen = upstream.next();
  await post(gateway.url, '/v1/messages', '{"model":"ant/c","max_tokens":1,"messages":[{"role":"user","content":"x"}]}', { authorization: 'Bearer client-key', 'anthropic-version': '2026-10-21' });
  const request = await seen;
  assert.equal(request.headers['x-api-key'], 'key-for-ant');
  assert.equal(request.headers.authorization, undefined);
  assert.equal(request.headers['anthropic-version'], '2026-10-21');
});

test('the events of a stream keep their bytes', async () => {
  const stream = [
    ': a comment\n\n',
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}\n\n',
    'event: brand_new\ndata: {"type":"brand_new","x":[1.0]}\n\n',
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\u0068i"}}\n\n',
    'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1}}\n\n',
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  ].join('');
  reply = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    // Cut where it hurts: inside names, escapes and line ends.
    const bytes = Buffer.from(stream);
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
    response.end();
  };
  const got = await post(gateway.url, '/v1/messages', '{"model":"ant/c","max_tokens":1,"stream":true,"messages":[{"role":"user","content":"x"}]}');
  assert.equal(got.text, stream);
  assert.match(got.headers.get('content-type'), /^text\/event-stream/);
});

test('usage is asked for in a stream, and its extra chunk kept from a client that did not ask', async () => {
  reply = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}\n\n');
    response.write('data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n');
    if (JSON.parse(request.body).stream_options?.include_usage)
      response.write('data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n');
    response.end('data: [DONE]\n\n');
  };
  const ask = async (extra) => {
    const seen = upstream.next();
    const got = await post(gateway.url, '/v1/chat/completions', JSON.stringify({ model: 'asks/m', stream: true, messages: [{ role: 'user', content: 'x' }], ...extra }));
    return { sent: JSON.parse((await seen).body), text: got.text };
  };
  const silent = await ask({});
  assert.equal(silent.sent.stream_options?.include_usage, true);
  assert.ok(!silent.text.includes('"usage"'), silent.text);
  assert.ok(silent.text.includes('[DONE]'));
  const asked = await ask({ stream_options: { include_usage: true } });
  assert.ok(asked.text.includes('"total_tokens":3'));
});

test('an error body of the provider is passed on as it is', async () => {
  const body = '{"error":{"message":"odd","type":"weird_vendor_error","param":null,"code":"x1","extra":[1]}}';
  reply = (request, response) => {
    response.writeHead(418, { 'content-type': 'application/json', 'retry-after': '9' });
    response.end(body);
  };
  const got = await post(gateway.url, '/v1/chat/completions', '{"model":"oai/m","messages":[{"role":"user","content":"x"}]}');
  assert.equal(got.status, 418);
  assert.equal(got.text, body);
  assert.equal(got.headers.get('retry-after'), '9');
});

test('what a translation drops is named in x-patchbay-dropped, and dropped', async () => {
  reply = json('{"id":"msg_1","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}');
  const seen = upstream.next();
  const got = await post(gateway.url, '/v1/chat/completions', '{"model":"ant/c","messages":[{"role":"user","content":"x"}],"seed":7,"logit_bias":{"5":1},"frequency_penalty":0.5}');
  assert.equal(got.status, 200, got.text);
  const dropped = got.headers.get('x-patchbay-dropped') ?? '';
  for (const name of ['seed', 'logit_bias', 'frequency_penalty']) assert.ok(dropped.includes(name), `${name} in "${dropped}"`);
  const sent = JSON.parse((await seen).body);
  assert.deepEqual(Object.keys(sent).sort(), ['max_tokens', 'messages', 'model']);
  assert.equal(got.json.object, 'chat.completion');
});

test('nothing is dropped, and no header says so, within a format', async () => {
  reply = json('{"id":"x","choices":[]}');
  const got = await post(gateway.url, '/v1/chat/completions', '{"model":"oai/m","messages":[{"role":"user","content":"x"}],"seed":7}');
  assert.equal(got.headers.get('x-patchbay-dropped'), null);
});

test('a compressed answer is readable', async () => {
  const { gzipSync, brotliCompressSync } = await import('node:zlib');
  const body = '{"id":"x","object":"chat.completion","choices":[]}';
  for (const [coding, compress] of [['gzip', gzipSync], ['br', brotliCompressSync]]) {
    reply = (request, response) => {
      const accepted = (request.headers['accept-encoding'] ?? '').includes(coding);
      response.writeHead(200, { 'content-type': 'application/json', ...(accepted ? { 'content-encoding': coding } : {}) });
      response.end(accepted ? compress(body) : body);
    };
    const got = await post(gateway.url, '/v1/chat/completions', '{"model":"oai/m","messages":[{"role":"user","content":"x"}]}', { 'accept-encoding': coding });
    assert.equal(got.text, body);
  }
});
