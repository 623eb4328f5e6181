// The MCP Inspector's command line as a client of the program: every kind of request over every transport, in the older era and in
// 2026-07-28. It checks what it gets against the specification's schemas, and tools' schemas for what other clients may not take.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { binary, cleanEnv, providers, root, slow, startPair, startServe, temporary, writeConfig } from '../harness.mjs';

const inspector = join(root, 'tests/e2e/node_modules/.bin/mcp-inspector');
const env = () => cleanEnv({ MCP_INSPECTOR_SECRET_STORE: 'memory' }); // not the keyring of whoever runs this

// One run of it: {code, result, error, stderr}, with result and error as it prints them. `target`: the server and how to reach it, last
// because of a command's own options.
function inspect(target, ...args) {
  const all = [inspector, '--cli', '--format', 'json', ...args, ...target];
  return new Promise((done, failed) =>
    execFile(process.execPath, all, { env: env(), timeout: 30_000 * slow, killSignal: 'SIGKILL', maxBuffer: 16 << 20 }, (fault, stdout, stderr) => {
      if (fault?.signal) return failed(new Error(`${args.join(' ')}: ended by ${fault.signal}\n${stdout}\n${stderr}`));
      const error = stderr.split('\n').find((line) => line.startsWith('{"error"'));
      done({ code: fault ? fault.code : 0, result: stdout.trim() ? JSON.parse(stdout).result : undefined, error: error && JSON.parse(error).error, stderr });
    }),
  );
}
async function inspected(target, ...args) {
  const { code, result, stderr } = await inspect(target, ...args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return result;
}
const tool = (name, args) => ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)];
const uris = (list) => list.map((r) => r.uri ?? r.uriTemplate).sort();

let pair, stdio;
before(async () => {
  pair = await startPair();
  stdio = ['--', binary, 'mcp', '--config', writeConfig({ server: { data_dir: temporary() }, providers: providers(pair.sim.url) })];
});
after(() => pair.stop());

const modern = ['--protocol-era', 'modern'];
const ways = {
  stdio: { target: () => stdio, version: '2025-11-25' },
  'Streamable HTTP': { target: () => ['--transport', 'http', `${pair.url}/mcp`], version: '2025-11-25' },
  'HTTP+SSE': { target: () => ['--transport', 'sse', `${pair.url}/sse`], version: '2025-11-25' },
  'stdio, 2026': { target: () => [...modern, ...stdio], version: '2026-07-28' },
  'Streamable HTTP, 2026': { target: () => [...modern, '--transport', 'http', `${pair.url}/mcp`], version: '2026-07-28' },
};

for (const [way, { target, version }] of Object.entries(ways))
  describe(`the Inspector over ${way}`, () => {
    test('finds the server, and its tools to be portable', async () => {
      const server = await inspected(target(), '--method', 'initialize');
      assert.deepEqual([server.serverInfo.name, server.protocolVersion], ['patchbay', version]);
      const { code, result, stderr } = await inspect(target(), '--method', 'tools/list', '--strict');
      assert.equal(code, 0, stderr); // 6 where a schema is one that clients cannot take
      const names = result.tools.map((t) => t.name);
      for (const name of ['chat', 'benchmark_models', 'collective_chat_completion', 'get_usage_stats', 'save_conversation']) assert.ok(names.includes(name), name);
    });

    test('calls tools', async () => {
      const good = await inspected(target(), ...tool('chat', { model: 'oai/echo', messages: [{ role: 'user', content: 'eins zwei' }] }));
      assert.deepEqual([good.content[0].text, good.structuredContent.response, good.structuredContent.provider], ['eins zwei', 'eins zwei', 'oai']);
      const wrong = await inspect(target(), ...tool('chat', { model: 5 }));
      assert.deepEqual([wrong.code, wrong.error.code, wrong.result.isError], [5, 'tool_is_error', true]);
      assert.equal(wrong.result.content[0].text, 'Invalid arguments for chat: `messages` is missing; `model` must be a string, got 5');
      const none = await inspect(target(), ...tool('nothing', {}));
      assert.deepEqual([none.code, none.error.code], [5, 'tool_not_found']);
    });

    test('lists and reads resources', async () => {
      const { resources } = await inspected(target(), '--method', 'resources/list');
      assert.deepEqual(uris(resources), ['config://providers', 'health://providers', 'stats://usage']);
      const { resourceTemplates } = await inspected(target(), '--method', 'resources/templates/list');
      assert.deepEqual(uris(resourceTemplates), ['conversation://{id}', 'model://{provider}/{+model}', 'stats://benchmarks/{id}']);
      const { contents } = await inspected(target(), '--method', 'resources/read', '--uri', 'model://ant/claude-sonnet-4-6');
      assert.equal(JSON.parse(contents[0].text).provider, 'ant');
      const none = await inspect(target(), '--method', 'resources/read', '--uri', 'nothing://here');
      assert.deepEqual([none.code, none.error.message], [1, 'Resource not found']);
    });

    test('lists and gets prompts', async () => {
      const { prompts } = await inspected(target(), '--method', 'prompts/list');
      assert.deepEqual(prompts.map((p) => p.name).sort(), ['choose_model', 'compare_models', 'review_with_models', 'summarise_conversation']);
      const got = await inspected(target(), '--method', 'prompts/get', '--prompt-name', 'choose_model', '--prompt-args', 'task=translate poems');
      assert.match(got.messages[0].content.text, /translate poems/);
      const without = await inspect(target(), '--method', 'prompts/get', '--prompt-name', 'choose_model');
      assert.equal(without.code, 1);
      assert.match(without.error.message, /task/);
    });
  });

test('where keys are needed the Inspector is told so, and sends one', async () => {
  const gateway = await startServe({ server: { keys: ['secret-client-key-1'] }, providers: providers(pair.sim.url) });
  for (const [transport, path] of [['http', 'mcp'], ['sse', 'sse']]) {
    const target = ['--transport', transport, `${gateway.url}/${path}`];
    const refused = await inspect(target, '--method', 'tools/list', '--stored-auth-only');
    assert.deepEqual([refused.code, refused.error.code], [3, 'auth_required']);
    const { tools } = await inspected(target, '--method', 'tools/list', '--header', 'Authorization: Bearer secret-client-key-1');
    assert.ok(tools.length > 20);
  }
  await gateway.stop();
});

test('many calls of the Inspector at once: none fails', async () => {
  for (const way of ['stdio', 'Streamable HTTP', 'Streamable HTTP, 2026']) {
    const load = await inspected(ways[way].target(), '--method', 'tools/call', '--tool-name', 'list_models', '--load', '--load-requests', '200', '--load-concurrency', '20');
    assert.deepEqual([load.requests, load.ok, load.toolErrors, load.errors], [200, 200, 0, 0], JSON.stringify(load.errorMessages));
  }
});
