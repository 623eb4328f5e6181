// The @mistralai/mistralai SDK: Chat Completions as Mistral types them.
import { clientKey, clientTests, headerOf, installed } from './matrix.mjs';

const sdk = await installed('@mistralai/mistralai');

class Mistral {
  static title = 'mistral SDK';
  static endpoint = '/v1/chat/completions';
  static streamFormat = 'mistral';

  constructor(url, model, { stream = false, system, tools, schema, key = clientKey } = {}) {
    Object.assign(this, { model, stream, tools, schema });
    this.client = new sdk.Mistral({ apiKey: key, serverURL: url });
    this.messages = system ? [{ role: 'system', content: system }] : [];
  }

  say(content) {
    const part = ({ text, image }) => (image ? { type: 'image_url', imageUrl: `data:${image.media};base64,${image.data.toString('base64')}` } : { type: 'text', text });
    this.messages.push({ role: 'user', content: typeof content === 'string' ? content : content.map(part) });
    return this.send();
  }

  results(list) {
    for (const r of list) this.messages.push({ role: 'tool', toolCallId: r.id, name: r.name, content: r.text });
    return this.send();
  }

  // {content, toolCalls, finishReason, usage} of a stream. Each call comes whole in one delta: the SDK's types want its name.
  async collect(events) {
    const out = { content: '', toolCalls: [] };
    for await (const { data } of events) {
      out.usage = data.usage ?? out.usage;
      const choice = data.choices[0];
      if (!choice) continue;
      out.content += choice.delta.content ?? '';
      out.toolCalls.push(...(choice.delta.toolCalls ?? []));
      out.finishReason = choice.finishReason ?? out.finishReason;
    }
    return out;
  }

  async send() {
    const body = { model: this.model, messages: this.messages };
    if (this.tools) body.tools = this.tools.map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
    if (this.schema) body.responseFormat = { type: 'json_schema', jsonSchema: { name: 'person', schemaDefinition: this.schema, strict: true } };
    let out;
    if (this.stream) {
      out = await this.collect(await this.client.chat.stream(body));
    } else {
      const raw = await this.client.chat.complete(body);
      const { message, finishReason } = raw.choices[0];
      out = { content: message.content ?? '', toolCalls: message.toolCalls ?? [], finishReason, usage: raw.usage };
    }
    this.messages.push({ role: 'assistant', content: out.content, ...(out.toolCalls.length ? { toolCalls: out.toolCalls } : {}) });
    return {
      text: out.content,
      calls: out.toolCalls.map((c) => ({ id: c.id, name: c.function.name, args: typeof c.function.arguments === 'string' ? JSON.parse(c.function.arguments) : c.function.arguments })),
      stop: { stop: 'end', tool_calls: 'tools' }[out.finishReason] ?? out.finishReason,
      usage: { input: out.usage.promptTokens, output: out.usage.completionTokens },
    };
  }

  failure(error) {
    return { status: error.statusCode, message: `${error.message} ${error.body ?? ''}`, retryAfter: headerOf(error.headers, 'retry-after') };
  }
}

await clientTests(sdk, [Mistral]);
