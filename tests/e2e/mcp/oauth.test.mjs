// Access tokens for /mcp: a real issuer (issuer.mjs), the official clients of both generations with their own OAuth flow.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as NewClient, StreamableHTTPClientTransport as NewHttp } from '@modelcontextprotocol/client';
import { eventually, keySeen, providers, run, startServe, startSim, temporary } from '../harness.mjs';
import { ask, modern, rpc } from './everything.mjs';
import { Account, Issuer, algorithms, newKey, signed, unsigned, withSecret } from './issuer.mjs';

const bearer = (token) => ({ authorization: `Bearer ${token}` });
const challenge = (answer) => {
  const text = answer.headers.get('www-authenticate') ?? '';
  return { text, ...Object.fromEntries([...text.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])) };
};
const scopes = { required: ['mcp'], tools: { 'health_*': 'ops:read', get_model_info: 'models:read' }, implies: { admin: 'mcp ops:read' } };

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());

// A gateway that takes tokens of `issuer`; its own URL is the resource.
async function start(issuer, oauth = {}, more = {}) {
  const gateway = await startServe({ ...more, server: { data_dir: temporary(), ...more.server }, providers: providers(sim.url), mcp: { oauth: { issuer: issuer.url, keys_retry: '100ms', ...oauth } } });
  issuer.audience = gateway.mcp = `${gateway.url}/mcp`;
  return gateway;
}
const list = (gateway, headers) => ask(gateway.mcp, 'tools/list', {}, { headers });
const call = (gateway, name, headers) => ask(gateway.mcp, 'tools/call', { name, arguments: name === 'get_model_info' ? { model: 'ant/claude-sonnet-4-6' } : {} }, { headers });

