// OpenAI's Responses API, with its SDK: straight to the simulator, through the gateway to its own format and to others. What
// every client must do with every format is in clients/; here is what only this format has.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { anthropic, chat, events, message, openai, pdf, png, post, rawConnection, sha, startServe, startUpstream } from './harness.mjs';
import { ask, clock, failure, patch, patcher, startResponses, textOf, user, weather } from './responses.mjs';

let here, sim, gateway;
before(async () => {
  here = await startResponses();
  ({ sim, gateway } = here);
});
after(() => here.stop());

const places = { 'the simulator': () => [sim.url, ''], openai_responses: () => [gateway.url, 'resp/'], openai_chat: () => [gateway.url, 'oai/'], anthropic: () => [gateway.url, 'ant/'] };
for (const [place, at] of Object.entries(places))
  for (const stream of [false, true])
    describe(`openai SDK, responses → ${place}${stream ? ', streamed' : ''}`, { concurrency: true }, () => {
      const say = (model, input, more = {}) => {
        const [url, prefix] = at();
        return ask(url, stream, { model: prefix + model, input, ...more });
      };

      test('text, with every member that the API describes', async () => {
        const answer = await say('echo', 'Grüße 🎉', { instructions: 'You repeat.', metadata: { a: 'b' }, temperature: 0.5, tools: [weather], parallel_tool_calls: false, max_output_tokens: 400, reasoning: { effort: 'low' } });
        assert.equal(textOf(answer), 'Grüße 🎉');
        const members = 'id object created_at status error incomplete_details instructions max_output_tokens model output parallel_tool_calls previous_response_id reasoning store temperature text tool_choice tools top_p truncation usage user metadata completed_at frequency_penalty presence_penalty';
        for (const name of members.split(' ')) assert.ok(name in answer, name);
        assert.match(answer.id, /^resp_/);
        assert.equal(answer.object, 'response');
        assert.equal(answer.status, 'completed');
        assert.equal(answer.instructions, 'You repeat.');
        assert.deepEqual(answer.metadata, { a: 'b' });
        assert.equal(answer.max_output_tokens, 400);
        assert.equal(answer.parallel_tool_calls, false);
        assert.equal(answer.tools[0].name, 'get_weather');
        assert.equal(answer.usage.total_tokens, answer.usage.input_tokens + answer.usage.output_tokens);
        assert.ok('cached_tokens' in answer.usage.input_tokens_details && 'reasoning_tokens' in answer.usage.output_tokens_details);
        const [item] = answer.output;
        assert.match(item.id, /^msg_/);
        assert.deepEqual([item.role, item.status, item.content[0].annotations], ['assistant', 'completed', []]);
      });

      test('a tool loop of three turns, with reasoning that comes back as it went', async () => {
        const input = [{ type: 'message', role: 'developer', content: 'Be short.' }, user('get_weather, three times')];
        const settings = { tools: [weather, clock], store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'high', summary: 'auto' } };
        for (let turn = 0; turn < 3; ++turn) {
          const answer = await say('sim-tools-3+thinking', input, settings);
          const [reasoning, call] = answer.output;
          assert.deepEqual(answer.output.map((i) => i.type), ['reasoning', 'function_call'], JSON.stringify(answer.output));
          assert.match(reasoning.id, /^rs_/);
          assert.ok(reasoning.summary[0].text.length > 10);
          assert.match(call.id, /^fc_/);
          assert.equal(JSON.parse(call.arguments).city, ['Paris', 'Oslo', 'Lima'][turn]);
          input.push(...answer.output, { type: 'function_call_output', call_id: call.call_id, output: turn === 1 ? [{ type: 'input_text', text: '1 degrees' }] : `${turn} degrees` });
        }
        const last = textOf(await say('sim-tools-3+thinking', input, settings));
        for (const turn of [0, 1, 2]) assert.ok(last.includes(`get_weather answered: ${turn} degrees`), last);
        // Chat Completions has no signatures to check.
        if (place !== 'openai_chat') assert.match(last, /Replayed thinking: 3 intact/);
      });

      test('parallel calls, unless they are forbidden', async () => {
        const answer = await say('sim-tools-parallel', 'both', { tools: [weather, clock] });
        const calls = answer.output.filter((i) => i.type === 'function_call');
        assert.equal(calls.length, 2);
        assert.notEqual(calls[0].call_id, calls[1].call_id);
        assert.notEqual(calls[0].id, calls[1].id);
        const one = await say('sim-tools-parallel', 'both', { tools: [weather, clock], parallel_tool_calls: false });
        assert.equal(one.output.filter((i) => i.type === 'function_call').length, 1);
      });

      test('one of two tools is allowed', async () => {
        const tool_choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_time' }] };
        const answer = await say('sim-tools', 'go', { tools: [weather, clock], tool_choice });
        assert.equal(answer.output.find((i) => i.type === 'function_call').name, 'get_time');
        assert.deepEqual(answer.tool_choice, tool_choice);
      });

      test('an image and a document', async () => {
        const content = [
          { type: 'input_text', text: 'what?' },
          { type: 'input_image', detail: 'low', image_url: `data:image/png;base64,${png.toString('base64')}` },
          { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf.toString('base64')}` },
        ];
        const text = textOf(await say('sim-image', [user(content)]));
        assert.ok(text.includes(sha(png)), text);
        assert.ok(text.includes(sha(pdf)), text);
      });

      test('structured output', async () => {
        const schema = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'], additionalProperties: false };
        const format = { type: 'json_schema', name: 'person', strict: true, schema };
        const answer = await say('sim-json', 'a person', { text: { format, verbosity: 'low' } });
        const person = JSON.parse(textOf(answer));
        assert.deepEqual([typeof person.name, typeof person.age], ['string', 'number']);
        assert.equal(answer.text.format.name, 'person');
        const [url, prefix] = at();
        const parsed = await openai(url).responses.parse({ model: `${prefix}sim-json`, input: 'a person', text: { format } });
        assert.equal(typeof parsed.output_parsed.age, 'number');
      });

      test('a refusal, and an answer that is cut for its length', async () => {
        const refused = await say('sim-refusal', 'x');
        if (place === 'anthropic') {
          // Anthropic has no refusal of its own shape: there it is text with a stop reason.
          assert.deepEqual([refused.status, refused.incomplete_details], ['incomplete', { reason: 'content_filter' }]);
          assert.equal(refused.output[0].content[0].type, 'output_text');
        } else {
          assert.equal(refused.output[0].content[0].type, 'refusal', JSON.stringify(refused.output));
        }
        assert.equal(textOf(refused), "I can't help with that.");
        const cut = await say('sim-text+max-tokens', 'x');
        assert.equal(cut.status, 'incomplete');
        assert.deepEqual(cut.incomplete_details, { reason: 'max_output_tokens' });
        assert.ok(textOf(cut).length > 0);
      });

      test('a free-text tool, there and back', async () => {
        // Where the provider's format has none, the model calls a function of one string.
        const model = place === 'openai_chat' || place === 'anthropic' ? 'emulated' : 'patcher';
        const input = [user('patch it')];
        const answer = await say(model, input, { tools: [patcher, weather] });
        const [call] = answer.output;
        assert.equal(call.type, 'custom_tool_call');
        assert.match(call.id, /^ctc_/);
        assert.equal(call.input, patch);
        input.push(...answer.output, { type: 'custom_tool_call_output', call_id: call.call_id, output: 'patched é' });
        assert.match(textOf(await say('sim-tools', input, { tools: [patcher, weather] })), /apply_patch answered: patched é/);
      });

      test('errors', async () => {
        const bad = await failure(say('sim-error-400', 'x'));
        assert.equal(bad.status, 400);
        assert.match(bad.message, /simulator was asked/);
        const limited = await failure(say('sim-429-3', 'x'));
        assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '3']);
        const unknown = await failure(say('echo', [{ type: 'message', role: 'user', content: [{ type: 'input_text' }] }]));
        assert.equal(unknown.status, 400);
        if (place !== 'openai_responses') assert.match(unknown.message, /input\[0\]\.content\[0\]\.text/);
        if (!stream) return;
        const [url, prefix] = at();
        const midway = await failure(openai(url).responses.stream({ model: `${prefix}sim-text+error-midstream`, input: 'x' }).finalResponse());
        assert.match(midway.message, /simulator|overloaded|error/i);
        const cutOff = await failure(openai(url).responses.stream({ model: `${prefix}sim-text+cut`, input: 'x' }).finalResponse());
        assert.ok(cutOff instanceof Error);
      });
    });

describe('through the helper for streams', () => {
  for (const format of ['resp', 'oai', 'ant'])
    test(format, async () => {
      const stream = openai(gateway.url).responses.stream({ model: `${format}/sim-tools+thinking`, input: 'go', tools: [weather] });
      let deltas = '', thoughts = '';
      stream.on('response.function_call_arguments.delta', (e) => (deltas += e.delta));
      stream.on('response.reasoning_summary_text.delta', (e) => (thoughts += e.delta));
      const answer = await stream.finalResponse();
      const call = answer.output.find((i) => i.type === 'function_call');
      assert.equal(deltas, call.arguments);
      assert.deepEqual(JSON.parse(deltas), { city: 'Paris' });
      assert.equal(thoughts, answer.output.find((i) => i.type === 'reasoning').summary.map((s) => s.text).join(''));
    });
});

describe('the provider speaks this format', () => {
  test('bytes go as they come, and usage is booked', async () => {
    let sent;
    const answerText = '{ "id":"resp_1","object":"response", "status":"completed","model":"m","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"ok","annotations":[]}]}],"usage":{"input_tokens":11,"output_tokens":4,"total_tokens":15,"x":1.50}, "n":1e2 }';
    const streamText = `event: response.created\ndata: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress"}}\n\nevent: response.output_text.delta\ndata: {"type":"response.output_text.delta",  "delta":"ok"}\n\nevent: response.completed\ndata: {"type":"response.completed","response":${answerText}}\n\n`;
    const upstream = await startUpstream((request, response) => {
      sent = request.body.toString();
      const stream = JSON.parse(sent).stream === true;
      response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
      response.end(stream ? streamText : answerText);
    });
    const serve = await startServe({ providers: { up: { type: 'custom', formats: ['openai_responses'], base_url: `${upstream.url}/v1`, api_key: 'k' } } });
    for (const stream of [false, true]) {
      const body = `{"model": "up/m",\n "unknown": {"a":1.0}, "stream": ${stream}, "input":"x \\u00e9"}`;
      const answer = await post(serve.url, '/v1/responses', body);
      assert.equal(sent, body.replace('up/m', 'm'));
      assert.equal(answer.text, stream ? streamText : answerText);
    }
    const metrics = await (await fetch(`${serve.url}/metrics`)).text();
    const total = (kind) => [...metrics.matchAll(new RegExp(`tokens[^\\n]*${kind}[^\\n]* (\\d+)$`, 'gm'))].reduce((n, m) => n + Number(m[1]), 0);
    assert.deepEqual([total('"input"'), total('"output"')], [22, 8], metrics.split('\n').filter((l) => l.includes('tokens')).join('\n'));
    await serve.stop();
    await upstream.stop();
  });

  test('what an openai provider gets from a client of another format', async () => {
    const upstream = await startUpstream((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"AAAA"},{"type":"function_call","id":"fc_1","call_id":"call_1","name":"get_weather","arguments":"{\\"city\\":\\"Paris\\"}","status":"completed"}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}');
    });
    const serve = await startServe({ providers: { up: { type: 'openai', formats: ['openai_responses', 'openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'k' } } });
    const tools = [{ name: 'get_weather', description: 'd', input_schema: weather.parameters }];
    const first = await anthropic(serve.url).messages.create(message('up/gpt-9', 'x', { tools, thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 5000 }));
    const [one] = upstream.requests;
    const sent = JSON.parse(one.body);
    assert.equal(one.url, '/v1/responses');
    assert.deepEqual([sent.model, sent.store, sent.include, sent.max_output_tokens], ['gpt-9', false, ['reasoning.encrypted_content'], 5000]);
    assert.ok(sent.reasoning.effort);
    assert.deepEqual(first.content.map((b) => b.type), ['thinking', 'tool_use']);
    const messages = [{ role: 'user', content: 'x' }, { role: 'assistant', content: first.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: first.content[1].id, content: 'sun' }] }];
    await anthropic(serve.url).messages.create({ model: 'up/gpt-9', max_tokens: 5000, tools, messages });
    const again = JSON.parse(upstream.requests[1].body).input;
    const reasoning = again.find((i) => i.type === 'reasoning');
    assert.equal(reasoning.encrypted_content, 'AAAA');
    assert.deepEqual(again.slice(-2).map((i) => [i.type, i.call_id]), [['function_call', 'call_1'], ['function_call_output', 'call_1']]);
    // A client of the provider's other format is still relayed.
    await post(serve.url, '/v1/chat/completions', chat('up/gpt-9', 'x'));
    assert.equal(upstream.requests[2].url, '/v1/chat/completions');
    await serve.stop();
    await upstream.stop();
  });
});

describe('the endpoint', () => {
  test('a WebSocket is declined at once, and the connection lives', async () => {
    const connection = await rawConnection(gateway.url);
    const handshake = 'Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    connection.send(`GET /v1/responses HTTP/1.1\r\n${handshake}\r\n`);
    const declined = await connection.until(/\r\n\r\n\{.*\}/s);
    assert.match(declined, /^HTTP\/1\.1 426 /);
    const { error } = JSON.parse(declined.slice(declined.indexOf('\r\n\r\n') + 4));
    assert.equal(error.type, 'invalid_request_error');
    assert.match(error.message, /POST/);
    const body = JSON.stringify({ model: 'ant/echo', input: 'still here' });
    connection.text = '';
    connection.send(`POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const answered = await connection.until(/"still here"/);
    assert.match(answered, /^HTTP\/1\.1 200 /);
    connection.close();
  });

  test('GET without a handshake', async () => {
    const answer = await fetch(`${gateway.url}/v1/responses`);
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get('allow'), 'POST');
    assert.equal((await answer.json()).error.type, 'invalid_request_error');
  });

  for (const base of ['', '/v1', '/api/v1'])
    test(`below ${base || 'the root'}`, async () => {
      const answer = await openai(gateway.url, { baseURL: gateway.url + base }).responses.create({ model: 'ant/echo', input: 'x' });
      assert.equal(answer.output_text, 'x');
    });

  test('the provider’s key is refused', async () => {
    const relayed = await failure(openai(gateway.url).responses.create({ model: 'refused/echo', input: 'x' }));
    const translated = await failure(anthropic(gateway.url).messages.create(message('refused/echo', 'x')));
    for (const error of [relayed, translated]) assert.match(error.message, /starts with 'invalid'/);
  });

  test('a body that is not what the API describes', async () => {
    for (const [body, path] of [
      [{ model: 'ant/echo' }, 'input'],
      [{ model: 'ant/echo', input: [{ role: 'nobody', content: 'x' }] }, 'input[0].role'],
      [{ model: 'ant/echo', input: [{ type: 'function_call_output', output: 'x' }] }, 'input[0].call_id'],
      [{ model: 'ant/echo', input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name'],
      [{ model: 'ant/echo', input: 'x', text: { format: { type: 'json_schema', name: 'a' } } }, 'text.format.schema'],
    ]) {
      const answer = await post(gateway.url, '/v1/responses', body);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.error.param, path, answer.text);
    }
  });

  test('a stream’s events as they stand on the wire', async () => {
    const { text } = await post(gateway.url, '/v1/responses', { model: 'ant/echo', input: 'x', stream: true });
    const all = events(text).filter((e) => !e.comment); // Anthropic's ping is a comment here
    assert.ok(all.length > 5);
    for (const e of all) assert.equal(e.event, JSON.parse(e.data).type);
    assert.doesNotMatch(text, /\[DONE\]/);
  });
});
