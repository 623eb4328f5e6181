// DNS rebinding: a page of another site can make a browser send requests to this machine, under that site's name. Both transports, both
// eras, with and without keys.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { providers, startServe, startSim } from '../harness.mjs';
import { meta, modern } from './everything.mjs';
import { Issuer } from './issuer.mjs';

const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } } };
const discover = { jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: meta() } };
const newer = { 'mcp-protocol-version': modern, 'mcp-method': 'server/discover' };
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

// What can be asked over MCP: [what, method, path, headers, body].
const requests = [
  ['sessions', 'POST', '/mcp', json, initialize],
  ['2026-07-28', 'POST', '/mcp', { ...json, ...newer }, discover],
  ['a stream', 'GET', '/mcp', { accept: 'text/event-stream' }],
  ['the end of a session', 'DELETE', '/mcp', {}],
  ['HTTP+SSE', 'GET', '/sse', { accept: 'text/event-stream' }],
  ['a message of HTTP+SSE', 'POST', '/sse/messages?session=x', json, initialize],
];

// fetch() writes the Host header itself. Resolves with the head of the answer.
const send = (url, method, path, headers, body) =>
  new Promise((done, failed) => {
    const request = http.request(url + path, { method, headers: { ...headers, ...(body ? { 'content-length': Buffer.byteLength(JSON.stringify(body)) } : {}) } }, (response) => {
      done({ status: response.statusCode, headers: response.headers });
      response.destroy();
    });
    request.on('error', failed);
    request.end(body && JSON.stringify(body));
  });

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());

describe('on this machine, without keys', () => {
  let gateway, port;
  before(async () => {
    gateway = await startServe({ server: { allowed_origins: ['https://app.test'], allowed_hosts: ['gw.test'] }, providers: providers(sim.url) });
    port = new URL(gateway.url).port;
  });
  after(() => gateway.stop());

  for (const [what, method, path, headers, body] of requests) {
    const answer = (more) => send(gateway.url, method, path, { ...headers, ...more }, body);
    test(`${what}: another site's name`, async () => {
      for (const host of ['evil.test', `evil.test:${port}`, 'localhost.evil.test', '127.0.0.1.evil.test', `10.0.0.1:${port}`]) assert.equal((await answer({ host })).status, 403, host);
    });
    test(`${what}: another site's page`, async () => {
      for (const origin of ['https://evil.test', 'null', 'http://localhost.evil.test', `http://localhost:${Number(port) + 1}`, `http://127.0.0.1`, 'https://app.test.evil.test'])
        assert.equal((await answer({ origin })).status, 403, origin);
      assert.equal((await answer({ host: `evil.test:${port}`, origin: `http://evil.test:${port}` })).status, 403, 'rebound: both are of the other site');
    });
    test(`${what}: our own names`, async () => {
      for (const more of [{}, { host: `localhost:${port}` }, { host: `[::1]:${port}` }, { host: 'gw.test' }, { host: `localhost:${port}`, origin: `http://localhost:${port}` }, { origin: 'https://app.test' }])
        assert.notEqual((await answer(more)).status, 403, JSON.stringify(more));
      const allowed = await answer({ origin: 'https://app.test' });
      assert.equal(allowed.headers['access-control-allow-origin'], 'https://app.test');
      assert.equal(allowed.headers['access-control-expose-headers'], '*', 'the session id, and where to get a token');
    });
  }

  test('a browser may ask first', async () => {
    const asked = { origin: 'https://app.test', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, mcp-session-id' };
    const allowed = await send(gateway.url, 'OPTIONS', '/mcp', asked);
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers['access-control-allow-headers'], 'authorization, mcp-session-id');
    assert.equal((await send(gateway.url, 'OPTIONS', '/mcp', { ...asked, origin: 'https://evil.test' })).status, 403);
  });
});

for (const [how, config] of Object.entries({
  'a key is needed': () => ({ server: { keys: ['a-key-of-the-configuration'] } }),
  'a token is needed': (issuer) => ({ mcp: { oauth: { issuer: issuer.url } } }),
}))
  test(`${how}: any name, but no other site's page and nobody without it`, async () => {
    const issuer = await new Issuer().start();
    const gateway = await startServe({ ...config(issuer), providers: providers(sim.url) });
    for (const [what, method, path, headers, body] of requests) {
      const answer = (more) => send(gateway.url, method, path, { ...headers, ...more }, body);
      assert.equal((await answer({ host: 'gw.test' })).status, 401, what);
      assert.equal((await answer({ host: 'evil.test', origin: 'http://evil.test' })).status, 401, what);
      assert.equal((await answer({ host: 'gw.test', origin: 'https://evil.test' })).status, 403, what);
      assert.equal((await answer({ origin: 'null' })).status, 403, what);
    }
    // Where models need no key, their paths are guarded as before.
    if (how.startsWith('a token')) assert.equal((await send(gateway.url, 'GET', '/v1/models', { host: 'gw.test' })).status, 403);
    await gateway.stop();
    await issuer.stop();
  });