describe('one issuer', () => {
  let issuer, gateway;
  before(async () => {
    issuer = await new Issuer().start();
    gateway = await start(issuer, { scopes });
  });
  after(async () => {
    await gateway.stop();
    await issuer.stop();
  });

  test('who has no token is told where to get one', async () => {
    const where = `${gateway.url}/.well-known/oauth-protected-resource/mcp`;
    for (const path of ['/mcp', '/mcp/', '/sse/messages?session=x']) {
      const refused = await rpc(gateway.url + path, { id: 1, method: 'ping' });
      assert.equal(refused.status, 401, path);
      assert.equal(challenge(refused).text, `Bearer resource_metadata="${where}", scope="mcp"`);
      assert.equal(refused.json.jsonrpc, '2.0');
    }
    for (const [method, path] of [['GET', '/mcp'], ['DELETE', '/mcp'], ['GET', '/sse']]) assert.equal((await fetch(gateway.url + path, { method })).status, 401, `${method} ${path}`);
    for (const path of ['', '/mcp', '/sse']) {
      const told = await fetch(`${gateway.url}/.well-known/oauth-protected-resource${path}`);
      assert.equal(told.status, 200, path);
      assert.deepEqual(await told.json(), { resource: gateway.mcp, authorization_servers: [issuer.url], scopes_supported: ['mcp'], bearer_methods_supported: ['header'], resource_name: 'Patchbay' });
    }
    assert.equal((await fetch(`${gateway.url}/.well-known/oauth-protected-resource/v1`)).status, 404);
    assert.equal((await fetch(`${gateway.url}/v1/models`)).status, 200, 'models need no token: they are not the resource');
  });

  test('every algorithm', async () => {
    issuer.keys = algorithms.map((alg) => newKey(alg));
    for (const key of issuer.keys) await eventually(async () => (await list(gateway, bearer(issuer.token({}, { key })))).status === 200, key.alg);
  });

  test('what is no good', async () => {
    const now = Math.floor(Date.now() / 1000);
    const [key] = issuer.keys;
    const good = issuer.token();
    assert.equal((await list(gateway, bearer(good))).status, 200);
    const [header, payload, signature] = good.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url');
    const bad = {
      'another audience': issuer.token({ aud: 'https://elsewhere.test/mcp' }),
      'no audience': issuer.token({ aud: undefined }),
      'another issuer': issuer.token({ iss: 'https://elsewhere.test' }),
      expired: issuer.token({ exp: now - 31 }),
      'for ever': issuer.token({ exp: undefined }),
      'not yet': issuer.token({ nbf: now + 100 }),
      'no subject': issuer.token({ sub: undefined }),
      'another kind': issuer.token({}, { header: { typ: 'logout+jwt' } }),
      extensions: issuer.token({}, { header: { crit: ['exp'] } }),
      'another key': signed({ ...newKey(key.alg), kid: key.kid }, claims),
      'an unknown key': signed(newKey(), claims),
      'another payload': `${header}.${other}.${signature}`,
      'no signature': unsigned(claims),
      'the public key as a secret': withSecret(claims, key.publicKey.export({ type: 'spki', format: 'pem' }), { kid: key.kid }),
      'the JWK as a secret': withSecret(claims, JSON.stringify(key.jwk), { kid: key.kid }),
      'no token': 'nothing',
      'a key of nobody': 'pb-0123456789abcdef',
    };
    for (const [what, token] of Object.entries(bad)) {
      const refused = await list(gateway, bearer(token));
      assert.equal(refused.status, 401, what);
      assert.equal(challenge(refused).error, 'invalid_token', what);
      assert.ok(challenge(refused).resource_metadata && challenge(refused).error_description, what);
      assert.ok(!refused.text.includes('root') && !challenge(refused).text.includes('elsewhere'), 'nothing of the token is told');
    }
    // A token belongs into one header only.
    assert.equal((await rpc(`${gateway.mcp}?key=${good}`, { id: 1, method: 'ping' })).status, 401);
    assert.equal((await rpc(`${gateway.mcp}?access_token=${good}`, { id: 1, method: 'ping' })).status, 401);
    assert.equal((await list(gateway, { 'x-api-key': good })).status, 401);
    assert.ok(!gateway.log.includes(good.split('.')[2]), 'no token is in the log');
  });

  test('scopes of tools', async () => {
    const user = bearer(issuer.token());
    const { json } = await list(gateway, user);
    const listed = new Set(json.result.tools.map((t) => t.name));
    for (const name of ['get_model_info', 'health_check', 'list_models']) assert.ok(listed.has(name), `${name} is listed, whatever the token may call`);
    assert.equal((await call(gateway, 'list_models', user)).status, 200);
    const refused = await call(gateway, 'health_check', user);
    assert.equal(refused.status, 403);
    assert.equal(refused.json.id, 1);
    const { error, scope, resource_metadata } = challenge(refused);
    assert.deepEqual({ error, scope, resource_metadata }, { error: 'insufficient_scope', scope: 'mcp ops:read', resource_metadata: `${gateway.url}/.well-known/oauth-protected-resource/mcp` });
    assert.equal((await call(gateway, 'health_check', bearer(issuer.token({ scope: 'mcp ops:read' })))).status, 200);
    assert.equal((await call(gateway, 'health_check', bearer(issuer.token({ scope: undefined, scp: ['admin'] })))).status, 200, 'a wide scope stands for narrow ones');
    assert.equal(challenge(await call(gateway, 'health_check', bearer(issuer.token({ scope: '' })))).scope, 'mcp ops:read', 'all at once');
    assert.equal((await list(gateway, bearer(issuer.token({ scope: 'ops:read' })))).status, 403);
    const stream = await fetch(gateway.mcp, { headers: { ...bearer(issuer.token({ scope: 'x' })), accept: 'text/event-stream' } });
    assert.equal(stream.status, 403);
    assert.equal(challenge(stream).scope, 'mcp');
  });

  test('scopes in a session, in a batch and over HTTP+SSE', async () => {
    const user = bearer(issuer.token());
    const params = (version) => ({ protocolVersion: version, capabilities: {}, clientInfo: { name: 'test', version: '1' } });
    const message = (name) => ({ method: 'tools/call', params: { name, arguments: { model: 'ant/claude-sonnet-4-6' } } });
    const opened = await rpc(gateway.mcp, { id: 0, method: 'initialize', params: params('2025-03-26') }, user);
    const mine = { ...user, 'mcp-session-id': opened.headers.get('mcp-session-id') };
    await rpc(gateway.mcp, { method: 'notifications/initialized' }, mine);
    assert.equal((await rpc(gateway.mcp, { id: 1, ...message('health_check') }, mine)).status, 403);
    const batch = await rpc(gateway.mcp, JSON.stringify(['list_models', 'health_check', 'get_model_info'].map((name, id) => ({ jsonrpc: '2.0', id, ...message(name) }))), mine);
    assert.equal(batch.status, 403);
    assert.equal(challenge(batch).scope, 'mcp ops:read models:read');
    // The same session goes on with a better token.
    const wider = { ...mine, ...bearer(issuer.token({ scope: 'mcp ops:read' })) };
    const done = await rpc(gateway.mcp, { id: 2, ...message('health_check') }, wider);
    assert.equal(done.status, 200);

    const c = new Client({ name: 'e2e', version: '1' });
    await c.connect(new SSEClientTransport(new URL(`${gateway.url}/sse`), { requestInit: { headers: user }, eventSourceInit: { fetch: (url, init) => fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), ...user } }) } }));
    assert.equal((await c.callTool({ name: 'list_models', arguments: {} })).isError ?? false, false);
    await assert.rejects(c.callTool({ name: 'health_check', arguments: {} }), /403/);
    await c.close();
  });

  test('a session belongs to its subject', async () => {
    const of = (sub) => bearer(issuer.token({ sub }));
    const opened = await rpc(gateway.mcp, { id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } } }, of('ann'));
    assert.equal(opened.status, 200);
    const id = { 'mcp-session-id': opened.headers.get('mcp-session-id'), 'mcp-protocol-version': '2025-11-25' };
    const ping = (who) => rpc(gateway.mcp, { id: 1, method: 'ping' }, { ...id, ...who });
    assert.equal((await ping(of('ann'))).status, 200, 'with any token of hers');
    assert.equal((await ping(of('bob'))).status, 404);
    assert.equal((await ping(of('Ann'))).status, 404);
    for (const method of ['GET', 'DELETE']) assert.equal((await fetch(gateway.mcp, { method, headers: { ...id, ...of('bob'), accept: 'text/event-stream' } })).status, 404, method);
    assert.equal((await ping(of('ann'))).status, 200, 'nobody else could end it');
    assert.equal((await fetch(gateway.mcp, { method: 'DELETE', headers: { ...id, ...of('ann') } })).status, 200);

    const stream = await fetch(`${gateway.url}/sse`, { headers: { ...of('ann'), accept: 'text/event-stream' } });
    const reader = stream.body.getReader();
    const [, endpoint] = /data: (\S+)/.exec(Buffer.from((await reader.read()).value).toString());
    assert.equal((await rpc(gateway.url + endpoint, { id: 1, method: 'ping' }, of('bob'))).status, 404);
    assert.equal((await rpc(gateway.url + endpoint, { id: 1, method: 'ping' }, of('ann'))).status, 202);
    await reader.cancel();
  });
});

