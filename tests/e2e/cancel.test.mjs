// A client that goes away takes its upstream call with it; one that waits is kept alive.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chat, elapsed, events, message, post, rawConnection, slow, startServe, startUpstream } from './harness.mjs';

const withinMs = 100 * slow;
let upstream, gateway;
let reply = () => {};
before(async () => {
  upstream = await startUpstream((request, response) => reply(request, response));
  gateway = await startServe({
    server: { ping_after: '100ms' },
    providers: {
      oai: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'k' },
      ant: { type: 'anthropic', base_url: upstream.url, api_key: 'k' },
    },
  });
});
after(async () => {
  await gateway.stop();
  await upstream.stop();
});

const paths = { oai: '/v1/chat/completions', ant: '/v1/messages' };
const firstEvent = {
  oai: 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}\n\n',
  ant: 'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n',
};

function request(path, body, headers = '') {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

for (const client of ['oai', 'ant'])
  for (const provider of ['oai', 'ant'])
    for (const stream of [false, true])
      test(`a client that hangs up: ${client} → ${provider}${stream ? ', streamed' : ''}`, async () => {
        reply = (seen, response) => {
          if (!stream) return;
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(firstEvent[provider]);
        };
        const seen = upstream.next();
        const connection = await rawConnection(gateway.url);
        connection.send(request(paths[client], message(`${provider}/m`, 'x', stream ? { stream: true } : {})));
        const { socket } = await seen;
        const gone = new Promise((done) => socket.once('close', done));
        if (stream) await connection.until(/data: /);
        const time = elapsed();
        connection.close();
        await gone;
        assert.ok(time() < withinMs, `the upstream call ended after ${time()} ms`);
      });

test('a client that closes only its sending side while it waits still gets its answer, or its call is cancelled', async () => {
  let finish;
  reply = (seen, response) => {
    finish = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"x","choices":[]}');
  };
  const seen = upstream.next();
  const connection = await rawConnection(gateway.url);
  connection.send(request(paths.oai, chat('oai/m', 'x')));
  const { socket } = await seen;
  const gone = new Promise((done) => socket.once('close', () => done('cancelled')));
  connection.socket.end();
  finish();
  const outcome = await Promise.race([gone, connection.end().then(() => 'answered')]);
  if (outcome === 'answered' && connection.text !== '') assert.match(connection.text, /^HTTP\/1\.1 200/);
});

for (const client of ['oai', 'ant'])
  for (const provider of ['oai', 'ant'])
    test(`silence in a stream is filled: ${client} → ${provider}`, async () => {
      let finish;
      reply = (seen, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(firstEvent[provider]);
        finish = () => response.end();
      };
      const connection = await rawConnection(gateway.url);
      connection.send(request(paths[client], message(`${provider}/m`, 'x', { stream: true }), 'Connection: close\r\n'));
      // Two signs of life while the provider says nothing.
      const sign = client === 'ant' ? /event: ping[\s\S]*event: ping|(:[^\n]*\n\n[\s\S]*){2}/ : /(\n:[^\n]*\n[\s\S]*){2}/;
      await connection.until(sign, 5_000);
      finish();
      await connection.end();
    });

test('silence before a stream’s first byte is filled too', async () => {
  let finish;
  reply = (seen, response) => {
    finish = () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(firstEvent.oai + 'data: [DONE]\n\n');
    };
  };
  const connection = await rawConnection(gateway.url);
  connection.send(request(paths.oai, chat('oai/m', 'x', { stream: true }), 'Connection: close\r\n'));
  await connection.until(/^HTTP\/1\.1 200[\s\S]*\n:/, 5_000);
  finish();
  const text = await connection.end();
  assert.ok(text.includes('[DONE]'));
});

test('a provider that cannot be reached is a 502 in the client’s format', async () => {
  const port = await new Promise((done) => {
    // A port that was free a moment ago.
    import('node:net').then(({ createServer }) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port: free } = server.address();
        server.close(() => done(free));
      });
    });
  });
  const lonely = await startServe({ providers: { gone: { type: 'custom', formats: ['openai_chat'], base_url: `http://127.0.0.1:${port}/v1`, api_key: 'k' } } });
  const asChat = await post(lonely.url, '/v1/chat/completions', chat('gone/m', 'x'));
  assert.equal(asChat.status, 502);
  assert.ok(asChat.json.error.message.length > 10);
  const asMessage = await post(lonely.url, '/v1/messages', message('gone/m', 'x', { stream: true }));
  assert.equal(asMessage.status, 502);
  assert.equal(asMessage.json.type, 'error');
  await lonely.stop();
});

test('a provider that takes too long is a 504', async () => {
  reply = () => {};
  const hasty = await startServe({
    providers: { oai: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'k', timeouts: { first_byte: '100ms' } } },
  });
  const answer = await post(hasty.url, '/v1/chat/completions', chat('oai/m', 'x'));
  assert.equal(answer.status, 504);
  assert.ok(answer.json.error.message);
  await hasty.stop();
});

test('events leave as they arrive', async () => {
  let write;
  reply = (seen, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    write = (bytes, end) => (end ? response.end(bytes) : response.write(bytes));
    write(firstEvent.oai);
  };
  const connection = await rawConnection(gateway.url);
  connection.send(request(paths.oai, chat('oai/m', 'x', { stream: true }), 'Connection: close\r\n'));
  await connection.until(/"content":"hi"/);
  write(firstEvent.oai.replace('hi', 'second'));
  await connection.until(/"content":"second"/);
  write('data: [DONE]\n\n', true);
  const text = await connection.end();
  assert.ok(events(text.split('\r\n\r\n').slice(1).join()).length >= 3);
});
