// The models that the tests of the panel's tools ask, as a script of the simulator, and official clients for these tools.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as NewClient, StreamableHTTPClientTransport as NewHttp } from '@modelcontextprotocol/client';
import { binary, cleanEnv, startSim, temporary, writeConfig } from '../harness.mjs';

const score = (criterion, value) => ({ criterion, score: value, reason: `${criterion} as seen` });
const issue = (severity, description, more = {}) => ({ criterion: 'accuracy', severity, description, suggestion: `mend: ${description}`, confidence: 0.5, ...more });
export const review = (accuracy, clarity, issues = []) => JSON.stringify({ scores: [score('clarity', clarity), score('accuracy', accuracy)], issues, summary: 'seen' });
const assessment = (value, more = {}) => JSON.stringify({ score: value, problems: [], improvements: [], requirements: [], ...more });
const subtask = (id, task, kind, ...depends_on) => ({ id, task, kind, depends_on });
const wrongYear = 'The year of the battle is wrong: it was 1066.';

// `when` is a part of what the model is asked.
const script = [
  ['breaks', null, { status: 500, message: 'out of order' }],
  ['steady', null, { text: 'a part is solved' }],
  ['fails', null, { status: 500, message: 'out of order' }],
  ['paris-a', null, { text: 'The capital is Paris.\n\nAnswer: Paris\nConfidence: 90', usage: { input: 100, output: 50 } }],
  ['paris-b', null, { text: 'It lies on the Seine.\n**Answer:** Paris, France\n**Confidence:** 80%' }],
  ['london', null, { text: 'I think it is London.\nAnswer: London\nConfidence: 40' }],
  ['ten', null, { text: 'Answer: 10 km\nConfidence: 50' }],
  ['fourteen', null, { text: 'Answer: 14 km\nConfidence: 50' }],
  ['plain-a', null, { text: 'A house with a red roof.' }],
  ['plain-b', null, { text: 'Crimson tiles on top of a building.' }],
  ['mute', null, { text: '   ' }],
  ['judge', 'Several answers were given', { text: 'Here you are:\n```json\n{"groups": [[2, 1], [3]], "reason": "1 and 2 mean the same",}\n```' }],
  ['judge', 'Judge a solution', { text: assessment(0.75, { problems: ['too short'] }) }],
  ['no-judge', null, { text: 'I would rather not.' }],

  ['planner', 'Take this problem apart', { text: JSON.stringify({ subtasks: [subtask('sum', 'add the numbers', 'math'), subtask('say', 'write it nicely', 'creative', 'sum'), subtask('code', 'write a function', 'code_generation')] }) }],
  ['planner', 'The parts of this problem', { text: 'The whole answer.' }],
  ['circles', 'That does not do', { text: JSON.stringify({ subtasks: [subtask('one', 'do all of it', 'factual')] }) }],
  ['circles', 'Take this problem apart', { text: JSON.stringify({ subtasks: [subtask('a', 'x', 'math', 'b'), subtask('b', 'y', 'math', 'a')] }) }],
  ['circles', 'The parts of this problem', { text: 'Together.' }],
  ['worker', 'You solve one part', { text: 'a part is solved' }],
  ['worker', 'The parts of this problem', { text: 'put together by a worker' }],
  ['worker', null, { text: 'the whole at once' }],

  ['fenced', null, { text: 'My review:\n```json\n' + review(0.9, 0.7, [issue('low', wrongYear)]) + '\n```\nThat is all.' }],
  ['good', null, { text: review(0.8, 0.8, [issue('high', 'The year of the battle is wrong, it was 1066'), issue('info', 'No source is named')]) }],
  ['late', 'That does not do', { text: review(1, 1) }],
  ['late', null, { text: 'It is a fine text, nine out of ten.' }],
  ['hopeless', null, { text: 'It is a fine text, nine out of ten.' }],
  ['too-high', null, { text: review(9, 8) }],
  ['alarmed', 'Others have raised issues', { text: JSON.stringify({ votes: [{ issue: 1, real: true, why: 'mine' }] }) }],
  ['alarmed', null, { text: review(0.9, 0.9, [issue('critical', 'It deletes all files')]) }],
  ['calm-a', 'Others have raised issues', { text: JSON.stringify({ votes: [{ issue: 1, real: false, why: 'it does not' }] }) }],
  ['calm-a', null, { text: review(0.9, 0.9) }],
  ['calm-b', 'Others have raised issues', { text: JSON.stringify({ votes: [{ issue: 1, real: false, why: 'no' }] }) }],
  ['calm-b', null, { text: review(0.9, 0.9) }],

  ['author', 'Revise it', { text: 'second draft' }],
  ['author', 'Several experts have each proposed', { text: 'the best of all proposals' }],
  ['author', 'Better this solution', { text: 'bettered by the author' }],
  ['author', null, { text: 'first draft' }],
  ['critic', 'Better this solution', { text: 'bettered by the critic' }],
  ['critic', 'second draft', { text: assessment(0.95, { requirements: [{ number: 1, met: true, why: 'it is' }, { number: 2, met: true, why: 'yes' }] }) }],
  ['critic', 'first draft', { text: assessment(0.4, { problems: ['too short'], improvements: ['say more'], requirements: [{ number: 1, met: false, why: 'it is not' }, { number: 2, met: true, why: 'yes' }] }) }],
  ['critic', 'Judge a solution', { text: assessment(0.92) }],
  ['critic', null, { text: "the critic's proposal" }],
  ['harsh', 'second draft', { text: assessment(0.1) }],
  ['harsh', 'Judge a solution', { text: assessment(0.3) }],
  ['harsh', null, { text: 'x' }],
];
export const models = [...new Set(script.map(([model]) => model))];
const scenario = { rules: script.map(([model, text, reply]) => ({ model, ...(text && { when: { text } }), reply })) };

// A simulator that answers by the script.
export function startScripted() {
  const file = join(temporary(), 'script.json');
  writeFileSync(file, JSON.stringify(scenario));
  return startSim(['--scenario', file]);
}

// What an upstream answers: a completion of that text; null = an empty list of models.
export function answerWith(response, content) {
  const completion = { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content === null ? { object: 'list', data: [] } : completion));
}

const bearer = (key) => (key ? { requestInit: { headers: { authorization: `Bearer ${key}` } } } : {});
export async function older(url, key) {
  const c = new Client({ name: 'e2e', version: '1' });
  await c.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), bearer(key)));
  await c.listTools(); // from here on results are checked against their schemas
  return c;
}
export async function newer(url) {
  const c = new NewClient({ name: 'e2e', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await c.connect(new NewHttp(new URL('/mcp', url)));
  await c.listTools();
  return c;
}
export async function overStdio(config) {
  const c = new Client({ name: 'e2e', version: '1' });
  const args = ['mcp', '--config', writeConfig(config)];
  await c.connect(new StdioClientTransport({ command: binary, args, env: cleanEnv(), stderr: 'ignore' }));
  await c.listTools();
  return c;
}
export const calls = (client, name, args, options) => (client instanceof NewClient ? client.callTool({ name, arguments: args }, options) : client.callTool({ name, arguments: args }, undefined, options));
export async function called(client, name, args, options) {
  const result = await calls(client, name, args, options);
  if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
  return { ...result.structuredContent, text: result.content[0].text };
}
export async function refused(client, name, args) {
  const result = await calls(client, name, args);
  if (!result.isError) throw new Error(`${name} went well: ${JSON.stringify(result).slice(0, 500)}`);
  assert.equal(result.structuredContent, undefined, 'it would have to fit the schema');
  return { text: result.content[0].text, ...(result.content[1] && JSON.parse(result.content[1].text)) };
}
