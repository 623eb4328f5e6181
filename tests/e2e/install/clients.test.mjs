// `patchbay install` and `uninstall`: clients' own files, changed and put back; and what the real clients make of them where they are here.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { binary, run, temporary } from '../harness.mjs';

const files = {
  'claude-desktop': '.config/Claude/claude_desktop_config.json',
  'claude-code': '.claude.json',
  cursor: '.cursor/mcp.json',
  vscode: '.config/Code/User/mcp.json',
  codex: '.codex/config.toml',
  gemini: '.gemini/settings.json',
};
const names = Object.keys(files);

function place(config = 'providers: {openai: {api_key: sk-a-providers-own-key-0123}}\n') {
  const home = temporary();
  const yaml = join(home, 'patchbay.yaml');
  writeFileSync(yaml, config);
  const at = (name) => join(home, files[name] ?? name);
  return {
    home,
    yaml,
    at,
    read: (name) => readFileSync(at(name), 'utf8'),
    write: (name, text) => {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), text);
    },
    copies: (name) => readdirSync(dirname(at(name))).filter((f) => f.includes('.before-patchbay-')),
    run: (args, env = {}) => run([...args, '--config', yaml], { env: { HOME: home, ...env }, cwd: home }),
  };
}
const good = (done) => {
  assert.equal(done.code, 0, done.stderr + done.stdout);
  return done;
};

