// `patchbay doctor`: finds what is wrong, says what to do, shows no secret.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Program, binary, run, startUpstream, temporary } from '../harness.mjs';

const key = 'sk-doctor-0123456789-secret';
let upstream;
before(async () => {
  upstream = await startUpstream((request, response) => {
    const open = request.url.startsWith('/open');
    const known = open || [request.headers.authorization, request.headers['x-api-key']].some((h) => h?.includes(key));
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    response.end(known ? '{"data":[{"id":"m"}]}' : `{"error":{"message":"wrong key ${request.headers.authorization}"}}`);
  });
});
after(() => upstream.stop());

async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function doctor(home, args, env = {}) {
  const done = await run(['doctor', '--json', ...args], { env: { HOME: home, ...env }, cwd: home });
  assert.ok(!(done.stdout + done.stderr).includes(key), done.stdout);
  const report = JSON.parse(done.stdout);
  assert.equal(done.code, report.good ? 0 : 1, done.stdout);
  const of = (area, name) => report.checks.filter((c) => c.area === area && (name === undefined || c.name.includes(name)));
  return { ...report, of, bad: report.checks.filter((c) => c.state === 'bad') };
}

function write(home, text, name = 'patchbay.yaml') {
  const file = join(home, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test('all is well', async () => {
  const home = temporary();
  const yaml = write(home, `server: {listen: "127.0.0.1:${await freePort()}"}\nproviders_from_environment: false\nproviders:\n  up: {type: custom, base_url: "${upstream.url}/v1", api_key: "\${keyring:up}"}\n  ant: {type: anthropic, base_url: "${upstream.url}", api_key: "\${keyring:up}"}\n  open: {type: custom, base_url: "${upstream.url}/open/v1", api_key: "\${keyring:up}"}\n`);
  const env = { THE_KEY: key };
  assert.equal((await run(['keys', 'provider', 'set', 'up', '--key-env', 'THE_KEY', '--config', yaml], { env: { HOME: home, ...env } })).code, 0);
  assert.equal((await run(['install', 'cursor', 'codex', '--config', yaml], { env: { HOME: home } })).code, 0);
  const r = await doctor(home, ['--config', yaml]);
  assert.deepEqual(r.bad, []);
  assert.equal(r.of('configuration')[0].what, 'no mistakes; 3 providers');
  assert.equal(r.of('keys')[0].what, '1 stored, locked with key-file');
  assert.ok(r.of('providers', 'up').some((c) => c.what === 'can be reached and accepts the key'));
  assert.ok(r.of('providers', 'ant').some((c) => c.what === 'can be reached and accepts the key'));
  assert.ok(r.of('providers', 'open').some((c) => c.what.includes('needs no key, so the key was not tried')));
  assert.equal(r.of('address')[0].what, 'is free');
  assert.match(r.of('clients', 'Cursor')[0].what, /^starts \//);
  const text = await run(['doctor', '--offline', '--config', yaml], { env: { HOME: home } });
  assert.equal(text.code, 0, text.stdout);
  assert.match(text.stdout, /^configuration\n {2}good +.*: no mistakes; 3 providers\n/);
  assert.match(text.stdout, /\n0 bad, 0 to look at\n$/);
});

test('each thing that is wrong is found, with what to do', async () => {
  const home = temporary();
  const taken = net.createServer((socket) => socket.end('SSH-2.0-other\r\n'));
  await new Promise((done) => taken.listen(0, '127.0.0.1', done));
  after(() => taken.close());
  const nothing = await freePort();
  const yaml = write(
    home,
    `server: {listen: "127.0.0.1:${taken.address().port}"}\nproviders_from_environment: false\nproviders:\n  wrong: {type: custom, base_url: "${upstream.url}/v1", api_key: sk-wrong-0123456789-key}\n  gone: {type: custom, base_url: "http://127.0.0.1:${nothing}/v1", api_key: "\${keyring:gone}"}\n  groq: {}\n`,
  );
  chmodSync(yaml, 0o644);
  const env = { THE_KEY: key };
  assert.equal((await run(['keys', 'provider', 'set', 'gone', '--key-env', 'THE_KEY', '--config', yaml], { env: { HOME: home, ...env } })).code, 0);
  const store = join(home, '.local/share/patchbay/provider-keys');
  chmodSync(store, 0o644);
  mkdirSync(join(home, '.cursor'));
  writeFileSync(join(home, '.cursor/mcp.json'), `{"mcpServers":{"patchbay":{"command":"/nowhere/patchbay","args":["mcp"]},"x":{"env":{"K":"${key}"}}}}`);
  mkdirSync(join(home, '.codex'));
  writeFileSync(join(home, '.codex/config.toml'), 'a = 1\nb =\n');
  mkdirSync(join(home, '.gemini'));
  writeFileSync(join(home, '.gemini/settings.json'), '{}');
  const r = await doctor(home, ['--config', yaml]);
  const bad = (area, name, what, advice = /./) => {
    const found = r.of(area, name).find((c) => c.state === 'bad' && what.test(c.what));
    assert.ok(found, `${area} ${name} ${what}: ${JSON.stringify(r.of(area), null, 1)}`);
    assert.match(found.advice ?? '', advice);
  };
  bad('configuration', 'patchbay.yaml', /providers\.wrong\.api_key is written out, and others can read the file/, /chmod 600 .*keyring:NAME/);
  bad('keys', 'provider-keys', /can be read or changed by others/, /^chmod 600 /);
  bad('providers', 'wrong', /does not accept the key \(status 401\)/, /keys provider rotate wrong/);
  bad('providers', 'gone', /cannot be reached at http:\/\/127\.0\.0\.1/, /base_url/);
  bad('providers', 'groq', /has no key/, /keys provider set groq.*GROQ_API_KEY/);
  bad('address', '127.0.0.1', /another program listens there|in use/, /server\.listen/);
  bad('clients', 'Cursor', /starts \/nowhere\/patchbay, which is not there/, /patchbay install cursor/);
  bad('clients', 'Cursor', /holds the key of provider gone/, /replace the key/);
  bad('clients', 'Codex', /config\.toml:2:\d+: /, /mend the file/);
  assert.deepEqual(r.of('clients', 'Gemini').map((c) => c.state), ['note']);
  // A name without a folder is looked for as the client does; an argument that names no file is found in TOML, too.
  writeFileSync(join(home, '.cursor/mcp.json'), '{"mcpServers":{"patchbay":{"command":"patchbay","args":["mcp"]}}}');
  writeFileSync(join(home, '.codex/config.toml'), `[mcp_servers.patchbay]\ncommand = "${binary}"\nargs = ["mcp", "--config", "${home}/gone.yaml"]\n`);
  const named = async (path) => (await doctor(home, ['--config', yaml, '--offline'], { PATH: path })).of('clients');
  const [cursor, codex] = await named(dirname(binary));
  assert.deepEqual([cursor.state, cursor.what], ['good', 'starts patchbay']);
  assert.match(codex.what, /with the configuration .*gone\.yaml, which is not there/);
  assert.equal((await named('/nowhere'))[0].state, 'bad');
  const offline = await doctor(home, ['--config', yaml, '--offline']);
  assert.ok(!offline.of('providers').some((c) => /reached|accept/.test(c.what)));
});

test('mistakes of the configuration, a lock without its key, a running gateway', async () => {
  const home = temporary();
  const broken = await doctor(home, ['--offline', '--config', write(home, 'server: {listn: x}\nproviders: {x: {api_key: 5}}\n')]);
  assert.match(broken.of('configuration')[0].what, /patchbay\.yaml:1:10: server\.listn: unknown key; did you mean `listen`\?/);
  assert.ok(broken.bad.length >= 2);

  const env = { THE_KEY: key, PATCHBAY_KEYS_PASSPHRASE: 'correct horse' };
  assert.equal((await run(['keys', 'provider', 'set', 'openai', '--unlock', 'passphrase', '--key-env', 'THE_KEY'], { env: { HOME: home, ...env }, cwd: temporary() })).code, 0);
  const yaml = write(home, 'server: {listen: "127.0.0.1:0"}\n');
  const locked = await doctor(home, ['--offline', '--config', yaml]);
  assert.match(locked.of('keys')[0].what, /is locked with a passphrase: set PATCHBAY_KEYS_PASSPHRASE/);
  assert.equal(locked.of('keys')[0].state, 'bad');
  assert.equal(locked.of('configuration').filter((c) => c.state === 'bad').length, 0);

  const gateway = await new Program(['serve', '--config', yaml], { env: { HOME: home, PATCHBAY_KEYS_PASSPHRASE: 'correct horse' } }).listening();
  const running = await doctor(home, ['--offline', '--config', write(home, `server: {listen: "127.0.0.1:${gateway.port}"}\n`, 'other.yaml')], { PATCHBAY_KEYS_PASSPHRASE: 'correct horse' });
  assert.equal(running.of('address')[0].what, 'a gateway is running there');
  assert.deepEqual(running.bad, []);
  await gateway.stop();
});
