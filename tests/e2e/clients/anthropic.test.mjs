// The @anthropic-ai/sdk: Messages.
import { clientKey, clientTests, headerOf, installed } from './matrix.mjs';

const sdk = await installed('@anthropic-ai/sdk');

class Messages {
  static title = 'anthropic SDK';
  static endpoint = '/v1/messages';
  static replays = true;
  static retries = true;

  constructor(url, model, { stream = false, system, tools, schema, key = clientKey, retries = 0 } = {}) {
    Object.assign(this, { model, stream, system, tools, schema });
    this.client = new sdk.default({ baseURL: url, apiKey: key, maxRetries: retries });
    this.messages = [];
  }

  say(content) {
    const part = ({ text, image }) => (image ? { type: 'image', source: { type: 'base64', media_type: image.media, data: image.data.toString('base64') } } : { type: 'text', text });
    this.messages.push({ role: 'user', content: typeof content === 'string' ? content : content.map(part) });
    return this.send();
  }

  results(list) {
    this.messages.push({ role: 'user', content: list.map((r) => ({ type: 'tool_result', tool_use_id: r.id, content: r.text })) });
    return this.send();
  }

  async send() {
    const body = { model: this.model, max_tokens: 1000, messages: this.messages };
    if (this.system) body.system = this.system;
    if (this.tools) body.tools = this.tools.map((t) => ({ name: t.name, description: t.description, input_schema: t.schema }));
    if (this.schema) body.output_config = { format: { type: 'json_schema', schema: this.schema } };
    const raw = await (this.stream ? this.client.messages.stream(body).finalMessage() : this.client.messages.create(body));
    this.messages.push({ role: 'assistant', content: raw.content });
    const of = (type) => raw.content.filter((b) => b.type === type);
    return {
      text: of('text').map((b) => b.text).join(''),
      calls: of('tool_use').map((b) => ({ id: b.id, name: b.name, args: b.input })),
      stop: { end_turn: 'end', tool_use: 'tools' }[raw.stop_reason] ?? raw.stop_reason,
      usage: { input: raw.usage.input_tokens, output: raw.usage.output_tokens },
    };
  }

  failure(error) {
    return { status: error.status, message: error.message, retryAfter: headerOf(error.headers, 'retry-after') };
  }
}

await clientTests(sdk, [Messages]);