describe('install', () => {
  test('into every client, where there was nothing; a second time changes nothing; out again', async () => {
    const p = place();
    good(await p.run(['install', ...names]));
    const entry = { command: binary, args: ['mcp', '--config', p.yaml] };
    for (const name of ['claude-desktop', 'cursor', 'gemini']) assert.deepEqual(JSON.parse(p.read(name)), { mcpServers: { patchbay: entry } });
    assert.deepEqual(JSON.parse(p.read('claude-code')), { mcpServers: { patchbay: { type: 'stdio', ...entry } } });
    assert.deepEqual(JSON.parse(p.read('vscode')), { servers: { patchbay: { type: 'stdio', ...entry } } });
    assert.equal(p.read('codex'), `[mcp_servers.patchbay]\ncommand = "${binary}"\nargs = ["mcp", "--config", "${p.yaml}"]\n`);
    const before = names.map((name) => [p.read(name), statSync(p.at(name)).mtimeMs]);
    const again = good(await p.run(['install', ...names]));
    assert.equal(again.stdout.match(/is as it should be/g).length, names.length);
    assert.deepEqual(names.map((name) => [p.read(name), statSync(p.at(name)).mtimeMs]), before);
    for (const name of names) {
      assert.deepEqual(p.copies(name), []);
      assert.ok(!p.read(name).includes('sk-a-providers'));
      assert.equal(statSync(p.at(name)).mode & 0o777, 0o600);
    }
    good(await p.run(['uninstall', ...names]));
    assert.ok(!existsSync(p.at('codex'))); // nothing else was in it
    for (const name of names.filter((n) => n !== 'codex')) assert.ok(!p.read(name).includes('patchbay'), p.read(name));
  });

  test('keeps what is there: members, comments, permissions, links; the old file stays beside it', async () => {
    const p = place();
    const vscode = '{\n\t// my servers\n\t"servers": {\n\t\t"other": { "type": "http", "url": "https://x" }, // mine\n\t},\n\t"inputs": [],\n}\n';
    const codex = '# mine\nmodel = "gpt-5.4" # fast\n\n[mcp_servers.other]\ncommand = "x"\nenv = { KEY = "sk-other-servers-key" }\n\n[tui]\ntheme = \'dark\'\n';
    const desktop = '{"globalShortcut":"","mcpServers":{"fs":{"command":"npx","env":{"API_KEY":"of another"}}},"ümläut":[1,2.50,1e3]}';
    p.write('vscode', vscode);
    p.write('codex', codex);
    p.write('dotfiles/desktop.json', desktop);
    mkdirSync(dirname(p.at('claude-desktop')), { recursive: true });
    symlinkSync(p.at('dotfiles/desktop.json'), p.at('claude-desktop'));
    chmodSync(p.at('codex'), 0o640);
    good(await p.run(['install', 'vscode', 'codex', 'claude-desktop']));
    assert.ok(p.read('vscode').startsWith('{\n\t// my servers\n\t"servers": {\n\t\t"other": { "type": "http", "url": "https://x" }, // mine\n\t\t"patchbay": {\n\t\t\t"type": "stdio",\n'));
    assert.ok(p.read('vscode').endsWith('\t\t},\n\t},\n\t"inputs": [],\n}\n'));
    assert.ok(p.read('codex').startsWith(codex));
    assert.equal(statSync(p.at('codex')).mode & 0o777, 0o640);
    assert.ok(lstatSync(p.at('claude-desktop')).isSymbolicLink());
    assert.ok(p.read('claude-desktop').includes('"ümläut":[1,2.50,1e3]'));
    assert.equal(JSON.parse(p.read('claude-desktop')).mcpServers.fs.env.API_KEY, 'of another');
    assert.equal(readFileSync(join(dirname(p.at('vscode')), p.copies('vscode')[0]), 'utf8'), vscode);
    assert.equal(readFileSync(join(dirname(p.at('codex')), p.copies('codex')[0]), 'utf8'), codex);
    good(await p.run(['uninstall', 'vscode', 'codex', 'claude-desktop']));
    assert.equal(p.read('vscode'), vscode);
    assert.equal(p.read('codex'), codex);
    assert.equal(p.read('claude-desktop'), desktop);
  });

  test('a broken file is told with its line and left as it is, and so are all the others', async () => {
    const p = place();
    for (const [name, text, where] of [
      ['claude-desktop', '{\n  "mcpServers": {\n    "a": {}\n    "b": {}\n  }\n}\n', /claude_desktop_config\.json:4:5: /],
      ['cursor', '{\n  // no comments here\n}\n', /mcp\.json:2:3: /],
      ['vscode', '{\n  "servers": [}\n', /mcp\.json:2:15: /],
      ['codex', 'a = 1\n[mcp_servers\n', /config\.toml:2:\d+: /],
      ['gemini', '{"mcpServers": "none"}', /settings\.json: `mcpServers` is there, and no object/],
    ]) {
      p.write(name, text);
      for (const command of ['install', 'uninstall']) {
        if (name === 'gemini' && command === 'uninstall') continue; // nothing to take out
        const done = await p.run([command, 'claude-code', name]);
        assert.equal(done.code, 2, name);
        assert.match(done.stderr, where);
        assert.equal(p.read(name), text);
        assert.deepEqual(p.copies(name), []);
      }
    }
    assert.ok(!existsSync(p.at('claude-code')));
    assert.match((await p.run(['install', 'emacs'])).stderr, /no client is named `emacs`; there are claude-desktop, /);
    const list = await p.run(['install']);
    assert.equal(list.code, 2);
    assert.match(list.stdout, /\* codex +Codex +.*config\.toml/);
    assert.match(list.stdout, / {2}claude-code /);
  });

  test('--dry-run shows and does nothing; nobody else\'s keys are shown', async () => {
    const p = place();
    const text = '{"mcpServers":{"x":{"env":{"API_KEY":"hunter2-hunter2"}}}}';
    p.write('cursor', text);
    const done = good(await p.run(['install', 'cursor', 'codex', '--dry-run']));
    assert.match(done.stdout, /cursor.mcp\.json would be changed:\n- /);
    assert.match(done.stdout, /\+ \[mcp_servers\.patchbay\]\n\+ command = /);
    assert.ok(!done.stdout.includes('hunter2'), done.stdout);
    assert.equal(p.read('cursor'), text);
    assert.ok(!existsSync(p.at('codex')));
  });

  test('--scope project, --home, --http, another command', async () => {
    const p = place('server: {listen: "127.0.0.1:8123"}\n');
    good(await p.run(['install', 'claude-code', 'vscode', '--scope', 'project', '--command', '/usr/bin/patchbay']));
    assert.equal(JSON.parse(p.read('.mcp.json')).mcpServers.patchbay.command, '/usr/bin/patchbay');
    assert.ok(existsSync(p.at('.vscode/mcp.json')) && !existsSync(p.at('claude-code')));
    assert.match((await p.run(['install', 'claude-desktop', '--scope', 'project'])).stderr, /no configuration of a project/);
    good(await p.run(['install', 'claude-code', '--scope', 'project', '--http', '--client-key-env', 'PB_KEY']));
    assert.deepEqual(JSON.parse(p.read('.mcp.json')).mcpServers.patchbay, { type: 'http', url: 'http://127.0.0.1:8123/mcp', headers: { Authorization: 'Bearer ${PB_KEY}' } });
    assert.match((await p.run(['install', 'claude-desktop', '--http'])).stderr, /takes commands only/);
    const other = temporary();
    good(await p.run(['install', 'codex', 'cursor', '--home', other, '--http', '--client-key-env', 'PB_KEY'], { CODEX_HOME: '/nowhere' }));
    assert.equal(readFileSync(join(other, '.codex/config.toml'), 'utf8'), '[mcp_servers.patchbay]\nurl = "http://127.0.0.1:8123/mcp"\nbearer_token_env_var = "PB_KEY"\n');
    assert.equal(JSON.parse(readFileSync(join(other, '.cursor/mcp.json'), 'utf8')).mcpServers.patchbay.headers.Authorization, 'Bearer ${env:PB_KEY}');
  });
});

