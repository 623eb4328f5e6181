// A client that dies while its benchmark runs: no request to a provider is left behind, what was measured is kept, and the gateway goes
// on, or the program that the client had started ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, cleanEnv, elapsed, eventually, slow, startServe, temporary, writeConfig } from '../harness.mjs';
import { called, newer, older, overStdio } from './connect.mjs';
import { Piped } from './everything.mjs';
import { startProvider } from './provider.mjs';

const script = fileURLToPath(new URL('dying.mjs', import.meta.url));
// Of three models two are asked at a time; the first answer comes, the others wait for release().
const benchmark = { models: ['up/a', 'up/b', 'up/c'], prompt: 'x', runs: 2, delay_seconds: 0 };
async function startWaiting(t) {
  let release;
  const released = new Promise((done) => (release = done));
  const provider = await startProvider((_, n) => (n === 0 ? 'ok' : released.then(() => 'ok')));
  t.after(provider.stop);
  const config = { server: { data_dir: join(temporary(), 'data') }, mcp: { tools: { parallel: 2 } }, providers: provider.config('up', ['a', 'b', 'c']) };
  return { ...provider, config, release };
}
const underWay = (provider) => provider.asked.reach(3); // one is answered by then

// Starts the client; line(): what it says first; kill(): it is gone at once.
function startDying(t, way, where) {
  const child = spawn(process.execPath, [script, way, where, 'benchmark_models', JSON.stringify(benchmark)], { env: cleanEnv({ PATCHBAY_BIN: binary }), stdio: ['ignore', 'pipe', 'inherit'] });
  const line = new Promise((done) => child.stdout.once('data', (d) => done(String(d).trim())));
  const ended = new Promise((done) => child.once('exit', (_, signal) => done(signal)));
  const kill = async () => {
    child.kill('SIGKILL');
    assert.equal(await ended, 'SIGKILL', 'it was alive until then');
  };
  t.after(() => child.kill('SIGKILL'));
  return { line, kill };
}

// Whether there is no such process any more, or nothing but its exit code.
function gone(pid) {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}
async function metric(url, name) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(text.split('\n').find((l) => l.startsWith(`${name} `)).split(' ').at(-1));
}
// The newest benchmark: its state and the models of its runs.
async function newest(client) {
  const { history } = await called(client, 'get_benchmark_history');
  const { report } = await called(client, 'get_benchmark_history', { id: history[0].id });
  return [report.state, report.runs.map((r) => [r.model, r.success ?? r.succeeded ?? !r.error])];
}

for (const way of ['sessions over stdio', '2026 over stdio'])
  test(`${way}: the program ends, and its requests with it`, async (t) => {
    const provider = await startWaiting(t);
    const dying = startDying(t, way, writeConfig(provider.config));
    const pid = Number(await dying.line);
    t.after(() => gone(pid) || process.kill(pid, 'SIGKILL'));
    await underWay(provider);
    await dying.kill();
    await provider.gone.reach(2);
    await eventually(() => gone(pid), 'the program has ended');
    assert.deepEqual([provider.asked.list.length, provider.open()], [3, 0]);
    const next = await overStdio(provider.config);
    t.after(() => next.close());
    assert.deepEqual(await newest(next), ['cancelled', [['up/a', true]]]);
  });

test('sessions over stdio: the program ends well when both its pipes are closed', async (t) => {
  const provider = await startWaiting(t);
  const p = new Piped(binary, ['mcp', '--config', writeConfig(provider.config)]);
  await p.initialize();
  p.send({ id: 1, method: 'tools/call', params: { name: 'benchmark_models', arguments: benchmark, _meta: { progressToken: 'p' } } });
  await underWay(provider);
  p.child.stdout.destroy();
  p.child.stdin.destroy();
  await provider.gone.reach(2);
  assert.equal(await p.ended, 0);
  assert.equal(provider.asked.list.length, 3);
});

// Official clients close the program's input, send SIGTERM after two seconds, and SIGKILL after two more.
test('sessions over stdio: a client that closes the connection leaves things in order', async (t) => {
  const provider = await startWaiting(t);
  const leaving = await overStdio(provider.config);
  const { pid } = leaving.transport;
  leaving.callTool({ name: 'benchmark_models', arguments: benchmark }).catch(() => {});
  await underWay(provider);
  await leaving.close();
  await provider.gone.reach(2);
  await eventually(() => gone(pid), 'the program has ended');
  const next = await overStdio(provider.config);
  t.after(() => next.close());
  assert.deepEqual(await newest(next), ['cancelled', [['up/a', true]]]);
});

describe('SIGTERM to the program', () => {
  const begin = async (t) => {
    const provider = await startWaiting(t);
    const p = new Piped(binary, ['mcp', '--config', writeConfig(provider.config)]);
    t.after(() => p.child.kill('SIGKILL'));
    await p.initialize();
    return { provider, p };
  };
  const call = { id: 1, method: 'tools/call', params: { name: 'benchmark_models', arguments: benchmark } };

  test('lets calls end that are about to, with their answers', async (t) => {
    const { provider, p } = await begin(t);
    p.send(call);
    await underWay(provider);
    p.child.kill('SIGTERM');
    provider.release();
    assert.equal((await p.answer(1)).result.structuredContent.state, 'done');
    assert.equal(await p.ended, 0);
  });

  test('ends the others, and their requests', async (t) => {
    const { provider, p } = await begin(t);
    p.send(call);
    await underWay(provider);
    p.child.kill('SIGTERM');
    await provider.gone.reach(2);
    assert.equal(await p.ended, 0);
    assert.equal(provider.asked.list.length, 3);
    const next = await overStdio(provider.config);
    t.after(() => next.close());
    assert.deepEqual(await newest(next), ['cancelled', [['up/a', true]]]);
  });

  test('twice ends it at once, and once where nothing is under way', async (t) => {
    const idle = await begin(t);
    const time = elapsed();
    idle.p.child.kill('SIGTERM');
    assert.equal(await idle.p.ended, 0);
    const { provider, p } = await begin(t);
    p.send(call);
    await underWay(provider);
    // Until the first has been taken, two are one.
    p.child.kill('SIGTERM');
    const again = setInterval(() => p.child.kill('SIGTERM'), 50);
    assert.equal(await p.ended, 0);
    clearInterval(again);
    assert.ok(time() < 2500 * slow, `${time()} ms`);
  });
});

