// qwen-code in all the formats it speaks.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentTests } from './cells.mjs';
import { shell, table } from './page.mjs';
import { checkTask, clientKey, runAgent, scenario, shellTask } from './agents.mjs';

// The page shows one way in full and has a row for each of the others.
const endpoints = { openai: '/v1/chat/completions', 'openai-responses': '/v1/responses', anthropic: '/v1/messages', gemini: '/v1beta/models/any:generateContent' };
const kinds = table('qwen-code', '').flatMap(([types]) => types.split(', '));

function env(kind, url) {
  const [, base, key, model] = table('qwen-code', url).find(([types]) => types.split(', ').includes(kind));
  const [name, address] = base.split('=');
  return { [name]: address, [key]: clientKey, [model]: 'smart' };
}

const rules = (work) =>
  scenario(
    'run_shell_command',
    shellTask(
      (command) => ({ name: 'run_shell_command', arguments: { command, is_background: false, description: 'one step' } }),
      (file_path) => ({ name: 'read_file', arguments: { file_path } }),
      join(work, 'note.txt'),
    ),
  );

test('the page names the ways of qwen-code', () => {
  assert.deepEqual(kinds, Object.keys(endpoints));
  const { env: shown, command, args } = shell('qwen-code', 'http://x', clientKey);
  assert.deepEqual([shown, command, args], [env('openai', 'http://x'), 'qwen', ['--auth-type', 'openai']]);
});

await agentTests(
  'qwen',
  kinds.map((kind) => ({
    title: `qwen-code, ${kind}`,
    endpoint: endpoints[kind],
    rules,
    run: async (agent) => {
      const result = await runAgent(agent, 'qwen', ['--auth-type', kind, '-y', '-p', 'make a note'], env(kind, agent.url));
      return checkTask(agent, result, { replays: kind !== 'openai' });
    },
  })),
);
