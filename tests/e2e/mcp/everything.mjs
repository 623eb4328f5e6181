// The server of tests/conformance/everything, and clients for it and for the program.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { dirname, join } from 'node:path';
import { binary, cleanEnv } from '../harness.mjs';

export const everything = process.env.PATCHBAY_EVERYTHING || join(dirname(binary), 'mcp_everything');
export const built = existsSync(everything);

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export async function startEverything() {
  const child = spawn(everything, ['0'], { env: cleanEnv(), stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  const line = await new Promise((done, failed) => {
    child.stdout.once('data', (d) => done(String(d)));
    child.once('exit', (code) => failed(new Error(`mcp_everything ended with ${code}`)));
  });
  child.unref();
  child.stdout.unref();
  const { url } = JSON.parse(line);
  return {
    url,
    pid: child.pid,
    stop: () => {
      children.delete(child);
      child.kill('SIGKILL');
    },
  };
}

// A program that speaks MCP on its standard streams, line by line.
export class Piped {
  constructor(file, args, env = {}) {
    this.lines = [];
    this.waiting = new Set();
    this.child = spawn(file, args, { env: cleanEnv(env), stdio: ['pipe', 'pipe', 'pipe'] });
    children.add(this.child);
    let rest = '';
    this.stderr = '';
    this.child.stderr.on('data', (d) => (this.stderr += d));
    this.child.stdout.on('data', (d) => {
      const parts = (rest + d).split('\n');
      rest = parts.pop();
      for (const part of parts) this.lines.push(JSON.parse(part)); // nothing but messages
      for (const check of this.waiting) check();
    });
    this.ended = new Promise((done) => this.child.on('close', (code) => (children.delete(this.child), done(code))));
  }
  send(message) {
    this.child.stdin.write((typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', ...message })) + '\n');
  }
  // The first line that passes.
  until(test, ms = 10_000) {
    return new Promise((done, failed) => {
      const check = () => {
        const found = this.lines.find(test);
        if (found) finish(done, found);
      };
      const finish = (how, what) => {
        clearTimeout(timer);
        this.waiting.delete(check);
        how(what);
      };
      const timer = setTimeout(() => finish(failed, new Error(`not within ${ms} ms; got ${JSON.stringify(this.lines).slice(0, 2000)}\n${this.stderr}`)), ms);
      this.waiting.add(check);
      check();
    });
  }
  answer(id) {
    return this.until((m) => m.id === id && (m.result || m.error));
  }
  async initialize(version = '2025-11-25', capabilities = {}) {
    this.send({ id: 'init', method: 'initialize', params: { protocolVersion: version, capabilities, clientInfo: { name: 'test', version: '1' } } });
    const answer = await this.answer('init');
    this.send({ method: 'notifications/initialized' });
    return answer;
  }
  end() {
    this.child.stdin.end();
    return this.ended;
  }
}

export const modern = '2026-07-28';
export const meta = (capabilities = {}, extra = {}) => ({
  'io.modelcontextprotocol/protocolVersion': modern,
  'io.modelcontextprotocol/clientCapabilities': capabilities,
  ...extra,
});

// One POST; `message` without jsonrpc.
export async function rpc(url, message, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {}
  return { status: response.status, headers: response.headers, text, json };
}

// Many POSTs over a few connections, which costs the client less than fetch() would: `make(i)` gives the message, `check(i, answer)` looks
// at what came of it ({status, json}).
export async function many(url, count, connections, make, check, headers = {}) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const one = (i) =>
    new Promise((done, failed) => {
      const body = JSON.stringify({ jsonrpc: '2.0', ...make(i) });
      const request = http.request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', accept: '*/*', 'content-length': Buffer.byteLength(body), ...headers } }, (response) => {
        let text = '';
        response.on('data', (d) => (text += d));
        response.on('end', () => {
          check(i, { status: response.statusCode, json: JSON.parse(text) });
          done();
        });
      });
      request.on('error', failed);
      request.end(body);
    });
  let next = 0;
  const worker = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
}

// The same as a 2026 client sends it, with its headers.
export function ask(url, method, params = {}, { id = 1, capabilities = {}, headers = {} } = {}) {
  const name = params.name ?? params.uri ?? params.taskId;
  return rpc(
    url,
    { id, method, params: { _meta: meta(capabilities), ...params } },
    { 'mcp-protocol-version': modern, 'mcp-method': method, ...(name === undefined ? {} : { 'mcp-name': name }), ...headers },
  );
}

// A session of the older revisions: {id, headers, call(method, params)}.
export async function session(url, version = '2025-11-25', capabilities = {}) {
  const opened = await rpc(url, { id: 0, method: 'initialize', params: { protocolVersion: version, capabilities, clientInfo: { name: 'test', version: '1' } } });
  const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id'), 'mcp-protocol-version': version };
  await rpc(url, { method: 'notifications/initialized' }, headers);
  let id = 0;
  return { opened, headers, call: (method, params, more = {}) => rpc(url, { id: ++id, method, ...(params ? { params } : {}), ...more }, headers) };
}
