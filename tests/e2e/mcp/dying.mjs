// A client in a process of its own, to be killed while its call is under way: node dying.mjs WAY ADDRESS-OR-CONFIGURATION TOOL ARGUMENTS.
// Over stdio it tells the program's process on its standard output, before it calls.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as NewClient, StreamableHTTPClientTransport as NewHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as NewStdio } from '@modelcontextprotocol/client/stdio';

const [way, where, name, args] = process.argv.slice(2);
const command = () => ({ command: process.env.PATCHBAY_BIN, args: ['mcp', '--config', where], env: process.env, stderr: 'ignore' });
const transports = {
  'HTTP+SSE': () => new SSEClientTransport(new URL('/sse', where)),
  'sessions over HTTP': () => new StreamableHTTPClientTransport(new URL('/mcp', where)),
  '2026 over HTTP': () => new NewHttp(new URL('/mcp', where)),
  'sessions over stdio': () => new StdioClientTransport(command()),
  '2026 over stdio': () => new NewStdio(command()),
};
const transport = transports[way]();
const info = { name: 'dying', version: '1' };
const client = way.startsWith('2026') ? new NewClient(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } }) : new Client(info);
await client.connect(transport);
if (transport.pid) process.stdout.write(`${transport.pid}\n`);
await client.callTool({ name, arguments: JSON.parse(args) });
