// The two SDKs behind one small interface, so that each conversation is written once and held by both, streamed or
// not. say() and results() return {text, thinking, signature, calls: [{id, name, args}], stop, usage, raw}.
import { anthropic, openai } from './harness.mjs';

class OpenaiChat {
  constructor(url, model, { stream = false, system, tools, ...params } = {}) {
    this.client = openai(url);
    this.stream = stream;
    this.params = { model, ...params };
    if (tools) this.params.tools = tools.map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
    this.messages = system ? [{ role: 'system', content: system }] : [];
  }

  image({ url, media, data }) {
    return { type: 'image_url', image_url: { url: url ?? `data:${media};base64,${data.toString('base64')}` } };
  }

  document({ name, media, data }) {
    return { type: 'file', file: { filename: name, file_data: `data:${media};base64,${data.toString('base64')}` } };
  }

  text(text) {
    return { type: 'text', text };
  }

  system(text) {
    this.messages.push({ role: 'system', content: text });
  }

  say(content) {
    this.messages.push({ role: 'user', content });
    return this.send();
  }

  results(list) {
    for (const r of list) this.messages.push({ role: 'tool', tool_call_id: r.id, content: r.text });
    return this.send();
  }

  async send() {
    let raw;
    let thinking = '';
    const body = { ...this.params, messages: this.messages };
    if (this.stream) {
      const stream = this.client.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
      stream.on('chunk', (chunk) => (thinking += chunk.choices[0]?.delta?.reasoning_content ?? ''));
      raw = await stream.finalChatCompletion();
      raw.usage ??= (await stream.totalUsage());
    } else {
      raw = await this.client.chat.completions.create(body);
      thinking = raw.choices[0].message.reasoning_content ?? '';
    }
    const { message, finish_reason } = raw.choices[0];
    const replay = { role: 'assistant', content: message.content };
    if (message.tool_calls?.length) replay.tool_calls = message.tool_calls.map(({ id, type, function: f }) => ({ id, type, function: { name: f.name, arguments: f.arguments } }));
    if (thinking) replay.reasoning_content = thinking;
    this.messages.push(replay);
    return {
      raw,
      text: message.content ?? '',
      refusal: message.refusal ?? '',
      thinking,
      calls: (message.tool_calls ?? []).map((c) => ({ id: c.id, name: c.function.name, args: JSON.parse(c.function.arguments) })),
      stop: { stop: 'end', length: 'max_tokens', tool_calls: 'tools', content_filter: 'refusal' }[finish_reason] ?? finish_reason,
      usage: { input: raw.usage.prompt_tokens, output: raw.usage.completion_tokens, reasoning: raw.usage.completion_tokens_details?.reasoning_tokens },
    };
  }
}

class AnthropicMessages {
  constructor(url, model, { stream = false, system, tools, stop, ...params } = {}) {
    this.client = anthropic(url);
    this.stream = stream;
    this.params = { model, max_tokens: 1000, ...params };
    if (system) this.params.system = system;
    if (stop) this.params.stop_sequences = stop;
    if (tools) this.params.tools = tools.map((t) => ({ name: t.name, description: t.description, input_schema: t.schema }));
    this.messages = [];
  }

  image({ url, media, data }) {
    return { type: 'image', source: url ? { type: 'url', url } : { type: 'base64', media_type: media, data: data.toString('base64') } };
  }

  document({ name, media, data }) {
    return { type: 'document', title: name, source: { type: 'base64', media_type: media, data: data.toString('base64') } };
  }

  text(text) {
    return { type: 'text', text };
  }

  system(text) {
    this.messages.push({ role: 'system', content: text });
  }

  say(content) {
    this.messages.push({ role: 'user', content });
    return this.send();
  }

  results(list) {
    this.messages.push({
      role: 'user',
      content: list.map((r) => ({ type: 'tool_result', tool_use_id: r.id, content: r.text, ...(r.failed ? { is_error: true } : {}) })),
    });
    return this.send();
  }

  async send() {
    const body = { ...this.params, messages: this.messages };
    const raw = this.stream ? await this.client.messages.stream(body).finalMessage() : await this.client.messages.create(body);
    this.messages.push({ role: 'assistant', content: raw.content });
    const of = (type) => raw.content.filter((b) => b.type === type);
    return {
      raw,
      text: of('text').map((b) => b.text).join(''),
      refusal: raw.stop_reason === 'refusal' ? of('text').map((b) => b.text).join('') : '',
      thinking: of('thinking').map((b) => b.thinking).join(''),
      signature: of('thinking').map((b) => b.signature).join(''),
      calls: of('tool_use').map((b) => ({ id: b.id, name: b.name, args: b.input })),
      stop: { end_turn: 'end', stop_sequence: 'end', tool_use: 'tools' }[raw.stop_reason] ?? raw.stop_reason,
      usage: { input: raw.usage.input_tokens + (raw.usage.cache_read_input_tokens ?? 0) + (raw.usage.cache_creation_input_tokens ?? 0), output: raw.usage.output_tokens },
    };
  }
}

export const kinds = { 'openai SDK': OpenaiChat, 'anthropic SDK': AnthropicMessages };

// Calls define(name, open) for both SDKs × both kinds of provider × whole and streamed answers: open(model, options)
// is a new conversation. `streams` restricts the last.
export function matrix(define, { streams = [false, true] } = {}) {
  for (const [kind, Kind] of Object.entries(kinds))
    for (const provider of ['oai', 'ant'])
      for (const stream of streams) {
        const name = `${kind} → ${provider}${stream ? ', streamed' : ''}`;
        define(name, (url, model, options = {}) => new Kind(url, `${provider}/${model}`, { stream, ...options }), { kind: kind.split(' ')[0], provider, stream });
      }
}

export const weather = {
  name: 'get_weather',
  description: 'The weather in a city',
  schema: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } }, required: ['city'] },
};
export const clock = { name: 'get_time', description: 'The time in a city', schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };
