// The @openrouter/sdk: Chat Completions, and callModel, which holds its own tool loop over Responses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weather } from '../clients.mjs';
import { cell, clientKey, clientTests, headerOf, installed } from './matrix.mjs';

const sdk = await installed('@openrouter/sdk');
const { z } = (await installed('zod/v4')) ?? {};
const connect = (url, key = clientKey) => new sdk.OpenRouter({ apiKey: key, serverURL: `${url}/api/v1`, retryConfig: { strategy: 'none' } });

class OpenRouterChat {
  static title = 'openrouter SDK';
  static endpoint = '/api/v1/chat/completions';
  static replays = true;

  constructor(url, model, { stream = false, system, tools, schema, key } = {}) {
    Object.assign(this, { model, stream, tools, schema });
    this.client = connect(url, key);
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

  async collect(chunks) {
    const out = { content: '', toolCalls: [], reasoningDetails: [] };
    for await (const chunk of chunks) {
      out.usage = chunk.usage ?? out.usage;
      const choice = chunk.choices[0];
      if (!choice) continue;
      out.content += choice.delta.content ?? '';
      out.reasoningDetails.push(...(choice.delta.reasoningDetails ?? []));
      for (const piece of choice.delta.toolCalls ?? []) {
        const call = (out.toolCalls[piece.index] ??= { id: piece.id, type: 'function', function: { name: '', arguments: '' } });
        call.function.name += piece.function?.name ?? '';
        call.function.arguments += piece.function?.arguments ?? '';
      }
      out.finishReason = choice.finishReason ?? out.finishReason;
    }
    return out;
  }

  async send() {
    const chatRequest = { model: this.model, messages: this.messages };
    if (this.tools) chatRequest.tools = this.tools.map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
    if (this.schema) chatRequest.responseFormat = { type: 'json_schema', jsonSchema: { name: 'person', schema: this.schema, strict: true } };
    let out;
    if (this.stream) {
      out = await this.collect(await this.client.chat.send({ chatRequest: { ...chatRequest, stream: true, streamOptions: { includeUsage: true } } }));
    } else {
      const raw = await this.client.chat.send({ chatRequest });
      const { message, finishReason } = raw.choices[0];
      out = { content: message.content ?? '', toolCalls: message.toolCalls ?? [], reasoningDetails: message.reasoningDetails ?? [], finishReason, usage: raw.usage };
    }
    const { reasoningDetails } = out;
    this.messages.push({ role: 'assistant', content: out.content, ...(out.toolCalls.length ? { toolCalls: out.toolCalls } : {}), ...(reasoningDetails.length ? { reasoningDetails } : {}) });
    return {
      text: out.content,
      calls: out.toolCalls.map((c) => ({ id: c.id, name: c.function.name, args: JSON.parse(c.function.arguments) })),
      stop: { stop: 'end', tool_calls: 'tools' }[out.finishReason] ?? out.finishReason,
      usage: { input: out.usage.promptTokens, output: out.usage.completionTokens },
    };
  }

  failure(error) {
    return { status: error.statusCode, message: `${error.message} ${error.body ?? ''}`, retryAfter: headerOf(error.headers, 'retry-after') };
  }
}

const responses = '/api/v1/responses';
const matrix = await clientTests(sdk, [OpenRouterChat], [responses]);

for (const format of matrix?.formats ?? [])
  cell(matrix, 'openrouter SDK, callModel', responses, format, () => {
    test('its own loop of three turns', async () => {
      const cities = [];
      const tool = { type: 'function', function: { name: weather.name, description: weather.description, inputSchema: z.object({ city: z.string(), days: z.int() }), execute: ({ city }) => (cities.push(city), `sunny in ${city}`) } };
      const result = connect(matrix.url).callModel({ model: `${format}/sim-tools-3`, input: 'use get_weather', tools: [tool] });
      assert.match(await result.getText(), /sunny in Paris[\s\S]*sunny in Oslo[\s\S]*sunny in Lima/);
      assert.deepEqual(cities, ['Paris', 'Oslo', 'Lima']);
      assert.ok((await result.getResponse()).usage.inputTokens > 0);
    });
  });
