// The program from the outside: start, keys, hosts, shutdown, commands and their exit codes.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { anthropic, chat, elapsed, message, openai, post, providers, rawConnection, run, slow, startPair, startServe, startSim, startUpstream, temporary, writeConfig, Program } from './harness.mjs';

// fetch() sets Host itself, so these go through http.request.
function request(url, path, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((done, failed) => {
    const call = http.request(url + path, { method, headers: body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers } : headers }, (response) => {
      let text = '';
      response.on('data', (d) => (text += d));
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, text }));
    });
    call.on('error', failed);
    call.end(body);
  });
}

describe('without any configuration', () => {
  test('the built-in simulator answers and says so', async () => {
    const gateway = await new Program(['serve', '--listen', '127.0.0.1:0'], { env: { XDG_DATA_HOME: temporary() } }).listening();
    const answer = await openai(gateway.url).chat.completions.create(chat('gpt-5.4', 'hello'));
    assert.match(answer.choices[0].message.content, /simulator/);
    const other = await anthropic(gateway.url).messages.create(message('claude-sonnet-4-5', 'hello'));
    assert.match(other.content[0].text, /simulator/);
    assert.equal((await openai(gateway.url).chat.completions.create(chat('echo', 'hello'))).choices[0].message.content, 'hello');
    assert.match(gateway.log, /simulator/);
    await gateway.stop();
  });
});

describe('client keys', () => {
  test('are taken in all three header forms, and nothing else is', async () => {
    const sim = await startSim();
    const gateway = await startServe({ server: { keys: ['secret-client-key-1', 'secret-client-key-2'] }, providers: providers(sim.url) });
    const body = JSON.stringify(chat('oai/echo', 'hi'));
    const ask = (headers) => request(gateway.url, '/v1/chat/completions', { method: 'POST', headers, body });
    assert.equal((await ask({ authorization: 'Bearer secret-client-key-1' })).status, 200);
    assert.equal((await ask({ 'x-api-key': 'secret-client-key-2' })).status, 200);
    assert.equal((await ask({ 'api-key': 'secret-client-key-1' })).status, 200);
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic c2VjcmV0' }, { 'x-api-key': 'secret-client-key-' }, { authorization: 'Bearer ' }]) {
      const refused = await ask(headers);
      assert.equal(refused.status, 401, JSON.stringify(headers));
      assert.ok(JSON.parse(refused.text).error.message);
    }
    const messages = await request(gateway.url, '/v1/messages', { method: 'POST', body: JSON.stringify(message('ant/echo', 'hi')) });
    assert.equal(messages.status, 401);
    assert.equal(JSON.parse(messages.text).error.type, 'authentication_error');
    assert.equal((await request(gateway.url, '/v1/models')).status, 401);
    assert.equal((await request(gateway.url, '/health')).status, 200);
    await gateway.stop();
    await sim.stop();
    assert.ok(!gateway.log.includes('secret-client-key') && !gateway.log.includes('key-for-oai'), 'no key in the log');
  });

  test('are required to listen on anything but loopback', async () => {
    const { code, stderr } = await run(['serve', '--config', writeConfig({ server: { listen: '0.0.0.0:0', data_dir: temporary() } })]);
    assert.equal(code, 2);
    assert.match(stderr, /key/);
  });
});

describe('Host and Origin', () => {
  test('other sites’ pages and names are refused', async () => {
    const pair = await startPair({ server: { allowed_hosts: ['gateway.example.com'], allowed_origins: ['https://app.example.com'] } });
    const port = pair.gateway.port;
    const status = async (headers) => (await request(pair.url, '/v1/models', { headers })).status;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'localhost', 'gateway.example.com']) assert.equal(await status({ host }), 200, host);
    for (const host of ['evil.example.com', `evil.example.com:${port}`, 'localhost.evil.example.com', '169.254.169.254']) assert.equal(await status({ host }), 403, host);
    for (const [host, origin] of [
      [`127.0.0.1:${port}`, `http://127.0.0.1:${port}`],
      [`localhost:${port}`, `http://localhost:${port}`],
      [`127.0.0.1:${port}`, 'https://app.example.com'],
    ])
      assert.equal(await status({ host, origin }), 200, origin);
    for (const origin of ['https://evil.example.com', 'null', `http://localhost.evil.example.com:${port}`]) assert.equal(await status({ origin }), 403, origin);
    await pair.stop();
  });
});

describe('SIGTERM', () => {
  test('an open stream is finished, new connections are refused, the exit code is 0', async () => {
    let write;
    const upstream = await startUpstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      write = (bytes, end) => (end ? response.end(bytes) : response.write(bytes));
      write('data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"first"},"finish_reason":null}]}\n\n');
    });
    const gateway = await startServe({ providers: providers(upstream.url) });
    const body = JSON.stringify(chat('oai/m', 'x', { stream: true }));
    const connection = await rawConnection(gateway.url);
    const idle = await rawConnection(gateway.url);
    connection.send(`POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await connection.until(/"first"/);
    gateway.child.kill('SIGTERM');
    await idle.end();
    await assert.rejects(rawConnection(gateway.url));
    write('data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"last"},"finish_reason":"stop"}]}\n\n');
    write('data: [DONE]\n\n', true);
    const text = await connection.end();
    assert.ok(text.includes('"last"') && text.includes('[DONE]'));
    assert.equal(await gateway.ended(), 0, gateway.log);
    await upstream.stop();
  });

  test('a stream that does not end is cut off after server.drain', async () => {
    const pair = await startPair({ server: { drain: '200ms' } });
    const body = JSON.stringify(message('ant/sim-silent-60s', 'x', { stream: true }));
    const connection = await rawConnection(pair.url);
    connection.send(`POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await connection.until(/message_start/);
    const time = elapsed();
    await pair.stop();
    assert.ok(time() < 5_000 * slow, `took ${time()} ms`);
    connection.close();
  });
});

