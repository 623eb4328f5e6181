// The benchmark's peer: the TypeScript SDK's server over Streamable HTTP with one trivial tool, as quick as its documentation lets it be:
// node's own HTTP server instead of Express, answers as JSON instead of streams. With a session where the client opened one, else
// without. Run with the port as its argument.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../tests/e2e/package.json', import.meta.url));
const { McpServer } = require('@modelcontextprotocol/sdk/server/mcp.js');
const { StreamableHTTPServerTransport } = require('@modelcontextprotocol/sdk/server/streamableHttp.js');

async function connect(options) {
  const server = new McpServer({ name: 'bench', version: '1.0.0' });
  server.registerTool('test_simple_text', { description: 'Answers with a text' }, async () => ({ content: [{ type: 'text', text: 'This is a simple text response for testing.' }] }));
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true, ...options });
  await server.connect(transport);
  return transport;
}

const sessions = new Map();
async function serve(request, response) {
  const id = request.headers['mcp-session-id'];
  if (id) return sessions.get(id).handleRequest(request, response);
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = JSON.parse(Buffer.concat(parts).toString());
  // Without sessions each request has a server and a transport of its own: that is how the SDK has it.
  const transport = await connect(
    body.method === 'initialize' ? { sessionIdGenerator: randomUUID, onsessioninitialized: (made) => sessions.set(made, transport) } : { sessionIdGenerator: undefined },
  );
  await transport.handleRequest(request, response, body);
}

http
  .createServer((request, response) =>
    serve(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    }),
  )
  .listen(Number(process.argv[2]), '127.0.0.1');
