// Codex: with a provider of its configuration, and with its built-in one, which tries a WebSocket first.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentTests } from './cells.mjs';
import { settings, shell } from './page.mjs';
import { checkTask, clientKey, proof, runAgent, scenario } from './agents.mjs';

const exec = (cmd) => ({ name: 'exec_command', arguments: { cmd } });
const task = [[exec(`printf '%s\\n' ${proof} > note.txt`)], [exec('cat note.txt'), exec('wc -c < note.txt')], [exec('cp note.txt copy.txt && ls')]];
const rules = () => scenario('exec_command', task);
// It gives up at once when it is not told when to come back.
const limited = () => scenario('exec_command', task, { status: 429, fail_times: 1, retry_after: 1 });

// Files are changed by a free-text tool, whose input has a grammar.
const patch = `*** Begin Patch\n*** Add File: note.txt\n+${proof}\n*** End Patch\n`;
const patchRules = () => scenario('apply_patch', [[{ name: 'apply_patch', input: patch }], [exec('cat note.txt')], [exec('cp note.txt copy.txt && ls')]]);

// Nobody is there to be asked, and nothing is sent to anybody else.
const quiet = 'check_for_update_on_startup = false\nsandbox_mode = "danger-full-access"\n';
const page = (url) => settings('Codex', 'toml', url, clientKey);
const named = (text, model) => text.replace('model = "smart"', `model = "${model}"`);

const way = (title, rules, config, { models, refused, formats, env = {} } = {}) => ({
  title: `Codex, ${title}`,
  endpoint: '/v1/responses',
  formats,
  rules,
  run: async (agent) => {
    mkdirSync(join(agent.home, '.codex'));
    writeFileSync(join(agent.home, '.codex/config.toml'), `${quiet}${config(agent.url)}\n[analytics]\nenabled = false\n`);
    const { env: shown, command } = shell('Codex', agent.url, clientKey);
    const result = await runAgent(agent, command, ['exec', '--skip-git-repo-check', 'make a note'], { ...shown, ...env });
    const requests = await checkTask(agent, result, { models, refused });
    // Its built-in provider tries a WebSocket first: refused with 426 it asks over HTTP at once, else only after several tries.
    if (!refused) assert.doesNotMatch(result.output, /[Rr]econnecting/);
    return requests;
  },
});

await agentTests('codex', [
  way('a name of our own', rules, page),
  way('a model that it knows', rules, (url) => named(page(url), 'gpt-5.4'), { models: ['gpt-5.4'] }),
  way('a rate limit', limited, page, { refused: '429', formats: ['openai_chat', 'anthropic'] }),
  way('a free-text tool', patchRules, (url) => named(page(url), 'gpt-5.5'), { models: ['gpt-5.5'] }),
  way('its built-in provider', rules, (url) => `openai_base_url = "${url}/v1"\nmodel = "gpt-5.4"\n`, { models: ['gpt-5.4'], env: { CODEX_API_KEY: clientKey } }),
]);
