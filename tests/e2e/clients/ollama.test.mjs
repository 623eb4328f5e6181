// The ollama SDK: /api/chat. It has no ids of tool calls: results go by the tool's name.
import { clientKey, clientTests, installed } from './matrix.mjs';

const sdk = await installed('ollama');

class Ollama {
  static title = 'ollama SDK';
  static endpoint = '/api/chat';

  constructor(url, model, { stream = false, system, tools, schema, key = clientKey } = {}) {
    Object.assign(this, { model, stream, tools, schema });
    this.client = new sdk.Ollama({ host: url, headers: { Authorization: `Bearer ${key}` } });
    this.messages = system ? [{ role: 'system', content: system }] : [];
  }

  say(content) {
    const parts = typeof content === 'string' ? [{ text: content }] : content;
    const images = parts.filter((p) => p.image).map((p) => p.image.data.toString('base64'));
    this.messages.push({ role: 'user', content: parts.map((p) => p.text ?? '').join(''), ...(images.length ? { images } : {}) });
    return this.send();
  }

  results(list) {
    for (const r of list) this.messages.push({ role: 'tool', tool_name: r.name, content: r.text });
    return this.send();
  }

  async send() {
    const body = { model: this.model, messages: this.messages };
    if (this.tools) body.tools = this.tools.map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
    if (this.schema) body.format = this.schema;
    const chunks = [];
    if (this.stream) for await (const chunk of await this.client.chat({ ...body, stream: true })) chunks.push(chunk);
    else chunks.push(await this.client.chat(body));
    const text = chunks.map((c) => c.message.content).join('');
    const calls = chunks.flatMap((c) => c.message.tool_calls ?? []);
    const last = chunks.at(-1);
    this.messages.push({ role: 'assistant', content: text, ...(calls.length ? { tool_calls: calls } : {}) });
    return {
      text,
      calls: calls.map((c) => ({ id: c.id, name: c.function.name, args: c.function.arguments })),
      stop: last.done && last.done_reason === 'stop' ? (calls.length ? 'tools' : 'end') : last.done_reason,
      usage: { input: last.prompt_eval_count, output: last.eval_count },
    };
  }

  failure(error) {
    return { status: error.status_code, message: error.message };
  }
}

await clientTests(sdk, [Ollama]);
