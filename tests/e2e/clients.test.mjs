// What real clients send beyond the SDKs' plain calls, and figures that must be exact on every route.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { matrix } from './clients.mjs';
import { anthropic, chat, message, openai, post, providers, rawConnection, slow, startServe, startSim, temporary } from './harness.mjs';

let sim, gateway;
before(async () => {
  const scenario = join(temporary(), 'scenario.yaml');
  writeFileSync(scenario, 'rules:\n  - model: counted\n    reply: {text: "ok", thinking: "hm", usage: {input: 1000, output: 300, cache_read: 400, cache_write: 100, reasoning: 50}}\n');
  sim = await startSim(['--scenario', scenario]);
  const stateless = { type: 'custom', formats: ['anthropic'], base_url: sim.url, api_key: 'key' };
  gateway = await startServe({ providers: { ...providers(sim.url), stateless } });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

// The shape of Claude Code's main loop: system blocks with cache marks, a system message in the middle with its own
// effort, thinking, betas, deferred and server tools.
const claudeCode = (model) => ({
  model,
  max_tokens: 32000,
  stream: true,
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2; cc_entrypoint=sdk' },
    { type: 'text', text: 'You are a coding agent.', cache_control: { type: 'ephemeral' } },
    { type: 'text', text: 'Working folder: /tmp', cache_control: { type: 'ephemeral', ttl: '1h' } },
  ],
  thinking: { type: 'adaptive', display: 'omitted' },
  context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
  output_config: { effort: 'high' },
  metadata: { user_id: 'user_1' },
  tools: [
    { name: 'Bash', description: 'Runs a command', input_schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', properties: { command: { type: 'string' } }, required: ['command'], additionalProperties: false } },
    { name: 'Read', description: 'Reads a file', input_schema: { type: 'object', properties: { path: { type: 'string' } } }, defer_loading: true },
  ],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'list the files', cache_control: { type: 'ephemeral' } }] },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'a\nb' }, { type: 'text', text: 'go on' }] },
    { role: 'system', content: 'The user switched modes.', output_config: { effort: 'low' } },
    { role: 'user', content: 'and now?' },
  ],
});

for (const provider of ['oai', 'ant'])
  test(`a request as Claude Code sends it → ${provider}`, async () => {
    const got = await post(gateway.url, '/v1/messages?beta=true', claudeCode(`${provider}/sim-tools`), {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27',
      'x-app': 'cli',
    });
    assert.equal(got.status, 200, got.text);
    assert.match(got.text, /"name":"Bash"/);
    assert.match(got.text, /event: content_block_stop[\s\S]*event: message_delta[\s\S]*"stop_reason":"tool_use"[\s\S]*event: message_stop/);
  });

matrix((name, open, { kind, provider }) => {
  test(`usage is exact: ${name}`, async () => {
    const { raw } = await open(gateway.url, 'counted').say('x');
    if (kind === 'openai') {
      assert.equal(raw.usage.prompt_tokens, 1000);
      assert.equal(raw.usage.completion_tokens, 300);
      assert.equal(raw.usage.total_tokens, 1300);
      assert.equal(raw.usage.prompt_tokens_details.cached_tokens, 400);
      if (provider === 'oai') assert.equal(raw.usage.completion_tokens_details.reasoning_tokens, 50);
      return;
    }
    // OpenAI's format has no figure for what was written to the cache: it stays in the input there.
    const written = provider === 'ant' ? 100 : (raw.usage.cache_creation_input_tokens ?? 0);
    assert.equal(raw.usage.cache_creation_input_tokens ?? 0, written);
    assert.equal(raw.usage.cache_read_input_tokens, 400);
    assert.equal(raw.usage.input_tokens, 600 - written);
    assert.equal(raw.usage.output_tokens, 300);
  });
});

describe('helpers of the SDKs that loop by themselves', () => {
  for (const provider of ['oai', 'ant']) {
    test(`openai runTools → ${provider}`, async () => {
      const asked = [];
      const runner = openai(gateway.url).chat.completions.runTools({
        model: `${provider}/sim-tools-2`,
        messages: [{ role: 'user', content: 'weather' }],
        tools: [{ type: 'function', function: { name: 'get_weather', parse: JSON.parse, parameters: { type: 'object', properties: { city: { type: 'string' } } }, function: ({ city }) => (asked.push(city), `sunny in ${city}`) } }],
      });
      assert.equal(await runner.finalContent(), 'get_weather answered: sunny in Paris\nget_weather answered: sunny in Oslo');
      assert.deepEqual(asked, ['Paris', 'Oslo']);
    });
  }

  test('anthropic toolRunner → oai: server-side threads are refused as the SDK expects, and it goes on without', async () => {
    const asked = [];
    const runner = anthropic(gateway.url).beta.messages.toolRunner({
      model: 'oai/sim-tools-2',
      max_tokens: 500,
      messages: [{ role: 'user', content: 'weather' }],
      tools: [{ type: 'custom', name: 'get_weather', description: 'd', input_schema: { type: 'object', properties: { city: { type: 'string' } } }, parse: (x) => x, run: ({ city }) => (asked.push(city), `sunny in ${city}`) }],
    });
    const final = await runner.runUntilDone();
    assert.equal(final.content.at(-1).text, 'get_weather answered: sunny in Paris\nget_weather answered: sunny in Oslo');
    assert.deepEqual(asked, ['Paris', 'Oslo']);
  });
});

