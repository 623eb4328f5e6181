// The program's own tools, as official clients of both eras see them, over every transport.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as NewClient, StreamableHTTPClientTransport as NewHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as NewStdio } from '@modelcontextprotocol/client/stdio';
import { binary, cleanEnv, keySeen, providers, run, startPair, startServe, temporary, writeConfig } from '../harness.mjs';

let pair;
let stdio;
before(async () => {
  pair = await startPair();
  const config = writeConfig({ server: { data_dir: temporary() }, providers: providers(pair.sim.url) });
  stdio = { command: binary, args: ['mcp', '--config', config], env: cleanEnv(), stderr: 'ignore' };
});
after(() => pair.stop());

const client = async (transport) => {
  const c = new Client({ name: 'e2e', version: '1' });
  await c.connect(transport);
  return c;
};
const newer = async (transport) => {
  const c = new NewClient({ name: 'e2e', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await c.connect(transport);
  return c;
};

const ways = {
  'sessions over HTTP': () => client(new StreamableHTTPClientTransport(new URL(`${pair.url}/mcp`))),
  'sessions over stdio': () => client(new StdioClientTransport(stdio)),
  'sessions over HTTP+SSE': () => client(new SSEClientTransport(new URL(`${pair.url}/sse`))),
  '2026 over HTTP': () => newer(new NewHttp(new URL(`${pair.url}/mcp`))),
  '2026 over stdio': () => newer(new NewStdio(stdio)),
};

for (const [way, connect] of Object.entries(ways))
  describe(way, () => {
    let c;
    before(async () => (c = await connect()));
    after(() => c.close());

    test('tools are listed with schemas and hints', async () => {
      const { tools } = await c.listTools();
      const names = tools.map((t) => t.name);
      assert.equal(new Set(names).size, names.length);
      for (const name of ['get_model_info', 'health_check', 'list_models', 'chat', 'generate', 'save_conversation']) assert.ok(names.includes(name), name);
      for (const tool of tools) {
        assert.equal(tool.inputSchema.type, 'object');
        assert.equal(typeof tool.annotations.readOnlyHint, 'boolean');
        assert.ok(tool.description && tool.title && tool.outputSchema);
      }
    });

    test('health_check asks the providers and tells its progress', async () => {
      const progress = [];
      const called = { name: 'health_check', arguments: {} };
      const onprogress = (p) => progress.push(p);
      const result = way.startsWith('2026') ? await c.callTool(called, { onprogress }) : await c.callTool(called, undefined, { onprogress });
      assert.equal(result.isError ?? false, false);
      assert.equal(result.structuredContent.status, 'healthy');
      assert.deepEqual(result.structuredContent.providers.map((p) => p.name), ['ant', 'oai']);
      for (const p of result.structuredContent.providers) assert.ok(p.available && p.models_count > 0, JSON.stringify(p));
      assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
      // Clients that read several messages at once forget the progress that came together with the answer.
      const together = /stdio|SSE/.test(way);
      assert.deepEqual(progress.map((p) => p.progress), [1, 2].slice(0, together ? progress.length : 2));
      for (const p of progress) assert.equal(p.total, 2);
    });

    test('list_models and get_model_info agree', async () => {
      const { structuredContent: list } = await c.callTool({ name: 'list_models', arguments: { provider: 'ant' } });
      assert.equal(list.count, list.models.length);
      assert.ok(list.count > 0 && list.models.every((m) => m.provider === 'ant'));
      const { structuredContent: info } = await c.callTool({ name: 'get_model_info', arguments: { model: 'ant/claude-sonnet-4-6' } });
      assert.equal(info.provider, 'ant');
      assert.equal(info.vendor, 'anthropic');
      assert.ok(info.price.input > 0 && info.context_length > 0);
    });

    test('what is wrong with a call is a result that the model sees', async () => {
      const unknown = await c.callTool({ name: 'list_models', arguments: { provider: 'nobody' } });
      assert.equal(unknown.isError, true);
      assert.match(unknown.content[0].text, /no provider `nobody`/);
      await assert.rejects(c.callTool({ name: 'no_such_tool', arguments: {} }), (e) => e.code === -32602);
    });

    test('resources, prompts and completions', async () => {
      const { resources } = await c.listResources();
      assert.deepEqual(resources.map((r) => r.uri).sort(), ['config://providers', 'health://providers', 'stats://usage']);
      const read = await c.readResource({ uri: 'config://providers' });
      assert.ok(!read.contents[0].text.includes('key-for-oai'), 'no secrets');
      assert.deepEqual(JSON.parse(read.contents[0].text).providers.map((p) => p.name), ['oai', 'ant']);
      const { resourceTemplates } = await c.listResourceTemplates();
      assert.equal(resourceTemplates[0].uriTemplate, 'model://{provider}/{+model}');
      const model = await c.readResource({ uri: 'model://ant/claude-sonnet-4-6' });
      assert.equal(JSON.parse(model.contents[0].text).provider, 'ant');
      await assert.rejects(c.readResource({ uri: 'nothing://here' }), (e) => e.code === (way.startsWith('2026') ? -32602 : -32002));
      const { prompts } = await c.listPrompts();
      assert.equal(prompts[0].name, 'choose_model');
      const prompt = await c.getPrompt({ name: 'choose_model', arguments: { task: 'translate poems' } });
      assert.match(prompt.messages[0].content.text, /translate poems/);
      const done = await c.complete({ ref: { type: 'ref/resource', uri: 'model://{provider}/{+model}' }, argument: { name: 'provider', value: 'o' } });
      assert.equal(done.completion.values[0], 'oai');
    });
  });

test('over HTTP a key is needed where there are keys', async () => {
  const gateway = await startServe({ server: { keys: ['secret-client-key-1'] }, providers: providers(pair.sim.url) });
  const url = new URL(`${gateway.url}/mcp`);
  const refused = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get('www-authenticate'), /Bearer/);
  assert.equal((await refused.json()).jsonrpc, '2.0');
  const c = await client(new StreamableHTTPClientTransport(url, { requestInit: { headers: { authorization: 'Bearer secret-client-key-1' } } }));
  assert.ok((await c.listTools()).tools.length >= 3);
  await c.close();
  await gateway.stop();
});

test('a key that is limited to some tools and models gets no others', async () => {
  const gateway = await startServe({ server: { data_dir: temporary() }, providers: providers(pair.sim.url) });
  const made = await run(['keys', 'create', 'ann', '--tools', 'list_m*', '--models', 'echo', '--config', gateway.config]);
  assert.equal(made.code, 0, made.stderr);
  const key = made.stdout.trim();
  await keySeen(gateway, key);
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  for (const [connect, Transport] of [[client, StreamableHTTPClientTransport], [newer, NewHttp]]) {
    const c = await connect(new Transport(new URL(`${gateway.url}/mcp`), { requestInit }));
    const seen = (await c.listTools()).tools.map((t) => t.name);
    assert.ok(seen.includes('list_models') && seen.every((name) => name.startsWith('list_')), seen.join());
    await assert.rejects(c.callTool({ name: 'health_check', arguments: {} }), /there is no tool `health_check`/);
    const { structuredContent } = await c.callTool({ name: 'list_models', arguments: {} });
    assert.deepEqual([...new Set(structuredContent.models.map((m) => m.name.split('/').at(-1)))], ['echo']);
    await c.close();
  }
  await gateway.stop();
});
