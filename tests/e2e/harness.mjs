// Starts the built program for the tests: a simulator, a gateway in front of it, and small upstreams that record
// what they are sent. Everything listens on port 0 of 127.0.0.1 and ends with the test file's process.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const binary =
  process.env.PATCHBAY_BIN ||
  [join(root, 'build/debug/patchbay'), join(root, 'build/release/patchbay')].find(existsSync);
// Sanitizer builds are several times slower; bounds on time are multiplied by this.
export const slow = /asan|tsan/.test(process.env.PATCHBAY_PRESET || '') ? 8 : 1;
// Event loops of a gateway whose test does not say how many. More than one is for finding races: what tests expect of the order
// of things is promised on one only.
const threads = Number(process.env.PATCHBAY_THREADS || 1);
const startMs = 20_000;

const children = new Set();
const folders = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-e2e-'));
  folders.add(folder);
  return folder;
}

// No key of the developer's own environment reaches the program.
export function cleanEnv(extra = {}) {
  const passed = /^(PATH|LANG|LLVM_PROFILE_FILE|(ASAN|TSAN|UBSAN)_(OPTIONS|SYMBOLIZER_PATH))$/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passed.test(name)));
  return { ...env, HOME: temporary(), ...extra };
}

// A process of the program. `log` grows with its standard error; seen(pattern) resolves with the first match.
export class Program {
  constructor(args, { env = {}, cwd } = {}) {
    if (!binary || !existsSync(binary)) throw new Error('no patchbay binary: build it first, or set PATCHBAY_BIN');
    this.log = '';
    this.waiters = new Set();
    this.child = spawn(binary, args, { env: cleanEnv(env), cwd: cwd ?? temporary(), stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(this.child);
    // Nothing here keeps a test file's process alive: one that failed half way ends, and its children with it.
    for (const handle of [this.child, this.child.stdout, this.child.stderr]) handle.unref();
    this.stdout = '';
    this.child.stdout.on('data', (d) => (this.stdout += d));
    this.child.stderr.on('data', (d) => {
      this.log += d;
      for (const check of this.waiters) check();
    });
    this.child.on('exit', (code, signal) => {
      children.delete(this.child);
      this.code = code ?? signal;
      for (const check of this.waiters) check();
    });
    this.closed = new Promise((done) => this.child.on('close', done));
  }

  seen(pattern, ms = startMs) {
    return new Promise((done, failed) => {
      const check = () => {
        const match = pattern.exec(this.log);
        if (match) finish(done, match);
        else if (this.code !== undefined) finish(failed, new Error(`the program ended (${this.code}) before ${pattern}:\n${this.log}`));
      };
      const timer = setTimeout(() => finish(failed, new Error(`not seen in ${ms} ms: ${pattern}\n${this.log}`)), ms);
      const finish = (how, what) => {
        clearTimeout(timer);
        this.waiters.delete(check);
        how(what);
      };
      this.waiters.add(check);
      check();
    });
  }

  // The exit code, once all output is read; rejects (and kills) after `ms`.
  ended(ms = 45_000) {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => {
        this.child.kill('SIGKILL');
        failed(new Error(`did not end in ${ms} ms:\n${this.log.slice(-4000)}`));
      }, ms);
      this.closed.then(() => {
        clearTimeout(timer);
        done(this.code);
      });
    });
  }

  async listening() {
    this.url = (await this.seen(/listening on (http:\/\/[^\s"]+)/))[1];
    this.port = Number(new URL(this.url).port);
    return this;
  }

  // SIGTERM, then the exit code: not 0 means a crash, a sanitizer's finding or a hang that was killed.
  async stop() {
    if (this.code === undefined) this.child.kill('SIGTERM');
    await this.ended();
    if (this.code !== 0) throw new Error(`the program ended with ${this.code}:\n${this.log.slice(-4000)}`);
  }
}

// Runs a command to its end.
export async function run(args, options = {}) {
  const program = new Program(args, options);
  await program.ended();
  return { code: program.code, stdout: program.stdout, stderr: program.log };
}

export function startSim(args = [], options = {}) {
  return new Program(['sim', '--listen', '127.0.0.1:0', '--threads', '1', ...args], options).listening();
}

// `config` is an object; it is written as JSON, which is YAML.
export function writeConfig(config, folder = temporary()) {
  const file = join(folder, 'patchbay.yaml');
  writeFileSync(file, JSON.stringify(config, null, 2));
  return file;
}

export async function startServe(config, { args = [], ...options } = {}) {
  const folder = temporary();
  config.server = { listen: '127.0.0.1:0', data_dir: join(folder, 'data'), threads, ...config.server };
  const file = writeConfig(config, folder);
  const program = await new Program(['serve', '--config', file, ...args], options).listening();
  program.config = file;
  return program;
}

// The two kinds of upstream that every client format is tried against.
export function providers(url) {
  return {
    oai: { type: 'custom', formats: ['openai_chat'], base_url: `${url}/v1`, api_key: 'key-for-oai' },
    ant: { type: 'anthropic', base_url: url, api_key: 'key-for-ant' },
  };
}

// A simulator and a gateway before it; stop() ends both.
export async function startPair(config = {}, options = {}) {
  const sim = await startSim();
  const gateway = await startServe({ ...config, providers: { ...providers(sim.url), ...config.providers } }, options);
  return {
    sim,
    gateway,
    url: gateway.url,
    stop: async () => {
      await gateway.stop();
      await sim.stop();
    },
  };
}

export const openai = (url, options = {}) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'client-key', maxRetries: 0, ...options });
export const anthropic = (url, options = {}) => new Anthropic({ baseURL: url, apiKey: 'client-key', maxRetries: 0, ...options });

// An upstream in this process: `requests` holds what came ({method, url, headers, rawHeaders, body}), answer(request,
// response) says what goes back. next() resolves with the next request, whole.
export async function startUpstream(answer) {
  const requests = [];
  const waiting = [];
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (d) => parts.push(d));
    request.on('end', () => {
      const { method, url, headers, rawHeaders } = request;
      const seen = { method, url, headers, rawHeaders, body: Buffer.concat(parts), socket: request.socket };
      requests.push(seen);
      waiting.shift()?.(seen);
      answer(seen, response);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  return {
    requests,
    url: `http://127.0.0.1:${server.address().port}`,
    next: () => new Promise((done) => waiting.push(done)),
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

// Things that happen one after the other: add() tells of one, reach(n) resolves once there have been n of them, and rejects after
// `ms` (the timer keeps the test's process alive meanwhile).
export class Happenings {
  list = [];
  #waiting = new Set();
  add(what) {
    this.list.push(what);
    for (const check of this.#waiting) check();
  }
  reach(n, ms = 10_000 * slow) {
    return new Promise((done, failed) => {
      const finish = (how, what) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        how(what);
      };
      const check = () => this.list.length >= n && finish(done, this.list);
      const timer = setTimeout(() => finish(failed, new Error(`${this.list.length} of ${n} within ${ms} ms`)), ms);
      this.#waiting.add(check);
      check();
    });
  }
}

// A TCP connection that collects what comes back; until(pattern) resolves with all text so far.
export async function rawConnection(url) {
  const { port } = new URL(url);
  const socket = net.connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  const checks = new Set();
  const connection = { socket, text: '', ended: false };
  socket.on('data', (d) => {
    connection.text += d.toString('latin1');
    for (const check of checks) check();
  });
  const end = () => {
    connection.ended = true;
    for (const check of checks) check();
  };
  socket.on('end', end);
  socket.on('close', end);
  connection.send = (bytes) => socket.write(bytes);
  connection.wait = (test, ms = 10_000) =>
    new Promise((done, failed) => {
      const finish = (how, what) => {
        clearTimeout(timer);
        checks.delete(check);
        how(what);
      };
      const check = () => {
        if (test(connection)) finish(done, connection.text);
        else if (connection.ended) finish(failed, new Error(`the connection ended after: ${connection.text.slice(0, 500)}`));
      };
      const timer = setTimeout(() => finish(failed, new Error(`waited ${ms} ms; got: ${connection.text.slice(0, 500)}`)), ms);
      checks.add(check);
      check();
    });
  connection.until = (pattern, ms) => connection.wait((c) => pattern.test(c.text), ms);
  connection.end = (ms = 10_000) => connection.wait((c) => c.ended, ms);
  connection.close = () => socket.destroy();
  await new Promise((done, failed) => {
    socket.on('connect', done);
    socket.on('error', failed);
  });
  return connection;
}

export const sha = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

// A 1 × 1 PNG and the smallest text that passes for a PDF.
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
// Of 24 × 16 pixels; the fuzzer's seeds have a byte of their own in front.
export const jpeg = readFileSync(join(root, 'tests/fuzz/seeds/image/jpeg')).subarray(1);
export const pdf = Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n');

// A PNG of that size and of one colour.
export function picture(width, height, colour = [200, 30, 30]) {
  const chunk = (kind, body) => {
    const inside = Buffer.concat([Buffer.from(kind), body]);
    const out = Buffer.alloc(8 + inside.length);
    out.writeUInt32BE(body.length);
    inside.copy(out, 4);
    out.writeUInt32BE(crc32(inside), 4 + inside.length);
    return out;
  };
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from(colour))]);
  const rows = Buffer.concat(Array(height).fill(row));
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

export async function post(url, path, body, headers = {}) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {}
  return { status: response.status, headers: response.headers, text, json };
}

export const chat = (model, text, extra = {}) => ({ model, messages: [{ role: 'user', content: text }], ...extra });
export const message = (model, text, extra = {}) => ({ max_tokens: 1000, ...chat(model, text, extra) });

// The events of an SSE text: {event, data}.
export function events(text) {
  return text
    .split('\n\n')
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const out = { event: '', data: '', comment: false };
      for (const line of block.split('\n')) {
        if (line.startsWith(':')) out.comment = true;
        if (line.startsWith('event:')) out.event = line.slice(6).trim();
        if (line.startsWith('data:')) out.data += line.slice(5).trim();
      }
      return out;
    });
}

// For what shows from outside only (a file, an answer): asks `test` until it gives something true, and returns that. `what`: for
// the error, a text or a function that makes one. What shows inside is waited for by its log line (seen) or as a Happening.
export async function eventually(test, what, ms = 10_000 * slow) {
  for (const end = performance.now() + ms; ; ) {
    const got = await test();
    if (got) return got;
    if (performance.now() > end) throw new Error(`${typeof what === 'function' ? what() : what}: not within ${ms} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

// The gateway knows that there are virtual keys, and this one.
export async function keySeen(gateway, key) {
  const status = async (headers) => (await fetch(`${gateway.url}/v1/models`, { headers })).status;
  await eventually(async () => (await status({})) === 401, 'there are keys');
  await eventually(async () => (await status({ authorization: `Bearer ${key}` })) === 200, 'the key is seen');
}

export function elapsed() {
  const start = performance.now();
  return () => performance.now() - start;
}
