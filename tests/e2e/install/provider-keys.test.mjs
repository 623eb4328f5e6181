// `patchbay keys provider`: the providers' keys in an encrypted file, used by a gateway, replaced while it runs, never shown.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Program, binary, chat, cleanEnv, eventually, post, run, slow, startUpstream, temporary } from '../harness.mjs';

const first = 'sk-first-0123456789-secret';
const second = 'sk-second-9876543210-secret';
const mode = (file) => (statSync(file).mode & 0o777).toString(8);

let upstream;
before(async () => {
  upstream = await startUpstream((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}');
  });
});
after(() => upstream.stop());

// A user of the program: a home of its own, and everything that was ever printed.
function user(extra = {}) {
  const home = temporary();
  const env = { HOME: home, ...extra };
  const all = { text: '' };
  return {
    home,
    env,
    all,
    file: join(home, '.local/share/patchbay/provider-keys'),
    keyFile: join(home, '.config/patchbay/provider-keys.key'),
    run: async (args, more = {}) => {
      const done = await run(args, { env: { ...env, ...more } });
      all.text += done.stdout + done.stderr;
      return done;
    },
    keys: async (args, more = {}) => {
      const done = await run(['keys', 'provider', ...args], { env: { ...env, ...more } });
      all.text += done.stdout + done.stderr;
      return done;
    },
    quiet: () => {
      for (const secret of [first, second]) assert.ok(!all.text.includes(secret), all.text);
    },
  };
}

const good = (done) => {
  assert.equal(done.code, 0, done.stderr + done.stdout);
  return done;
};
const bearer = () => upstream.requests.at(-1).headers.authorization;

describe('a key that is stored', () => {
  const ann = user();
  let gateway;
  after(() => gateway?.stop());

  test('is encrypted, and can be read by nobody else', async () => {
    const done = good(await ann.keys(['set', 'openai', '--key-env', 'THE_KEY'], { THE_KEY: first }));
    assert.match(done.stdout, /^stored: openai \(sk-f…cret\) in .*provider-keys, locked with the key file .*provider-keys\.key\n/);
    assert.deepEqual([mode(ann.file), mode(ann.keyFile)], ['600', '600']);
    for (const text of [first, 'openai']) assert.ok(!readFileSync(ann.file, 'latin1').includes(text));
    const list = good(await ann.keys(['list']));
    assert.match(list.stdout, /openai {2}sk-f…cret +openai +20\d\d-/);
    assert.equal(JSON.parse((await ann.keys(['list', '--json'])).stdout)[0].name, 'openai');
  });

  test('switches its vendor on, as the variable would, and reaches the provider', async () => {
    gateway = await new Program(['serve', '--listen', '127.0.0.1:0'], { env: { ...ann.env, OPENAI_BASE_URL: `${upstream.url}/v1` } }).listening();
    assert.match(gateway.log, /provider openai: key from the stored keys/);
    assert.equal((await post(gateway.url, '/v1/chat/completions', chat('openai/m', 'hello'))).status, 200);
    assert.equal(bearer(), `Bearer ${first}`);
  });

  test('a running gateway takes the new one', async () => {
    good(await ann.keys(['rotate', 'openai', '--key-env', 'THE_KEY'], { THE_KEY: second }));
    let n = 0;
    await eventually(async () => {
      await post(gateway.url, '/v1/chat/completions', chat('openai/m', `hello ${++n}`));
      return bearer() === `Bearer ${second}`;
    }, 'the new key is sent');
  });

  test('the audit says when it was set, replaced and used, and who can read the files', async () => {
    const audit = JSON.parse(
      await eventually(async () => {
        const done = good(await ann.keys(['audit', '--json'], { OPENAI_BASE_URL: `${upstream.url}/v1` }));
        return JSON.parse(done.stdout).keys[0].last_used && done.stdout;
      }, 'the ledger knows of the request'),
    );
    const [key] = audit.keys;
    assert.deepEqual([audit.good, audit.unlock, key.name, key.used_by], [true, 'key-file', 'openai', ['openai']]);
    for (const time of [key.set, key.rotated, key.last_used]) assert.ok(Date.parse(time) > Date.now() - 600_000, time);
    assert.deepEqual(audit.events.map((e) => `${e.what} ${e.name}`), ['set openai', 'rotate openai']);
    assert.ok(!('key' in key));
    const text = good(await ann.keys(['audit'])).stdout;
    assert.match(text, /provider-keys\.key +0600 +good/);
    chmodSync(ann.file, 0o644);
    const open = await ann.keys(['audit', '--json']);
    assert.equal(open.code, 1);
    assert.match(JSON.parse(open.stdout).files[0].fault, /can be read or changed by others \(mode 0644\): chmod 600 /);
    chmodSync(ann.file, 0o600);
  });

  test('mistakes are told', async () => {
    const told = async (args, code, pattern, env) => {
      const done = await ann.keys(args, env);
      assert.deepEqual([done.code, pattern.test(done.stderr)], [code, true], done.stderr);
    };
    await told(['set', 'openai', '--key-env', 'THE_KEY'], 2, /is stored already; `patchbay keys provider rotate openai`/, { THE_KEY: 'x-0123456789' });
    await told(['rotate', 'nothing', '--key-env', 'THE_KEY'], 1, /no key `nothing` is stored/, { THE_KEY: 'x-0123456789' });
    await told(['set', 'groq'], 2, /The key of groq is missing: give --key-env/);
    await told(['set', 'groq', '--key-env', 'NOT_SET'], 2, /the variable NOT_SET is not set/);
    await told(['set', 'a b', '--key-env', 'THE_KEY'], 2, /up to 64 letters/, { THE_KEY: 'x' });
    await told(['delete', 'openai'], 2, /add --yes/);
    await told(['delete', 'nothing', '--yes'], 1, /no key `nothing`/);
    good(await ann.keys(['delete', 'openai', '--yes']));
    assert.match((await ann.keys(['list'])).stdout, /^no keys/);
    ann.quiet();
  });
});

