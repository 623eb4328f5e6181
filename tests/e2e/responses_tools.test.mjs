// Tools and state of the Responses API that providers of other formats do not have.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openai, post } from './harness.mjs';
import { ask, clock, failure, patch, startResponses, summary, textOf, user, weather } from './responses.mjs';

let here, gateway;
before(async () => {
  here = await startResponses();
  ({ gateway } = here);
});
after(() => here.stop());

describe('tools that other formats do not have', () => {
  for (const stream of [false, true])
    for (const provider of ['oai', 'ant', 'gem', 'oll', 'mis', 'coh']) {
      const name = `${provider}${stream ? ', streamed' : ''}`;
      const say = (model, body) => ask(gateway.url, stream, { model: `${provider}/${model}`, input: 'go', ...body });

      test(`${name}: tools in a namespace`, async () => {
        const read = { type: 'function', name: 'read', description: 'd', strict: false, parameters: { type: 'object', properties: { path: { type: 'string' } } } };
        const tools = [{ type: 'namespace', name: 'files', description: 'Files.', tools: [read, { ...read, name: 'write' }] }, weather];
        const answer = await say('spaced', { tools });
        const [call] = answer.output;
        assert.deepEqual([call.type, call.namespace, call.name], ['function_call', 'files', 'read']);
        const input = [user('go'), ...answer.output, { type: 'function_call_output', call_id: call.call_id, output: 'text' }];
        assert.match(textOf(await say('sim-tools', { tools, input })), /files__read answered: text/);
      });

      test(`${name}: tool_search, and the tools it finds`, async () => {
        const tools = [{ type: 'tool_search', execution: 'client', description: 'Finds tools.', parameters: { type: 'object', properties: { query: { type: 'string' }, limit: { type: 'number' } } } }];
        const answer = await say('searcher', { tools });
        const [call] = answer.output;
        assert.deepEqual([call.type, call.execution, call.arguments], ['tool_search_call', 'client', { query: 'calendars', limit: 3 }]);
        const found = { type: 'tool_search_output', call_id: call.call_id, status: 'completed', execution: 'client', tools: [clock] };
        const next = await say('sim-tools-2', { tools, input: [user('go'), ...answer.output, found, user('now get_time')] });
        assert.equal(next.output.find((i) => i.type === 'function_call')?.name, 'get_time', JSON.stringify(next.output));
      });

      test(`${name}: compaction`, async () => {
        const history = [user('I like teal.'), { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Noted.', annotations: [] }] }];
        const answer = await say('summarizer', { input: [...history, { type: 'compaction_trigger' }] });
        assert.deepEqual(answer.output.map((i) => i.type), ['compaction'], JSON.stringify(answer.output));
        const [item] = answer.output;
        const next = textOf(await say('echo', { input: [item] }));
        assert.ok(next.includes(summary), next);
        const other = await failure(say('echo', { input: [{ type: 'compaction', encrypted_content: 'gAAAAfromelsewhere' }, user('x')] }));
        assert.equal(other.status, 400);
        assert.match(other.message, /compaction/);
      });
    }

  test('a free-text tool of a chat client over a provider without them', async () => {
    const tools = [{ type: 'custom', custom: { name: 'apply_patch', description: 'Edits.', format: { type: 'text' } } }];
    const body = { model: 'ant/emulated', messages: [user('patch')], tools };
    const whole = (await openai(gateway.url).chat.completions.create(body)).choices[0].message;
    assert.deepEqual([whole.tool_calls[0].type, whole.tool_calls[0].custom], ['custom', { name: 'apply_patch', input: patch }]);
    let input = '', type;
    for await (const chunk of await openai(gateway.url).chat.completions.create({ ...body, stream: true })) {
      const [call] = chunk.choices[0]?.delta.tool_calls ?? [];
      type ??= call?.type;
      input += call?.custom?.input ?? '';
    }
    assert.deepEqual([type, input], ['custom', patch]);
    const next = { ...body, model: 'ant/sim-tools', messages: [user('patch'), whole, { role: 'tool', tool_call_id: whole.tool_calls[0].id, content: 'done' }] };
    assert.match((await openai(gateway.url).chat.completions.create(next)).choices[0].message.content, /apply_patch answered: done/);
  });

  test('built-in tools are left out, and the answer says so', async () => {
    const answer = await post(gateway.url, '/v1/responses', { model: 'oai/echo', input: 'x', tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }, weather] });
    assert.equal(answer.status, 200);
    assert.ok(answer.headers.get('x-patchbay-dropped'), 'a header names what was left out');
  });
});

describe('what a provider of another format cannot know', () => {
  test('an answer that is kept: gone on from, listed, deleted', async () => {
    const client = openai(gateway.url);
    const first = await client.responses.create({ model: 'ant/echo', input: 'one', instructions: 'x' });
    const second = await client.responses.create({ model: 'ant/sim-tools', input: 'get_weather', tools: [weather], previous_response_id: first.id });
    const [call] = second.output;
    const third = await client.responses.create({ model: 'ant/sim-tools', tools: [weather], previous_response_id: second.id, input: [{ type: 'function_call_output', call_id: call.call_id, output: 'sun' }] });
    assert.match(third.output_text, /get_weather answered: sun/);
    assert.equal(third.previous_response_id, second.id);
    const { _request_id, ...kept } = await client.responses.retrieve(second.id);
    assert.deepEqual(kept.output, second.output);
    assert.deepEqual((await client.responses.inputItems.list(first.id)).data.map((i) => i.content[0].text), ['one']);
    await client.responses.delete(second.id);
    assert.equal((await failure(client.responses.retrieve(second.id))).status, 404);
  });

  for (const [name, extra, status, code, param] of [
    ['an answer nobody has', { previous_response_id: 'resp_nobody' }, 400, 'previous_response_not_found', 'previous_response_id'],
    ['a conversation', { conversation: 'conv_1' }, 400, 'unsupported_parameter', 'conversation'],
    ['a prompt template', { prompt: { id: 'pmpt_1' } }, 400, 'unsupported_parameter', 'prompt'],
    ['the background', { background: true }, 400, 'unsupported_parameter', 'background'],
    ['an item by its id', { input: [{ type: 'item_reference', id: 'msg_1' }, user('x')] }, 404, null, 'input'],
  ])
    test(name, async () => {
      const error = await failure(openai(gateway.url).responses.create({ model: 'ant/echo', input: 'x', ...extra }));
      assert.deepEqual([error.status, error.code, error.param], [status, code, param]);
      assert.equal(error.type, 'invalid_request_error');
    });
});
