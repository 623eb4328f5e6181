// Google's format, with its SDK: straight to the simulator, and through the gateway to every format. What every client must do
// with every format is in clients/; here is what only this format has: the SDK's chats, both kinds of streams, paths, errors.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';
import { clock, weather } from './clients.mjs';
import { providerFormats, providerUrl } from './clients/matrix.mjs';
import { anthropic, events, openai, pdf, png, post, providers, sha, startServe, startSim, startUpstream } from './harness.mjs';

const formats = await providerFormats();
let sim, gateway;
before(async () => {
  sim = await startSim();
  const each = Object.fromEntries(formats.map((f) => [`to-${f}`, { type: 'custom', formats: [f], base_url: providerUrl(sim, f), api_key: 'k' }]));
  const vendor = { type: 'gemini', base_url: `${sim.url}/v1beta`, api_key: 'key-for-gem' };
  const custom = { type: 'custom', formats: ['gemini'], base_url: `${sim.url}/v1`, api_key: 'key-for-custom' };
  gateway = await startServe({ providers: { ...providers(sim.url), ...each, gem: vendor, custom }, models: { smart: { use: 'ant/sim-thinking' } } });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

const client = (url, options = {}) => new GoogleGenAI({ apiKey: 'client-key', httpOptions: { baseUrl: url, ...options } });
const functions = [clock, weather].map((t) => ({ name: t.name, description: t.description, parametersJsonSchema: t.schema }));
const tools = [{ functionDeclarations: functions }];
const places = { 'the simulator': () => [sim.url, ''], gemini: () => [gateway.url, 'gem/'], openai_chat: () => [gateway.url, 'oai/'], anthropic: () => [gateway.url, 'ant/'] };

// One message of a chat, whole or streamed: {text, thoughts, calls, parts, finish, usage}.
async function send(chat, stream, message) {
  const chunks = [];
  if (stream) for await (const chunk of await chat.sendMessageStream({ message })) chunks.push(chunk);
  else chunks.push(await chat.sendMessage({ message }));
  const parts = chunks.flatMap((c) => c.candidates?.[0]?.content?.parts ?? []);
  const words = (thought) => parts.filter((p) => p.text && Boolean(p.thought) === thought).map((p) => p.text).join('');
  return {
    text: words(false),
    thoughts: words(true),
    calls: parts.filter((p) => p.functionCall).map((p) => p.functionCall),
    parts,
    finish: chunks.at(-1).candidates[0].finishReason,
    usage: chunks.at(-1).usageMetadata,
  };
}

for (const [place, at] of Object.entries(places))
  for (const stream of [false, true])
    describe(`google genai SDK → ${place}${stream ? ', streamed' : ''}`, () => {
      const open = (model, config = {}) => {
        const [url, prefix] = at();
        return client(url).chats.create({ model: prefix + model, config });
      };

      test('a chat keeps its history', async () => {
        const chat = open('echo', { systemInstruction: 'You repeat.', temperature: 0.5, maxOutputTokens: 400 });
        const first = await send(chat, stream, 'Grüße 🎉');
        assert.equal(first.text, 'Grüße 🎉');
        assert.equal(first.finish, 'STOP');
        assert.ok(first.usage.promptTokenCount > 3 && first.usage.candidatesTokenCount > 2, JSON.stringify(first.usage));
        assert.equal(first.usage.totalTokenCount, first.usage.promptTokenCount + first.usage.candidatesTokenCount);
        const second = await send(chat, stream, 'und noch einmal');
        assert.equal(second.text, 'und noch einmal');
        assert.ok(second.usage.promptTokenCount > first.usage.promptTokenCount + 2);
        assert.ok(chat.getHistory(true).length >= 4, 'no turn was thrown out as invalid');
      });

      test('three turns of calls, answered by name and order', async () => {
        const chat = open('sim-tools-3', { tools, toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_weather'] } } });
        let answer = await send(chat, stream, 'get_weather, three times');
        for (let turn = 0; turn < 3; ++turn) {
          assert.deepEqual(answer.calls.map((c) => [c.name, c.args.city]), [['get_weather', ['Paris', 'Oslo', 'Lima'][turn]]]);
          answer = await send(chat, stream, [{ functionResponse: { name: 'get_weather', response: { output: `${turn} degrees` } } }]);
        }
        assert.equal(answer.text, 'get_weather answered: 0 degrees\nget_weather answered: 1 degrees\nget_weather answered: 2 degrees');
      });

      test('parallel calls, one of which fails', async () => {
        const chat = open('sim-tools-parallel', { tools });
        const { calls } = await send(chat, stream, 'both');
        assert.deepEqual(calls.map((c) => c.name), ['get_time', 'get_weather']);
        const answer = await send(chat, stream, [
          { functionResponse: { id: calls[0].id, name: 'get_time', response: { error: 'no clock' } } },
          { functionResponse: { id: calls[1].id, name: 'get_weather', response: { temperature: 20 } } },
        ]);
        assert.match(answer.text, /get_time (failed: no clock|answered: Error: no clock)\nget_weather answered: \{"temperature":20\}/);
      });

      test('thoughts are shown to those who ask; signatures go back intact', async () => {
        const config = { tools, thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 }, maxOutputTokens: 8000 };
        const chat = open('sim-tools-2+thinking', config);
        let answer = await send(chat, stream, 'use get_weather');
        assert.match(answer.thoughts, /^The user wants an answer/);
        for (let turn = 0; turn < 2; ++turn) {
          // OpenAI's providers of this test sign nothing that could be carried.
          if (place !== 'openai_chat') assert.ok(answer.parts.find((p) => p.functionCall).thoughtSignature, 'the call carries a signature');
          answer = await send(chat, stream, [{ functionResponse: { name: 'get_weather', response: { output: 'sunny' } } }]);
        }
        if (place !== 'openai_chat') assert.match(answer.text, /2 intact, 0 changed, 0 unsigned, 0 redacted/);
        const silent = await send(open('sim-thinking', { maxOutputTokens: 8000, thinkingConfig: { thinkingBudget: 2048 } }), stream, 'think');
        if (place === 'anthropic' || place === 'openai_chat') assert.equal(silent.thoughts, '');
        const text = open('sim-thinking', { ...config, tools: undefined });
        await send(text, stream, 'think');
        const again = await send(text, stream, 'again');
        if (place !== 'openai_chat') assert.match(again.text, /1 intact, 0 changed, 0 unsigned/);
      });

      test('a structured answer, by a JSON Schema and by a schema of types in capitals', async () => {
        const json = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'] };
        const openapi = { type: 'OBJECT', properties: { name: { type: 'STRING' }, age: { type: 'INTEGER' } }, required: ['name', 'age'], propertyOrdering: ['name', 'age'] };
        for (const schema of [{ responseJsonSchema: json }, { responseSchema: openapi }]) {
          const answer = await send(open('sim-json', { responseMimeType: 'application/json', ...schema }), stream, 'a person');
          assert.deepEqual(JSON.parse(answer.text), { name: 'Paris', age: 1 });
        }
      });

      test('an image and a document', async () => {
        const answer = await send(open('sim-image'), stream, [{ inlineData: { mimeType: 'image/png', data: png.toString('base64') } }, { inlineData: { mimeType: 'application/pdf', data: pdf.toString('base64') } }, { text: 'what?' }]);
        assert.match(answer.text, new RegExp(`^image 1: image/png, ${png.length} bytes, sha256 ${sha(png)}\ndocument 2: application/pdf, ${pdf.length} bytes, sha256 ${sha(pdf)}`));
      });

      test('errors are the SDK’s ApiError', async () => {
        const error = await send(open('sim-429-7'), stream, 'x').then(() => assert.fail('answered'), (e) => e);
        assert.equal(error.name, 'ApiError');
        assert.equal(error.status, 429);
        const { error: body } = JSON.parse(error.message);
        assert.equal(body.status, 'RESOURCE_EXHAUSTED');
        assert.equal(body.details.find((d) => d['@type'].endsWith('RetryInfo')).retryDelay, '7s');
        if (!stream) return;
        const cut = await send(open('sim-error-midstream'), stream, 'x').then(() => assert.fail('ended well'), (e) => e);
        assert.equal(cut.name, 'ApiError', String(cut));
        assert.match(cut.message, /fail in the middle/);
      });
    });

// Reasoning stands on the part that follows it, packed where another format's provider wrote it, and goes back by itself with the
// SDK's own history: what was signed is verified there, what was not comes back unchanged.
describe('three turns of calls after thoughts', { concurrency: true }, () => {
  const signers = ['anthropic', 'openai_responses', 'gemini', 'mistral'];
  for (const format of formats)
    for (const stream of [false, true])
      test(`${format}${stream ? ', streamed' : ''}`, async () => {
        const chat = client(gateway.url).chats.create({ model: `to-${format}/sim-tools-3+thinking`, config: { tools, thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 }, maxOutputTokens: 8000 } });
        let answer = await send(chat, stream, 'use get_weather, three times');
        const ids = new Set();
        for (let turn = 0; turn < 3; ++turn) {
          assert.deepEqual(answer.calls.map((c) => [c.name, c.args.city]), [['get_weather', ['Paris', 'Oslo', 'Lima'][turn]]]);
          assert.match(answer.thoughts, /^The user wants an answer/);
          const { thoughtSignature, functionCall } = answer.parts.find((p) => p.functionCall);
          assert.ok(thoughtSignature, 'the call carries what was thought');
          // Google's own calls of one turn have none; they pass as they are.
          assert.equal(Boolean(functionCall.id), format !== 'gemini');
          ids.add(functionCall.id ?? turn);
          answer = await send(chat, stream, [{ functionResponse: { id: functionCall.id, name: 'get_weather', response: { output: `${turn} degrees` } } }]);
        }
        assert.equal(ids.size, 3);
        for (const turn of [0, 1, 2]) assert.match(answer.text, new RegExp(`${turn} degrees`));
        if (signers.includes(format)) assert.match(answer.text, /Replayed thinking: 3 intact, 0 changed, 0 unsigned, 0 redacted/);
        else assert.match(answer.text, /Replayed thinking: 0 intact, 0 changed, 3 unsigned, 0 redacted/);
      });
});

describe('calls and results by id', { concurrency: true }, () => {
  for (const format of formats)
    test(format, async () => {
      const ask = async (contents) => {
        const answer = await post(gateway.url, `/v1beta/models/to-${format}/sim-tools-parallel:generateContent`, { contents, tools });
        assert.equal(answer.status, 200, answer.text);
        return answer.json.candidates[0].content;
      };
      const question = { role: 'user', parts: [{ text: 'both' }] };
      const called = await ask([question]);
      const [time, weatherCall] = called.parts.map((p) => p.functionCall);
      if (format === 'gemini') assert.ok(!time.id && !weatherCall.id, 'calls pass as Google makes them');
      else assert.ok(time.id && weatherCall.id && time.id !== weatherCall.id, JSON.stringify(called));
      const results = [
        { functionResponse: { id: weatherCall.id, name: 'get_weather', response: { output: 'sunny' } } },
        { functionResponse: { id: time.id, name: 'get_time', response: { output: 'noon' } } },
      ];
      const answer = await ask([question, called, { role: 'user', parts: results }]);
      const text = answer.parts.map((p) => p.text).join('');
      assert.match(text, /get_weather answered: .*sunny/);
      assert.match(text, /get_time answered: .*noon/);
    });
});

describe('several candidates', () => {
  const body = { contents: [{ role: 'user', parts: [{ text: 'twice' }] }], generationConfig: { candidateCount: 2 } };
  for (const format of formats)
    test(format, async () => {
      const answer = await post(gateway.url, `/v1beta/models/to-${format}/echo:generateContent`, body);
      const several = ['gemini', 'openai_chat', 'mistral'].includes(format);
      assert.deepEqual(answer.json.candidates.map((c) => [c.index, c.content.parts[0].text, c.finishReason]), (several ? [0, 1] : [0]).map((i) => [i, 'twice', 'STOP']), answer.text);
      assert.equal(/\bn\b/.test(answer.headers.get('x-patchbay-dropped') ?? ''), !several);
      const { json: streamed } = await post(gateway.url, `/v1beta/models/to-${format}/echo:streamGenerateContent`, body);
      for (const index of several ? [0, 1] : [0]) {
        const own = streamed.flatMap((c) => c.candidates ?? []).filter((c) => (c.index ?? 0) === index);
        assert.equal(own.flatMap((c) => c.content?.parts ?? []).map((p) => p.text).join(''), 'twice');
        assert.equal(own.at(-1).finishReason, 'STOP');
      }
    });
});

test('embeddings, with the SDK', async () => {
  for (const model of ['gem/vectors', 'oai/vectors']) {
    const { embeddings } = await client(gateway.url).models.embedContent({ model, contents: ['a red apple', 'a tax report'], config: { outputDimensionality: 8, taskType: 'RETRIEVAL_QUERY' } });
    assert.deepEqual(embeddings.map((e) => e.values.length), [8, 8], model);
    assert.notDeepEqual(embeddings[0].values, embeddings[1].values);
  }
});

describe('counting and listing', () => {
  test('countTokens: the provider’s own, or counted here', async () => {
    const contents = [{ role: 'user', parts: [{ text: 'How many tokens are these few words?' }] }];
    for (const model of ['gem/echo', 'ant/echo', 'oai/echo']) {
      const { totalTokens } = await client(gateway.url).models.countTokens({ model, contents });
      assert.ok(totalTokens > 6 && totalTokens < 40, `${model}: ${totalTokens}`);
    }
    const wrapped = await post(gateway.url, '/v1beta/models/oai%2Fecho:countTokens', { generateContentRequest: { contents, systemInstruction: { parts: [{ text: 'x '.repeat(50) }] } } });
    assert.ok(wrapped.json.totalTokens > 50, wrapped.text);
  });

  test('models.list and models.get, with and without v1beta', async () => {
    for (const options of [{}, { apiVersion: 'v1beta' }]) {
      const ai = client(gateway.url, options);
      const names = [];
      for await (const model of await ai.models.list()) names.push(model.name);
      assert.ok(names.includes('models/smart'), String(names));
      const model = await ai.models.get({ model: 'smart' });
      assert.equal(model.name, 'models/smart');
      assert.ok(model.supportedActions.includes('generateContent'));
      const error = await ai.models.get({ model: 'models/nobody' }).then(() => assert.fail('answered'), (e) => e);
      assert.equal(error.status, 404);
    }
    // The same path is OpenAI's for others.
    const plain = await fetch(`${gateway.url}/v1/models`).then((r) => r.json());
    assert.equal(plain.object, 'list');
  });
});

test('Vertex AI’s paths', async () => {
  const ai = new GoogleGenAI({ vertexai: true, apiKey: 'client-key', httpOptions: { baseUrl: gateway.url } });
  const answer = await ai.models.generateContent({ model: 'smart', contents: 'think' });
  assert.match(answer.text, /simulator/);
  const publisher = await ai.models.generateContent({ model: 'oai/echo', contents: 'by publisher' });
  assert.equal(publisher.text, 'by publisher');
  const project = await post(gateway.url, '/v1/projects/p/locations/l/publishers/google/models/gem/echo:generateContent', { contents: [{ role: 'user', parts: [{ text: 'far' }] }] });
  assert.equal(project.json.candidates[0].content.parts[0].text, 'far');
  const unknown = await post(gateway.url, '/v1beta/models/gem/echo:predict', {});
  assert.equal(unknown.status, 404);
  assert.equal(unknown.json.error.status, 'NOT_FOUND');
});

describe('streams as one JSON array', () => {
  const body = (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] });
  for (const provider of ['gem', 'custom', 'oai', 'ant'])
    test(`from ${provider}`, async () => {
      const answer = await post(gateway.url, `/v1beta/models/${provider}/echo:streamGenerateContent`, body('one two [three] {"four"}'));
      assert.match(answer.headers.get('content-type'), /^application\/json/);
      const text = answer.json.flatMap((c) => c.candidates[0].content.parts.map((p) => p.text)).join('');
      assert.equal(text, 'one two [three] {"four"}');
      assert.equal(answer.json.at(-1).candidates[0].finishReason, 'STOP');
      const broken = await post(gateway.url, `/v1beta/models/${provider}/sim-error-midstream:streamGenerateContent`, body('x'));
      // OpenAI's error event does not say what kind of failure it was.
      const { code, status, message } = broken.json.at(-1).error;
      assert.deepEqual([code, status], provider === 'oai' ? [502, 'UNKNOWN'] : [503, 'UNAVAILABLE'], broken.text);
      assert.match(message, /fail in the middle/);
    });

  test('the same as events', async () => {
    const answer = await post(gateway.url, '/v1beta/models/oai/echo:streamGenerateContent?alt=sse', body('a b'));
    assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
    assert.ok(events(answer.text).length >= 2);
  });
});

