// What the tests of benchmarks share.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { providers, startServe, startSim, startUpstream, temporary } from '../harness.mjs';

export const quick = { delay_seconds: 0 };

export async function connect(url, { key, set } = {}) {
  const c = new Client({ name: 'e2e', version: '1' });
  set?.(c);
  await c.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), key ? { requestInit: { headers: { authorization: `Bearer ${key}` } } } : {}));
  await c.listTools(); // from then on the client checks results against the tools' output schemas
  return c;
}
export async function good(c, name, args = {}, options) {
  const result = await c.callTool({ name, arguments: args }, undefined, options);
  assert.ok(!result.isError, `${name}: ${result.content[0].text}`);
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
  return result.structuredContent;
}
export async function refused(c, name, args = {}) {
  const result = await c.callTool({ name, arguments: args });
  assert.equal(result.isError, true, JSON.stringify(result).slice(0, 500));
  return result.content[0].text;
}

// Grades by what stands in the answers: what echoes gets 9, anything else 2.
export function gradeAll(request, response) {
  if (request.method !== 'POST') return response.writeHead(404).end(); // it has no list of models
  const body = JSON.parse(request.body);
  const { answers } = JSON.parse(body.messages.at(-1).content);
  const grades = answers.map((a) => {
    const g = a.text === 'Only these words' ? 9 : 2;
    return { label: a.label, correctness: g, completeness: g, relevance: g, clarity: g, reason: 'x' };
  });
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      id: 'c1', object: 'chat.completion', created: 1, model: body.model, usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: '```json\n' + JSON.stringify({ grades }) + '\n```' } }],
    }),
  );
}

// A simulator, a judge and a gateway before them, with a client.
export async function startBench() {
  const sim = await startSim();
  const judge = await startUpstream(gradeAll);
  const config = {
    server: { data_dir: join(temporary(), 'data') },
    providers: { ...providers(sim.url), jury: { type: 'custom', formats: ['openai_chat'], base_url: `${judge.url}/v1`, api_key: 'k', models: ['judge'] } },
    prices: { 'oai/echo': { input: 1, output: 2 }, 'oai/sim-text': { input: 10, output: 20 } },
    retries: { attempts: 0 },
    mcp: { tools: { calls: 60 } },
  };
  const gateway = await startServe({ ...config, server: { ...config.server } });
  const client = await connect(gateway.url);
  const stop = async () => {
    await client.close();
    await gateway.stop();
    await sim.stop();
    await judge.stop();
  };
  return { sim, judge, gateway, config, client, stop };
}
