// What the clients make of the files that `patchbay install` writes: they list the server, reach it, and ask for models where the file says.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { binary, run } from '../../harness.mjs';
import { clientKey, notInstalled, runAgent, startAgent } from './agents.mjs';

const words = 'the model of the file answers';
// `own`: what is in its files already, so that nobody is asked anything and nothing is sent to anybody else.
const clients = {
  'claude-code': {
    command: 'claude',
    own: { '.claude/settings.json': '{"env": {"DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}}\n' },
    list: (output) => assert.match(output, /^patchbay: .*Connected$/m),
    ask: ['--model', 'smart', '-p', 'hello'],
  },
  codex: {
    command: 'codex',
    own: { '.codex/config.toml': '# mine\nmodel = "smart"\ncheck_for_update_on_startup = false\n\n[analytics]\nenabled = false\n' },
    list: (output) => assert.match(output, /^patchbay .*enabled/m),
    ask: ['exec', '--skip-git-repo-check', 'hello'],
  },
  gemini: {
    command: 'gemini',
    own: { '.gemini/settings.json': '{\n  // mine\n  "privacy": {"usageStatisticsEnabled": false}, "general": {"enableAutoUpdate": false}\n}\n' },
    list: (output) => assert.match(output, /patchbay: .* - Connected$/m),
    ask: ['-m', 'smart', '-p', 'hello'],
  },
};
const env = { PB_KEY: clientKey, GEMINI_CLI_TRUST_WORKSPACE: 'true' };

for (const [name, { command, own, list, ask }] of Object.entries(clients))
  describe(name, { skip: notInstalled(command) }, () => {
    let agent;
    let yaml;
    const patchbay = async (...args) => {
      const done = await run([...args, '--config', yaml], { env: { HOME: agent.home, ...env } });
      assert.equal(done.code, 0, done.stdout + done.stderr);
    };
    const listed = async () => {
      const { code, output } = await runAgent(agent, command, ['mcp', 'list'], env);
      assert.equal(code, 0, output);
      return output;
    };
    before(async () => {
      agent = await startAgent('openai_chat', () => ({ rules: [{ reply: { text: words } }] }));
      yaml = join(agent.home, 'patchbay.yaml');
      writeFileSync(yaml, 'providers: {box: {type: custom, base_url: "http://127.0.0.1:9/v1"}}\n');
      for (const [file, text] of Object.entries(own)) {
        mkdirSync(join(agent.home, file, '..'), { recursive: true });
        writeFileSync(join(agent.home, file), text);
      }
    });
    after(() => agent?.stop());

    test('starts the command', async () => {
      await patchbay('install', name);
      const output = await listed();
      list(output);
      assert.ok(output.includes(binary) && output.includes(yaml), output);
    });

    test('reaches the address, with a key from a variable', async () => {
      await patchbay('install', name, '--http', '--url', agent.url, '--client-key-env', 'PB_KEY');
      const output = await listed();
      list(output);
      assert.ok(output.includes(`${agent.url}/mcp`), output);
    });

    test('asks for its models there', async () => {
      await patchbay('install', name, '--gateway', '--url', agent.url, '--client-key-env', 'PB_KEY');
      const { code, output } = await runAgent(agent, command, ask, env);
      assert.equal(code, 0, output + agent.log());
      assert.ok(output.includes(words), output);
      assert.deepEqual([...new Set((await agent.counts()).map((c) => `${c.model} ${c.status}`))], ['smart 200']);
    });

    test('has it no more', async () => {
      await patchbay('uninstall', name, '--url', agent.url);
      assert.doesNotMatch(await listed(), /\bpatchbay(:| )/);
    });
  });