describe('--gateway', () => {
  test('points the models here, not over another address, and is taken out again', async () => {
    const p = place('server: {listen: "127.0.0.1:8123"}\nproviders: {openai: {api_key: sk-a-providers-own-key-0123}}\n');
    const all = ['claude-code', 'codex', 'gemini'];
    p.write('.claude/settings.json', '{\n  "env": {\n    "FOO": "1"\n  },\n  "model": "opus"\n}\n');
    good(await p.run(['install', ...all, '--gateway']));
    assert.deepEqual(JSON.parse(p.read('.claude/settings.json')).env, { FOO: '1', ANTHROPIC_BASE_URL: 'http://127.0.0.1:8123', ANTHROPIC_AUTH_TOKEN: 'patchbay' });
    assert.match(p.read('codex'), /^model_provider = "patchbay"\n/);
    assert.match(p.read('codex'), /\[model_providers\.patchbay\]\nname = "Patchbay"\nbase_url = "http:\/\/127\.0\.0\.1:8123\/v1"\nwire_api = "responses"\n/);
    assert.equal(p.read('.gemini/.env'), 'GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:8123\nGEMINI_API_KEY=patchbay\n');
    assert.equal(JSON.parse(p.read('gemini')).security.auth.selectedType, 'gemini-api-key');
    assert.equal(good(await p.run(['install', ...all, '--gateway'])).stdout.match(/is as it should be/g).length, 5);
    good(await p.run(['uninstall', ...all]));
    assert.deepEqual(JSON.parse(p.read('.claude/settings.json')), { env: { FOO: '1' }, model: 'opus' });
    for (const file of ['codex', '.gemini/.env']) assert.ok(!existsSync(p.at(file)), file); // nothing else was in them

    p.write('.claude/settings.json', '{"env": {"ANTHROPIC_BASE_URL": "https://mine.example"}}');
    const refused = await p.run(['install', 'claude-code', '--gateway']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /has ANTHROPIC_BASE_URL = https:\/\/mine\.example already; --force/);
    assert.ok(!p.read('claude-code').includes('"patchbay"'));
    assert.match((await p.run(['install', 'cursor', '--gateway'])).stderr, /no place for an address of models/);
  });

  test('a client key of its own is taken; a provider\'s key never gets into a file', async () => {
    const p = place('providers: {openai: {api_key: sk-a-providers-own-key-0123}}\n');
    good(await p.run(['install', 'claude-code', 'codex', '--gateway', '--client-key-env', 'PB_KEY'], { PB_KEY: 'pb-a-virtual-key' }));
    assert.equal(JSON.parse(p.read('.claude/settings.json')).env.ANTHROPIC_AUTH_TOKEN, 'pb-a-virtual-key');
    assert.match(p.read('codex'), /env_key = "PB_KEY"\n/);
    assert.ok(!p.read('codex').includes('pb-a-virtual-key'));
    const refused = await p.run(['install', 'gemini', '--gateway', '--client-key-env', 'PB_KEY'], { PB_KEY: 'sk-a-providers-own-key-0123' });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /would write a provider's key into .*\.env; give a key of Patchbay's own/);
    assert.ok(!existsSync(p.at('.gemini/.env')));
  });
});
