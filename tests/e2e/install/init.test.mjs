// `patchbay init`: by flags alone, and as a person at a terminal.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Program, binary, chat, cleanEnv, post, root, run, slow, startUpstream, temporary } from '../harness.mjs';

const key = 'sk-init-0123456789-secret';
let upstream;
before(async () => {
  upstream = await startUpstream((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}');
  });
});
after(() => upstream.stop());

test('by flags: what is written runs, with the key from the encrypted file', async () => {
  const home = temporary();
  const env = { HOME: home, THE_KEY: key };
  const file = join(home, '.config/patchbay/patchbay.yaml');
  const args = ['init', '--provider', 'openai', '--key-env', 'THE_KEY', '--base-url', `${upstream.url}/v1`, '--default-model', 'openai/m', '--listen', '127.0.0.1:0', '--clients', 'cursor,codex'];
  const done = await run(args, { env });
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /written: .*patchbay\.yaml\n/);
  assert.match(done.stdout, /Cursor: written .*mcp\.json/);
  const yaml = readFileSync(file, 'utf8');
  assert.match(yaml, /api_key: "\$\{keyring:openai\}"/);
  assert.ok(!yaml.includes(key) && !(done.stdout + done.stderr).includes(key));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  for (const client of ['.cursor/mcp.json', '.codex/config.toml']) {
    const text = readFileSync(join(home, client), 'utf8');
    assert.ok(text.includes(file) && !text.includes(key));
  }
  const gateway = await new Program(['serve'], { env: { HOME: home } }).listening();
  assert.equal((await post(gateway.url, '/v1/chat/completions', chat('whatever', 'hello'))).status, 200);
  assert.equal(upstream.requests.at(-1).headers.authorization, `Bearer ${key}`);
  await gateway.stop();
  const again = await run(args, { env });
  assert.equal(again.code, 2);
  assert.match(again.stderr, /is there already; --force writes over it/);
  assert.equal((await run([...args, '--force'], { env })).code, 0);
});

test('by flags: keys left in the environment, several providers, no clients', async () => {
  const home = temporary();
  const output = join(home, 'p.yaml');
  const done = await run(['init', '--provider', 'openai,groq,ollama', '--keep', 'environment', '--default-model', 'none', '--output', output], { env: { HOME: home, OPENAI_API_KEY: key } });
  assert.equal(done.code, 0, done.stderr);
  const yaml = readFileSync(output, 'utf8');
  assert.match(yaml, /openai:\n {4}api_key: "\$\{OPENAI_API_KEY\}"\n {2}groq:\n {4}api_key: "\$\{GROQ_API_KEY\}"\n {2}ollama: \{\}\n/);
  assert.match(done.stdout, /Before it can run:\n- providers\.groq\.api_key: the environment variable GROQ_API_KEY is not set/);
  assert.ok(!existsSync(join(home, '.local/share/patchbay/provider-keys')));
  // What a vendor's variable holds is stored without asking.
  const stored = await run(['init', '--provider', 'openai', '--output', output, '--force'], { env: { HOME: home, OPENAI_API_KEY: key } });
  assert.equal(stored.code, 0, stored.stderr);
  assert.match(readFileSync(output, 'utf8'), /default_model: "?openai\/gpt/);
  assert.match((await run(['keys', 'provider', 'list', '--config', output], { env: { HOME: home } })).stdout, /openai/);
});

test('by flags: what is missing or wrong is named, and nothing is written', async () => {
  const home = temporary();
  for (const [args, pattern] of [
    [[], /give --provider NAME: one of .*openai/],
    [['--provider', 'openia'], /no provider is named `openia`; did you mean `openai`\?/],
    [['--provider', 'openai'], /The key of OpenAI is missing: give --key-env VARIABLE/],
    [['--provider', 'azure-openai', '--key-env', 'THE_KEY'], /has no address of its own: give --base-url/],
    [['--provider', 'openai', '--key-env', 'THE_KEY', '--clients', 'emacs'], /no client is named `emacs`/],
    [['--provider', 'openai', '--key-env', 'THE_KEY', '--listen', 'x'], /--listen takes HOST:PORT/],
    [['--provider', 'openai,groq', '--key-env', 'THE_KEY'], /are for one provider/],
    [['--provider', 'openai', '--key-env', 'THE_KEY', '--keep', 'passphrase'], /PATCHBAY_KEYS_PASSPHRASE/],
  ]) {
    const done = await run(['init', ...args], { env: { HOME: home, THE_KEY: key } });
    assert.notEqual(done.code, 0);
    assert.match(done.stderr, pattern);
    assert.ok(!existsSync(join(home, '.config/patchbay/patchbay.yaml')));
  }
});

test('at a terminal: asked step by step, the key not shown', () => {
  const home = temporary();
  const steps = [
    { wait: 'Whichprovider', send: 'groq\r' },
    { wait: 'Intowhichofthem', send: 'cursor\r' },
    { wait: 'Modelfornames', send: 'none\r' },
    { wait: 'Where\\[file\\]', send: 'passphrase\r' },
    { wait: 'ThekeyofGroq', send: `${key}\r` },
    { wait: 'Passphrasefor', send: 'correct horse\r' },
    { wait: 'thesameagain', send: 'correct horse\r' },
    { wait: 'Next:', send: '' },
  ];
  const env = cleanEnv({ HOME: home });
  const done = spawnSync('python3', [join(root, 'tests/e2e/clients/cli/terminal.py'), JSON.stringify(steps), String(30 * slow), binary, 'init'], { env, cwd: home, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stdout + done.stderr);
  assert.ok(!done.stdout.includes(key) && !done.stdout.includes('correct horse'), done.stdout);
  const list = (more) => spawnSync(binary, ['keys', 'provider', 'list'], { env: { ...env, ...more }, cwd: home, encoding: 'utf8' });
  assert.match(list({ PATCHBAY_KEYS_PASSPHRASE: 'correct horse' }).stdout, /groq {2}sk-i…cret/);
  assert.match(list({}).stderr, /is locked with a passphrase/);
  assert.ok(existsSync(join(home, '.cursor/mcp.json')));
});
