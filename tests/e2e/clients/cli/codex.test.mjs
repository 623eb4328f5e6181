// Codex CLI: with a provider of its configuration, and with its built-in one, which tries a WebSocket first.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentTests } from './cells.mjs';
import { checkTask, clientKey, proof, runAgent, scenario } from './agents.mjs';

const shell = (cmd) => ({ name: 'exec_command', arguments: { cmd } });
const rules = () => scenario('exec_command', [[shell(`printf '%s\\n' ${proof} > note.txt`)], [shell('cat note.txt'), shell('wc -c < note.txt')], [shell('cp note.txt copy.txt && ls')]]);

// Files are changed by a free-text tool, whose input has a grammar.
const patch = `*** Begin Patch\n*** Add File: note.txt\n+${proof}\n*** End Patch\n`;
const patchRules = () => scenario('apply_patch', [[{ name: 'apply_patch', input: patch }], [shell('cat note.txt')], [shell('cp note.txt copy.txt && ls')]]);

const common = (model) => `
model = "${model}"
check_for_update_on_startup = false
sandbox_mode = "danger-full-access"
[analytics]
enabled = false
`;
const provider = (url) => `
[model_providers.patchbay]
name = "patchbay"
base_url = "${url}/v1"
env_key = "PATCHBAY_KEY"
wire_api = "responses"
`;

const way = (title, rules, config, env) => ({
  title: `Codex CLI, ${title}`,
  endpoint: '/v1/responses',
  rules,
  run: async (agent) => {
    mkdirSync(join(agent.home, '.codex'));
    writeFileSync(join(agent.home, '.codex/config.toml'), config(agent.url));
    return checkTask(agent, await runAgent(agent, 'codex', ['exec', '--skip-git-repo-check', 'make a note'], env));
  },
});

await agentTests('codex', [
  way('a provider of its own', rules, (url) => `model_provider = "patchbay"${common('gpt-5.4')}${provider(url)}`, { PATCHBAY_KEY: clientKey }),
  way('a free-text tool', patchRules, (url) => `model_provider = "patchbay"${common('gpt-5.5')}${provider(url)}`, { PATCHBAY_KEY: clientKey }),
  way('its built-in provider', rules, (url) => `openai_base_url = "${url}/v1"${common('gpt-5.4')}`, { CODEX_API_KEY: clientKey }),
]);
