// The simulator by itself, as both SDKs see it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { anthropic, chat, elapsed, events, message, openai, post, rawConnection, startSim, temporary } from './harness.mjs';

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());

test('echo, in both formats, whole and streamed', async () => {
  const text = 'hello – 世界';
  assert.equal((await openai(sim.url).chat.completions.create(chat('echo', text))).choices[0].message.content, text);
  assert.equal((await anthropic(sim.url).messages.create(message('echo', text))).content[0].text, text);
  assert.equal(await openai(sim.url).chat.completions.stream(chat('echo', text)).finalContent(), text);
  assert.equal(await anthropic(sim.url).messages.stream(message('echo', text)).finalText(), text);
});

test('any base path', async () => {
  assert.equal((await post(sim.url, '/openai/v1/chat/completions', chat('echo', 'x'))).status, 200);
  assert.equal((await post(sim.url, '/anthropic/v1/messages?beta=true', message('echo', 'x'))).status, 200);
  assert.equal((await post(sim.url, '/v1/nothing', {})).status, 404);
});

test('an answer has exactly the bytes asked for, whatever the request', async () => {
  for (const size of [1024, 16384, 51200])
    for (const [path, body] of [
      ['/v1/chat/completions', chat(`sim-size-${size}`, 'a')],
      ['/v1/chat/completions', chat(`sim-size-${size}`, 'b'.repeat(5000))],
      ['/v1/messages', message(`sim-size-${size}`, 'a')],
    ])
      assert.equal(Buffer.byteLength((await post(sim.url, path, body)).text), size);
});

test('a stream has exactly the deltas asked for', async () => {
  const asChat = events((await post(sim.url, '/v1/chat/completions', chat('sim-stream-100', 'x', { stream: true }))).text);
  assert.equal(asChat.filter((e) => e.data !== '[DONE]' && JSON.parse(e.data).choices[0]?.delta.content).length, 100);
  const asMessage = events((await post(sim.url, '/v1/messages', message('sim-stream-100', 'x', { stream: true }))).text);
  assert.equal(asMessage.filter((e) => e.event === 'content_block_delta').length, 100);
});

test('delays', async () => {
  let time = elapsed();
  await post(sim.url, '/v1/chat/completions', chat('echo+slow-first-150ms', 'x'));
  assert.ok(time() >= 145, `${time()} ms`);
  time = elapsed();
  await post(sim.url, '/v1/messages', message('echo+slow-token-30ms', 'a b c d e', { stream: true }));
  assert.ok(time() >= 145, `${time()} ms`);
});

test('vendors’ rate-limit headers', async () => {
  const asChat = await post(sim.url, '/v1/chat/completions', chat('sim-429-3', 'x'));
  assert.equal(asChat.status, 429);
  assert.equal(asChat.headers.get('retry-after'), '3');
  assert.equal(asChat.headers.get('x-ratelimit-remaining-requests'), '0');
  const asMessage = await post(sim.url, '/v1/messages', message('sim-429-3', 'x'));
  assert.equal(asMessage.headers.get('anthropic-ratelimit-requests-remaining'), '0');
  assert.equal(asMessage.json.error.type, 'rate_limit_error');
});

test('hang never answers, silence comes after the first event', async () => {
  const request = (model) => {
    const body = JSON.stringify(message(model, 'x', { stream: true }));
    return `POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
  const hang = await rawConnection(sim.url);
  hang.send(request('sim-hang'));
  const silent = await rawConnection(sim.url);
  silent.send(request('sim-silent-20s'));
  await silent.until(/message_start/);
  // By now the hanging request would have been answered too: it was sent first.
  assert.equal(hang.text, '');
  assert.doesNotMatch(silent.text, /content_block_delta/);
  hang.close();
  silent.close();
});

test('a key that starts with "invalid" is refused', async () => {
  const answer = await post(sim.url, '/v1/messages', message('echo', 'x'), { 'x-api-key': 'invalid-1' });
  assert.equal(answer.status, 401);
  assert.equal(answer.json.error.type, 'authentication_error');
});

test('a conversation that no provider would take is refused', async () => {
  const answer = await post(sim.url, '/v1/chat/completions', { model: 'echo', messages: [{ role: 'user', content: 'x' }, { role: 'tool', tool_call_id: 'call_9', content: 'y' }] });
  assert.equal(answer.status, 400);
  assert.match(answer.json.error.message, /call_9/);
});

test('the prompt cache is written, then read', async () => {
  const body = message('echo', 'question', { system: [{ type: 'text', text: `cached ${Math.random()} `.repeat(50), cache_control: { type: 'ephemeral' } }] });
  const first = (await anthropic(sim.url).messages.create(body)).usage;
  const second = (await anthropic(sim.url).messages.create(body)).usage;
  assert.ok(first.cache_creation_input_tokens > 50 && first.cache_read_input_tokens === 0);
  assert.equal(second.cache_read_input_tokens, first.cache_creation_input_tokens);
  assert.equal(second.cache_creation_input_tokens, 0);
});

test('a scenario file', async () => {
  const file = join(temporary(), 'scenario.yaml');
  writeFileSync(
    file,
    `rules:
  - model: "gpt-*"
    when: {text: weather, results: 0}
    reply:
      tool_calls: [{name: get_weather, arguments: {city: Paris}}]
  - model: "gpt-*"
    when: {results: 1}
    reply: {text: "It is sunny."}
  - model: busy
    reply: {status: 529, message: "come back later"}
`,
  );
  const scripted = await startSim(['--scenario', file]);
  const client = openai(scripted.url);
  const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }];
  const messages = [{ role: 'user', content: 'the weather?' }];
  const first = await client.chat.completions.create({ model: 'gpt-x', messages, tools });
  const [call] = first.choices[0].message.tool_calls;
  assert.equal(call.function.arguments, '{"city":"Paris"}');
  assert.equal(first.choices[0].finish_reason, 'tool_calls');
  messages.push(first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sun' });
  assert.equal((await client.chat.completions.create({ model: 'gpt-x', messages, tools })).choices[0].message.content, 'It is sunny.');
  const busy = await anthropic(scripted.url).messages.create(message('busy', 'x')).then(assert.fail, (e) => e);
  assert.equal(busy.status, 529);
  assert.match(busy.message, /come back later/);
  assert.equal((await client.chat.completions.create(chat('echo', 'still'))).choices[0].message.content, 'still');
  await scripted.stop();
});
