// Gemini CLI: with a model named, and with its own choice of models.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentTests } from './cells.mjs';
import { checkTask, clientKey, runAgent, scenario, shellTask } from './agents.mjs';

const settings = {
  security: { auth: { selectedType: 'gemini-api-key' } },
  privacy: { usageStatisticsEnabled: false },
  general: { enableAutoUpdate: false },
};

const rules = (work) =>
  scenario(
    'run_shell_command',
    shellTask(
      (command) => ({ name: 'run_shell_command', arguments: { command, description: 'one step' } }),
      (file_path) => ({ name: 'read_file', arguments: { file_path } }),
      join(work, 'note.txt'),
    ),
  );

const way = (title, args) => ({
  title: `Gemini CLI, ${title}`,
  endpoint: '/v1beta/models/any:generateContent',
  rules,
  run: async (agent) => {
    mkdirSync(join(agent.home, '.gemini'));
    writeFileSync(join(agent.home, '.gemini/settings.json'), JSON.stringify(settings));
    const env = { GEMINI_API_KEY: clientKey, GOOGLE_GEMINI_BASE_URL: agent.url };
    return checkTask(agent, await runAgent(agent, 'gemini', ['--skip-trust', '-y', ...args, '-p', 'make a note'], env));
  },
});

await agentTests('gemini', [way('a named model', ['-m', 'some-model']), way('its own models', [])]);
