// Gemini CLI: with a model named, and with its own choice of models.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentTests } from './cells.mjs';
import { settings, shell } from './page.mjs';
import { checkPicture, checkTask, clientKey, drawPicture, picture, pictureRules, runAgent, scenario, shellTask } from './agents.mjs';

const rules = (work) =>
  scenario(
    'run_shell_command',
    shellTask(
      (command) => ({ name: 'run_shell_command', arguments: { command, description: 'one step' } }),
      (file_path) => ({ name: 'read_file', arguments: { file_path } }),
      join(work, 'note.txt'),
    ),
  );

const pictures = (work) => pictureRules('read_file', { name: 'read_file', arguments: { file_path: join(work, picture) } });

function gemini(agent, prompt, named = true) {
  const { env, command, args } = shell('Gemini CLI', agent.url, clientKey);
  const quiet = { privacy: { usageStatisticsEnabled: false }, general: { enableAutoUpdate: false } };
  mkdirSync(join(agent.home, '.gemini'));
  writeFileSync(join(agent.home, '.gemini/settings.json'), JSON.stringify({ ...JSON.parse(settings('Gemini CLI', 'json')), ...quiet }));
  return runAgent(agent, command, ['--skip-trust', '-y', ...(named ? args : []), '-p', prompt], env);
}

const endpoint = '/v1beta/models/any:generateContent';
await agentTests('gemini', [
  { title: 'Gemini CLI, a named model', endpoint, rules, run: async (agent) => checkTask(agent, await gemini(agent, 'make a note'), { replays: true }) },
  {
    title: 'Gemini CLI, its own models',
    endpoint,
    rules,
    run: async (agent) => checkTask(agent, await gemini(agent, 'make a note', false), { turns: 5, models: null, replays: true }),
  },
  {
    title: 'Gemini CLI, a picture',
    endpoint,
    rules: pictures,
    run: async (agent) => {
      drawPicture(agent);
      return checkPicture(agent, await gemini(agent, `look at ${picture}`));
    },
  },
]);
