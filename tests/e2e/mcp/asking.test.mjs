// Tools that ask their client, written once, with official clients of both eras.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema, LoggingMessageNotificationSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client as NewClient, StreamableHTTPClientTransport as NewHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as NewStdio } from '@modelcontextprotocol/client/stdio';
import { Happenings, cleanEnv } from '../harness.mjs';
import { everything, startEverything } from './everything.mjs';

let server;
before(async () => (server = await startEverything()));
after(() => server.stop());

const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const told = (request) => ({ action: 'accept', content: Object.fromEntries(Object.keys(request.params.requestedSchema.properties).map((k) => [k, `my ${k}`])) });
const sampled = (request) => ({ role: 'assistant', model: 'm', stopReason: 'endTurn', content: { type: 'text', text: `to ${(request.params.messages[0].content[0] ?? request.params.messages[0].content).text}` } });
const roots = () => ({ roots: [{ uri: 'file:///a' }, { uri: 'file:///b' }] });

async function older(transport) {
  const c = new Client({ name: 'e2e', version: '1' }, { capabilities });
  c.setRequestHandler(ElicitRequestSchema, told);
  c.setRequestHandler(CreateMessageRequestSchema, sampled);
  c.setRequestHandler(ListRootsRequestSchema, roots);
  await c.connect(transport);
  return c;
}
async function newer(transport) {
  const c = new NewClient({ name: 'e2e', version: '1' }, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } });
  c.setRequestHandler('elicitation/create', told);
  c.setRequestHandler('sampling/createMessage', sampled);
  c.setRequestHandler('roots/list', roots);
  await c.connect(transport);
  return c;
}

const stdio = () => ({ command: everything, args: ['stdio'], env: cleanEnv(), stderr: 'ignore' });
const ways = {
  'a 2025 client over HTTP': () => older(new StreamableHTTPClientTransport(new URL(server.url))),
  'a 2025 client over stdio': () => older(new StdioClientTransport(stdio())),
  'a 2025 client over HTTP+SSE': () => older(new SSEClientTransport(new URL('/sse', server.url))),
  'a 2026 client over HTTP': () => newer(new NewHttp(new URL(server.url))),
  'a 2026 client over stdio': () => newer(new NewStdio(stdio())),
};

for (const [way, connect] of Object.entries(ways))
  describe(way, () => {
    let c;
    before(async () => (c = await connect()));
    after(() => c.close());
    const text = async (name, args = {}) => (await c.callTool({ name, arguments: args })).content[0].text;

    test('fills in a form', async () => {
      assert.equal(await text('test_input_required_result_elicitation'), 'Hello, my name!');
    });
    test('lets its model answer', async () => {
      assert.equal(await text('test_input_required_result_sampling'), 'Sampling result: to What is the capital of France?');
    });
    test('answers three questions at once, and two after each other', async () => {
      assert.match(await text('test_input_required_result_multiple_inputs'), /my name.*to Generate a greeting.*Roots: 2/);
      assert.equal(await text('test_input_required_result_multi_round'), 'Multi-round complete for my name who likes my color');
    });
    test('many at once, each with its own answer', async () => {
      const all = await Promise.all(Array.from({ length: 50 }, (_, i) => text('test_elicitation', { message: `m${i}` })));
      assert.equal(all.length, 50);
      for (const one of all) assert.match(one, /my response/);
    });
  });

test('a 2025 client hears of logs and changes', async () => {
  const c = await older(new StreamableHTTPClientTransport(new URL(server.url)));
  const logs = new Happenings(), changes = new Happenings();
  c.setNotificationHandler(LoggingMessageNotificationSchema, (n) => logs.add(n.params.data));
  c.setNotificationHandler(ToolListChangedNotificationSchema, (n) => changes.add(n.method));
  await c.callTool({ name: 'test_tool_with_logging', arguments: {} });
  assert.deepEqual(await logs.reach(3), ['Tool execution started', 'Tool processing data', 'Tool execution completed']);
  await c.setLoggingLevel('error');
  await c.callTool({ name: 'test_tool_with_logging', arguments: {} });
  assert.equal(logs.list.length, 3);
  await c.callTool({ name: 'test_trigger_tool_change', arguments: {} });
  await changes.reach(1);
  await c.close();
});

test('a client without the capability is told in its own way', async () => {
  const plain = new Client({ name: 'e2e', version: '1' });
  await plain.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  const old = await plain.callTool({ name: 'test_missing_capability', arguments: {} });
  assert.equal(old.isError, true);
  assert.match(old.content[0].text, /does not support sampling/);
  await plain.close();
  const c = new NewClient({ name: 'e2e', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await c.connect(new NewHttp(new URL(server.url)));
  await assert.rejects(c.callTool({ name: 'test_missing_capability', arguments: {} }), (e) => e.code === -32021);
  await c.close();
});
