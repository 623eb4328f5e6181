// Load on a gateway, in several formats, streamed and not; what each client saw, and what the ledger has of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const prompt = (text) => [{ role: 'user', content: text }];
const kinds = [
  { path: '/v1/chat/completions', body: (model, text) => ({ model, messages: prompt(text) }) },
  { path: '/v1/chat/completions', body: (model, text) => ({ model, messages: prompt(text), stream: true }), end: 'data: [DONE]' },
  { path: '/v1/messages', body: (model, text) => ({ model, max_tokens: 500, messages: prompt(text) }) },
  { path: '/v1/messages', body: (model, text) => ({ model, max_tokens: 500, messages: prompt(text), stream: true }), end: 'event: message_stop' },
  { path: '/v1/responses', body: (model, text) => ({ model, input: text, stream: true }), end: 'event: response.completed' },
];
let asked = 0;

// One request. `complete`: the client has all of the answer, whatever became of the connection then.
async function once(url, model, key, kind) {
  const answer = { begin: performance.now(), kind, complete: false, status: 0, text: '' };
  try {
    const response = await fetch(url + kind.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(kind.body(model, `question ${++asked}`)),
    });
    answer.status = response.status;
    answer.id = response.headers.get('x-patchbay-request-id') ?? response.headers.get('x-request-id');
    answer.route = response.headers.get('x-patchbay-route');
    const decoder = new TextDecoder();
    for await (const piece of response.body) answer.text += decoder.decode(piece, { stream: true });
    answer.complete = answer.status === 200 && (!kind.end || answer.text.includes(kind.end));
  } catch (fault) {
    answer.fault = String(fault.cause ?? fault);
    answer.complete = answer.status === 200 && Boolean(kind.end) && answer.text.includes(kind.end);
  }
  answer.ms = performance.now() - answer.begin;
  return answer;
}

class Load {
  // `target()`: where the gateway is now, which may change.
  constructor(target, { model = 'main', key, workers = 10 } = {}) {
    this.answers = [];
    this.stopped = false;
    this.workers = Array.from({ length: workers }, async (_, worker) => {
      for (let i = worker; !this.stopped; ++i) {
        const answer = await once(target(), model, key, kinds[i % kinds.length]);
        this.answers.push(answer);
        if (answer.status === 0) await new Promise((done) => setTimeout(done, 5)); // nobody listens
        this.reached?.();
      }
    });
  }
  // Once `n` more answers have come.
  more(n, ms = 30_000) {
    const wanted = this.answers.length + n;
    return new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`${this.answers.length} of ${wanted} answers within ${ms} ms`)), ms);
      this.reached = () => {
        if (this.answers.length < wanted) return;
        clearTimeout(timer);
        done();
      };
      this.reached();
    });
  }
  async stop() {
    this.stopped = true;
    await Promise.all(this.workers);
    return this.answers;
  }
}

// A load that ends with the test `t`, if that does not end it.
export function startLoad(t, target, options) {
  const load = new Load(target, options);
  t.after(() => load.stop());
  return load;
}

export const failed = (answers) => answers.filter((a) => !a.complete).map((a) => `${a.kind.path} ${a.status} ${a.fault ?? ''} ${a.text.slice(-300)}`);
export const slowest = (answers) => Math.max(...answers.map((a) => a.ms));

export const database = (config) => join(JSON.parse(readFileSync(config, 'utf8')).server.data_dir, 'patchbay.db');
const python = (script, ...args) => execFileSync('python3', ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
export const query = (config, sql, file = database(config)) =>
  JSON.parse(python('import sqlite3, sys, json\nd = sqlite3.connect(sys.argv[1], timeout=20)\nd.row_factory = sqlite3.Row\nprint(json.dumps([dict(r) for r in d.execute(sys.argv[2])]))', file, sql));

// The ledger has every complete answer once, and nothing twice. Returns the rows that belong to no complete answer.
export function exact(config, answers) {
  const rows = query(config, 'SELECT * FROM usage');
  const byId = new Map();
  for (const row of rows) {
    assert.ok(!byId.has(row.request_id), `${row.request_id} is there twice`);
    byId.set(row.request_id, row);
  }
  const missing = answers.filter((a) => a.complete && byId.get(a.id)?.status !== 200);
  assert.deepEqual(missing.map((a) => ({ id: a.id, path: a.kind.path, stream: Boolean(a.kind.end), row: byId.get(a.id) ?? null })), []);
  for (const a of answers) if (a.complete) byId.delete(a.id);
  const sums = query(config, "SELECT client_key AS name, COUNT(*) AS requests, SUM(input + output) AS tokens, SUM(cost) AS cost FROM usage WHERE provider <> '' AND client_key <> '' GROUP BY 1 ORDER BY 1");
  const totals = query(config, "SELECT name, SUM(requests) AS requests, SUM(tokens) AS tokens, SUM(cost) AS cost FROM totals WHERE scope = 'key' GROUP BY 1 ORDER BY 1");
  const round = (list) => list.map((r) => ({ ...r, cost: Math.round(r.cost * 1e9) / 1e9 }));
  assert.deepEqual(round(totals), round(sums), 'totals are the sums of the rows');
  return [...byId.values()];
}

export const health = async (url) => (await fetch(`${url}/health`)).json();
export const metric = async (url, name) => {
  const found = (await (await fetch(`${url}/metrics`)).text()).split('\n').find((line) => line.startsWith(`${name} `));
  return found === undefined ? undefined : Number(found.split(' ').at(-1));
};
