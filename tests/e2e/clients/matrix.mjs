// Every SDK × every provider format: each cell is the same set of conversations. What there is to cross is asked from the
// program: provider formats from its configuration's schema, client endpoints by trying them. A format that is added
// to the program joins by itself.
//
// A client is a class: new Client(url, model, {stream, system, tools, schema, key, retries}), with
//   say(text | parts), results([{id, name, text}]) → {text, calls: [{id, name, args}], stop: 'end' | 'tools', usage: {input, output}}
//   failure(error) → {status, message, retryAfter}   retryAfter: header text, undefined where the SDK hides it
// and static title, endpoint (path of the POST it sends), retries (true: asks again by itself after a 429), streamFormat (the
// format that its streams need, where the endpoint's own is not enough), replays (it sends reasoning back, see signed()).
// Parts are {text} or {image: {media, data}}.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { clock, weather } from '../clients.mjs';
import { elapsed, png, run, sha, startServe, startSim } from '../harness.mjs';

export const clientKey = 'client-key-1';

// A module, or null where it is not installed: `./dev test` installs them all, a bare checkout may have only some.
export async function installed(name) {
  try {
    return await import(name);
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND' && !process.env.CI) return null;
    throw error;
  }
}

// Names of the formats that a provider may speak: what `formats:` of a provider takes. Not text completions: nobody can hold these
// conversations, with tools and images, in it (what becomes of chats there: ../completions.test.mjs).
export async function providerFormats() {
  const { stdout } = await run(['config', 'schema']);
  const provider = JSON.parse(stdout).properties.providers.additionalProperties.anyOf[0].properties;
  return provider.formats.items.anyOf[0].enum.filter((format) => format !== 'openai_completions');
}

