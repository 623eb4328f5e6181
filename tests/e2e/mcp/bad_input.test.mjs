// What clients get wrong, and what the specification says of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { binary, eventually, rawConnection, slow } from '../harness.mjs';
import { Piped, ask, everything, many, meta, modern, rpc, session, startEverything } from './everything.mjs';

let server;
before(async () => (server = await startEverything()));
after(() => server.stop());

describe('sessions over HTTP', () => {
  test('what is no message', async () => {
    const parse = await rpc(server.url, '{');
    assert.equal(parse.status, 400);
    assert.equal(parse.json.error.code, -32700);
    assert.ok(!('id' in parse.json));
    for (const [text, code] of [['1', -32600], ['{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600], ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600], ['{"jsonrpc":"2.0","id":1}', -32600], ['{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32600]]) {
      const refused = await rpc(server.url, text);
      assert.equal(refused.status, 400, text);
      assert.equal(refused.json.error.code, code, text);
    }
  });

  test('headers that every POST needs', async () => {
    const initialize = { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } } };
    assert.equal((await rpc(server.url, initialize, { accept: 'application/json' })).status, 406);
    assert.equal((await rpc(server.url, initialize, { 'content-type': 'text/plain' })).status, 415);
    assert.equal((await rpc(server.url, initialize, { accept: '*/*' })).status, 200);
  });

  test('before initialize, without a session, with another one', async () => {
    const early = await rpc(server.url, { id: 1, method: 'tools/list' });
    assert.equal(early.status, 400);
    assert.equal(early.json.id, 1);
    const unknown = await rpc(server.url, { id: 1, method: 'tools/list' }, { 'mcp-session-id': 'nobody' });
    assert.equal(unknown.status, 404);
    assert.equal(unknown.json.error.code, -32001);
    assert.equal((await fetch(server.url)).status, 405);
    assert.equal((await fetch(server.url, { headers: { 'mcp-session-id': 'nobody' } })).status, 404);
    assert.equal((await fetch(server.url, { method: 'DELETE', headers: { 'mcp-session-id': 'nobody' } })).status, 404);
  });

  test('an initialize that is not one opens no session', async () => {
    const refused = await rpc(server.url, { id: 1, method: 'initialize', params: { capabilities: {} } });
    assert.equal(refused.json.error.code, -32602);
    assert.equal(refused.headers.get('mcp-session-id'), null);
  });

  test('a second initialize, an unknown method, an unknown version', async () => {
    const s = await session(server.url);
    assert.equal((await s.call('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } })).json.error.code, -32600);
    const unknown = await s.call('no/such');
    assert.equal(unknown.status, 200);
    assert.equal(unknown.json.error.code, -32601);
    assert.equal((await s.call('server/discover')).json.error.code, -32601);
    const version = await rpc(server.url, { id: 9, method: 'ping' }, { ...s.headers, 'mcp-protocol-version': '1999-01-01' });
    assert.equal(version.status, 400);
    assert.equal((await s.call('ping')).status, 200);
  });

  test('a session ends when its client says so', async () => {
    const s = await session(server.url);
    assert.equal((await fetch(server.url, { method: 'DELETE', headers: s.headers })).status, 200);
    assert.equal((await s.call('ping')).status, 404);
  });

  test('batches are of one revision', async () => {
    const batch = JSON.stringify([{ jsonrpc: '2.0', id: 1, method: 'ping' }, { jsonrpc: '2.0', method: 'notifications/x' }, 5, { jsonrpc: '2.0', id: 2, method: 'ping' }]);
    const old = await session(server.url, '2025-03-26');
    const answered = await rpc(server.url, batch, old.headers);
    assert.equal(answered.status, 200);
    assert.deepEqual(answered.json.map((m) => m.id ?? m.error.code).sort(), [-32600, 1, 2]);
    for (const version of ['2024-11-05', '2025-06-18', '2025-11-25']) {
      const s = await session(server.url, version);
      const refused = await rpc(server.url, batch, s.headers);
      assert.equal(refused.status, 400, version);
      assert.equal(refused.json.error.code, -32600);
    }
    assert.equal((await rpc(server.url, '[]', old.headers)).json.error.code, -32600);
    assert.equal((await rpc(server.url, batch, { 'mcp-protocol-version': modern })).status, 400);
  });

  test('an id that is under way', async () => {
    const s = await session(server.url);
    const call = { id: 'same', method: 'tools/call', params: { name: 'slow_compute', arguments: { seconds: 0.3 } } };
    const [one, two] = await Promise.all([rpc(server.url, call, s.headers), rpc(server.url, call, s.headers)]);
    const codes = [one, two].map((r) => r.json?.error?.code ?? 'answered').sort();
    assert.deepEqual(codes, [-32600, 'answered']);
    assert.equal((await rpc(server.url, call, s.headers)).json.result.content[0].text, 'Computed something');
  });

  test('wrong parameters, cursors, levels, arguments', async () => {
    const s = await session(server.url);
    for (const [method, params] of [
      ['tools/call', {}],
      ['tools/call', { name: 'nothing' }],
      ['tools/call', { name: 'greet', arguments: [] }],
      ['tools/list', { cursor: 'x' }],
      ['prompts/get', { name: 'nothing' }],
      ['prompts/get', { name: 'test_prompt_with_arguments', arguments: { arg1: 'a' } }],
      ['logging/setLevel', { level: 'loud' }],
      ['resources/subscribe', {}],
      ['completion/complete', { ref: { type: 'ref/x' }, argument: { name: 'a', value: '' } }],
    ])
      assert.equal((await s.call(method, params)).json.error?.code, -32602, `${method} ${JSON.stringify(params)}`);
    const missing = await s.call('resources/read', { uri: 'test://nothing' });
    assert.deepEqual(missing.json.error, { code: -32002, message: 'Resource not found', data: { uri: 'test://nothing' } });
  });

  test('a call that is cancelled has no answer', async () => {
    const s = await session(server.url);
    const call = rpc(server.url, { id: 'c', method: 'tools/call', params: { name: 'slow_compute', arguments: { seconds: 60 } } }, s.headers);
    // Until the call is there, there is nothing to cancel: an id that is under way cannot be taken again.
    await eventually(async () => (await rpc(server.url, { id: 'c', method: 'ping' }, s.headers)).json.error?.code === -32600, 'the call is under way');
    await rpc(server.url, { method: 'notifications/cancelled', params: { requestId: 'c' } }, s.headers);
    const ended = await call;
    assert.equal(ended.text, '');
    assert.equal((await s.call('ping')).status, 200);
  });
});

describe('stateless requests over HTTP', () => {
  test('what _meta must have', async () => {
    for (const bad of [undefined, {}, { 'io.modelcontextprotocol/protocolVersion': modern }, { 'io.modelcontextprotocol/clientCapabilities': {} }]) {
      const refused = await ask(server.url, 'tools/list', { _meta: bad });
      assert.equal(refused.status, 400, JSON.stringify(bad));
      assert.equal(refused.json.error.code, -32602);
      assert.equal(refused.json.id, 1);
    }
    const level = await ask(server.url, 'tools/list', { _meta: meta({}, { 'io.modelcontextprotocol/logLevel': 'loud' }) });
    assert.equal(level.json.error.code, -32602);
  });

  test('versions and methods that are not there', async () => {
    const version = await ask(server.url, 'tools/list', { _meta: { ...meta(), 'io.modelcontextprotocol/protocolVersion': 'v9' } }, { headers: { 'mcp-protocol-version': 'v9' } });
    assert.equal(version.status, 400);
    assert.equal(version.json.error.code, -32022);
    assert.equal(version.json.error.data.requested, 'v9');
    for (const method of ['initialize', 'ping', 'logging/setLevel', 'tasks/list', 'tasks/result', 'x']) {
      const gone = await rpc(server.url, { id: 1, method, params: { _meta: meta(), taskId: 'x' } }, { 'mcp-protocol-version': modern, 'mcp-method': method });
      assert.equal(gone.status, 404, method);
      assert.equal(gone.json.error.code, -32601);
    }
  });

  test('headers that say something else than the body', async () => {
    for (const headers of [{ 'mcp-method': 'tools/list' }, { 'mcp-name': 'other' }, { 'mcp-protocol-version': '2025-11-25' }, { 'mcp-name': '=?base64?***?=' }]) {
      const refused = await ask(server.url, 'tools/call', { name: 'greet' }, { headers });
      assert.equal(refused.status, 400, JSON.stringify(headers));
      assert.equal(refused.json.error.code, -32020);
    }
    const encoded = `=?base64?${Buffer.from('greet').toString('base64')}?=`;
    assert.equal((await ask(server.url, 'tools/call', { name: 'greet' }, { headers: { 'mcp-name': encoded } })).status, 200);
    const region = (value) => ask(server.url, 'tools/call', { name: 'test_x_mcp_header', arguments: { region: 'eu' } }, { headers: value ? { 'mcp-param-region': value } : {} });
    assert.equal((await region('eu')).status, 200);
    assert.equal((await region('us')).json.error.code, -32020);
    assert.equal((await region()).json.error.code, -32020);
  });

  test('a session is neither made nor looked for', async () => {
    const answer = await ask(server.url, 'tools/list', {}, { headers: { 'mcp-session-id': 'nobody', 'last-event-id': '1-1' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('mcp-session-id'), null);
    assert.equal((await fetch(server.url, { headers: { 'mcp-protocol-version': modern, 'mcp-session-id': 'x' } })).status, 405);
  });

  test('a state that has been changed, or belongs to another request', async () => {
    const capabilities = { elicitation: {} };
    const first = await ask(server.url, 'tools/call', { name: 'test_input_required_result_tampered_state', arguments: {} }, { capabilities });
    const { requestState, resultType } = first.json.result;
    assert.equal(resultType, 'input_required');
    const again = (name, state, more = {}) => ask(server.url, 'tools/call', { name, arguments: {}, requestState: state, inputResponses: { confirm: { action: 'accept', content: { ok: true } } }, ...more }, { capabilities });
    const good = await again('test_input_required_result_tampered_state', requestState);
    assert.equal(good.json.result.content[0].text, 'integrity-ok: state verified');
    const middle = requestState.length >> 1;
    const changed = requestState.slice(0, middle) + (requestState[middle] === 'A' ? 'B' : 'A') + requestState.slice(middle + 1);
    for (const refused of [await again('test_input_required_result_tampered_state', changed), await again('test_input_required_result_request_state', requestState), await again('test_input_required_result_tampered_state', 'x'), await again('test_input_required_result_tampered_state', requestState, { arguments: { a: 1 } })])
      assert.equal(refused.json.error?.code, -32602, refused.text);
    for (const inputResponses of [5, null, { confirm: 5 }, { confirm: { action: 'maybe' } }])
      assert.equal((await again('test_input_required_result_tampered_state', requestState, { inputResponses })).json.error?.code, -32602, JSON.stringify(inputResponses));
  });

  test('a client that goes away ends its call', async () => {
    const going = new AbortController();
    const started = await fetch(server.url, {
      method: 'POST',
      signal: going.signal,
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-protocol-version': modern, 'mcp-method': 'subscriptions/listen' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: { _meta: meta(), notifications: { toolsListChanged: true } } }),
    });
    const { value } = await started.body.getReader().read();
    assert.match(Buffer.from(value).toString(), /subscriptions\/acknowledged/);
    going.abort();
    assert.equal((await ask(server.url, 'tools/call', { name: 'test_trigger_tool_change', arguments: {} })).status, 200);
  });
});

test('foreign hosts and origins are refused', async () => {
  const connection = await rawConnection(server.url);
  connection.send('POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}');
  assert.match(await connection.until(/\r\n\r\n/), /^HTTP\/1.1 403/);
  connection.close();
  assert.equal((await rpc(server.url, { id: 1, method: 'ping' }, { origin: 'http://evil.example' })).status, 403);
});

for (const [name, start] of [
  ['the test server', () => new Piped(everything, ['stdio'])],
  ['patchbay mcp', () => new Piped(binary, ['mcp', '--log-level', 'debug'])],
])
  describe(`stdio: ${name}`, () => {
    test('the same mistakes, line by line; nothing but messages on stdout', async () => {
      const p = start();
      p.send('{');
      assert.equal((await p.until((m) => m.error?.code === -32700)).id, undefined);
      p.send({ id: 1, method: 'tools/list' });
      assert.equal((await p.answer(1)).error.code, -32600);
      p.send('');
      p.send({ id: 2, method: 'ping' });
      assert.deepEqual((await p.answer(2)).result, {});
      const opened = await p.initialize('2024-11-05');
      assert.equal(opened.result.protocolVersion, '2024-11-05');
      p.send('[{"jsonrpc":"2.0","id":3,"method":"ping"}]');
      await p.until((m) => m.error && /batches/.test(m.error.message));
      p.send({ id: 4, method: 'tools/list' });
      assert.ok((await p.answer(4)).result.tools.every((t) => !('title' in t) && !('annotations' in t)));
      // Both eras in one process.
      p.send({ id: 5, method: 'server/discover', params: { _meta: meta() } });
      assert.ok((await p.answer(5)).result.supportedVersions.includes(modern));
      p.send({ id: 6, method: 'server/discover' });
      assert.equal((await p.answer(6)).error.code, -32602);
      p.send({ id: 7, method: 'tools/list', params: { _meta: { ...meta(), 'io.modelcontextprotocol/protocolVersion': 'v9' } } });
      assert.equal((await p.answer(7)).error.code, -32022);
      assert.equal(await p.end(), 0);
    });

    test('a line that is too long is passed over', async () => {
      const p = start();
      p.send(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"${'x'.repeat(17 << 20)}"}}`);
      p.send({ id: 2, method: 'ping' });
      assert.deepEqual((await p.answer(2)).result, {});
      assert.match(p.lines[0].error.message, /bytes at most/);
      assert.equal(await p.end(), 0);
    });

    test('10,000 calls at once are all answered', async () => {
      const p = start();
      await p.initialize();
      let all = '';
      for (let i = 0; i < 10_000; ++i) all += `{"jsonrpc":"2.0","id":${i},"method":"tools/list"}\n`;
      p.child.stdin.write(all);
      await eventually(() => p.lines.length >= 10_001, () => `${p.lines.length} answers`, 60_000);
      assert.equal(new Set(p.lines.map((m) => m.id)).size, 10_001);
      assert.ok(p.lines.every((m) => m.result));
      assert.equal(await p.end(), 0);
    });

    test('input that ends at once ends the program', async () => {
      assert.equal(await start().end(), 0);
    });
  });

test('10,000 calls over 200 connections: each is answered', async () => {
  const s = await session(server.url);
  const call = (id) => ({ id, method: 'tools/call', params: { name: 'test_simple_text', arguments: {} } });
  await many(server.url, 10_000, 200, call, (id, { status, json }) => assert.deepEqual([status, json.id], [200, id]), s.headers);
});

test('10,000 idle sessions take less than 200 MB', { skip: slow > 1 && 'sanitizers keep freed memory' }, async () => {
  const own = await startEverything();
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${own.pid}/status`, 'utf8'))[1]) / 1024;
  const before = rss();
  const initialize = () => ({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } } });
  await many(own.url, 10_000, 50, initialize, (_, { status }) => assert.equal(status, 200));
  const grown = rss() - before;
  assert.ok(grown < 200, `${grown} MB`);
  own.stop();
});
