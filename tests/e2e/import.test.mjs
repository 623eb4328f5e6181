// `patchbay config import`: what it writes is valid, runs, and does what the imported program did.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Program, anthropic, message, run, startUpstream, temporary } from './harness.mjs';

let upstream;
before(async () => {
  upstream = await startUpstream((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}');
  });
});
after(() => upstream.stop());

const example = (url) => ({
  server: { name: 'mcp-proxy-server', version: '1.0.0', debug: false },
  providers: [
    {
      id: 'openrouter',
      name: 'OpenRouter',
      type: 'openrouter',
      baseUrl: `${url}/api`,
      apiKey: '${OPENROUTER_API_KEY}',
      models: ['anthropic/claude-x', 'google/*'],
      capabilities: { streaming: true, tools: true, reasoning: true },
      priority: 1,
      timeout: 30000,
      enabled: true,
    },
    { id: 'backup', type: 'openai', baseUrl: url, apiKey: 'sk-proj-a-real-key-0123456789', models: ['gpt-*'] },
  ],
  routing: { defaultProvider: 'openrouter', loadBalancing: { strategy: 'weighted', failover: true }, modelMapping: { fast: 'google/flash', default: 'anthropic/claude-x' } },
  logging: { level: 'info', format: 'json' },
});

const tools = ['Open', 'BatchTool'].map((name) => ({ name, description: 'd', input_schema: { type: 'object', properties: { url: { type: 'string', format: 'uri' } } } }));

// What reaches the provider when an Anthropic client asks.
async function sent(url, body) {
  const next = upstream.next();
  const answer = await anthropic(url).messages.create(body);
  assert.equal(answer.content[0].text, 'ok');
  const request = await next;
  return { ...request, json: JSON.parse(request.body) };
}

async function serve(config, env) {
  return new Program(['serve', '--config', config, '--listen', '127.0.0.1:0'], { env: { ...env, PATCHBAY_SERVER_DATA_DIR: temporary() } }).listening();
}

test('a file: imported, valid, and running', async () => {
  const folder = temporary();
  const [source, made] = [join(folder, 'mcp-config.json'), join(folder, 'patchbay.yaml')];
  writeFileSync(source, JSON.stringify(example(upstream.url)));
  const imported = await run(['config', 'import', source, '--output', made]);
  assert.equal(imported.code, 0, imported.stderr);
  assert.equal(imported.stdout, '');
  assert.match(imported.stderr, /^written: /);
  assert.match(imported.stderr, /Not carried over:\n- .*providers\[0\]\.capabilities \{streaming, tools, reasoning\}: /s);
  assert.match(imported.stderr, /- providers\[1\]\.apiKey: .*BACKUP_API_KEY/);
  assert.match(imported.stderr, /Before it can run:\n- providers\.openrouter\.api_key: .*OPENROUTER_API_KEY is not set/);
  const text = readFileSync(made, 'utf8');
  assert.ok(!text.includes('a-real-key'), text);

  const again = await run(['config', 'import', source, '--output', made]);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /exists; --force/);
  assert.equal(readFileSync(made, 'utf8'), text);
  assert.equal((await run(['config', 'import', source, '--output', made, '--force'])).code, 0);

  const env = { OPENROUTER_API_KEY: 'sk-or-0123456789', BACKUP_API_KEY: 'sk-0123456789' };
  const valid = await run(['config', 'validate', made], { env });
  assert.equal(valid.code, 0, valid.stderr);
  assert.match(valid.stdout, /no mistakes; 2 providers/);

  const gateway = await serve(made, env);
  const fast = await sent(gateway.url, message('fast', 'hello', { tools }));
  assert.equal(fast.url, '/api/v1/chat/completions');
  assert.equal(fast.headers.authorization, 'Bearer sk-or-0123456789');
  assert.equal(fast.json.model, 'google/flash');
  assert.deepEqual(fast.json.tools.map((t) => [t.function.name, t.function.parameters]), [['Open', { type: 'object', properties: { url: { type: 'string' } } }]]);
  assert.equal((await sent(gateway.url, message('google/other', 'x'))).json.model, 'google/other');
  const gpt = await sent(gateway.url, message('gpt-9', 'x'));
  assert.deepEqual([gpt.url, gpt.json.model, gpt.headers.authorization], ['/v1/chat/completions', 'gpt-9', 'Bearer sk-0123456789']);
  assert.equal((await sent(gateway.url, message('whatever', 'x'))).json.model, 'anthropic/claude-x');
  await gateway.stop();
});

test('the environment: to standard output, and running', async () => {
  const env = { ANTHROPIC_PROXY_BASE_URL: upstream.url, REASONING_MODEL: 'deep', COMPLETION_MODEL: 'quick', OPENROUTER_API_KEY: 'sk-or-0123456789', PORT: '4567' };
  const imported = await run(['config', 'import', '--env'], { env });
  assert.equal(imported.code, 0, imported.stderr);
  assert.match(imported.stdout, /listen: "127\.0\.0\.1:4567"/);
  const made = join(temporary(), 'patchbay.yaml');
  writeFileSync(made, imported.stdout);
  const gateway = await serve(made, {});
  const plain = await sent(gateway.url, message('claude-sonnet-4-6', 'x'));
  assert.deepEqual([plain.url, plain.json.model, plain.headers.authorization], ['/v1/chat/completions', 'quick', undefined]);
  assert.equal((await sent(gateway.url, message('claude-sonnet-4-6', 'x', { max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 } }))).json.model, 'deep');
  await gateway.stop();
});

test('without a name the file is looked for where it used to be', async () => {
  const cwd = temporary();
  const none = await run(['config', 'import'], { cwd });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /no configuration of cproxy was found/);
  mkdirSync(join(cwd, 'config'));
  writeFileSync(join(cwd, 'config/mcp.json'), 'server: {port: 4321}\nproviders: [{id: box, type: local, baseUrl: "http://127.0.0.1:1"}]\n');
  const found = await run(['config', 'import'], { cwd });
  assert.equal(found.code, 0, found.stderr);
  assert.match(found.stdout, /127\.0\.0\.1:4321/);
  assert.match(found.stdout, /from config\/mcp\.json/);
  assert.ok(!existsSync(join(cwd, 'patchbay.yaml')));
});

test('what cannot be read is refused with line and column', async () => {
  const file = join(temporary(), 'c.json');
  writeFileSync(file, '{\n  "server": {"port": 1\n');
  const bad = await run(['config', 'import', file]);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /c\.json:\d+:\d+: /);
  assert.equal((await run(['config', 'import', '/nonexistent.json'])).code, 2);
});
