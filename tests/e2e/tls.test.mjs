// Providers over TLS (verified, by name, resumed) and through an HTTP proxy. Certificates are made by openssl for the run.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { post, startServe, temporary } from './harness.mjs';

const folder = temporary();
const file = (name) => join(folder, name);
const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
const chat = '{"model":"up/m","messages":[{"role":"user","content":"x"}]}';
const answer = JSON.stringify({ id: 'x', object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'over tls' }, finish_reason: 'stop' }] });

// A certificate authority and a certificate for `names`.
function certificates() {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'csr.pem', '-subj', '/CN=upstream.test');
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost,DNS:upstream.test\n');
  openssl('x509', '-req', '-in', 'csr.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'cert.pem', '-days', '2', '-extfile', 'names');
}

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));

let upstream, port, sessions, names;
before(async () => {
  certificates();
  sessions = [];
  names = [];
  upstream = https.createServer({ key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) }, (request, response) => {
    request.resume();
    request.on('end', () => {
      sessions.push(request.socket.isSessionReused());
      names.push(request.socket.servername);
      response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
      response.end(answer);
    });
  });
  port = await listen(upstream);
});
after(() => upstream.close());

const provider = (host, more = {}) => ({ type: 'custom', formats: ['openai_chat'], base_url: `https://${host}:${port}/v1`, api_key: 'k', ...more });

async function ask(up, env = {}) {
  const gateway = await startServe({ providers: { up } }, { env });
  const got = await post(gateway.url, '/v1/chat/completions', chat);
  return { ...got, gateway };
}

test('a provider whose certificate is trusted and is for its name', async () => {
  const { status, text, gateway } = await ask(provider('localhost', { ca_file: file('ca.pem') }));
  assert.equal(status, 200, text);
  assert.equal(text, answer);
  assert.equal(names.at(-1), 'localhost');
  await post(gateway.url, '/v1/chat/completions', chat);
  assert.deepEqual(sessions.slice(-2), [false, true], 'the second connection resumes the first one’s session');
  await gateway.stop();
});

test('a certificate nobody vouches for is refused', async () => {
  const { status, text, gateway } = await ask(provider('localhost'));
  assert.equal(status, 502);
  assert.match(text, /TLS handshake with localhost failed: .*(self.signed|unable to get local issuer)/);
  await gateway.stop();
});

test('a certificate for another name is refused', async () => {
  const { status, text, gateway } = await ask(provider('127.0.0.1', { ca_file: file('ca.pem') }));
  assert.equal(status, 502);
  assert.match(text, /TLS handshake with 127\.0\.0\.1 failed/);
  await gateway.stop();
});

test('verification can be switched off for one provider', async () => {
  const { status, text, gateway } = await ask(provider('127.0.0.1', { tls_verify: false }));
  assert.equal(status, 200, text);
  await gateway.stop();
});

test('HTTPS_PROXY is asked for a tunnel, with its credentials; NO_PROXY goes around it', async () => {
  const tunnels = [];
  const proxy = http.createServer();
  proxy.on('connect', (request, socket) => {
    tunnels.push({ target: request.url, authorization: request.headers['proxy-authorization'] });
    const out = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      out.pipe(socket).pipe(out);
    });
    out.on('error', () => socket.destroy());
    socket.on('error', () => out.destroy());
  });
  const at = `127.0.0.1:${await listen(proxy)}`;
  const up = provider('upstream.test', { ca_file: file('ca.pem') });
  const through = await ask(up, { HTTPS_PROXY: `http://me:p%40ss@${at}` });
  assert.equal(through.status, 200, through.text);
  assert.deepEqual(tunnels, [{ target: `upstream.test:${port}`, authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}` }]);
  assert.equal(names.at(-1), 'upstream.test');
  await through.gateway.stop();

  const around = await ask(up, { HTTPS_PROXY: `http://${at}`, NO_PROXY: 'example.com,.test' });
  assert.equal(around.status, 502);
  assert.match(around.text, /cannot resolve upstream\.test/);
  assert.equal(tunnels.length, 1);
  await around.gateway.stop();
  proxy.close();
});

test('a proxy that refuses the tunnel is named in the error', async () => {
  const proxy = http.createServer();
  proxy.on('connect', (request, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
  const at = `127.0.0.1:${await listen(proxy)}`;
  const { status, text, gateway } = await ask(provider('upstream.test', { ca_file: file('ca.pem') }), { HTTPS_PROXY: `http://${at}` });
  assert.equal(status, 502);
  assert.match(text, /the proxy refused a tunnel to upstream\.test:\d+: HTTP\/1\.1 407/);
  await gateway.stop();
  proxy.close();
});

test('http_proxy serves plain HTTP providers', async () => {
  const seen = [];
  const proxy = http.createServer((request, response) => {
    seen.push(request.url);
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(answer);
    });
  });
  const at = `127.0.0.1:${await listen(proxy)}`;
  const up = { type: 'custom', formats: ['openai_chat'], base_url: 'http://plain.test:8080/v1', api_key: 'k' };
  const { status, text, gateway } = await ask(up, { http_proxy: `http://${at}` });
  assert.equal(status, 200, text);
  assert.deepEqual(seen, ['http://plain.test:8080/v1/chat/completions']);
  await gateway.stop();
  proxy.closeAllConnections();
  proxy.close();
});
