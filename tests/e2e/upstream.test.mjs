// Providers that answer nonsense: the client gets an error of its own format, or a closed connection where the answer
// had begun, and the gateway goes on.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { chat, events, message, post, startServe } from './harness.mjs';

let server, gateway;
let answer = '';
before(async () => {
  server = net.createServer((socket) => {
    socket.on('error', () => {});
    let seen = '';
    socket.on('data', (d) => {
      seen += d.toString('latin1');
      const head = seen.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(seen)?.[1] ?? 0);
      if (head < 0 || seen.length < head + 4 + length) return;
      seen = '';
      if (typeof answer === 'function') answer(socket);
      else socket.end(answer);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  const url = `http://127.0.0.1:${server.address().port}`;
  gateway = await startServe({
    providers: {
      oai: { type: 'custom', formats: ['openai_chat'], base_url: `${url}/v1`, api_key: 'k', timeouts: { idle: '300ms', first_byte: '2s' } },
      ant: { type: 'anthropic', base_url: url, api_key: 'k', timeouts: { idle: '300ms', first_byte: '2s' } },
    },
  });
});
after(() => gateway.stop());
afterEach(async () => {
  answer = ok('{"id":"x","object":"chat.completion","choices":[]}');
  assert.equal((await post(gateway.url, '/v1/chat/completions', chat('oai/m', 'x'))).status, 200);
});

const ok = (body, headers = '') => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const errorIn = { '/v1/chat/completions': (json) => json?.error?.message, '/v1/messages': (json) => json?.type === 'error' && json.error.message };

// Both clients, both providers, whole and streamed.
async function everywhere(check) {
  for (const provider of ['oai', 'ant'])
    for (const path of Object.keys(errorIn))
      for (const stream of [false, true]) {
        const got = await post(gateway.url, path, message(`${provider}/m`, 'x', stream ? { stream: true } : {})).catch((error) => ({ status: 0, error: String(error), text: '' }));
        check(got, `${path} → ${provider}${stream ? ', streamed' : ''}: ${got.status} ${got.text.slice(0, 300)}`, path, provider, stream);
      }
}

const unreadable = {
  'not HTTP': 'hello there\r\n\r\n',
  'nothing at all': (socket) => socket.end(),
  'a reset': (socket) => socket.resetAndDestroy(),
  'half a head': 'HTTP/1.1 200 OK\r\nContent-Ty',
  'binary garbage': Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 31) % 256)),
  'a head without an end': (socket) => socket.end(`HTTP/1.1 200 OK\r\nX-Long: ${'a'.repeat(300_000)}`),
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}',
  'a redirect': 'HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
};
for (const [name, bytes] of Object.entries(unreadable))
  test(`a provider that sends ${name}`, async () => {
    answer = bytes;
    await everywhere((got, what, path) => {
      assert.ok(got.status >= 500 && got.status < 600, what);
      assert.ok(errorIn[path](got.json), what);
    });
  });

test('a page of HTML with an error status', async () => {
  answer = 'HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 39\r\n\r\n<html><h1>502 Bad Gateway</h1></html>\r\n';
  await everywhere((got, what) => assert.equal(got.status, 502, what));
});

test('an error status without a body', async () => {
  answer = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
  await everywhere((got, what) => {
    assert.equal(got.status, 503, what);
    assert.equal(got.headers.get('retry-after'), '1', what);
  });
});

test('a rate limit that does not say for how long', async () => {
  answer = 'HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';
  await everywhere((got, what) => {
    assert.equal(got.status, 429, what);
    assert.equal(got.headers.get('retry-after'), '10', what);
  });
});

const nonsense = {
  'JSON of another kind': '[1,2,3]',
  'half a JSON text': '{"id":"x","choices":[{"mess',
  'no JSON': 'plain words',
  'nesting without end': '['.repeat(200_000),
  'an empty body': '',
};
for (const [name, body] of Object.entries(nonsense))
  test(`a translated answer that is ${name}`, async () => {
    answer = ok(body);
    for (const [path, provider] of [['/v1/messages', 'oai'], ['/v1/chat/completions', 'ant']]) {
      const got = await post(gateway.url, path, message(`${provider}/m`, 'x'));
      assert.equal(got.status, 502, got.text);
      assert.ok(errorIn[path](got.json), got.text);
    }
  });

test('a whole answer that is shorter than it says', async () => {
  answer = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"id":';
  await everywhere((got, what, path, provider, stream) => {
    // Within a format the status may have left already: then the connection breaks.
    if (got.status === 0 || (stream && got.status === 200)) return;
    assert.equal(got.status, 502, what);
    assert.ok(errorIn[path](got.json), what);
  });
});

test('a stream that falls silent is ended with an error', async () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
  const first = {
    oai: 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}\n\n',
    ant: 'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n',
  };
  for (const provider of ['oai', 'ant']) {
    answer = (socket) => socket.write(`${head}${first[provider].length.toString(16)}\r\n${first[provider]}\r\n`);
    for (const path of Object.keys(errorIn)) {
      const got = await post(gateway.url, path, message(`${provider}/m`, 'x', { stream: true }));
      const errors = events(got.text).filter((e) => e.event === 'error' || /^\{"error":/.test(e.data));
      assert.equal(errors.length, 1, `${path} → ${provider}: ${got.text}`);
    }
  }
});

test('events that are huge, empty, unnamed or foreign do not end a translation', async () => {
  const chunk = (delta, finish = null) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const big = 'x'.repeat(1_000_000);
  const body = `: comment\n\n\n\nevent: odd\n\nid: 5\nretry: 10\n\n${chunk({ role: 'assistant', content: '' })}${chunk({ content: big })}data: {"unknown":true,"choices":[]}\n\n${chunk({ content: 'end' }).replaceAll('\n', '\r\n')}${chunk({}, 'stop')}data: [DONE]\n\n`;
  answer = `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const got = await post(gateway.url, '/v1/messages', message('oai/m', 'x', { stream: true }));
  const deltas = events(got.text).filter((e) => e.event === 'content_block_delta').map((e) => JSON.parse(e.data).delta.text);
  assert.equal(deltas.join(''), `${big}end`);
  assert.ok(got.text.includes('event: message_stop'));
});

test('an event over the limit ends the stream with an error, not the program', async () => {
  answer = (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: {"id":"');
    const block = 'x'.repeat(1 << 20);
    let sent = 0;
    const more = () => {
      while (sent++ < 20) if (!socket.write(block)) return socket.once('drain', more);
      socket.end('"}\n\n');
    };
    more();
  };
  const got = await post(gateway.url, '/v1/messages', message('oai/m', 'x', { stream: true }));
  assert.match(got.text, /"type":"error"/);
});
