// Claude Code: print mode and interactive mode.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentTests } from './cells.mjs';
import { shell } from './page.mjs';
import { checkPicture, checkRequests, checkTask, clientKey, drawPicture, picture, pictureRules, runAgent, scenario, shellTask } from './agents.mjs';

const endpoint = '/v1/messages';
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

const print = (agent, prompt = 'make a note', env = {}) => runAgent(agent, 'claude', ['-p', prompt, '--dangerously-skip-permissions'], { ...page(agent), ...quiet, ...env });

// Most tools are not told at first: it looks for them with a tool, whose results name what the next request then declares.
const searchRules = () => ({
  rules: [
    { when: { tool: 'NotebookEdit', results: 1 }, reply: { tool_calls: [{ name: 'NotebookEdit', arguments: { notebook_path: '/none.ipynb', new_source: '1' } }] } },
    { when: { tool: 'ToolSearch', results: 0 }, reply: { tool_calls: [{ name: 'ToolSearch', arguments: { query: 'select:NotebookEdit', max_results: 5 } }] } },
    { when: { tool: 'ToolSearch' }, reply: { as: 'sim-tools-1' } },
    { reply: { as: 'sim-json' } },
  ],
});

// A person's session: the task, whose commands are allowed one by one; what fills the context; another model, and a question to it; the
// conversation made shorter; goodbye.
const sessionRules = (work) => {
  const { rules: first } = scenario('Bash', task(work));
  return { rules: [{ model: 'fast', when: { tool: 'Bash' }, reply: { text: 'The second answer is 42.' } }, ...first] };
};
const session = [
  { wait: 'foragents|forshortcuts|Try"', send: 'make a note\r' },
  { wait: 'printf.*toproceed.*1[.]Yes', send: '\r', again: true },
  { wait: 'cpnote.*toproceed.*1[.]Yes', send: '\r', again: true },
  { wait: 'answered:.*copy[.]txt', send: '/context\r' },
  { wait: '/200ktokens.*Freespace', send: '/model fast\r' },  // the context that the page tells
  { wait: 'Switchmodel.*1[.]Yes', send: '\r', again: true },
  { wait: 'Setmodeltofast', send: 'a second question\r' },
  { wait: 'answeris42', send: '/compact\r' },
  { wait: 'Compacted', send: '/exit\r' },
];
// What a person has answered before: the first start's questions, and that the folder may be trusted.
const answered = (work) => ({ hasCompletedOnboarding: true, theme: 'dark', projects: { [work]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } } });
const terminal = join(dirname(fileURLToPath(import.meta.url)), 'terminal.py');

async function interactive(agent) {
  writeFileSync(join(agent.home, '.claude.json'), JSON.stringify(answered(agent.work)));
  const { command, args } = shell('Claude Code', agent.url, clientKey);
  return runAgent(agent, 'python3', [terminal, JSON.stringify(session), '60', command, ...args, '--permission-mode', 'default'], {
    ...page(agent),
    CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1',
  });
}

await agentTests('claude', [
  { title: 'Claude Code, print mode', endpoint, rules, run: async (agent) => checkTask(agent, await print(agent), { replays: true }) },
  {
    // A model that it knows by name is sent more: thinking, effort, context management and their betas.
    title: 'Claude Code, print mode, a model that it knows',
    endpoint,
    rules,
    run: async (agent) => checkTask(agent, await print(agent, 'make a note', { ANTHROPIC_MODEL: 'claude-opus-4-6' }), { models: ['claude-opus-4-6'], replays: true }),
  },
  {
    title: 'Claude Code, print mode, a provider that is overloaded at first',
    endpoint,
    formats: ['openai_chat', 'anthropic'],
    rules: overloaded,
    run: async (agent) => checkTask(agent, await print(agent), { refused: '529' }),
  },
  {
    title: 'Claude Code, print mode, a picture',
    endpoint,
    rules: (work) => pictureRules('Read', { name: 'Read', arguments: { file_path: join(work, picture) } }, ['look at', '# Environment']),
    run: async (agent) => {
      drawPicture(agent);
      return checkPicture(agent, await print(agent, `look at ${picture}`));
    },
  },
  {
    title: 'Claude Code, print mode, tools that it finds',
    endpoint,
    rules: searchRules,
    run: async (agent) => {
      const result = await print(agent, 'change a notebook');
      assert.match(result.output, /NotebookEdit (answered|failed): .*has not been read yet/, result.output);
      return checkRequests(agent, result, { turns: 3 });
    },
  },
  {
    title: 'Claude Code, interactive',
    endpoint,
    rules: sessionRules,
    // The conversation's title by the small model, the task, and three for the other model: is it there, the question, the summary.
    run: async (agent) => checkTask(agent, await interactive(agent), { turns: 8, models: ['smart', 'fast'], replays: true }),
  },
]);