describe('the configuration refers to keys', () => {
  const bob = user();
  const config = (text) => {
    const file = join(bob.home, 'patchbay.yaml');
    writeFileSync(file, text);
    return file;
  };

  test('as ${keyring:NAME}, where a secret may stand', async () => {
    const file = config(`providers: {box: {type: custom, base_url: "${upstream.url}/v1", api_key: "\${keyring:mine}", headers: {x-extra: "Token \${keyring:mine}"}}}\n`);
    const missing = await bob.run(['config', 'check', file]);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /patchbay\.yaml:1:\d+: providers\.box\.api_key: no key is stored in .*; `patchbay keys provider set mine` stores it/);
    writeFileSync(join(bob.home, 'key'), `${first}\n`);
    good(await bob.keys(['set', 'mine', '--key-file', join(bob.home, 'key'), '--config', file]));
    good(await bob.run(['config', 'check', file]));
    assert.match(good(await bob.run(['config', 'show', file])).stdout, /api_key: "?sk-f…cret/);
    const gateway = await new Program(['serve', '--config', file, '--listen', '127.0.0.1:0'], { env: bob.env }).listening();
    await post(gateway.url, '/v1/chat/completions', chat('box/m', 'hello'));
    assert.equal(bearer(), `Bearer ${first}`);
    assert.equal(upstream.requests.at(-1).headers['x-extra'], `Token ${first}`);
    await gateway.stop();
    assert.ok(!gateway.log.includes(first) && !gateway.stdout.includes(first));
    const slip = await bob.run(['config', 'check', config('providers: {groq: {api_key: "${keyring:mime}"}}\n')]);
    assert.match(slip.stderr, /no key `mime` is stored; did you mean `mine`\?/);
  });

  test('and nowhere else: names and addresses would show it', async () => {
    for (const [text, path] of [
      ['server: {listen: "${keyring:mine}"}\n', 'server.listen'],
      ['models: {a: "${keyring:mine}"}\n', 'models.a'],
      ['providers: {x: {type: "${keyring:mine}"}}\n', 'providers.x.type'],
      ['log: {level: "${keyring:mine}"}\n', 'log.level'],
    ]) {
      const done = await bob.run(['config', 'check', config(text)]);
      assert.equal(done.code, 2);
      assert.ok(done.stderr.includes(`${path}: a stored key can only stand where a secret is expected`), done.stderr);
    }
    bob.quiet();
  });
});