// Both generations of the official client find the issuer by themselves, register, send the user to it and come back with a token;
// later, for a tool that needs more, once again.
const generations = {
  '1.x, sessions': {
    connect: async (url, authProvider) => {
      const transport = new StreamableHTTPClientTransport(url, { authProvider });
      const client = new Client({ name: 'e2e', version: '1' });
      return { client, transport, connected: client.connect(transport) };
    },
    finish: (transport, back) => transport.finishAuth(back.get('code')),
  },
  '2.x, 2026-07-28': {
    connect: async (url, authProvider) => {
      const transport = new NewHttp(url, { authProvider });
      const client = new NewClient({ name: 'e2e', version: '1' }, { versionNegotiation: { mode: { pin: modern } } });
      return { client, transport, connected: client.connect(transport) };
    },
    finish: (transport, back) => transport.finishAuth(back),
  },
};
for (const [name, { connect, finish }] of Object.entries(generations))
  test(`the official client's own flow: ${name}`, async () => {
    const issuer = await new Issuer({ path: '/realm', metadata: name.startsWith('1') ? 'oauth-authorization-server' : 'openid-configuration' }).start();
    const gateway = await start(issuer, { scopes });
    const url = new URL(gateway.mcp);
    const account = new Account();
    const first = await connect(url, account);
    await assert.rejects(first.connected, (e) => e.constructor.name === 'UnauthorizedError');
    assert.equal(account.asked.origin + account.asked.pathname, `${issuer.url}/authorize`);
    assert.equal(account.asked.searchParams.get('resource'), gateway.mcp);
    assert.equal(account.asked.searchParams.get('scope'), 'mcp');
    await finish(first.transport, await account.browse());
    const second = await connect(url, account);
    await second.connected;
    const { client } = second;
    assert.ok((await client.listTools()).tools.some((t) => t.name === 'list_models'));
    assert.equal((await client.callTool({ name: 'list_models', arguments: {} })).isError ?? false, false);

    // More is asked for when it is needed, and what there was is kept.
    await assert.rejects(client.callTool({ name: 'health_check', arguments: {} }), (e) => e.constructor.name === 'UnauthorizedError');
    assert.deepEqual(account.asked.searchParams.get('scope').split(' ').sort(), ['mcp', 'ops:read']);
    await finish(second.transport, await account.browse());
    assert.equal((await client.callTool({ name: 'health_check', arguments: {} })).structuredContent.status, 'healthy');
    await client.close();
    await gateway.stop();
    await issuer.stop();
  });