test('a silent stream is kept alive by blank lines, which no SDK of Google minds', async () => {
  const patient = await startServe({ server: { ping_after: '100ms' }, providers: providers(sim.url) });
  try {
    const ai = client(patient.url);
    const chunks = [];
    for await (const chunk of await ai.models.generateContentStream({ model: 'ant/echo+slow-first-400ms', contents: 'still there' })) chunks.push(chunk);
    assert.equal(chunks.map((c) => c.text ?? '').join(''), 'still there');
    const raw = await post(patient.url, '/v1beta/models/ant/echo+slow-first-400ms:streamGenerateContent?alt=sse', { contents: [{ parts: [{ text: 'x' }] }] });
    assert.match(raw.text, /^\n\n/);
    assert.doesNotMatch(raw.text, /^:/m);
  } finally {
    await patient.stop();
  }
});

describe('what a Gemini provider is sent', () => {
  const answer = { candidates: [{ content: { parts: [{ text: 'fine' }], role: 'model' }, finishReason: 'STOP', index: 0 }], usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 } };
  let upstream, own;
  before(async () => {
    upstream = await startUpstream((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(request.url.includes('count') ? { totalTokens: 99 } : answer));
    });
    own = await startServe({ providers: { gemini: { base_url: `${upstream.url}/v1beta`, api_key: 'secret' } } });
  });
  after(async () => {
    await own.stop();
    await upstream.close?.();
  });

  test('the body as it came, the model and the key its own', async () => {
    const body = { contents: [{ parts: [{ text: 'q' }] }], safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }], x_unknown: [1] };
    const got = await post(own.url, '/v1beta/models/gemini%2Fgemini-3.8-flash:generateContent?key=client-key&$alt=json', body, { 'x-goog-api-key': 'client-key' });
    assert.deepEqual(got.json, answer);
    const [request] = upstream.requests.slice(-1);
    assert.equal(request.url, '/v1beta/models/gemini-3.8-flash:generateContent?$alt=json');
    assert.equal(request.headers['x-goog-api-key'], 'secret');
    assert.deepEqual(JSON.parse(request.body), body);
    const counted = await post(own.url, '/v1/models/gemini/gemini-3.8-flash:countTokens', { contents: body.contents });
    assert.equal(counted.json.totalTokens, 99);
    assert.equal(upstream.requests.at(-1).url, '/v1beta/models/gemini-3.8-flash:countTokens');
  });

  test('an OpenAI client’s conversation', async () => {
    const got = await openai(own.url).chat.completions.create({ model: 'gemini/gemini-3.8-flash', messages: [{ role: 'system', content: 's' }, { role: 'user', content: 'q' }], reasoning_effort: 'low', tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }] });
    assert.equal(got.choices[0].message.content, 'fine');
    const request = upstream.requests.at(-1);
    assert.equal(request.url, '/v1beta/models/gemini-3.8-flash:generateContent');
    const sent = JSON.parse(request.body);
    assert.deepEqual(sent.systemInstruction, { parts: [{ text: 's' }] });
    assert.deepEqual(sent.generationConfig, { thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' } });
    await anthropic(own.url).messages.create({ model: 'gemini/gemini-3.8-flash', max_tokens: 9, messages: [{ role: 'user', content: 'q' }] });
    assert.equal(JSON.parse(upstream.requests.at(-1).body).generationConfig.maxOutputTokens, 9);
  });
});

test('bad requests are told by the field', async () => {
  for (const provider of ['oai', 'ant']) {
    const bad = await post(gateway.url, `/v1beta/models/${provider}/echo:generateContent`, { contents: [{ role: 'user', parts: [{ text: 1 }] }] });
    assert.equal(bad.status, 400);
    assert.equal(bad.json.error.status, 'INVALID_ARGUMENT');
    assert.equal(bad.json.error.message, 'contents[0].parts[0].text must be a string, found number');
    assert.equal(bad.json.error.details[0].fieldViolations[0].field, 'contents[0].parts[0].text');
  }
  const unknown = await post(gateway.url, '/v1beta/models/nobody:generateContent', { contents: [] });
  assert.equal(unknown.status, 404);
  assert.equal(unknown.json.error.status, 'NOT_FOUND');
});
