// What the tests of the Responses API share: a simulator that follows a scenario, a gateway before it, and what every stream
// must be.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openai, providers, startServe, startSim, temporary } from './harness.mjs';

export const patch = '*** Begin Patch\n+ "é\\n" \u0007 🎉\n*** End Patch';
export const summary = 'The user likes teal. Nothing is left to do.';
const scenario = `rules:
  - model: "patcher"
    when: {results: 0}
    reply: {tool_calls: [{name: apply_patch, input: ${JSON.stringify(patch)}}]}
  - model: "emulated"
    when: {results: 0}
    reply: {tool_calls: [{name: apply_patch, arguments: {input: ${JSON.stringify(patch)}}}]}
  - model: "searcher"
    when: {results: 0}
    reply: {tool_calls: [{name: tool_search, arguments: {query: calendars, limit: 3}}]}
  - model: "spaced"
    when: {results: 0}
    reply: {tool_calls: [{name: files__read, arguments: {path: a.txt}}]}
  - model: "summarizer"
    reply: {text: ${JSON.stringify(summary)}}
`;

// {sim, gateway, stop()}; the gateway's providers are oai, ant, gem, oll, mis, coh, resp (this format) and refused (this format, a bad key).
export async function startResponses() {
  const file = join(temporary(), 'scenario.yaml');
  writeFileSync(file, scenario);
  const sim = await startSim(['--scenario', file]);
  const own = { type: 'custom', formats: ['openai_responses'], base_url: `${sim.url}/v1`, api_key: 'key-for-resp' };
  const other = (format, base) => ({ type: 'custom', formats: [format], base_url: sim.url + base, api_key: 'k' });
  const more = { gem: other('gemini', '/v1beta'), oll: other('ollama', ''), mis: other('mistral', '/mistral/v1'), coh: other('cohere', '') };
  const gateway = await startServe({ providers: { ...providers(sim.url), ...more, resp: own, refused: { ...own, api_key: 'invalid-key' } } });
  return {
    sim,
    gateway,
    stop: async () => {
      await gateway.stop();
      await sim.stop();
    },
  };
}

export const weather = { type: 'function', name: 'get_weather', description: 'd', strict: false, parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };
export const clock = { ...weather, name: 'get_time' };
export const patcher = { type: 'custom', name: 'apply_patch', description: 'Edits files.', format: { type: 'grammar', syntax: 'lark', definition: 'start: /.+/s' } };
export const user = (content) => ({ role: 'user', content });
export const failure = (promise) => promise.then(() => assert.fail('no error came'), (error) => error);

// What must hold in every stream; the whole response it ends with.
export function wellFormed(list) {
  list.forEach((e, i) => assert.equal(e.sequence_number, i, `${e.type}: sequence_number`));
  assert.deepEqual(list.slice(0, 2).map((e) => e.type), ['response.created', 'response.in_progress']);
  const last = list.at(-1);
  assert.ok(['response.completed', 'response.incomplete'].includes(last.type), last.type);
  assert.equal(`response.${last.response.status}`, last.type);
  const ids = new Set([list[0].response.id, list[1].response.id, last.response.id]);
  assert.equal(ids.size, 1);
  const open = new Map();
  for (const e of list) {
    if (e.type === 'response.output_item.added') {
      assert.equal(e.output_index, open.size, 'items come in order');
      open.set(e.output_index, { id: e.item.id, seen: {} });
      continue;
    }
    if (e.output_index === undefined) continue;
    const item = open.get(e.output_index);
    assert.ok(item && !item.done, `${e.type} for an item that is not open`);
    if (e.item_id !== undefined) assert.equal(e.item_id, item.id);
    if (e.type === 'response.output_item.done') {
      assert.equal(e.item.id, item.id);
      item.done = e.item;
      continue;
    }
    const key = `${e.type.replace(/\.(delta|done)$/, '')} ${e.content_index ?? e.summary_index ?? ''}`;
    if (e.type.endsWith('.delta')) item.seen[key] = (item.seen[key] ?? '') + e.delta;
    else if (e.type.endsWith('.done') && item.seen[key] !== undefined) assert.equal(e.text ?? e.refusal ?? e.arguments ?? e.input, item.seen[key], key);
  }
  assert.deepEqual([...open.values()].map((i) => i.done), last.response.output);
  return last.response;
}

// One answer, whole or from the events of a stream.
export async function ask(url, stream, body) {
  const client = openai(url);
  if (!stream) return client.responses.create(body);
  const list = [];
  for await (const event of await client.responses.create({ ...body, stream: true })) list.push(event);
  return wellFormed(list);
}
export const textOf = (response) => response.output.filter((i) => i.type === 'message').flatMap((i) => i.content).map((c) => c.text ?? c.refusal).join('');
