// The @google/genai SDK: generateContent, under both versions of the path.
import { clientKey, clientTests, installed } from './matrix.mjs';

const sdk = await installed('@google/genai');

class Gemini {
  static title = 'google genai SDK';
  static endpoint = '/v1/models/any:generateContent';
  static replays = true;

  constructor(url, model, { stream = false, system, tools, schema, key = clientKey } = {}) {
    Object.assign(this, { model, stream, tools });
    this.client = new sdk.GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url, ...this.constructor.options } });
    this.config = {};
    if (system) this.config.systemInstruction = system;
    if (tools) this.config.tools = [{ functionDeclarations: tools.map((t) => ({ name: t.name, description: t.description, parametersJsonSchema: t.schema })) }];
    if (schema) Object.assign(this.config, { responseMimeType: 'application/json', responseJsonSchema: schema });
    this.contents = [];
  }

  say(content) {
    const part = ({ text, image }) => (image ? { inlineData: { mimeType: image.media, data: image.data.toString('base64') } } : { text });
    this.contents.push({ role: 'user', parts: typeof content === 'string' ? [{ text: content }] : content.map(part) });
    return this.send();
  }

  results(list) {
    this.contents.push({ role: 'user', parts: list.map((r) => ({ functionResponse: { id: r.id, name: r.name, response: { output: r.text } } })) });
    return this.send();
  }

  async send() {
    const body = { model: this.model, contents: this.contents, config: this.config };
    const chunks = [];
    if (this.stream) for await (const chunk of await this.client.models.generateContentStream(body)) chunks.push(chunk);
    else chunks.push(await this.client.models.generateContent(body));
    const parts = chunks.flatMap((c) => c.candidates?.[0]?.content?.parts ?? []);
    this.contents.push({ role: 'model', parts });
    const calls = parts.filter((p) => p.functionCall).map((p) => p.functionCall);
    const reason = chunks.map((c) => c.candidates?.[0]?.finishReason).filter(Boolean).at(-1);
    const usage = chunks.map((c) => c.usageMetadata).filter(Boolean).at(-1);
    return {
      text: parts.filter((p) => p.text !== undefined && !p.thought).map((p) => p.text).join(''),
      calls: calls.map((c) => ({ id: c.id, name: c.name, args: c.args })),
      stop: reason === 'STOP' ? (calls.length ? 'tools' : 'end') : reason,
      usage: { input: usage.promptTokenCount, output: usage.candidatesTokenCount },
    };
  }

  failure(error) {
    return { status: error.status, message: error.message };
  }
}

class GeminiBeta extends Gemini {
  static title = 'google genai SDK, v1beta';
  static endpoint = '/v1beta/models/any:generateContent';
  static options = { apiVersion: 'v1beta' };
}

await clientTests(sdk, [Gemini, GeminiBeta]);
