// opencode with a provider package for each format it speaks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentTests } from './cells.mjs';
import { settings, table } from './page.mjs';
import { checkTask, clientKey, runAgent, scenario, shellTask } from './agents.mjs';

const endpoints = {
  '@ai-sdk/openai-compatible': '/v1/chat/completions',
  '@ai-sdk/openai': '/v1/responses',
  '@ai-sdk/anthropic': '/v1/messages',
  '@ai-sdk/google': '/v1beta/models/any:generateContent',
};

// The file as the page shows it, with the package and address of another row of its table.
function config(npm, url) {
  const out = JSON.parse(settings('opencode', 'json', url, clientKey));
  const { patchbay } = out.provider;
  if (npm !== patchbay.npm) {
    const [, baseURL] = table('opencode', url).find((row) => row[0] === npm);
    patchbay.npm = npm;
    patchbay.options.baseURL = baseURL;
  }
  return JSON.stringify(out);
}

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
  Object.entries(endpoints).map(([npm, endpoint]) => ({
    title: `opencode, ${npm}`,
    endpoint,
    rules,
    run: async (agent) => {
      const folder = join(agent.home, '.config/opencode');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'opencode.json'), config(npm, agent.url));
      // One more request: the conversation's title, by the small model.
      return checkTask(agent, await runAgent(agent, 'opencode', ['run', 'make a note'], env), { turns: 5, models: ['smart', 'fast'], replays: npm !== '@ai-sdk/openai-compatible' });
    },
  })),
);
