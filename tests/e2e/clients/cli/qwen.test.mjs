// qwen-code in all the formats it speaks.
import { join } from 'node:path';
import { agentTests } from './cells.mjs';
import { checkTask, clientKey, runAgent, scenario, shellTask } from './agents.mjs';

const model = 'some-model';
const kinds = [
  ['openai', '/v1/chat/completions', (url) => ({ OPENAI_API_KEY: clientKey, OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: model })],
  ['openai-responses', '/v1/responses', (url) => ({ OPENAI_API_KEY: clientKey, OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: model })],
  ['anthropic', '/v1/messages', (url) => ({ ANTHROPIC_API_KEY: clientKey, ANTHROPIC_BASE_URL: url, ANTHROPIC_MODEL: model })],
  ['gemini', '/v1beta/models/any:generateContent', (url) => ({ GEMINI_API_KEY: clientKey, GOOGLE_GEMINI_BASE_URL: url, GEMINI_MODEL: model })],
];

const rules = (work) =>
  scenario(
    'run_shell_command',
    shellTask(
      (command) => ({ name: 'run_shell_command', arguments: { command, is_background: false, description: 'one step' } }),
      (file_path) => ({ name: 'read_file', arguments: { file_path } }),
      join(work, 'note.txt'),
    ),
  );

await agentTests(
  'qwen',
  kinds.map(([kind, endpoint, env]) => ({
    title: `qwen-code, ${kind}`,
    endpoint,
    rules,
    run: async (agent) => checkTask(agent, await runAgent(agent, 'qwen', ['--auth-type', kind, '-y', '-p', 'make a note'], env(agent.url))),
  })),
);
