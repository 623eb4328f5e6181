// Recorded answers of real providers, replayed by the simulator through the gateway.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chat, events, message, post, providers, root, startServe, startSim } from './harness.mjs';

const recorded = process.env.PATCHBAY_RECORDED ?? resolve(root, '../shared/recorded');

// Every recorded answer of a real provider comes through the gateway in the other format with its text, tool calls
// and usage intact.
const folders = { anthropic: 'ant', 'openai-chat': 'oai', groq: 'oai', mistral: 'mis', deepseek: 'oai', perplexity: 'oai', 'xai-chat': 'oai', cohere: 'coh', 'openai-responses': 'resp' };
const skip = existsSync(recorded) ? false : 'the folder of recorded answers is not here';

const isJson = (text) => {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
};

function contentOfOpenai(json) {
  const { message: m } = json.choices[0];
  const text = typeof m.content === 'string' ? m.content : (m.content ?? []).filter((p) => p.type === 'text').map((p) => p.text).join('');
  return {
    text,
    // Other formats say the text of a free-text tool as its one argument.
    calls: (m.tool_calls ?? []).map((c) => (c.custom ? [c.custom.name, { input: c.custom.input }] : [c.function.name, JSON.parse(c.function.arguments || '{}')])),
    // xAI counts reasoning beside the completion, so the total is what can be compared.
    output: json.usage && json.usage.total_tokens - json.usage.prompt_tokens,
  };
}
function contentOfAnthropic(json) {
  const of = (type) => json.content.filter((b) => b.type === type);
  return { text: of('text').map((b) => b.text).join(''), calls: of('tool_use').map((b) => [b.name, b.input]), output: json.usage?.output_tokens };
}

// The same from the events of a stream.
function streamedOpenai(text) {
  const message = { content: '', tool_calls: [] };
  let usage;
  for (const { data } of events(text)) {
    if (!data || data === '[DONE]') continue;
    const chunk = JSON.parse(data);
    if (chunk.error) return { error: chunk.error.message };
    usage = chunk.usage ?? usage;
    const delta = chunk.choices[0]?.delta ?? {};
    const parts = typeof delta.content === 'string' ? [{ type: 'text', text: delta.content }] : (delta.content ?? []);
    for (const part of parts) if (part.type === 'text') message.content += part.text;
    for (const c of delta.tool_calls ?? []) {
      const call = (message.tool_calls[c.index ?? 0] ??= c.custom ? { custom: { name: '', input: '' } } : { function: { name: '', arguments: '' } });
      const [to, from, words] = c.custom ? [call.custom, c.custom, 'input'] : [call.function, c.function, 'arguments'];
      to.name ||= from.name ?? '';
      to[words] += from[words] ?? '';
    }
  }
  return contentOfOpenai({ choices: [{ message }], usage });
}
function streamedAnthropic(text) {
  const content = [];
  let usage;
  for (const { data } of events(text)) {
    const event = JSON.parse(data || '{}');
    if (event.type === 'error') return { error: event.error.message };
    if (event.type === 'content_block_start') content[event.index] = { ...event.content_block, json: '' };
    if (event.delta?.type === 'text_delta') content[event.index].text += event.delta.text;
    if (event.delta?.type === 'input_json_delta') content[event.index].json += event.delta.partial_json;
    usage = event.usage ?? usage;
  }
  for (const block of content) if (block.json) block.input = JSON.parse(block.json);
  return contentOfAnthropic({ content, usage });
}

describe('recorded answers', { skip }, () => {
  let sim, gateway;
  before(async () => {
    sim = await startSim([], { env: { PATCHBAY_RECORDED: recorded } });
    gateway = await startServe({ providers: { ...providers(sim.url), mis: { type: 'custom', formats: ['mistral'], base_url: `${sim.url}/mistral/v1`, api_key: 'key-for-mis' }, coh: { type: 'custom', formats: ['cohere'], base_url: sim.url, api_key: 'key-for-coh' }, resp: { type: 'custom', formats: ['openai_responses'], base_url: `${sim.url}/v1`, api_key: 'key-for-resp' } } });
  });
  after(async () => {
    await gateway.stop();
    await sim.stop();
  });

  // What a client gets who speaks the provider's format: two of the answers there are, or one more.
  const paths = { mis: '/mistral/v1/chat/completions', coh: '/v2/chat', resp: '/v1/responses' };
  const inItsOwnFormat = (provider, body, asOpenai, asAnthropic) => (paths[provider] ? post(gateway.url, paths[provider], provider === 'resp' ? { model: body.model, stream: body.stream, input: 'x' } : body) : provider === 'oai' ? asOpenai : asAnthropic);

  for (const [folder, provider] of Object.entries(folders)) {
    const path = join(recorded, folder);
    if (!existsSync(path)) continue;
    for (const file of readdirSync(path)) {
      const streamed = file.endsWith('.chunks.txt');
      const name = file.replace(/\.chunks\.txt$|\.json$/, '');
      const model = `recorded/${folder}/${name}`;
      const original = readFileSync(join(path, file), 'utf8');
      // A file whose lines are one JSON text was put together by hand: no provider sends that.
      const skip = streamed && original.split('\n').some((l) => l.trim() !== '' && !isJson(l)) && 'not an event a line';

      test(`${folder}/${file}`, { skip }, async () => {
        if (!streamed && JSON.parse(original).error) {
          const answer = await post(gateway.url, '/v1/messages', message(`${provider}/${model}`, 'x'));
          assert.equal(answer.status, 400);
          assert.equal(answer.json.error.message, JSON.parse(original).error.message);
          return;
        }
        if (!streamed) {
          const [asOpenai, asAnthropic] = [
            await post(gateway.url, '/v1/chat/completions', chat(`${provider}/${model}`, 'x')),
            await post(gateway.url, '/v1/messages', message(`${provider}/${model}`, 'x')),
          ];
          assert.equal(asOpenai.status, 200, asOpenai.text);
          assert.equal(asAnthropic.status, 200, asAnthropic.text);
          assert.deepEqual(contentOfOpenai(asOpenai.json), contentOfAnthropic(asAnthropic.json));
          const own = await inItsOwnFormat(provider, chat(`${provider}/${model}`, 'x'), asOpenai, asAnthropic);
          assert.equal(own.text, original);
          return;
        }
        const asOpenai = await post(gateway.url, '/v1/chat/completions', chat(`${provider}/${model}`, 'x', { stream: true, stream_options: { include_usage: true } }));
        const asAnthropic = await post(gateway.url, '/v1/messages', message(`${provider}/${model}`, 'x', { stream: true }));
        assert.deepEqual(streamedOpenai(asOpenai.text), streamedAnthropic(asAnthropic.text));
        const own = await inItsOwnFormat(provider, chat(`${provider}/${model}`, 'x', { stream: true }), asOpenai, asAnthropic);
        const lines = original.split('\n').filter((l) => l.trim() !== '');
        const passed = events(own.text).filter((e) => e.data && e.data !== '[DONE]').map((e) => e.data);
        if (passed.length === lines.length) assert.deepEqual(passed.map((d) => JSON.parse(d)), lines.map((d) => JSON.parse(d)));
        else assert.fail(`${passed.length} events for ${lines.length} recorded ones`);
      });
    }
  }
});
