// The openai SDK: Chat Completions and Responses.
import { clientKey, clientTests, headerOf, installed } from './matrix.mjs';

const sdk = await installed('openai');

class Openai {
  static retries = true;
  constructor(url, model, { stream = false, system, tools, schema, key = clientKey, retries = 0 } = {}) {
    Object.assign(this, { model, stream, system, tools, schema });
    this.client = new sdk.default({ baseURL: `${url}/v1`, apiKey: key, maxRetries: retries });
    this.messages = [];
  }

  failure(error) {
    return { status: error.status, message: error.message, retryAfter: headerOf(error.headers, 'retry-after') };
  }
}

class Chat extends Openai {
  static title = 'openai SDK, chat';
  static endpoint = '/v1/chat/completions';
  static replays = 'whole';  // its helper for streams keeps the last piece only of what it does not know

  say(content) {
    if (this.system && this.messages.length === 0) this.messages.push({ role: 'developer', content: this.system });
    const part = ({ text, image }) => (image ? { type: 'image_url', image_url: { url: `data:${image.media};base64,${image.data.toString('base64')}` } } : { type: 'text', text });
    this.messages.push({ role: 'user', content: typeof content === 'string' ? content : content.map(part) });
    return this.send();
  }

  results(list) {
    for (const r of list) this.messages.push({ role: 'tool', tool_call_id: r.id, content: r.text });
    return this.send();
  }

  async send() {
    const body = { model: this.model, messages: this.messages };
    if (this.tools) body.tools = this.tools.map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
    if (this.schema) body.response_format = { type: 'json_schema', json_schema: { name: 'person', schema: this.schema, strict: true } };
    const raw = await (this.stream
      ? this.client.chat.completions.stream({ ...body, stream_options: { include_usage: true } }).finalChatCompletion()
      : this.client.chat.completions.create(body));
    const { message, finish_reason } = raw.choices[0];
    const calls = message.tool_calls ?? [];
    this.messages.push(message);
    return {
      text: message.content ?? '',
      calls: calls.map((c) => ({ id: c.id, name: c.function.name, args: JSON.parse(c.function.arguments) })),
      stop: { stop: 'end', tool_calls: 'tools' }[finish_reason] ?? finish_reason,
      usage: { input: raw.usage.prompt_tokens, output: raw.usage.completion_tokens },
    };
  }
}

class Responses extends Openai {
  static title = 'openai SDK, responses';
  static endpoint = '/v1/responses';
  static replays = true;

  say(content) {
    const part = ({ text, image }) => (image ? { type: 'input_image', detail: 'auto', image_url: `data:${image.media};base64,${image.data.toString('base64')}` } : { type: 'input_text', text });
    this.messages.push({ role: 'user', content: typeof content === 'string' ? content : content.map(part) });
    return this.send();
  }

  results(list) {
    for (const r of list) this.messages.push({ type: 'function_call_output', call_id: r.id, output: r.text });
    return this.send();
  }

  async send() {
    const body = { model: this.model, input: this.messages, store: false, include: ['reasoning.encrypted_content'] };
    if (this.system) body.instructions = this.system;
    if (this.tools) body.tools = this.tools.map((t) => ({ type: 'function', name: t.name, description: t.description, parameters: t.schema, strict: false }));
    if (this.schema) body.text = { format: { type: 'json_schema', name: 'person', schema: this.schema, strict: true } };
    const raw = await (this.stream ? this.client.responses.stream(body).finalResponse() : this.client.responses.create(body));
    this.messages.push(...raw.output);
    const calls = raw.output.filter((item) => item.type === 'function_call');
    return {
      text: raw.output_text,
      calls: calls.map((c) => ({ id: c.call_id, name: c.name, args: JSON.parse(c.arguments) })),
      stop: raw.status === 'completed' ? (calls.length ? 'tools' : 'end') : raw.status,
      usage: { input: raw.usage.input_tokens, output: raw.usage.output_tokens },
    };
  }
}

await clientTests(sdk, [Chat, Responses]);
