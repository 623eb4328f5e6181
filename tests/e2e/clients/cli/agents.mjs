// Runs the command-line clients against Patchbay: each in a home and a working folder of its own, with no way to the network
// but the loopback, before a gateway whose only provider is the simulator in one format. The simulator plays the model
// from a scenario in the client's own tools, so that the client really writes and reads files.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { png, root, sha, slow, startServe, startSim, temporary } from '../../harness.mjs';
import { clientKey, providerUrl } from '../matrix.mjs';

export { clientKey };

const here = dirname(fileURLToPath(import.meta.url));
const bin = join(here, 'node_modules/.bin');
const limitMs = 90_000 * slow;

// False, or why a client cannot be run.
export const notInstalled = (command) => !existsSync(join(bin, command)) && `not installed: ./dev test clients installs ${command}`;

// The words that the task's tools leave behind, which the last answer quotes.
export const proof = 'patchbay-was-here';

// Rules of a scenario for a client whose requests declare `tool`: `turns` are lists of calls, one list a turn, each after some
// signed thinking. Then the simulator quotes all the tools' results and tells how much of the thinking came back. Requests without
// that tool (titles, suggestions) get an object or a text. `trouble` is added to the first reply: an error that comes once.
export function scenario(tool, turns, trouble = {}) {
  let results = 0;
  const rules = turns.map((calls, turn) => {
    const rule = { when: { tool, results }, reply: { thinking: `Thought ${turn + 1}.`, text: `Turn ${turn + 1}.`, tool_calls: calls } };
    results += calls.length;
    if (turn === 0) Object.assign(rule.reply, trouble);
    return rule;
  });
  return { rules: [...rules, { when: { tool, results }, reply: { as: 'sim-tools-1+thinking' } }, { reply: { as: 'sim-json' } }] };
}

// Rules for a client that looks at a picture in its folder with a tool, being asked to "look at" it: the simulator tells what it sees. Some
// formats have no pictures in tools' results: those get it in a message of the user's, which begins a new turn, so
// only the question tells the first request from the second. `text`: other words that a format may have last.
export const pictureRules = (tool, call, text = 'look at') => ({
  rules: [
    ...[text].flat().map((words) => ({ when: { tool, results: 0, text: words }, reply: { tool_calls: [call] } })),
    { when: { tool }, reply: { as: 'sim-image' } },
    { reply: { as: 'sim-json' } },
  ],
});

// The task that most clients get: a shell command, then a shell command and a file's text at once, then one more command.
export const shellTask = (shell, read, file) => [
  [shell(`printf '%s\\n' ${proof} > note.txt`)],
  [read(file), shell('wc -c < note.txt')],
  [shell('cp note.txt copy.txt && ls')],
];

// A simulator with this scenario, a gateway before it with a provider of `format`, and folders for the client.
// `rules` is a function of the working folder.
export async function startAgent(format, rules) {
  const home = temporary();
  const work = join(home, 'work');
  mkdirSync(work);
  const file = join(home, 'scenario.json');
  writeFileSync(file, JSON.stringify(rules(work)));
  const sim = await startSim(['--scenario', file]);
  const gateway = await startServe({
    server: { keys: [clientKey] },
    log: { modules: { api: 'debug' } },  // see refusals()
    retries: { attempts: 0 },  // what a provider refuses reaches the client
    providers_from_environment: false,
    models: { smart: 'simulated/smart', fast: 'simulated/fast' },
    providers: { simulated: { type: 'custom', formats: [format], base_url: providerUrl(sim, format), api_key: 'provider-key' } },
  });
  return {
    format,
    home,
    work,
    url: gateway.url,
    // [{model, status, requests}], by the gateway's own count.
    counts: async () => {
      const text = await (await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${clientKey}` } })).text();
      const rows = [...text.matchAll(/^patchbay_requests_total\{([^}]*)\} (\d+)$/gm)];
      const label = (labels, name) => new RegExp(`${name}="([^"]*)"`).exec(labels)[1];
      return rows.map(([, labels, n]) => ({ model: label(labels, 'model'), status: label(labels, 'status'), requests: Number(n) }));
    },
    // "METHOD /path status" of what was asked for in vain, but for requests to models, which counts() has.
    refusals: () => [...gateway.log.matchAll(/request refused method=(\S+) path=(\S+) status=(\d+)/g)].map((m) => m.slice(1).join(' ')),
    log: () => gateway.log,
    stop: async () => {
      await gateway.stop();
      await sim.stop();
    },
  };
}

