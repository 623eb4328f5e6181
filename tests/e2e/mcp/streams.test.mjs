// Streams of events: resumption, changes, tasks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../harness.mjs';
import { ask, meta, modern, rpc, session, startEverything } from './everything.mjs';

let server;
before(async () => (server = await startEverything()));
after(() => server.stop());

// An open stream: next() resolves with its next event {id, retry, data}, null at its end.
async function open(url, options) {
  const going = new AbortController();
  const response = await fetch(url, { ...options, signal: going.signal });
  const reader = response.body.getReader();
  let text = '';
  const next = async () => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const event = {};
        for (const line of text.slice(0, end).split('\n')) {
          const colon = line.indexOf(':');
          if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).trim();
        }
        text = text.slice(end + 2);
        if (Object.keys(event).length) return event;
        continue;
      }
      const { value, done } = await reader.read();
      if (done) return null;
      text += Buffer.from(value).toString();
    }
  };
  return { response, next, close: () => going.abort() };
}
const accept = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
const call = (name, args = {}, more = {}) => JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: args, ...more } });

test('a stream that is cut mid-call goes on where the client left it', async () => {
  const s = await session(server.url);
  const stream = await open(server.url, { method: 'POST', headers: { ...accept, ...s.headers }, body: call('test_reconnection') });
  const first = await stream.next();
  assert.deepEqual([first.data, first.retry], ['', '1000']);
  assert.match(first.id, /^\d+-0$/);
  assert.equal(await stream.next(), null);
  const again = await open(server.url, { headers: { ...s.headers, accept: 'text/event-stream', 'last-event-id': first.id } });
  const answer = JSON.parse((await again.next()).data);
  assert.equal(answer.id, 7);
  assert.match(answer.result.content[0].text, /successfully/);
  assert.equal(await again.next(), null);
  // And once more: it is kept for a while.
  const third = await open(server.url, { headers: { ...s.headers, accept: 'text/event-stream', 'last-event-id': first.id } });
  assert.equal(JSON.parse((await third.next()).data).id, 7);
  const unknown = await fetch(server.url, { headers: { ...s.headers, accept: 'text/event-stream', 'last-event-id': '999-1' } });
  assert.equal(unknown.status, 400);
});

test('a client that loses its connection loses no message, and its call goes on', async () => {
  const s = await session(server.url);
  const stream = await open(server.url, { method: 'POST', headers: { ...accept, ...s.headers }, body: call('test_tool_with_progress', {}, { _meta: { progressToken: 'p' } }) });
  await stream.next(); // the empty one
  const progress = await stream.next();
  assert.equal(JSON.parse(progress.data).params.progress, 0);
  stream.close();
  const again = await open(server.url, { headers: { ...s.headers, accept: 'text/event-stream', 'last-event-id': progress.id } });
  const rest = [];
  for (let e = await again.next(); e; e = await again.next()) rest.push(JSON.parse(e.data));
  assert.deepEqual(rest.map((m) => m.params?.progress ?? m.id), [50, 100, 7]);
});

test('the stream beside the calls tells of changes, once each', async () => {
  const s = await session(server.url);
  await s.call('resources/subscribe', { uri: 'test://watched-resource' });
  const stream = await open(server.url, { headers: { ...s.headers, accept: 'text/event-stream' } });
  await s.call('tools/call', { name: 'test_trigger_tool_change', arguments: {} });
  const first = await stream.next();
  assert.equal(JSON.parse(first.data).method, 'notifications/tools/list_changed');
  stream.close();
  await s.call('tools/call', { name: 'test_trigger_prompt_change', arguments: {} });
  // Whether or not the server knew that the first connection was gone.
  const later = await open(server.url, { headers: { ...s.headers, accept: 'text/event-stream', 'last-event-id': first.id } });
  assert.equal(JSON.parse((await later.next()).data).method, 'notifications/prompts/list_changed');
  later.close();
});

const listen = (notifications, capabilities = {}) =>
  open(server.url, {
    method: 'POST',
    headers: { ...accept, 'mcp-protocol-version': modern, 'mcp-method': 'subscriptions/listen' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'sub', method: 'subscriptions/listen', params: { _meta: meta(capabilities), notifications } }),
  });

test('a subscription hears what it asked for and nothing else', async () => {
  const stream = await listen({ promptsListChanged: true, resourceSubscriptions: ['test://watched-resource'] });
  const first = JSON.parse((await stream.next()).data);
  assert.equal(first.method, 'notifications/subscriptions/acknowledged');
  assert.deepEqual(first.params.notifications, { promptsListChanged: true, resourceSubscriptions: ['test://watched-resource'] });
  await ask(server.url, 'tools/call', { name: 'test_trigger_tool_change', arguments: {} });
  await ask(server.url, 'tools/call', { name: 'test_trigger_prompt_change', arguments: {} });
  const heard = JSON.parse((await stream.next()).data);
  assert.equal(heard.method, 'notifications/prompts/list_changed');
  assert.equal(heard.params._meta['io.modelcontextprotocol/subscriptionId'], 'sub');
  stream.close();
});

test('lists of a stateless client may be kept for a while', async () => {
  const { json } = await ask(server.url, 'tools/list');
  assert.deepEqual([json.result.resultType, json.result.ttlMs, json.result.cacheScope], ['complete', 300000, 'public']);
  assert.equal(json.result._meta['io.modelcontextprotocol/serverInfo'].name, 'everything');
});

const tasks = { extensions: { 'io.modelcontextprotocol/tasks': {} }, elicitation: {} };
const task = (method, params) => ask(server.url, method, params, { capabilities: tasks });

test('a task runs on, asks, and is asked for its result', async () => {
  const started = await task('tools/call', { name: 'confirm_delete', arguments: { filename: 'x' } });
  const { resultType, taskId } = started.json.result;
  assert.equal(resultType, 'task');
  const stream = await listen({ taskIds: [taskId] }, tasks);
  assert.deepEqual(JSON.parse((await stream.next()).data).params.notifications, { taskIds: [taskId] });
  const asks = await eventually(async () => {
    const { result } = (await task('tasks/get', { taskId })).json;
    return result.status === 'input_required' && result;
  }, 'the task asks');
  assert.equal(asks.inputRequests.confirm.method, 'elicitation/create');
  await task('tasks/update', { taskId, inputResponses: { nonsense: {}, confirm: { action: 'accept', content: { confirm: true } } } });
  let told;
  do told = JSON.parse((await stream.next()).data);
  while (told.params.status !== 'completed');
  assert.equal(told.method, 'notifications/tasks');
  assert.equal(told.params.result.content[0].text, 'Deleted x');
  stream.close();
  assert.equal((await task('tasks/get', { taskId })).json.result.result.content[0].text, 'Deleted x');
  assert.equal((await task('tasks/get', { taskId: 'nobody' })).json.error.code, -32602);
  assert.equal((await ask(server.url, 'tasks/get', { taskId })).json.error.code, -32021);
});

test('a task can be cancelled', async () => {
  const { taskId } = (await task('tools/call', { name: 'slow_compute', arguments: { seconds: 60 } })).json.result;
  assert.equal((await task('tasks/cancel', { taskId })).json.result.resultType, 'complete');
  assert.equal((await task('tasks/get', { taskId })).json.result.status, 'cancelled');
  assert.equal((await rpc(server.url, '{}')).status, 400);
});
