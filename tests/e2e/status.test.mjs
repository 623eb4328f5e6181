// `patchbay status`: printed once, as JSON, and live on a terminal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { binary, chat, cleanEnv, post, providers, root, run, slow, startServe, startSim } from './harness.mjs';

let sim, gateway;
before(async () => {
  sim = await startSim();
  gateway = await startServe({ admin: { key: 'an-admin-key-for-tests' }, server: { loop_guard: 0 }, providers: providers(sim.url), ledger: { flush: '20ms' } });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

const ask = (model) => post(gateway.url, '/v1/chat/completions', chat(model, 'hi'));

test('patchbay status: once, as JSON, and what it says when there is nothing to show', async () => {
  await ask('oai/echo');
  const args = ['status', '--config', gateway.config, '--url', gateway.url];
  const once = await run([...args, '--once']);
  assert.equal(once.code, 0, once.stderr);
  assert.match(once.stdout, /^patchbay \d.* up \d/);
  assert.match(once.stdout, /DEPLOYMENT +STATE/);
  assert.match(once.stdout, /oai\/echo +ready/);
  assert.match(once.stdout, /TIME +STATUS +MODEL/);
  assert.ok(!once.stdout.includes('\x1b'));
  const json = JSON.parse((await run([...args, '--json'])).stdout);
  assert.deepEqual(Object.keys(json), ['status', 'deployments', 'limits', 'requests']);
  const open = await run(['status', '--url', gateway.url, '--once'], { env: { PATCHBAY_ADMIN_KEY: 'not-the-right-key' } });
  assert.equal(open.code, 1);
  assert.match(open.stderr, /not the key of the admin API.*PATCHBAY_ADMIN_KEY/);
  const keyless = await run(['status', '--url', gateway.url, '--once']);
  assert.match(keyless.stderr, /needs a key: set PATCHBAY_ADMIN_KEY/);
  const nobody = await run(['status', '--url', 'http://127.0.0.1:9', '--once']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /nothing answers at http:\/\/127\.0\.0\.1:9 .*is `patchbay serve` running\?/);
});

// On a terminal of its own, 160 columns wide.
function onTerminal(steps, env = {}) {
  const child = spawn('python3', [join(root, 'tests/e2e/clients/cli/terminal.py'), JSON.stringify(steps), String(30 * slow), binary, 'status', '--config', gateway.config, '--url', gateway.url], {
    env: cleanEnv({ TERM: 'xterm', ...env }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.on('data', (d) => (shown += d));
  return new Promise((done) => child.on('close', (code) => done({ code, shown })));
}

test('patchbay status on a terminal: kept up to date, ended by q or Ctrl-C', async () => {
  for (const end of ['q', '\x03']) {
    const name = end === 'q' ? 'oai/sim-text' : 'ant/sim-text';
    const watching = onTerminal([{ wait: 'DEPLOYMENT', send: '' }, { wait: name, send: end }]);
    await ask(name);
    const { code, shown } = await watching;
    assert.equal(code, 0, shown);
  }
});
