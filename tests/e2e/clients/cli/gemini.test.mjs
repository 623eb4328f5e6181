// Gemini CLI: with a model named, and with its own choice of models.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentTests } from './cells.mjs';
import { settings, shell } from './page.mjs';
import { checkTask, clientKey, runAgent, scenario, shellTask } from './agents.mjs';

const rules = (work) =>
  scenario(
    'run_shell_command',
    shellTask(
      (command) => ({ name: 'run_shell_command', arguments: { command, description: 'one step' } }),
      (file_path) => ({ name: 'read_file', arguments: { file_path } }),
      join(work, 'note.txt'),
    ),
  );

const way = (title, named) => ({
  title: `Gemini CLI, ${title}`,
  endpoint: '/v1beta/models/any:generateContent',
  rules,
  run: async (agent) => {
    const { env, command, args } = shell('Gemini CLI', agent.url, clientKey);
    const quiet = { privacy: { usageStatisticsEnabled: false }, general: { enableAutoUpdate: false } };
    mkdirSync(join(agent.home, '.gemini'));
    writeFileSync(join(agent.home, '.gemini/settings.json'), JSON.stringify({ ...JSON.parse(settings('Gemini CLI', 'json')), ...quiet }));
    const result = await runAgent(agent, command, ['--skip-trust', '-y', ...(named ? args : []), '-p', 'make a note'], env);
    return checkTask(agent, result, named ? {} : { turns: 5, models: null });
  },
});

await agentTests('gemini', [way('a named model', true), way('its own models', false)]);