describe('locks', () => {
  test('a passphrase: right, wrong, none, in a file', async () => {
    const eve = user();
    const pass = { PATCHBAY_KEYS_PASSPHRASE: 'correct horse' };
    good(await eve.keys(['set', 'openai', '--unlock', 'passphrase', '--key-env', 'THE_KEY'], { THE_KEY: first, ...pass }));
    assert.ok(!existsSync(eve.keyFile));
    good(await eve.keys(['list'], pass));
    const wrong = await eve.keys(['list'], { PATCHBAY_KEYS_PASSPHRASE: 'wrong horse' });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /wrong passphrase for .*provider-keys\n/);
    assert.match((await eve.keys(['list'])).stderr, /is locked with a passphrase: set PATCHBAY_KEYS_PASSPHRASE/);
    // A gateway does not start without what it cannot read.
    const serve = await eve.run(['serve', '--listen', '127.0.0.1:0']);
    assert.equal(serve.code, 2);
    assert.match(serve.stderr, /key_store: .*is locked with a passphrase/);
    const file = join(eve.home, 'pass');
    writeFileSync(file, 'correct horse\n');
    chmodSync(file, 0o644);
    assert.match((await eve.keys(['list'], { PATCHBAY_KEYS_PASSPHRASE_FILE: file })).stderr, /the passphrase's file .* can be read or changed by others/);
    chmodSync(file, 0o600);
    good(await eve.keys(['list'], { PATCHBAY_KEYS_PASSPHRASE_FILE: file }));
    // Another passphrase, then a key file.
    good(await eve.keys(['reseal', '--unlock', 'passphrase', '--new-passphrase-env', 'NEXT'], { ...pass, NEXT: 'new horse' }));
    assert.equal((await eve.keys(['list'], pass)).code, 1);
    good(await eve.keys(['reseal', '--unlock', 'key-file'], { PATCHBAY_KEYS_PASSPHRASE: 'new horse' }));
    assert.match(good(await eve.keys(['list'])).stdout, /openai/);
    eve.quiet();
  });

  test('a key file that others can read, a file that was changed', async () => {
    const eve = user();
    good(await eve.keys(['set', 'openai', '--key-env', 'THE_KEY'], { THE_KEY: first }));
    chmodSync(eve.keyFile, 0o640);
    const open = await eve.keys(['list']);
    assert.equal(open.code, 2);
    assert.match(open.stderr, /the key file .* can be read or changed by others \(mode 0640\): chmod 600 /);
    chmodSync(eve.keyFile, 0o600);
    const bytes = readFileSync(eve.file);
    const changed = Buffer.from(bytes);
    changed[changed.length - 20] = changed[changed.length - 20] === 65 ? 66 : 65;
    writeFileSync(eve.file, changed);
    const told = await eve.keys(['list']);
    assert.equal(told.code, 2);
    assert.match(told.stderr, /provider-keys has been changed or damaged: its seal does not fit/);
    writeFileSync(eve.file, bytes);
    good(await eve.keys(['list']));
    rmSync(eve.keyFile);
    assert.match((await eve.keys(['list'])).stderr, /the key file .* is not there, and .* cannot be opened without it/);
  });

  // A Secret Service of the desktop's own, in a session of its own.
  const keyring = spawnSync('sh', ['-c', 'command -v gnome-keyring-daemon && command -v dbus-run-session && ldconfig -p | grep -q libsecret-1.so.0']).status === 0;
  test("the desktop's keyring", { skip: keyring ? false : 'not installed: gnome-keyring, dbus, libsecret-1-0' }, () => {
    const home = temporary();
    mkdirSync(join(home, 'run'), { mode: 0o700 });
    const script = `
      printf 'a password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
      "$PATCHBAY" keys provider set openai --unlock desktop --key-env THE_KEY
      "$PATCHBAY" keys provider list
      "$PATCHBAY" keys provider audit --json`;
    const env = cleanEnv({ HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), THE_KEY: first, PATCHBAY: binary });
    const done = spawnSync('dbus-run-session', ['--', 'sh', '-euc', script], { env, encoding: 'utf8', timeout: 60_000 * slow });
    assert.equal(done.status, 0, done.stdout + done.stderr);
    assert.match(done.stdout, /locked with the desktop's keyring\n/);
    assert.match(done.stdout, /"unlock":"desktop"/);
    assert.ok(!done.stdout.includes(first));
    assert.ok(!existsSync(join(home, '.config/patchbay/provider-keys.key')));
    const without = spawnSync(binary, ['keys', 'provider', 'list'], { env: { ...env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' }, encoding: 'utf8' });
    assert.equal(without.status, 1);
    assert.match(without.stderr, /the desktop's keyring does not answer/);
  });
});

test('killed at any moment: the old keys or the new ones, never half of them', async () => {
  const ann = user();
  good(await ann.keys(['set', 'kept', '--key-env', 'THE_KEY'], { THE_KEY: first }));
  const done = [];
  for (let i = 0; i < 24; ++i) {
    const child = spawn(binary, ['keys', 'provider', 'set', `k${i}`, '--key-env', 'THE_KEY'], { env: cleanEnv({ ...ann.env, THE_KEY: second }), stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (d) => (text += d));
    const kill = setTimeout(() => child.kill('SIGKILL'), (i * 2) % 30);
    await new Promise((over) => child.on('close', over));
    clearTimeout(kill);
    if (text.startsWith('stored: ')) done.push(`k${i}`);
    const list = JSON.parse(good(await ann.keys(['list', '--json'])).stdout).map((k) => k.name);
    for (const name of ['kept', ...done]) assert.ok(list.includes(name), `${name} of ${list}`);
  }
  const left = readdirSync(join(ann.home, '.local/share/patchbay'));
  for (const name of left) assert.ok(['provider-keys', 'provider-keys.lock', 'provider-keys.new'].includes(name), name);
});
