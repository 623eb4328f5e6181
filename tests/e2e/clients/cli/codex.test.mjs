// Codex: with a provider of its configuration, and with its built-in one, which tries a WebSocket first.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentTests } from './cells.mjs';
import { settings, shell } from './page.mjs';
import { checkPicture, checkRequests, checkTask, clientKey, drawPicture, picture, pictureRules, proof, runAgent, scenario } from './agents.mjs';

const exec = (cmd) => ({ name: 'exec_command', arguments: { cmd } });
const task = [[exec(`printf '%s\\n' ${proof} > note.txt`)], [exec('cat note.txt'), exec('wc -c < note.txt')], [exec('cp note.txt copy.txt && ls')]];
const rules = () => scenario('exec_command', task);
// It gives up at once when it is not told when to come back.
const limited = () => scenario('exec_command', task, { status: 429, fail_times: 1, retry_after: 1 });

// Files are changed by a free-text tool, whose input has a grammar.
const patch = `*** Begin Patch\n*** Add File: note.txt\n+${proof}\n*** End Patch\n`;
const patchRules = () => scenario('apply_patch', [[{ name: 'apply_patch', input: patch }], [exec('cat note.txt')], [exec('cp note.txt copy.txt && ls')]]);

// The models that it prefers have one free-text tool of a namespace, for programs which call the others; tools are not told in
// their place but as an item of the conversation.
const program = (cmd) => [{ name: 'functions__exec', input: `const r = await tools.exec_command({ cmd: ${JSON.stringify(cmd)} }); text(r.output);` }];
const programRules = () => scenario('functions__exec', task.map((calls) => program(calls.map((c) => c.arguments.cmd).join(' && '))));

const pictures = (work) => pictureRules('view_image', { name: 'view_image', arguments: { path: join(work, picture) } });

// Nobody is there to be asked, and nothing is sent to anybody else.
const quiet = 'check_for_update_on_startup = false\nsandbox_mode = "danger-full-access"\n';
const page = (url) => settings('Codex', 'toml', url, clientKey);
const known = (url) => page(url).replace('model = "smart"', 'model = "gpt-5.5"');
const builtIn = (url) => `openai_base_url = "${url}/v1"\n`;  // as the page says in words
// Its built-in provider tries a WebSocket first: refused with 426 it asks over HTTP at once, else only after several tries.
const socket = ['GET /v1/responses 426'];

// Runs it once for each list of arguments.
async function codex(agent, config, ...runs) {
  mkdirSync(join(agent.home, '.codex'));
  writeFileSync(join(agent.home, '.codex/config.toml'), `${quiet}${config(agent.url)}\n[analytics]\nenabled = false\n`);
  const { env, command } = shell('Codex', agent.url, clientKey);
  let result;
  for (const args of runs) {
    result = await runAgent(agent, command, ['exec', ...args, '--skip-git-repo-check'], { ...env, CODEX_API_KEY: clientKey });
    assert.equal(result.code, 0, `${result.output}\n${agent.log()}`);
  }
  return result;
}

const endpoint = '/v1/responses';
const way = (title, rules, config, { formats, ...expected } = {}) => ({
  title: `Codex, ${title}`,
  endpoint,
  formats,
  rules,
  run: async (agent) => {
    const result = await codex(agent, config, ['make a note']);
    const requests = await checkTask(agent, result, { replays: true, ...expected });
    if (!expected.refused) assert.doesNotMatch(result.output, /[Rr]econnecting/);
    // What the page says of names: it has no metadata for one of our own, and has it for the others.
    assert.equal(/Model metadata for `smart` not found/.test(result.output), !expected.models, result.output);
    assert.equal(/Model metadata/.test(result.output), !expected.models, result.output);
    return requests;
  },
});

// A conversation that has become too long is made shorter before it goes on: by an ordinary request, or by a request of a kind of its own.
const compaction = (title, config, expected) => ({
  title: `Codex, a long conversation, ${title}`,
  endpoint,
  rules: () => ({ rules: [{ reply: { text: 'The answer is 42.' } }] }),
  run: async (agent) => {
    const limit = (url) => `model_auto_compact_token_limit = 500\n${config(url)}`;
    const result = await codex(agent, limit, ['begin'], ['resume', '--last', 'go on']);
    assert.match(result.output, /context compacted[\s\S]*The answer is 42/, result.output);
    return checkRequests(agent, result, { turns: 3, ...expected });
  },
});

await agentTests('codex', [
  way('a name of our own', rules, page),
  way('a model that it knows', rules, known, { models: ['gpt-5.5'] }),
  way('a rate limit', limited, page, { refused: '429', formats: ['openai_chat', 'anthropic'] }),
  way('a free-text tool', patchRules, known, { models: ['gpt-5.5'] }),
  way('its built-in provider', rules, (url) => `${builtIn(url)}model = "gpt-5.5"\n`, { models: ['gpt-5.5'], refusals: socket }),
  way('its built-in provider and model', programRules, builtIn, { models: ['gpt-6.1-sol'], refusals: socket }),
  {
    title: 'Codex, a picture',
    endpoint,
    rules: pictures,
    run: async (agent) => {
      drawPicture(agent);
      return checkPicture(agent, await codex(agent, page, [`look at ${picture}`]));
    },
  },
  compaction('with a provider of its configuration', page, {}),
  compaction('with its built-in provider', (url) => `${builtIn(url)}model = "gpt-5.5"\n`, { models: ['gpt-5.5'], refusals: [...socket, ...socket] }),
]);
