// opencode with a provider package for each format it speaks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentTests } from './cells.mjs';
import { checkTask, clientKey, runAgent, scenario, shellTask } from './agents.mjs';

const model = 'some-model';
const kinds = [
  ['patchbay', '@ai-sdk/openai-compatible', '/v1', '/v1/chat/completions'],
  ['openai', '@ai-sdk/openai', '/v1', '/v1/responses'],
  ['anthropic', '@ai-sdk/anthropic', '/v1', '/v1/messages'],
  ['google', '@ai-sdk/google', '/v1beta', '/v1beta/models/any:generateContent'],
];

const rules = (work) =>
  scenario(
    'bash',
    shellTask(
      (command) => ({ name: 'bash', arguments: { command, description: 'one step' } }),
      (filePath) => ({ name: 'read', arguments: { filePath } }),
      join(work, 'note.txt'),
    ),
  );

const env = { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1' };

await agentTests(
  'opencode',
  kinds.map(([provider, npm, base, endpoint]) => ({
    title: `opencode, ${npm}`,
    endpoint,
    rules,
    run: async (agent) => {
      const folder = join(agent.home, '.config/opencode');
      mkdirSync(folder, { recursive: true });
      const config = {
        model: `${provider}/${model}`,
        small_model: `${provider}/${model}`,
        provider: { [provider]: { npm, options: { baseURL: agent.url + base, apiKey: clientKey }, models: { [model]: {} } } },
      };
      writeFileSync(join(folder, 'opencode.json'), JSON.stringify(config));
      return checkTask(agent, await runAgent(agent, 'opencode', ['run', 'make a note'], env));
    },
  })),
);