describe('over HTTP', () => {
  for (const way of ['2026 over HTTP', 'HTTP+SSE'])
    test(`${way}: the requests end, and the gateway goes on`, async (t) => {
      const provider = await startWaiting(t);
      const gateway = await startServe(provider.config);
      t.after(() => gateway.stop());
      const dying = startDying(t, way, gateway.url);
      await underWay(provider);
      await dying.kill();
      await provider.gone.reach(2);
      for (const name of ['open_requests', 'streams', 'sessions']) await eventually(async () => (await metric(gateway.url, `patchbay_mcp_${name}`)) === 0, name);
      assert.deepEqual([provider.asked.list.length, provider.open()], [3, 0]);
      const next = await newer(gateway.url);
      t.after(() => next.close());
      await eventually(async () => (await newest(next))[0] === 'cancelled', 'the history knows');
      assert.deepEqual(await newest(next), ['cancelled', [['up/a', true]]]);
    });

  // Its session may be taken up again, for a minute, so a lost connection is no cancellation.
  test('sessions over HTTP: the benchmark goes on for a while, and is kept', async (t) => {
    const provider = await startWaiting(t);
    const gateway = await startServe(provider.config);
    t.after(() => gateway.stop());
    const dying = startDying(t, 'sessions over HTTP', gateway.url);
    await underWay(provider);
    await dying.kill();
    await eventually(async () => (await metric(gateway.url, 'patchbay_mcp_streams')) === 0, 'its streams are gone');
    provider.release();
    const next = await older(gateway.url);
    t.after(() => next.close());
    await eventually(async () => (await newest(next))[0] === 'done', 'the benchmark ends');
    assert.deepEqual([provider.asked.list.length, provider.gone.list.length, provider.open()], [6, 0, 0]);
    await eventually(async () => (await metric(gateway.url, 'patchbay_mcp_open_requests')) === 0, 'nothing is under way');
  });

  test('sessions over HTTP: the requests end when nobody comes back in time, and who comes back too late is told', async (t) => {
    const provider = await startWaiting(t);
    const gateway = await startServe({ ...provider.config, mcp: { ...provider.config.mcp, resume: '1s' } });
    t.after(() => gateway.stop());
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const post = (message, more, signal) => fetch(`${gateway.url}/mcp`, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify({ jsonrpc: '2.0', ...message }), signal });
    const opened = await post({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } } });
    await opened.text();
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id'), 'mcp-protocol-version': '2025-11-25' };
    await post({ method: 'notifications/initialized' }, session);
    const leaving = new AbortController();
    const stream = await post({ id: 1, method: 'tools/call', params: { name: 'benchmark_models', arguments: benchmark, _meta: { progressToken: 'p' } } }, session, leaving.signal);
    const { value } = await stream.body.getReader().read();
    const event = /^id: (\S+)$/m.exec(Buffer.from(value).toString())[1];
    await underWay(provider);
    leaving.abort();
    const time = elapsed();
    await provider.gone.reach(2);
    assert.ok(time() > 900, `not before its time: ${time()} ms`);
    assert.deepEqual([provider.asked.list.length, provider.open()], [3, 0]);
    const late = await fetch(`${gateway.url}/mcp`, { headers: { accept: 'text/event-stream', ...session, 'last-event-id': event } });
    assert.match(await late.text(), /"id":1,"error":\{[^}]*nobody came back for its answer/);
    const next = await older(gateway.url);
    t.after(() => next.close());
    await eventually(async () => (await newest(next))[0] === 'cancelled', 'the history knows');
  });

  test('sessions over HTTP: a client that listens is there, however long nothing comes', async (t) => {
    const provider = await startWaiting(t);
    const gateway = await startServe({ ...provider.config, mcp: { ...provider.config.mcp, resume: '1s' } });
    t.after(() => gateway.stop());
    const patient = await older(gateway.url);
    t.after(() => patient.close());
    const time = elapsed();
    const answer = patient.callTool({ name: 'benchmark_models', arguments: benchmark });
    await underWay(provider);
    await eventually(() => time() > 2500, 'two and a half times the time has passed');
    provider.release();
    assert.equal((await answer).structuredContent.state, 'done');
    assert.equal(provider.gone.list.length, 0);
  });

  test('sessions over HTTP: a client that ends its session ends the requests', async (t) => {
    const provider = await startWaiting(t);
    const gateway = await startServe(provider.config);
    t.after(() => gateway.stop());
    const leaving = await older(gateway.url);
    leaving.callTool({ name: 'benchmark_models', arguments: benchmark }).catch(() => {});
    await underWay(provider);
    await leaving.transport.terminateSession();
    await provider.gone.reach(2);
    await leaving.close();
    const next = await older(gateway.url);
    t.after(() => next.close());
    await eventually(async () => (await newest(next))[0] === 'cancelled', 'the history knows');
    assert.deepEqual([provider.asked.list.length, provider.open()], [3, 0]);
  });
});
