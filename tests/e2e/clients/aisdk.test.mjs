// The AI SDK with its four providers and all the formats they speak.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weather } from '../clients.mjs';
import { cell, clientKey, clientTests, headerOf, installed } from './matrix.mjs';

const ai = await installed('ai');
const openai = await installed('@ai-sdk/openai');
const anthropic = await installed('@ai-sdk/anthropic');
const google = await installed('@ai-sdk/google');
const compatible = await installed('@ai-sdk/openai-compatible');
if (ai) globalThis.AI_SDK_LOG_WARNINGS = false;

class AiSdk {
  static retries = true;

  constructor(url, model, { stream = false, system, tools, schema, key = clientKey, retries = 0 } = {}) {
    this.stream = stream;
    this.options = { model: this.constructor.connect(url, key, model), maxRetries: retries };
    if (system) this.options.instructions = system;
    if (tools) this.options.tools = Object.fromEntries(tools.map((t) => [t.name, ai.tool({ description: t.description, inputSchema: ai.jsonSchema(t.schema) })]));
    if (schema) this.options.output = ai.Output.object({ schema: ai.jsonSchema(schema) });
    this.messages = [];
  }

  say(content) {
    const part = ({ text, image }) => (image ? { type: 'file', mediaType: image.media, data: image.data } : { type: 'text', text });
    this.messages.push({ role: 'user', content: typeof content === 'string' ? content : content.map(part) });
    return this.send();
  }

  results(list) {
    this.messages.push({ role: 'tool', content: list.map((r) => ({ type: 'tool-result', toolCallId: r.id, toolName: r.name, output: { type: 'text', value: r.text } })) });
    return this.send();
  }

  async send() {
    const body = { ...this.options, messages: this.messages };
    let raw;
    if (this.stream) {
      let failed;
      raw = ai.streamText({ ...body, onError: ({ error }) => (failed = error) });
      for await (const part of raw.fullStream) if (part.type === 'error') throw failed ?? part.error;
    } else {
      raw = await ai.generateText(body);
    }
    this.messages.push(...(await raw.response).messages);
    const usage = await raw.usage;
    const reason = await raw.finishReason;
    return {
      text: await raw.text,
      calls: (await raw.toolCalls).map((c) => ({ id: c.toolCallId, name: c.toolName, args: c.input })),
      stop: { stop: 'end', 'tool-calls': 'tools' }[reason] ?? reason,
      usage: { input: usage.inputTokens, output: usage.outputTokens },
    };
  }

  failure(error) {
    return { status: error.statusCode, message: `${error.message} ${error.responseBody ?? ''}`, retryAfter: headerOf(error.responseHeaders, 'retry-after') };
  }
}

// [name, endpoint, whether it sends reasoning back, its model].
const kinds = [
  ['openai chat', '/v1/chat/completions', false, (url, apiKey, model) => openai.createOpenAI({ baseURL: `${url}/v1`, apiKey }).chat(model)],
  ['openai-compatible', '/v1/chat/completions', false, (url, apiKey, model) => compatible.createOpenAICompatible({ name: 'patchbay', baseURL: `${url}/v1`, apiKey, includeUsage: true, supportsStructuredOutputs: true })(model)],
  ['openai responses', '/v1/responses', true, (url, apiKey, model) => openai.createOpenAI({ baseURL: `${url}/v1`, apiKey })(model)],
  ['anthropic', '/v1/messages', true, (url, apiKey, model) => anthropic.createAnthropic({ baseURL: `${url}/v1`, apiKey })(model)],
  ['google', '/v1beta/models/any:generateContent', true, (url, apiKey, model) => google.createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey })(model)],
].map(([name, endpoint, replays, connect]) => class extends AiSdk { static title = `AI SDK, ${name}`; static endpoint = endpoint; static replays = replays; static connect = connect; static forcesTool = name === 'anthropic'; });

const matrix = await clientTests(ai && openai && anthropic && google && compatible, kinds);

for (const Kind of kinds)
  for (const format of matrix?.formats ?? [])
    cell(matrix, `${Kind.title}, its own loop`, Kind.endpoint, format, () => {
      for (const stream of [false, true])
        test(`three turns${stream ? ', streamed' : ''}`, async () => {
          const cities = [];
          const body = {
            model: Kind.connect(matrix.url, clientKey, `${format}/sim-tools-3`),
            prompt: 'use get_weather',
            tools: { get_weather: ai.tool({ description: weather.description, inputSchema: ai.jsonSchema(weather.schema), execute: ({ city }) => (cities.push(city), `sunny in ${city}`) }) },
            stopWhen: ai.stepCountIs(6),
            maxRetries: 0,
          };
          const result = stream ? ai.streamText(body) : await ai.generateText(body);
          assert.match(await result.text, /sunny in Paris[\s\S]*sunny in Oslo[\s\S]*sunny in Lima/);
          assert.deepEqual(cities, ['Paris', 'Oslo', 'Lima']);
          assert.equal((await result.steps).length, 4);
        });
    });
