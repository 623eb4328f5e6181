// Answers that are kept for clients of the Responses API: going on from them, asking for them again, forgetting them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import OpenAI from 'openai';
import * as h from './harness.mjs';

let sim, stateful, gateway;
const seen = [];

before(async () => {
  sim = await h.startSim();
  // A provider that keeps conversations itself: all that is asked here is what it was sent.
  stateful = await h.startUpstream((request, response) => {
    seen.push(JSON.parse(request.body));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: 'resp_theirs', object: 'response', created_at: 1, status: 'completed', model: 'm', output: [], usage: null }));
  });
  gateway = await h.startServe({
    server: { keys: ['key-of-ann-0123456789', 'key-of-bob-0123456789'] },
    providers: {
      chat: { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'k' },
      ant: { type: 'anthropic', base_url: sim.url, api_key: 'k' },
      own: { type: 'custom', formats: ['openai_responses'], base_url: `${sim.url}/v1`, api_key: 'k' },
      keeps: { type: 'custom', formats: ['openai_responses'], base_url: `${stateful.url}/v1`, api_key: 'k', quirks: { threads: true } },
    },
  });
});
after(async () => {
  await gateway?.stop();
  await stateful?.stop();
  await sim?.stop();
});

const client = (who = 'ann') => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: `key-of-${who}-0123456789`, maxRetries: 0 });

// Writing happens a moment after the answer: asked again until it is there.
async function kept(id, who = 'ann') {
  for (let i = 0; ; ++i) {
    try {
      return await client(who).responses.retrieve(id);
    } catch (error) {
      if (error.status !== 404 || i > 200) throw error;
      await new Promise((done) => setTimeout(done, 10));
    }
  }
}

const tools = [{ type: 'function', name: 'get_weather', strict: false, parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }];

describe('answers that are kept', () => {
  for (const provider of ['chat', 'ant', 'own'])
    for (const stream of [false, true])
      test(`a tool loop that sends only what is new: ${provider}${stream ? ', streamed' : ''}`, async () => {
        const create = async (body) => {
          const all = { model: `${provider}/sim-tools-3`, tools, ...body };
          if (!stream) return client().responses.create(all);
          let last;
          for await (const event of await client().responses.create({ ...all, stream: true })) if (event.type === 'response.completed') last = event.response;
          return last;
        };
        let answer = await create({ input: 'call get_weather, three times' });
        for (let turn = 0; turn < 3; ++turn) {
          const call = answer.output.find((item) => item.type === 'function_call');
          assert.ok(call, JSON.stringify(answer.output));
          await kept(answer.id);
          answer = await create({ previous_response_id: answer.id, input: [{ type: 'function_call_output', call_id: call.call_id, output: `${20 + turn} degrees` }] });
        }
        const text = answer.output.filter((item) => item.type === 'message').flatMap((m) => m.content).map((c) => c.text).join('');
        for (const degrees of ['20 degrees', '21 degrees', '22 degrees']) assert.ok(text.includes(degrees), text);
      });

  test('asked for again, with what was asked, and forgotten', async () => {
    const answer = await client().responses.create({ model: 'chat/echo', input: [{ role: 'user', content: 'one' }, { role: 'assistant', content: 'two' }, { role: 'user', content: 'three' }] });
    const again = await kept(answer.id);
    assert.equal(again.id, answer.id);
    assert.deepEqual(again.output, answer.output);
    const items = [];
    for await (const item of client().responses.inputItems.list(answer.id, { order: 'asc', limit: 2 })) items.push(item);
    assert.deepEqual(items.map((i) => [i.type, i.role, i.content[0].type, i.content[0].text]), [
      ['message', 'user', 'input_text', 'one'],
      ['message', 'assistant', 'output_text', 'two'],
      ['message', 'user', 'input_text', 'three'],
    ]);
    assert.equal(new Set(items.map((i) => i.id)).size, 3);
    await assert.rejects(client('bob').responses.retrieve(answer.id), (e) => e.status === 404);
    await assert.rejects(client('bob').responses.delete(answer.id), (e) => e.status === 404);
    await client().responses.delete(answer.id);
    await assert.rejects(client().responses.retrieve(answer.id), (e) => e.status === 404);
    await assert.rejects(client().responses.create({ model: 'chat/echo', previous_response_id: answer.id, input: 'x' }), (e) => e.status === 400 && e.code === 'previous_response_not_found');
  });

  test('store: false keeps nothing; what is not known is refused in a way that clients recover from', async () => {
    const answer = await client().responses.create({ model: 'chat/echo', input: 'hello', store: false });
    const later = await client().responses.create({ model: 'chat/echo', input: 'hello' });
    await kept(later.id);  // written after the other one would have been
    await assert.rejects(client().responses.retrieve(answer.id), (e) => e.status === 404);
    await assert.rejects(client().responses.create({ model: 'ant/echo', previous_response_id: 'resp_unknown', input: 'x' }), (e) => e.status === 400 && e.code === 'previous_response_not_found' && e.param === 'previous_response_id');
  });

  test('a provider that keeps conversations itself gets the reference untouched', async () => {
    await client().responses.create({ model: 'keeps/m', previous_response_id: 'resp_theirs_0', input: 'x' });
    assert.deepEqual(seen.at(-1), { model: 'm', previous_response_id: 'resp_theirs_0', input: 'x' });
  });

  test('they survive a restart', async () => {
    const config = { providers: { chat: { type: 'custom', formats: ['openai_chat'], base_url: `${sim.url}/v1`, api_key: 'k' } } };
    const first = await h.startServe(config);
    const answer = await new OpenAI({ baseURL: `${first.url}/v1`, apiKey: 'k' }).responses.create({ model: 'chat/echo', input: 'hello' });
    await first.stop();
    const second = await h.startServe({ ...config, server: { ...config.server } });
    const again = await new OpenAI({ baseURL: `${second.url}/v1`, apiKey: 'k', maxRetries: 0 }).responses.retrieve(answer.id);
    assert.equal(again.id, answer.id);
    await second.stop();
  });
});
