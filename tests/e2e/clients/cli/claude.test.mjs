// Claude Code: print mode and interactive mode.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentTests } from './cells.mjs';
import { shell } from './page.mjs';
import { checkTask, clientKey, runAgent, scenario, shellTask } from './agents.mjs';

const page = (agent) => ({ ...shell('Claude Code', agent.url, clientKey).env, DISABLE_AUTOUPDATER: '1' });

// Print mode sends only what the task needs, and may run commands, also as root.
const quiet = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', IS_SANDBOX: '1' };

const task = (work) =>
  shellTask(
    (command) => ({ name: 'Bash', arguments: { command, description: 'one step' } }),
    (file_path) => ({ name: 'Read', arguments: { file_path } }),
    join(work, 'note.txt'),
  );
const rules = (work) => scenario('Bash', task(work));
const overloaded = (work) => scenario('Bash', task(work), { status: 529, fail_times: 1 });

// What a person has answered before: the first start's questions, and that the folder may be trusted.
const answered = (work) => ({ hasCompletedOnboarding: true, theme: 'dark', projects: { [work]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } } });
const terminal = join(dirname(fileURLToPath(import.meta.url)), 'terminal.py');

async function interactive(agent) {
  writeFileSync(join(agent.home, '.claude.json'), JSON.stringify(answered(agent.work)));
  const steps = [
    { wait: 'foragents|forshortcuts|Try"', send: 'make a note\r' },
    { wait: 'answered:.*copy[.]txt', send: '/exit\r' },
  ];
  return runAgent(agent, 'python3', [terminal, JSON.stringify(steps), '60', 'claude', '--allowedTools', 'Bash,Read'], page(agent));
}

const print = (agent, env) => runAgent(agent, 'claude', ['-p', 'make a note', '--dangerously-skip-permissions'], { ...page(agent), ...quiet, ...env });

await agentTests('claude', [
  { title: 'Claude Code, print mode', endpoint: '/v1/messages', rules, run: async (agent) => checkTask(agent, await print(agent)) },
  {
    // A model that it knows by name is sent more: thinking, effort, context management and their betas.
    title: 'Claude Code, print mode, a model that it knows',
    endpoint: '/v1/messages',
    rules,
    run: async (agent) => checkTask(agent, await print(agent, { ANTHROPIC_MODEL: 'claude-opus-4-6' }), { models: ['claude-opus-4-6'] }),
  },
  {
    title: 'Claude Code, print mode, a provider that is overloaded at first',
    endpoint: '/v1/messages',
    formats: ['openai_chat', 'anthropic'],
    rules: overloaded,
    run: async (agent) => checkTask(agent, await print(agent), { refused: '529' }),
  },
  {
    title: 'Claude Code, interactive',
    endpoint: '/v1/messages',
    rules,
    // One more request: the conversation's title, by the small model.
    run: async (agent) => checkTask(agent, await interactive(agent), { turns: 5, models: ['smart', 'fast'] }),
  },
]);