test('the issuer changes its key', async () => {
  const issuer = await new Issuer().start();
  const gateway = await start(issuer, { keys_refresh: '1s' });
  const before = issuer.token();
  assert.equal((await list(gateway, bearer(before))).status, 200);
  const retired = issuer.keys[0];
  issuer.keys = [newKey('EdDSA'), retired];
  await eventually(async () => (await list(gateway, bearer(issuer.token()))).status === 200, 'the new key is known');
  assert.equal((await list(gateway, bearer(before))).status, 200, 'the old one still counts');
  issuer.keys = [issuer.keys[0]];
  await eventually(async () => (await list(gateway, bearer(before))).status === 401, 'the old one counts no more');
  assert.equal((await list(gateway, bearer(issuer.token()))).status, 200);
  await gateway.stop();
  await issuer.stop();
});

test('unknown keys do not make the gateway ask all the time', async () => {
  const issuer = await new Issuer().start();
  const gateway = await start(issuer, { keys_retry: '1h' });
  assert.equal((await list(gateway, bearer(issuer.token()))).status, 200);
  const stranger = newKey();
  const answers = await Promise.all(Array.from({ length: 50 }, () => list(gateway, bearer(issuer.token({}, { key: { ...stranger, kid: newKey.name + Math.random() } })))));
  assert.deepEqual([...new Set(answers.map((a) => a.status))], [401]);
  assert.equal(issuer.fetched.list.length, 1);
  await gateway.stop();
  await issuer.stop();
});

test('the issuer is down', async () => {
  const issuer = await new Issuer({ down: true }).start();
  const gateway = await start(issuer);
  const early = await list(gateway, bearer(issuer.token()));
  assert.equal(early.status, 503, 'no keys: the token may be good');
  assert.ok(Number(early.headers.get('retry-after')) >= 1);
  assert.equal(early.headers.get('www-authenticate'), null, 'another token would not help');
  issuer.down = false;
  await eventually(async () => (await list(gateway, bearer(issuer.token()))).status === 200, 'it is up');
  issuer.down = true;
  assert.equal((await list(gateway, bearer(issuer.token({ sub: 'bob' })))).status, 200, 'its keys are known');
  assert.equal((await list(gateway, bearer(issuer.token({}, { key: newKey() })))).status, 401);
  await issuer.stop();
  assert.equal((await list(gateway, bearer(issuer.token({ sub: 'eve' })))).status, 200, 'even when it is gone');
  await gateway.stop();
});

test('the issuer must be who it says, by its certificate', async () => {
  const folder = temporary();
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { cwd: folder, stdio: 'pipe' });
  const file = (name) => join(folder, name);
  const issuer = await new Issuer({ tls: { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) } }).start();
  const trusting = await start(issuer, { ca_file: file('cert.pem') });
  assert.equal((await list(trusting, bearer(issuer.token()))).status, 200);
  await trusting.stop();
  const wary = await start(issuer);
  assert.equal((await list(wary, bearer(issuer.token()))).status, 503);
  assert.match(wary.log, /keys of the issuer of access tokens cannot be fetched.*certificate/i);
  await wary.stop();
  await issuer.stop();
});

test('a slow issuer holds up nobody else', async () => {
  const issuer = await new Issuer().start();
  const gateway = await start(issuer, {}, { server: { keys: ['a-key-of-the-configuration'] } });
  let release;
  issuer.held = new Promise((done) => (release = done));
  const waiting = [1, 2, 3].map((n) => list(gateway, bearer(issuer.token({ sub: `user ${n}` }))));
  await issuer.fetched.reach(1);
  const key = bearer('a-key-of-the-configuration');
  assert.equal((await list(gateway, key)).status, 200, 'a key needs no issuer');
  assert.equal((await fetch(`${gateway.url}/v1/models`, { headers: key })).status, 200);
  release();
  for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 200);
  assert.equal(issuer.fetched.list.length, 1, 'they waited for the same');

  issuer.held = new Promise((done) => (release = done));
  let answered = false;
  let unknown; // once the interval is over, it waits for the keys
  const next = issuer.fetched.reach(2);
  const knocking = eventually(async () => {
    unknown = list(gateway, bearer(issuer.token({}, { key: newKey() }))).then((a) => ((answered = true), a));
    return Promise.race([next.then(() => true), unknown.then(() => false)]);
  }, 'a second fetch');
  await knocking;
  answered = false;
  assert.equal((await list(gateway, bearer(issuer.token({ sub: 'late' })))).status, 200, 'a known key does not wait');
  assert.equal(answered, false);
  release();
  assert.equal((await unknown).status, 401);
  await gateway.stop();
  await issuer.stop();
});

