// Official clients of both eras, connected to the built program.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as NewClient, StreamableHTTPClientTransport as NewHttp } from '@modelcontextprotocol/client';
import { binary, cleanEnv, writeConfig } from '../harness.mjs';

const bearer = (key) => (key ? { requestInit: { headers: { authorization: `Bearer ${key}` } } } : {});

// Clients hold results against the schemas of the tools that they have seen.
async function knowing(client) {
  await client.listTools();
  return client;
}

// A session of 2025 over HTTP. `set(client)` may put handlers in before it connects.
export async function older(url, { key, capabilities = {}, set } = {}) {
  const c = new Client({ name: 'e2e', version: '1' }, { capabilities });
  set?.(c);
  await c.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), bearer(key)));
  return knowing(c);
}
// 2026-07-28 over HTTP.
export async function newer(url, { key, capabilities = {}, set } = {}) {
  const c = new NewClient({ name: 'e2e', version: '1' }, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } });
  set?.(c);
  await c.connect(new NewHttp(new URL('/mcp', url), bearer(key)));
  return knowing(c);
}
// `patchbay mcp` with a gateway of its own. `file`: the configuration's, where it is written already.
export async function overStdio(config, { capabilities = {}, set, env = {}, file = writeConfig(config) } = {}) {
  const c = new Client({ name: 'e2e', version: '1' }, { capabilities });
  set?.(c);
  const args = ['mcp', '--config', file];
  await c.connect(new StdioClientTransport({ command: binary, args, env: cleanEnv(env), stderr: 'ignore' }));
  return knowing(c);
}

// The structured result of a call that must go well.
export async function called(client, name, args = {}, options) {
  const result = client instanceof NewClient ? await client.callTool({ name, arguments: args }, options) : await client.callTool({ name, arguments: args }, undefined, options);
  if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
  return result.structuredContent;
}
// The text of a call that must not.
export async function refusal(client, name, args = {}) {
  const result = await client.callTool({ name, arguments: args });
  if (!result.isError) throw new Error(`${name} went well: ${JSON.stringify(result).slice(0, 500)}`);
  return result.content[0].text;
}