describe('the ledger', () => {
  test('usage --json tells what was used', async () => {
    const pair = await startPair();
    await post(pair.url, '/v1/chat/completions', chat('oai/echo', 'one two three'));
    await post(pair.url, '/v1/chat/completions', chat('oai/echo', 'one two three', { stream: true }));
    await post(pair.url, '/v1/messages', message('oai/echo', 'translated'));
    await post(pair.url, '/v1/messages', message('ant/echo', 'streamed', { stream: true }));
    await post(pair.url, '/v1/messages', message('ant/sim-error-500', 'fails'));
    const config = pair.gateway.config;
    await pair.stop();
    const { code, stdout, stderr } = await run(['usage', '--json', '--by', 'provider', '--config', config]);
    assert.equal(code, 0, stderr);
    const rows = JSON.parse(stdout);
    const list = Array.isArray(rows) ? rows : (rows.rows ?? rows.groups ?? rows.usage);
    const of = (provider) => list.find((r) => r.provider === provider);
    assert.equal(of('oai').requests, 3);
    assert.equal(of('oai').errors, 0);
    assert.equal(of('ant').requests, 2);
    assert.equal(of('ant').errors, 1);
    assert.ok((of('oai').input ?? of('oai').input_tokens) > 5, stdout);
    assert.ok((of('ant').output ?? of('ant').output_tokens) > 0, stdout);
    const table = await run(['usage', '--config', config]);
    assert.equal(table.code, 0);
    assert.match(table.stdout, /echo/);
  });
});

describe('the command line', () => {
  test('config validate: 0 for a good file, 2 and every mistake for a bad one', async () => {
    const good = writeConfig({ providers: providers('http://127.0.0.1:9'), models: { fast: 'oai/x' } });
    assert.equal((await run(['config', 'validate', good])).code, 0);
    const bad = join(temporary(), 'bad.yaml');
    writeFileSync(bad, 'server:\n  lisen: "127.0.0.1:8000"\nproviders:\n  up: {type: custom, formats: [openai_chat], base_ur: "http://127.0.0.1:1/v1"}\nmodels: {fast: nowhere/x}\n');
    const { code, stdout, stderr } = await run(['config', 'validate', bad]);
    const text = stdout + stderr;
    assert.equal(code, 2);
    assert.match(text, /bad\.yaml:2:\d+: server\.lisen: .*listen/);
    assert.match(text, /bad\.yaml:4:\d+: providers\.up\.base_ur: .*base_url/);
    assert.match(text, /bad\.yaml:5:\d+: models\.fast/);
    assert.equal((await run(['config', 'validate', join(temporary(), 'absent.yaml')])).code, 2);
    assert.equal((await run(['serve', '--config', bad])).code, 2);
  });

  test('config show masks secrets; schema is JSON Schema', async () => {
    const file = writeConfig({ providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: 'http://127.0.0.1:9/v1', api_key: 'sk-very-secret-key-of-mine' } } });
    const shown = await run(['config', 'show', '--config', file]);
    assert.equal(shown.code, 0, shown.stderr);
    assert.ok(!shown.stdout.includes('very-secret'));
    const schema = JSON.parse((await run(['config', 'schema'])).stdout);
    assert.match(schema.$schema, /2020-12/);
    assert.ok(schema.properties.providers);
  });

  test('the smallest configuration of the documentation works, with ${VAR:-default}', async () => {
    const sim = await startSim();
    const folder = temporary();
    const file = join(folder, 'patchbay.yaml');
    writeFileSync(
      file,
      `server: {listen: "127.0.0.1:0", data_dir: ./data}
providers:
  up:  {type: custom, formats: [openai_chat], base_url: "${sim.url}/v1", api_key: "\${UP_KEY:-none}"}
  ant: {type: anthropic, base_url: "${sim.url}"}
models: {fast: up/echo, smart: ant/echo}
`,
    );
    const gateway = await new Program(['serve'], { cwd: folder, env: { ANTHROPIC_API_KEY: 'k' } }).listening();
    assert.equal((await post(gateway.url, '/v1/chat/completions', chat('fast', 'a'))).json.choices[0].message.content, 'a');
    assert.equal((await post(gateway.url, '/v1/messages', message('smart', 'b'))).json.content[0].text, 'b');
    await gateway.stop();
    await sim.stop();
  });

  test('--version, --help and mistakes', async () => {
    const version = await run(['--version']);
    assert.equal(version.code, 0);
    assert.match(version.stdout, /^patchbay \d+\.\d+\.\d+/);
    assert.equal((await run(['--help'])).code, 0);
    assert.equal((await run(['no-such-command'])).code, 2);
    assert.equal((await run(['sim', '--scenario', '/nonexistent.yaml'])).code, 2);
  });

  test('an address in use is said plainly', async () => {
    const sim = await startSim();
    const { code, stderr } = await run(['sim', '--listen', `127.0.0.1:${sim.port}`]);
    assert.equal(code, 1);
    assert.match(stderr, /in use/);
    await sim.stop();
  });
});