describe('tokens beside virtual keys', () => {
  let issuer;
  before(async () => (issuer = await new Issuer().start()));
  after(() => issuer.stop());

  const models = async (gateway, headers) => {
    const { json } = await call(gateway, 'list_models', headers);
    return [...new Set(json.result.structuredContent.models.map((m) => m.name.split('/').at(-1)))].sort();
  };
  const make = async (gateway, name, ...more) => {
    const made = await run(['keys', 'create', name, ...more, '--config', gateway.config]);
    assert.equal(made.code, 0, made.stderr);
    const key = made.stdout.trim();
    await keySeen(gateway, key);
    return key;
  };

  test('a key and a subject of one name are two callers', async () => {
    const gateway = await start(issuer);
    const key = bearer(await make(gateway, 'ann'));
    const token = bearer(issuer.token({ sub: 'ann' }));
    for (const [mine, others] of [[key, token], [token, key]]) {
      const opened = await rpc(gateway.mcp, { id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } } }, mine);
      const id = { 'mcp-session-id': opened.headers.get('mcp-session-id') };
      assert.equal((await rpc(gateway.mcp, { id: 1, method: 'ping' }, { ...id, ...mine })).status, 200);
      assert.equal((await rpc(gateway.mcp, { id: 1, method: 'ping' }, { ...id, ...others })).status, 404);
    }
    await gateway.stop();
  });

  test('a claim names the key whose rights a token has', async () => {
    const gateway = await start(issuer, { key_claim: 'https://gw.test/key' });
    await make(gateway, 'narrow', '--models', 'echo', '--tools', 'list_*');
    const as = (key, sub = 'ann') => bearer(issuer.token({ sub, ...(key === undefined ? {} : { 'https://gw.test/key': key }) }));
    assert.deepEqual(await models(gateway, as('narrow')), ['echo']);
    assert.match((await call(gateway, 'health_check', as('narrow'))).json.error.message, /there is no tool/);
    for (const nobody of [undefined, 'nobody', '', 7, ['narrow']]) {
      const refused = await list(gateway, as(nobody));
      assert.equal(refused.status, 403, String(nobody));
      assert.equal(refused.headers.get('www-authenticate'), null);
      assert.match(refused.json.error.message, /names no key/);
    }
    // Two people with one key have not one session.
    const opened = await rpc(gateway.mcp, { id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } } }, as('narrow', 'ann'));
    const id = { 'mcp-session-id': opened.headers.get('mcp-session-id') };
    assert.equal((await rpc(gateway.mcp, { id: 1, method: 'ping' }, { ...id, ...as('narrow', 'bob') })).status, 404);
    assert.equal((await rpc(gateway.mcp, { id: 1, method: 'ping' }, { ...id, ...as('narrow', 'ann') })).status, 200);
    assert.equal((await run(['keys', 'revoke', 'narrow', '--config', gateway.config])).code, 0);
    await eventually(async () => (await list(gateway, as('narrow'))).status === 403, 'the key is revoked');
    await gateway.stop();
  });

  test('one key for all, and a team by a list of groups', async () => {
    const shared = await start(issuer, { key: 'everybody' });
    assert.equal((await list(shared, bearer(issuer.token()))).status, 403, 'there is no such key yet');
    await make(shared, 'everybody', '--models', 'echo');
    assert.deepEqual(await models(shared, bearer(issuer.token())), ['echo']);
    await shared.stop();

    const gateway = await start(issuer, { team_claim: 'groups' }, { teams: { search: { models: ['echo'] }, all: {} } });
    assert.deepEqual(await models(gateway, bearer(issuer.token({ groups: ['staff', 'search', 'all'] }))), ['echo']);
    assert.ok((await models(gateway, bearer(issuer.token({ groups: 'all' })))).length > 1);
    for (const groups of [undefined, [], ['staff'], 'Search']) assert.equal((await list(gateway, bearer(issuer.token({ groups })))).status, 403, String(groups));
    await gateway.stop();
  });
});
