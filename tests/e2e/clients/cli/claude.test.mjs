// Claude Code: print mode and interactive mode.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentTests } from './cells.mjs';
import { checkTask, clientKey, runAgent, scenario, shellTask } from './agents.mjs';

const env = (agent) => ({
  ANTHROPIC_BASE_URL: agent.url,
  ANTHROPIC_API_KEY: clientKey,
  DISABLE_AUTOUPDATER: '1',
});

// Print mode sends only what the task needs, and may run commands, also as root.
const quiet = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', IS_SANDBOX: '1' };

const rules = (work) =>
  scenario(
    'Bash',
    shellTask(
      (command) => ({ name: 'Bash', arguments: { command, description: 'one step' } }),
      (file_path) => ({ name: 'Read', arguments: { file_path } }),
      join(work, 'note.txt'),
    ),
  );

// What a person has answered before: the first start's questions, and that the folder may be trusted.
const answered = (work) => ({ hasCompletedOnboarding: true, theme: 'dark', projects: { [work]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } } });
const terminal = join(dirname(fileURLToPath(import.meta.url)), 'terminal.py');

async function interactive(agent) {
  writeFileSync(join(agent.home, '.claude.json'), JSON.stringify(answered(agent.work)));
  const { ANTHROPIC_API_KEY, ...rest } = env(agent);
  const steps = [
    { wait: 'foragents|forshortcuts|Try"', send: 'make a note\r' },
    { wait: 'answered:.*copy[.]txt', send: '/exit\r' },
  ];
  const args = [terminal, JSON.stringify(steps), '60', 'claude', '--allowedTools', 'Bash,Read'];
  return runAgent(agent, 'python3', args, { ...rest, ANTHROPIC_AUTH_TOKEN: ANTHROPIC_API_KEY });
}

await agentTests('claude', [
  {
    title: 'Claude Code, print mode',
    endpoint: '/v1/messages',
    rules,
    run: async (agent) => checkTask(agent, await runAgent(agent, 'claude', ['-p', 'make a note', '--dangerously-skip-permissions'], { ...env(agent), ...quiet })),
  },
  {
    title: 'Claude Code, interactive',
    endpoint: '/v1/messages',
    rules,
    run: async (agent) => checkTask(agent, await interactive(agent), 5),  // one more: the conversation's title
  },
]);
