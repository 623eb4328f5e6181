// Usage that a provider leaves out is counted here: for the ledger, and for clients of another format. What passes in its
// own format is not touched.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { anthropic, chat, elapsed, events, message, post, rawConnection, run, startPair, startServe, startUpstream } from './harness.mjs';

const question = 'Why does the old lighthouse keeper climb eighty-seven steps every evening?';
const thought = 'The user asks about a story. A short answer will do.';
const words = ['Because', ' the lamp', ' must be lit', ' before the ships', ' come home.'];
const input = 3 + 4 + countTokens(question);
const output = countTokens(words.join('')) + countTokens(thought);

// Providers that tell no usage, asked for or not; a model's name says what else they do.
function answer(request, response) {
  const body = JSON.parse(request.body);
  if (!body.stream) {
    response.setHeader('content-type', 'application/json');
    const reply = { role: 'assistant', content: words.join(''), reasoning_content: thought };
    return response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: body.model, choices: [{ index: 0, message: reply, finish_reason: 'stop' }] }));
  }
  response.setHeader('content-type', 'text/event-stream');
  response.end(stream(body.model));
}

function stream(model) {
  const chunk = (delta, finish_reason = null) => `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  let text = chunk({ role: 'assistant', content: '' });
  text += chunk({ reasoning_content: thought });
  for (const word of words) text += chunk({ content: word });
  return `${text}${chunk({}, 'stop')}data: [DONE]\n\n`;
}

let upstream, gateway;
before(async () => {
  upstream = await startUpstream(answer);
  const provider = { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'k' };
  gateway = await startServe({ providers: { oai: provider, mute: { ...provider, quirks: { stream_options: false } } } });
});
after(() => upstream.stop());

// One request for each row of the ledger; the model's name tells them apart.
const expected = new Map();
const book = (model, row) => expected.set(model, { input, output, reasoning: countTokens(thought), ...row });

test('same format, whole: the bytes as they came', async () => {
  const got = await post(gateway.url, '/v1/chat/completions', chat('oai/gpt-5-whole', question));
  assert.equal(got.status, 200);
  assert.equal(got.json.usage, undefined);
  assert.equal(got.json.model, 'gpt-5-whole');
  book('gpt-5-whole');
});

test('same format, streamed: the bytes as they came, whether usage was asked for or not', async () => {
  for (const [provider, model] of [['mute', 'gpt-5-unasked'], ['oai', 'gpt-5-asked'], ['oai', 'gpt-5-asked']]) {
    const got = await post(gateway.url, '/v1/chat/completions', chat(`${provider}/${model}`, question, { stream: true }));
    assert.equal(got.text, stream(model));
  }
  book('gpt-5-unasked');
  // The first time its usage was waited for in vain, and the pieces of text stand for tokens: a thought and five of text.
  book('gpt-5-asked', { input: 2 * input, output: output + 6, requests: 2, estimated: 2 });
});

test('another format: the client is told, whole and streamed', async () => {
  const whole = await post(gateway.url, '/v1/messages', message('oai/gpt-5-translated', question));
  assert.equal(whole.status, 200);
  assert.equal(whole.json.usage.input_tokens, input);
  assert.equal(whole.json.usage.output_tokens, output);
  book('gpt-5-translated');

  const streamed = await anthropic(gateway.url).messages.stream(message('oai/gpt-5-translated-stream', question)).finalMessage();
  assert.equal(streamed.usage.output_tokens, output);
  const got = await post(gateway.url, '/v1/messages', message('oai/gpt-5-translated-stream', question, { stream: true }));
  const told = events(got.text).map((e) => JSON.parse(e.data)).find((e) => e.type === 'message_delta');
  assert.equal(told.usage.input_tokens, input);
  assert.equal(told.usage.output_tokens, output);
  assert.equal(told.delta.stop_reason, 'end_turn');
  book('gpt-5-translated-stream', { input: 2 * input, output: 2 * output, reasoning: 2 * countTokens(thought), requests: 2, estimated: 2 });
});

test('a long conversation is counted too', async () => {
  const long = 'The lamp must be lit before the ships come home. '.repeat(5000); // 245 KB
  const got = await post(gateway.url, '/v1/messages', message('oai/gpt-5-long', long));
  assert.equal(got.json.usage.input_tokens, 3 + 4 + countTokens(long));
  const relayed = await post(gateway.url, '/v1/chat/completions', chat('oai/gpt-5-long', long));
  assert.equal(relayed.status, 200);
  book('gpt-5-long', { input: 2 * (7 + countTokens(long)), output: 2 * output, reasoning: 2 * countTokens(thought), requests: 2, estimated: 2 });
});

test('the ledger has all of it, marked as estimated, and the table says so', async () => {
  await gateway.stop();
  const report = await run(['usage', '--json', '--by', 'model', '--config', gateway.config]);
  assert.equal(report.code, 0, report.stderr);
  const rows = new Map(JSON.parse(report.stdout).rows.map((row) => [row.model, row]));
  assert.equal(rows.size, expected.size);
  for (const [model, row] of expected) {
    const { requests = 1, estimated = 1, ...tokens } = row;
    const got = rows.get(model);
    if (model === 'gpt-5-asked') delete tokens.reasoning;
    for (const [name, value] of Object.entries({ requests, estimated, errors: 0, ...tokens })) assert.equal(got[name], value, `${model}: ${name}`);
  }
  const table = await run(['usage', '--config', gateway.config]);
  assert.match(table.stdout, /gpt-5-whole +1 +0 +~\d+ +~\d+/);
});

test('usage that a provider tells is not counted', async () => {
  const pair = await startPair();
  const got = await post(pair.url, '/v1/messages', message('oai/m', question));
  assert.ok(got.json.usage.input_tokens > 0);
  await post(pair.url, '/v1/chat/completions', chat('oai/m', question, { stream: true }));
  await pair.stop();
  const report = await run(['usage', '--json', '--by', 'model', '--config', pair.gateway.config]);
  const { total } = JSON.parse(report.stdout);
  assert.equal(total.requests, 2);
  assert.equal(total.estimated, 0);
  assert.ok(total.output > 0);
});

// One event loop. Counted on it, a small request would wait for most of the burst.
test('25 counts of a 200 KB conversation at once do not hold up other requests', async () => {
  const pair = await startPair({ server: { threads: 1 } });
  // Words that are no words take longest to count, and none to read.
  let seed = 1;
  const letter = () => String.fromCharCode(97 + ((seed = (seed * 48271) % 2147483647) % 26));
  const text = Array.from({ length: 800 }, () => Array.from({ length: 250 }, letter).join('')).join(' ');
  const body = JSON.stringify({ model: 'oai/gpt-5.4', messages: [{ role: 'user', content: text }] });
  const tokens = 7 + countTokens(text);
  const burst = elapsed();
  const counts = Promise.all(
    Array.from({ length: 25 }, async () => {
      const got = await post(pair.url, '/v1/messages/count_tokens', body);
      assert.equal(got.json?.input_tokens, tokens, got.text);
    }),
  ).then(burst);
  let longest = 0;
  for (let i = 0; i < 10; ++i) {
    const one = elapsed();
    const got = await post(pair.url, '/v1/chat/completions', chat('oai/m', 'hello'));
    assert.equal(got.status, 200);
    longest = Math.max(longest, one());
  }
  const all = await counts;
  assert.ok(longest < all / 4, `a small request took ${longest} ms, the counts ${all} ms`);
  await pair.stop();
});

test('clients that go away while their conversations are counted do no harm', async () => {
  const pair = await startPair({ server: { threads: 1 } });
  const body = JSON.stringify({ model: 'oai/gpt-5.4', messages: [{ role: 'user', content: 'x'.repeat(2_000_000) }] });
  const leaving = Array.from({ length: 6 }, async () => {
    const connection = await rawConnection(pair.url);
    const head = `POST /v1/messages/count_tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    await new Promise((sent) => connection.socket.write(head + body, sent));
    connection.close();
  });
  await Promise.all(leaving);
  const got = await post(pair.url, '/v1/messages/count_tokens', { model: 'oai/gpt-5.4', messages: [{ role: 'user', content: 'hello' }] });
  assert.equal(got.json.input_tokens, 8);
  await pair.stop();
});
