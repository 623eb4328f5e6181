// The MCP project's client for tasks (io.modelcontextprotocol/tasks) over an official client of 2026-07-28.
import { createTaskSessionFromClient } from '@modelcontextprotocol/ext-tasks/client';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { binary, cleanEnv, writeConfig } from '../harness.mjs';

const info = { name: 'e2e', version: '1' };
const version = '2026-07-28';

// The client does not know the results of tasks, so that their requests go past it, over its own transport.
class Passing {
  #answers = new Map();
  #next = 0;
  constructor(transport) {
    this.transport = transport;
  }
  // What the client has set when it connects, with answers to requests that are not its own taken out.
  wrap() {
    const take = this.transport.onmessage;
    this.transport.onmessage = (message, extra) => {
      const done = this.#answers.get(message.id);
      if (!done || message.method) return take(message, extra);
      this.#answers.delete(message.id);
      done(message.error ? { kind: 'error', error: message.error } : { kind: 'result', result: message.result });
    };
  }
  dispatch = (request, { signal } = {}) =>
    new Promise((done, failed) => {
      const id = `task-${++this.#next}`;
      this.#answers.set(id, done);
      signal?.addEventListener('abort', () => failed(signal.reason), { once: true });
      this.transport.send({ jsonrpc: '2.0', id, ...request }, { requestSignal: signal }).catch(failed);
    });
}

async function over(transport) {
  const client = new Client(info, { capabilities: {}, versionNegotiation: { mode: { pin: version } } });
  await client.connect(transport);
  const passing = new Passing(transport);
  passing.wrap();
  const session = createTaskSessionFromClient(client, {
    endpointId: 'e2e',
    rawDispatch: passing.dispatch,
    v2RequestFraming: { protocolVersion: version, clientInfo: info, clientCapabilities: {} },
  });
  const close = async () => {
    await session.close();
    await client.close();
  };
  return { client, session, close };
}

// {client, session, close()}
export const overHttp = (url, { key } = {}) =>
  over(new StreamableHTTPClientTransport(new URL('/mcp', url), key ? { requestInit: { headers: { authorization: `Bearer ${key}` } } } : {}));
export const overStdio = (config) =>
  over(new StdioClientTransport({ command: binary, args: ['mcp', '--config', writeConfig(config)], env: cleanEnv(), stderr: 'ignore' }));
