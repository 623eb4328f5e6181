// Raw sockets: what no SDK would send gets the right error or a closed connection, and the gateway goes on.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { chat, post, rawConnection, startPair } from './harness.mjs';

let pair;
before(async () => (pair = await startPair({ server: { header_timeout: '300ms', body_timeout: '300ms', keep_alive: '5s', body_bytes_max: 100_000 } })));
after(() => pair.stop());
afterEach(async () => assert.equal((await post(pair.url, '/v1/chat/completions', chat('oai/echo', 'alive'))).json.choices[0].message.content, 'alive'));

const body = JSON.stringify(chat('oai/echo', 'raw'));
const head = (extra = '', version = '1.1') =>
  `POST /v1/chat/completions HTTP/${version}\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${extra}`;
const whole = (extra = '') => `${head(extra)}Content-Length: ${body.length}\r\n\r\n${body}`;
const statuses = (text) => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((m) => Number(m[1]));

async function exchange(bytes) {
  const connection = await rawConnection(pair.url);
  connection.send(bytes);
  return connection.end();
}

test('pipelined requests are answered in order', async () => {
  const connection = await rawConnection(pair.url);
  connection.send(whole() + 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' + whole('Connection: close\r\n'));
  const text = await connection.end();
  assert.deepEqual(statuses(text), [200, 200, 200]);
  assert.equal(text.match(/"content":"raw"/g).length, 2);
  assert.ok(text.indexOf('"content":"raw"') < text.lastIndexOf('HTTP/1.1 200'));
});

test('a request in pieces of one byte', async () => {
  const connection = await rawConnection(pair.url);
  connection.socket.setNoDelay(true);
  for (const byte of whole('Connection: close\r\n')) connection.send(byte);
  assert.match(await connection.end(), /^HTTP\/1\.1 200[\s\S]*"content":"raw"/);
});

test('a chunked body, with extensions and trailers', async () => {
  const chunks = [body.slice(0, 10), body.slice(10)].map((c) => `${c.length.toString(16)};ext=1\r\n${c}\r\n`).join('');
  const text = await exchange(`${head('Connection: close\r\nTransfer-Encoding: chunked\r\n')}\r\n${chunks}0\r\nX-Trailer: 1\r\n\r\n`);
  assert.match(text, /^HTTP\/1\.1 200[\s\S]*"content":"raw"/);
});

test('Expect: 100-continue', async () => {
  const connection = await rawConnection(pair.url);
  connection.send(`${head('Connection: close\r\nExpect: 100-continue\r\n')}Content-Length: ${body.length}\r\n\r\n`);
  await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
  connection.send(body);
  assert.match(await connection.end(), /100 Continue\r\n\r\nHTTP\/1\.1 200[\s\S]*"content":"raw"/);
});

test('HTTP/1.0 gets an answer and a closed connection', async () => {
  const text = await exchange(`${head('', '1.0')}Content-Length: ${body.length}\r\n\r\n${body}`);
  assert.match(text, /^HTTP\/1\.[01] 200[\s\S]*"content":"raw"/);
  assert.doesNotMatch(text, /transfer-encoding/i);
});

test('HTTP/1.0 streams without chunks', async () => {
  const streamed = JSON.stringify(chat('oai/echo', 'raw', { stream: true }));
  const text = await exchange(`${head('', '1.0')}Content-Length: ${streamed.length}\r\n\r\n${streamed}`);
  assert.doesNotMatch(text, /transfer-encoding/i);
  assert.ok(text.endsWith('data: [DONE]\n\n'));
});

const refused = {
  'two Content-Lengths that differ': [`${head()}Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456`, 400],
  'Content-Length and Transfer-Encoding': [`${head('Transfer-Encoding: chunked\r\n')}Content-Length: 5\r\n\r\n0\r\n\r\n`, 400],
  'a negative Content-Length': [`${head()}Content-Length: -5\r\n\r\n`, 400],
  'a huge Content-Length': [`${head()}Content-Length: 99999999999999999999999\r\n\r\n`, 400, 413],
  'a body over the limit': [`${head()}Content-Length: 100001\r\n\r\n`, 413],
  'a chunked body over the limit': [`${head('Transfer-Encoding: chunked\r\n')}\r\n${'186a1'}\r\n`, 413],
  'a chunk size that is no number': [`${head('Transfer-Encoding: chunked\r\n')}\r\nzz\r\n`, 400],
  'a header block over the limit': [`${head()}X-Long: ${'a'.repeat(70_000)}\r\n\r\n`, 431, 400, 413],
  'too many headers': [`${head()}${Array.from({ length: 500 }, (_, i) => `X-${i}: 1\r\n`).join('')}\r\n`, 431, 400],
  'a header without a colon': [`${head()}Nonsense\r\n\r\n`, 400],
  'no Host in HTTP/1.1': ['GET /health HTTP/1.1\r\n\r\n', 400],
  'a method that is no token': ['G@T / HTTP/1.1\r\nHost: a\r\n\r\n', 400, 501],
  'an HTTP/2 preface': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 505],
  'a TLS hello': [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x0a, 0x0d, 0x0a, 0x0d, 0x0a]), 400],
  'binary garbage': [Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 37) % 256)), 400],
};
for (const [name, [bytes, ...allowed]] of Object.entries(refused))
  test(`refused: ${name}`, async () => {
    const text = await exchange(bytes);
    const [status] = statuses(text);
    assert.ok(allowed.includes(status), text.slice(0, 300));
    assert.match(text, /\r\nconnection: close\r\n/i);
    assert.match(text, /\{"error":\{"message":"[^"]+/);
  });

test('a head that never ends is cut off', async () => {
  const text = await exchange('POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Sl');
  assert.deepEqual(statuses(text), [408]);
});

test('a body that never ends is cut off', async () => {
  const text = await exchange(`${head()}Content-Length: 1000\r\n\r\n{"model":`);
  assert.deepEqual(statuses(text), [408]);
});

test('a client that leaves in the middle of its body', async () => {
  const connection = await rawConnection(pair.url);
  connection.send(`${head()}Content-Length: 1000\r\n\r\n{"model":`);
  connection.close();
});

test('a client that closes its sending side after a whole request is not served garbage', async () => {
  const connection = await rawConnection(pair.url);
  connection.send(whole());
  connection.socket.end();
  const text = await connection.end();
  if (text !== '') assert.match(text, /^HTTP\/1\.1 200/);
});

test('bytes after a request are the next request', async () => {
  const connection = await rawConnection(pair.url);
  connection.send(whole() + 'GARBAGE\r\n\r\n');
  const text = await connection.end();
  assert.equal(statuses(text)[0], 200);
  assert.notEqual(statuses(text)[1], 200);
});