// False, or why a client cannot be tried: nothing is served where it sends its requests.
export async function missingEndpoint(url, path) {
  const answer = await fetch(url + path, { method: 'POST', body: '{}', headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' } });
  const text = await answer.text();
  const missing = (answer.status === 404 && text.includes('no such endpoint')) || answer.status === 405;
  return missing && `no endpoint yet: POST ${path}`;
}

// Where the simulator is a provider of this format. Formats that share an endpoint's path are told apart by what stands before it.
export const providerUrl = (sim, format) => sim.url + ({ mistral: '/mistral/v1' }[format] ?? '/v1');

// A simulator and a gateway with a provider of each format: models are FORMAT/sim-…; FORMAT-refused is the same provider with
// a key that it does not take. `missing` tells for each of these paths whether clients can send there. All that must be
// waited for is done here, so that a file defines its tests at once.
export async function startMatrix(paths) {
  const formats = await providerFormats();
  const sim = await startSim();
  const providers = {};
  for (const format of formats) {
    const provider = { type: 'custom', formats: [format], base_url: providerUrl(sim, format) };
    providers[format] = { ...provider, api_key: 'provider-key' };
    providers[`${format}-refused`] = { ...provider, api_key: 'invalid-key' };
  }
  const gateway = await startServe({ server: { keys: [clientKey] }, providers });
  const missing = {};
  for (const path of paths) missing[path] = await missingEndpoint(gateway.url, path);
  after(async () => {
    await gateway.stop();
    await sim.stop();
  });
  return { url: gateway.url, formats, missing };
}

// Some formats wrap a tool's result into an object; what the simulator quotes is then that object.
const unwrapped = (text) => text.replace(/answered: \{.*?"(?:output|result|content)":"([^"]*)"\}/g, 'answered: $1');

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' }, tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } } },
  required: ['name', 'age', 'tags'],
  additionalProperties: false,
};

function conversationTests(open, stream, signed, unforced) {
  test('text and usage', async () => {
    const text = 'Grüße – 你好, "quoted" \\ and\nlines 🎉';
    const answer = await open('echo', { system: 'You repeat.' }).say(text);
    assert.equal(answer.text, text);
    assert.equal(answer.stop, 'end');
    assert.ok(answer.usage.input > 5 && answer.usage.output > 5, JSON.stringify(answer.usage));
  });

  test('a tool loop of three turns', async () => {
    const chat = open('sim-tools-3', { tools: [clock, weather] });
    let answer = await chat.say('use get_weather three times, please');
    const ids = new Set();
    for (let turn = 0; turn < 3; ++turn) {
      assert.equal(answer.stop, 'tools');
      assert.deepEqual(answer.calls.map((c) => c.name), ['get_weather']);
      const [call] = answer.calls;
      assert.equal(call.args.city, ['Paris', 'Oslo', 'Lima'][turn]);
      assert.ok(Number.isInteger(call.args.days), JSON.stringify(call.args));
      assert.ok(answer.usage.input > 0 && answer.usage.output > 0, JSON.stringify(answer.usage));
      ids.add(call.id);
      answer = await chat.results([{ ...call, text: `${20 + turn} degrees` }]);
    }
    assert.equal(ids.has(undefined) ? 3 : ids.size, 3, 'every call has an id of its own');
    assert.equal(answer.stop, 'end');
    assert.equal(unwrapped(answer.text), 'get_weather answered: 20 degrees\nget_weather answered: 21 degrees\nget_weather answered: 22 degrees');
    // The conversation goes on after the loop.
    assert.match((await chat.say('once more: get_weather')).calls[0].args.city, /./);
  });

  test('two calls in one turn, twice', async () => {
    const chat = open('sim-tools-parallel-2', { tools: [clock, weather] });
    let answer = await chat.say('both');
    for (let turn = 0; turn < 2; ++turn) {
      assert.deepEqual(answer.calls.map((c) => c.name), ['get_time', 'get_weather']);
      answer = await chat.results(answer.calls.map((c) => ({ ...c, text: `${c.name} ${turn}` })));
    }
    assert.equal(unwrapped(answer.text), [0, 1].flatMap((turn) => ['get_time', 'get_weather'].map((name) => `${name} answered: ${name} ${turn}`)).join('\n'));
  });

  test('tool arguments arrive as the provider sent them', async () => {
    const args = { city: 'São Paulo "centro" \\ 北京 🎈', list: [1, 2.5, null, true], deep: { a: {} } };
    const answer = await open('sim-tools', { tools: [weather] }).say(`get_weather(${JSON.stringify(args)})`);
    assert.deepEqual(answer.calls[0].args, args);
  });

  if (signed)
    test('signed reasoning comes back intact, turn by turn', async () => {
      const chat = open('sim-tools-2+thinking', { tools: [weather], thinking: true });
      let answer = await chat.say('use get_weather');
      for (let turn = 0; turn < 2; ++turn) answer = await chat.results(answer.calls.map((c) => ({ ...c, text: 'sunny' })));
      assert.match(answer.text, /answered: .*sunny[\s\S]*Replayed thinking: 2 intact, 0 changed, 0 unsigned, 0 redacted\./);
    });

  test('a structured answer', { skip: unforced }, async () => {
    const answer = await open('sim-json', { schema }).say('a person');
    assert.deepEqual(JSON.parse(answer.text), { name: 'Paris', age: 1, tags: ['a'] });
  });

  if (stream) return;
  test('an image', async () => {
    const answer = await open('sim-image').say([{ text: 'what is this?' }, { image: { media: 'image/png', data: png } }]);
    assert.equal(answer.text, `image 1: image/png, ${png.length} bytes, sha256 ${sha(png)}`);
  });
}

function errorTests(Client, url, format) {
  const fails = async (model, options) => {
    const client = new Client(url, `${format}${model}`, options);
    return client.failure(await client.say('hi').then((a) => assert.fail(`answered: ${JSON.stringify(a)}`), (e) => e));
  };

  test('a wrong client key is a 401', async () => {
    const error = await fails('/echo', { key: 'someone-else' });
    assert.equal(error.status, 401, error.message);
  });

  test('a provider that refuses the gateway’s key', async () => {
    const error = await fails('-refused/echo');
    // It is the gateway's own trouble, not the client's key: either status is an honest answer.
    assert.ok([401, 500, 502].includes(error.status), `status ${error.status}`);
    assert.match(error.message, /starts with 'invalid'/);
  });

  test('a rate limit says when to come back', async () => {
    const error = await fails('/sim-429-7');
    assert.equal(error.status, 429, error.message);
    assert.match(error.message, /simulator was asked/);
    if (error.retryAfter !== undefined) assert.equal(error.retryAfter, '7');
  });

  for (const status of [400, 503])
    test(`the provider answers ${status}`, async () => {
      const error = await fails(`/sim-error-${status}`);
      assert.equal(error.status, status, error.message);
      assert.match(error.message, /simulator was asked/);
    });

  if (Client.retries)
    test('a rate limit is waited for as long as the provider says', async () => {
      const time = elapsed();
      const answer = await new Client(url, `${format}/echo+fail-1+429-1`, { retries: 2 }).say(`retry ${Client.title} ${format}`);
      assert.match(answer.text, /^retry/);
      assert.ok(time() >= 950, `came back after ${time()} ms`);
    });
}

// A suite of tests that run at the same time: of one client's way of asking, with one provider format.
export const cell = (matrix, title, endpoint, format, define) =>
  describe(`${title} → ${format}`, { skip: matrix.missing[endpoint], concurrency: true, timeout: 60_000 }, define);

// Whether reasoning that a provider of this format has signed must come back to it: `replays` of a client says that it sends
// back what it was given ('whole': only of answers that were not streamed).
const signers = ['anthropic', 'openai_responses', 'gemini'];
const signed = (Client, format, stream) => signers.includes(format) && (Client.replays === true || (Client.replays === 'whole' && !stream));

// A client whose streams are not those of the endpoint it asks: they come with the format of this name.
const notStreamed = (Client, formats) => Client.streamFormat && !formats.includes(Client.streamFormat) && `the format ${Client.streamFormat} is not there yet`;

// Defines the tests of these clients; with `there` false, the SDK is not installed.
export async function clientTests(there, clients, paths = []) {
  if (!there) return test('the SDK', { skip: 'not installed: npm ci in tests/e2e' }) && null;
  const matrix = await startMatrix([...clients.map((c) => c.endpoint), ...paths]);
  const { url, formats } = matrix;
  test('the program lists its formats', () => assert.ok(formats.includes('openai_chat') && formats.includes('anthropic'), String(formats)));
  // Cells run side by side: some of their tests do nothing but wait for a retry's time.
  describe('clients', { concurrency: 6 }, () => {
    for (const Client of clients)
      for (const format of formats)
        cell(matrix, Client.title, Client.endpoint, format, () => {
          for (const stream of [false, true])
            describe(stream ? 'streamed' : 'whole', { concurrency: true, skip: stream && notStreamed(Client, formats) }, () => {
              conversationTests((model, options) => new Client(url, `${format}/${model}`, { stream, ...options }), stream, signed(Client, format, stream), Client.forcesTool && format === 'ollama' && 'Ollama’s API cannot be told which tool to call, and this client asks for an answer’s form by a tool');
            });
          describe('errors', { concurrency: true }, () => errorTests(Client, url, format));
        });
  });
  return matrix;
}

// What fetch-like SDK errors have in common.
export const headerOf = (headers, name) => (headers?.get ? headers.get(name) : headers?.[name]) ?? undefined;