// Node's compiled code of the clients' programs, for all the runs of a file.
const compiled = temporary();

export function environment(agent, extra) {
  const dead = 'http://127.0.0.1:9';  // whoever asks for the network is refused at once
  return {
    PATH: [join(root, 'tests/e2e/node_modules/.bin'), bin, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: agent.home,
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    NODE_COMPILE_CACHE: compiled,
    GEMINI_CLI_NO_RELAUNCH: 'true',  // they start themselves a second time, with more memory than these tasks need
    QWEN_CODE_NO_RELAUNCH: 'true',
    HTTP_PROXY: dead,
    HTTPS_PROXY: dead,
    http_proxy: dead,
    https_proxy: dead,
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
    ...extra,
  };
}

// Runs a client to its end: {code, output}. It has a process group of its own, which is ended whole when time is up.
export function runAgent(agent, command, args, env) {
  const child = spawn(command, args, { cwd: agent.work, env: environment(agent, env), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => (output += d));
  return new Promise((done) => {
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), limitMs);
    child.on('error', (error) => (output += String(error)));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      done({ code: code ?? signal, output });
    });
  });
}

const story = (agent, output) => `${output.slice(-6000)}\n--- gateway\n${agent.log().slice(-3000)}`;

// What every client must show whatever it did: a good end, enough requests, none of them refused, and nothing else asked for in vain.
// `models` are names that it must have asked for, no others; `refused` is the status of the only request that may fail, and must;
// `refusals` are other calls that are to be refused.
export async function checkRequests(agent, { code, output }, { turns, models = ['smart'], refused, refusals = [] }) {
  assert.equal(code, 0, story(agent, output));
  const counts = await agent.counts();
  const told = () => `${JSON.stringify(counts)} ${story(agent, output)}`;
  assert.deepEqual(counts.filter((c) => c.status !== '200').map((c) => [c.status, c.requests]), refused ? [[refused, 1]] : [], told());
  const requests = counts.reduce((sum, c) => sum + c.requests, 0);
  assert.ok(requests >= turns, told());
  if (models) assert.deepEqual([...new Set(counts.map((c) => c.model))].sort(), [...models].sort(), told());
  assert.deepEqual(agent.refusals(), refusals, told());
  return requests;
}

// Providers of these formats sign their thinking and want it back as it was.
const signers = ['anthropic', 'openai_responses', 'gemini'];

// What every client must show for its task: files made by its tools and the quoted results; if it `replays` thinking, all of it, intact.
export async function checkTask(agent, result, { turns = 4, replays = false, ...rest } = {}) {
  const { output } = result;
  const requests = await checkRequests(agent, result, { turns, ...rest });
  const whole = () => story(agent, output);
  for (const name of ['note.txt', 'copy.txt']) assert.equal(existsSync(join(agent.work, name)) && readFileSync(join(agent.work, name), 'utf8'), `${proof}\n`, `${name}: ${whole()}`);
  assert.match(output, new RegExp(proof), whole());
  assert.match(output, /copy\.txt/, whole());
  if (replays && signers.includes(agent.format)) assert.match(output.replace(/\s+/g, ''), /Replayedthinking:3intact,0changed,0unsigned/, whole());
  return requests;
}

// The picture that pictureRules() are about, and what must have reached the provider of it: every byte.
export const picture = 'picture.png';
export const drawPicture = (agent) => writeFileSync(join(agent.work, picture), png);
export async function checkPicture(agent, result, rest = {}) {
  const requests = await checkRequests(agent, result, { turns: 2, ...rest });
  assert.match(result.output.replace(/\s+/g, ''), new RegExp(`image1:image/png,${png.length}bytes,sha256${sha(png)}`), story(agent, result.output));
  return requests;
}
