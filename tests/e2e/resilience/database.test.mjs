// The usage database is locked, deleted, overwritten or on a full disk while requests come: none fails, and no row is lost.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Program, eventually, startServe, startSim } from '../harness.mjs';
import { startLoad, database, exact, failed, health, metric, query } from './load.mjs';

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());

const serve = (config = {}) =>
  startServe({
    ...config,
    server: { loop_guard: 0, threads: 2 },
    ledger: { flush: '20ms', ...config.ledger },
    providers: { oai: { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'key' }, ant: { type: 'anthropic', base_url: sim.url, api_key: 'key' } },
    routes: { main: { strategy: 'round-robin', deployments: ['oai/sim-stream-5', 'ant/sim-stream-5'] } },
  });
const again = (gateway) => {
  const next = new Program(['serve', '--config', gateway.config]);
  next.config = gateway.config;
  return next.listening();
};
const written = (gateway) => metric(gateway.url, 'patchbay_ledger_rows_total{state="written"}');
const waiting = async (gateway) => (await health(gateway.url)).ledger.waiting;
const settled = (gateway, answers) => eventually(async () => (await waiting(gateway)) === 0 && (await written(gateway)) >= answers.length, 'all rows are settled');

// Another process that holds the database's lock until its standard input ends.
async function lock(gateway) {
  const script = 'import sqlite3, sys\nd = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)\nd.execute("BEGIN EXCLUSIVE")\nprint("locked", flush=True)\nsys.stdin.read()\nd.execute("ROLLBACK")';
  const holder = spawn('python3', ['-c', script, database(gateway.config)], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise((done) => holder.stdout.once('data', done));
  return () => new Promise((done) => (holder.on('exit', done), holder.stdin.end()));
}

test('locked by another process for seconds, under load', async (t) => {
  const gateway = await serve();
  const load = startLoad(t, () => gateway.url);
  await load.more(50);
  const release = await lock(gateway);
  const state = await eventually(async () => {
    const { ledger } = await health(gateway.url);
    return ledger.database === 'failing' && ledger;
  }, '/health says so');
  assert.equal(state.journal, 'ok');
  await load.more(300);
  assert.ok((await waiting(gateway)) >= 300);
  assert.equal(await metric(gateway.url, 'patchbay_ledger_database_up'), 0);
  assert.match(gateway.log, /database cannot be written.*locked/);
  await release();
  await gateway.seen(/the usage database works again/);
  await load.more(50);
  const answers = await load.stop();
  assert.deepEqual(failed(answers), []);
  await settled(gateway, answers);
  assert.deepEqual(exact(gateway.config, answers), []);
  await gateway.stop();
});

test('locked, and kill -9 meanwhile', async (t) => {
  let gateway = await serve();
  const load = startLoad(t, () => gateway.url);
  await load.more(50);
  const release = await lock(gateway);
  await load.more(200);
  gateway.child.kill('SIGKILL');
  await load.stop();
  await release();
  gateway = await again(gateway);
  const others = exact(gateway.config, load.answers);
  assert.ok(others.length <= 10, JSON.stringify(others));
  await gateway.stop();
});

test('deleted: a new one has what comes then', async (t) => {
  const gateway = await serve();
  const load = startLoad(t, () => gateway.url);
  await load.more(50);
  const before = load.answers.length;
  for (const end of ['', '-wal', '-shm']) rmSync(database(gateway.config) + end, { force: true });
  await eventually(() => existsSync(database(gateway.config)), 'a new database');
  await load.more(100);
  const answers = await load.stop();
  assert.deepEqual(failed(answers), []);
  await eventually(async () => (await waiting(gateway)) === 0, 'all rows are settled');
  const rows = query(gateway.config, 'SELECT request_id FROM usage').map((r) => r.request_id);
  assert.equal(new Set(rows).size, rows.length);
  assert.ok(rows.length >= answers.length - before - 10, `${rows.length} of ${answers.length - before}`);
  await gateway.stop();
});

test('replaced by garbage, which is left alone; moved away, all rows since are in a new one', async (t) => {
  const gateway = await serve();
  const load = startLoad(t, () => gateway.url);
  await load.more(50);
  const file = database(gateway.config);
  for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
  writeFileSync(`${file}.new`, 'g'.repeat(20_000));
  renameSync(`${file}.new`, file);
  await eventually(async () => (await health(gateway.url)).ledger.database === 'failing', '/health says so');
  const since = load.answers.length;
  await load.more(200);
  assert.match(readFileSync(file, 'latin1').slice(0, 100), /^g+$/);
  rmSync(file, { force: true });
  await gateway.seen(/the usage database works again/);
  await load.more(20);
  const answers = await load.stop();
  assert.deepEqual(failed(answers), []);
  await eventually(async () => (await waiting(gateway)) === 0, 'all rows are settled');
  exact(gateway.config, answers.slice(since + 10)); // those before may have gone into the old one
  await gateway.stop();
});

// A process' limit on the size of files does what a full disk does: what is there can be written, nothing can grow.
const limit = (gateway, bytes) => execFileSync('prlimit', ['--pid', String(gateway.child.pid), `--fsize=${bytes}:unlimited`]);
const segments = (gateway) => readdirSync(`${database(gateway.config)}.journal.d`).filter((name) => name.endsWith('.rows')).length;

test('disk full: requests are answered and rows wait in the journal’s own room; nothing is lost once there is room', async (t) => {
  const gateway = await serve();
  const load = startLoad(t, () => gateway.url);
  await load.more(50);
  limit(gateway, 4096);
  await gateway.seen(/usage database cannot be written/);
  const from = (await health(gateway.url)).ledger;
  assert.equal(from.database, 'failing');
  await load.more(300);
  assert.ok((await waiting(gateway)) >= 300);
  assert.equal((await health(gateway.url)).ledger.dropped, 0);
  limit(gateway, 'unlimited');
  await gateway.seen(/the usage database works again/);
  const answers = await load.stop();
  assert.deepEqual(failed(answers), []);
  await settled(gateway, answers);
  assert.deepEqual(exact(gateway.config, answers), []);
  assert.equal(segments(gateway), 1);
  await gateway.stop();
});

test('disk full, and kill -9 meanwhile', async (t) => {
  let gateway = await serve();
  const load = startLoad(t, () => gateway.url);
  await load.more(50);
  limit(gateway, 4096);
  await gateway.seen(/usage database cannot be written/);
  await load.more(200);
  gateway.child.kill('SIGKILL');
  await load.stop();
  gateway = await again(gateway);
  assert.ok(exact(gateway.config, load.answers).length <= 10);
  await gateway.stop();
});

test('disk full from the start: no journal, no database; rows wait in memory and are told of', async (t) => {
  const gateway = await serve();
  await gateway.stop();
  rmSync(database(gateway.config), { force: true });
  const program = new Program(['serve', '--config', gateway.config]);
  limit(program, 4096); // within the program's first milliseconds, before it opens anything
  await program.listening();
  program.config = gateway.config;
  const load = startLoad(t, () => program.url);
  await load.more(100);
  const state = (await health(program.url)).ledger;
  if (state.journal === 'failing') {
    assert.ok(state.in_memory >= 100, JSON.stringify(state));
    assert.match(program.log, /usage journal cannot be written/);
    assert.equal(await metric(program.url, 'patchbay_ledger_journal_up'), 0);
  }
  limit(program, 'unlimited');
  await program.seen(/the usage database works again/);
  const answers = await load.stop();
  assert.deepEqual(failed(answers), []);
  await settled(program, answers);
  assert.deepEqual(exact(program.config, answers), []);
  await program.stop();
});