test('anthropic toolRunner → an Anthropic-compatible provider without state: threads never reach it', async () => {
  const runner = anthropic(gateway.url).beta.messages.toolRunner({
    model: 'stateless/sim-tools-2',
    max_tokens: 500,
    messages: [{ role: 'user', content: 'weather' }],
    tools: [{ type: 'custom', name: 'get_weather', description: 'd', input_schema: { type: 'object', properties: { city: { type: 'string' } } }, parse: (x) => x, run: ({ city }) => `sunny in ${city}` }],
  });
  const final = await runner.runUntilDone();
  assert.equal(final.content.at(-1).text, 'get_weather answered: sunny in Paris\nget_weather answered: sunny in Oslo');
  const thread = { type: 'continue', previous_message_id: 'msg_1' };
  for (const path of ['/v1/messages', '/v1/messages/count_tokens']) {
    const refused = await post(gateway.url, path, message('stateless/echo', 'x', { thread }), { 'anthropic-version': '2026-10-21' });
    assert.equal(refused.status, 400);
    assert.match(refused.json.error.message, /provider stateless keeps no conversations/);
    assert.deepEqual(refused.json.error.details, { error_code: 'thread_unsupported_request', unsupported: ['thread'] });
  }
});

describe('bounds', () => {
  test('conversations at once do not mix', async () => {
    const jobs = Array.from({ length: 60 }, async (_, i) => {
      const text = `number ${i} `.repeat(20 + i);
      const model = `${i % 2 ? 'oai' : 'ant'}/echo+slow-token-1ms`;
      const answer =
        i % 3 ? await openai(gateway.url).chat.completions.stream(chat(model, text)).finalContent() : await anthropic(gateway.url).messages.stream(message(model, text, { max_tokens: 4000 })).finalText();
      assert.equal(answer, text);
    });
    await Promise.all(jobs);
  });

  for (const provider of ['oai', 'ant'])
    test(`large questions and answers → ${provider}`, async () => {
      const text = 'All work and no play. '.repeat(8_000);
      assert.equal((await post(gateway.url, '/v1/chat/completions', chat(`${provider}/echo`, text, { max_tokens: 1_000_000 }))).json.choices[0].message.content, text);
      assert.equal((await post(gateway.url, '/v1/messages', message(`${provider}/echo`, text, { max_tokens: 1_000_000 }))).json.content[0].text, text);
      // Ten megabytes each way; the simulator does not look at the question.
      const [asChat, asMessage] = ['/v1/chat/completions', '/v1/messages'].map((path) => post(gateway.url, path, message(`${provider}/sim-size-10000000`, 'x'.repeat(10_000_000))));
      assert.ok((await asChat).json.choices[0].message.content.length > 9_990_000);
      assert.ok((await asMessage).json.content[0].text.length > 9_990_000);
    });

  test('a body over the limit is refused with 413 in both formats', async () => {
    const body = `{"model":"oai/echo","max_tokens":1,"messages":[{"role":"user","content":"${'x'.repeat(70 << 20)}"}]}`;
    for (const path of ['/v1/chat/completions', '/v1/messages']) {
      const got = await post(gateway.url, path, body).catch((error) => ({ error }));
      // The gateway closes before all was sent; whether the answer is read in time is the client's luck.
      if (!got.error) {
        assert.equal(got.status, 413);
        assert.ok(got.json.error.message);
      }
    }
  });

  test('a client that does not read holds up its provider, not the memory', { skip: slow > 1 && 'sanitizers keep freed memory' }, async () => {
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8'))[1]) / 1024;
    for (const provider of ['oai', 'ant']) {
      const before = memory();
      const body = JSON.stringify(message(`${provider}/sim-stream-120000`, 'x', { stream: true }));
      const connection = await rawConnection(gateway.url);
      connection.send(`POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      await connection.until(/message_start/);
      connection.socket.pause();
      // Other requests go on; by the last of them the provider has long filled every buffer on the way.
      for (let i = 0; i < 30; ++i) await post(gateway.url, '/v1/messages', message('ant/sim-stream-100', 'x', { stream: true }));
      assert.ok(memory() - before < 24, `grew by ${memory() - before} MiB`);
      connection.socket.resume();
      let bytes = 0;
      connection.socket.on('data', (d) => (bytes += d.length));
      const text = await connection.end(30_000);
      assert.match(text.slice(-500), /event: message_stop/);
      assert.ok(text.length > 10_000_000, `${text.length} bytes`);
    }
  });
});
