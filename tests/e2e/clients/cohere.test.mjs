// The cohere-ai SDK: chat, version 2.
import { clientKey, clientTests, headerOf, installed } from './matrix.mjs';

const sdk = await installed('cohere-ai');

class Cohere {
  static title = 'cohere SDK';
  static endpoint = '/v2/chat';

  constructor(url, model, { stream = false, system, tools, schema, key = clientKey } = {}) {
    Object.assign(this, { model, stream, tools, schema });
    this.client = new sdk.CohereClientV2({ token: key, environment: url, maxRetries: 0 });
    this.messages = system ? [{ role: 'system', content: system }] : [];
  }

  say(content) {
    const part = ({ text, image }) => (image ? { type: 'image_url', imageUrl: { url: `data:${image.media};base64,${image.data.toString('base64')}` } } : { type: 'text', text });
    this.messages.push({ role: 'user', content: typeof content === 'string' ? content : content.map(part) });
    return this.send();
  }

  results(list) {
    for (const r of list) this.messages.push({ role: 'tool', toolCallId: r.id, content: r.text });
    return this.send();
  }

  async collect(events) {
    const message = { role: 'assistant', content: [], toolPlan: '', toolCalls: [] };
    const out = { message };
    for await (const e of events) {
      const m = e.delta?.message;
      if (e.type === 'content-start') message.content[e.index] = { ...m.content };
      if (e.type === 'content-delta') {
        const block = message.content[e.index];
        block[block.type] += m.content[block.type];
      }
      if (e.type === 'tool-plan-delta') message.toolPlan += m.toolPlan;
      if (e.type === 'tool-call-start') message.toolCalls[e.index] = { ...m.toolCalls, function: { ...m.toolCalls.function } };
      if (e.type === 'tool-call-delta') message.toolCalls[e.index].function.arguments += m.toolCalls.function.arguments;
      if (e.type === 'message-end') Object.assign(out, { finishReason: e.delta.finishReason, usage: e.delta.usage });
    }
    return out;
  }

  async send() {
    const body = { model: this.model, messages: this.messages };
    if (this.tools) body.tools = this.tools.map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
    if (this.schema) body.responseFormat = { type: 'json_object', jsonSchema: this.schema };
    const out = this.stream ? await this.collect(await this.client.chatStream(body)) : await this.client.chat(body);
    const { content = [], toolPlan, toolCalls = [] } = out.message;
    this.messages.push({ role: 'assistant', ...(content.length ? { content } : {}), ...(toolPlan ? { toolPlan } : {}), ...(toolCalls.length ? { toolCalls } : {}) });
    return {
      text: content.filter((b) => b.type === 'text').map((b) => b.text).join(''),
      calls: toolCalls.map((c) => ({ id: c.id, name: c.function.name, args: JSON.parse(c.function.arguments) })),
      stop: { COMPLETE: 'end', TOOL_CALL: 'tools' }[out.finishReason] ?? out.finishReason,
      usage: { input: out.usage.tokens.inputTokens, output: out.usage.tokens.outputTokens },
    };
  }

  failure(error) {
    return { status: error.statusCode, message: `${error.message} ${JSON.stringify(error.body ?? '')}`, retryAfter: headerOf(error.rawResponse?.headers, 'retry-after') };
  }
}

await clientTests(sdk, [Cohere]);
