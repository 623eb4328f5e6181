// `patchbay config import` of LiteLLM's and claude-code-router's files: what is written runs, and requests take the ways that they
// took there.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Program, anthropic, chat, message, png, post, run, startUpstream, temporary } from './harness.mjs';

// An upstream that says who it is and what it was asked for.
const answering = (name, fails = () => false) =>
  startUpstream((request, response) => {
    const body = JSON.parse(request.body);
    if (fails(body)) {
      response.writeHead(500, { 'content-type': 'application/json' });
      return response.end('{"error":{"message":"down","type":"server_error"}}');
    }
    const text = `${name}:${body.model}`;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      request.url.endsWith('/messages')
        ? JSON.stringify({ id: 'm', type: 'message', role: 'assistant', model: body.model, content: [{ type: 'text', text }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } })
        : JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: body.model, choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }),
    );
  });

async function imported(name, source, { env = {}, args = [] } = {}) {
  const folder = temporary();
  const [from, to] = [join(folder, name), join(folder, 'patchbay.yaml')];
  writeFileSync(from, source);
  const done = await run(['config', 'import', from, '--output', to, ...args]);
  assert.equal(done.code, 0, done.stderr);
  const text = readFileSync(to, 'utf8');
  const check = await run(['config', 'check', to], { env });
  assert.equal(check.code, 0, check.stderr + text);
  return { report: done.stderr, text, config: to };
}

async function serve(config, env) {
  return new Program(['serve', '--config', config, '--listen', '127.0.0.1:0'], { env: { ...env, PATCHBAY_SERVER_DATA_DIR: temporary(), PATCHBAY_SERVER_LOOP_GUARD: '0' } }).listening();
}

describe('claude-code-router', () => {
  let one, two, gateway, made;
  const env = { ONE_KEY: 'key-one', BOX_API_KEY: 'key-box', PATCHBAY_CLIENT_KEY: 'client-key' };
  before(async () => {
    one = await answering('one');
    two = await answering('two');
    made = await imported(
      'config.json',
      JSON.stringify({
        APIKEY: 'sk-s3cr3t-client',
        PORT: 3457,
        LOG: true,
        API_TIMEOUT_MS: 600000,
        Providers: [
          { name: 'one', api_base_url: `${one.url}/v1/chat/completions`, api_key: '$ONE_KEY', models: ['main', 'deep', 'large', 'eyes'] },
          { name: 'box', api_base_url: `${two.url}/v1/messages`, api_key: 'sk-s3cr3t-box', models: ['small', 'search'], transformer: { use: ['Anthropic'] } },
        ],
        Router: { default: 'one,main', background: 'box,small', think: 'one,deep', longContext: 'one,large', longContextThreshold: 5000, webSearch: 'box,search', image: 'one,eyes' },
      }),
      { env },
    );
    gateway = await serve(made.config, env);
  });
  after(async () => {
    await gateway.stop();
    await one.stop();
    await two.stop();
  });

  // As Claude Code asks: a system prompt in blocks, tools, metadata.
  const tools = ['Bash', 'Read', 'Edit'].map((name) => ({ name, description: `the tool ${name}`, input_schema: { type: 'object', properties: { path: { type: 'string' } } } }));
  const request = (model, more = {}) =>
    message(model, 'What does this repository do?', {
      max_tokens: 8192,
      system: [{ type: 'text', text: 'You are Claude Code.', cache_control: { type: 'ephemeral' } }, { type: 'text', text: '<env>\nWorking directory: /src\n</env>' }],
      tools,
      metadata: { user_id: 'user_0_account__session_1' },
      ...more,
    });
  const ask = async (...args) => (await anthropic(gateway.url, { apiKey: 'client-key' }).messages.create(request(...args))).content[0].text;

  test('the report names what is lost and what to set; no secret is copied', () => {
    assert.ok(!made.text.includes('s3cr3t') && !made.report.includes('s3cr3t'));
    assert.match(made.report, /Variables to set, as in a \.env file:\nPATCHBAY_CLIENT_KEY= {4}\(the value of APIKEY\)\nONE_KEY=\nBOX_API_KEY= {4}\(the value of Providers\[1\]\.api_key\)\n/);
    assert.match(made.report, /- <CCR-SUBAGENT-MODEL>: /);
    assert.match(made.text, /# Not carried over:\n/);
    assert.match(made.text, /listen: "127\.0\.0\.1:3457"/);
  });

  test('default, background, thinking, long context, web search, pictures', async () => {
    assert.equal(await ask('claude-sonnet-4-6'), 'one:main');
    assert.equal(await ask('claude-opus-4-6'), 'one:main');
    assert.equal(await ask('claude-haiku-4-5-20251001'), 'two:small');
    assert.equal(await ask('claude-3-5-haiku-20241022'), 'two:small');
    assert.equal(await ask('claude-sonnet-4-6', { thinking: { type: 'enabled', budget_tokens: 2000 } }), 'one:deep');
    assert.equal(await ask('claude-sonnet-4-6', { thinking: { type: 'disabled' } }), 'one:main');
    assert.equal(await ask('claude-sonnet-4-6', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] }), 'two:search');
    assert.equal(await ask('claude-sonnet-4-6', { messages: [{ role: 'user', content: 'a long prompt '.repeat(3000) }] }), 'one:large');
    // Long context goes before thinking and background.
    assert.equal(await ask('claude-haiku-4-5', { messages: [{ role: 'user', content: 'a long prompt '.repeat(3000) }] }), 'one:large');
    const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png.toString('base64') } };
    assert.equal(await ask('claude-sonnet-4-6', { messages: [{ role: 'user', content: [picture, { type: 'text', text: 'what is it?' }] }] }), 'one:eyes');
  });

  test('provider,model is what it says, whatever else holds', async () => {
    assert.equal(await ask('box,small'), 'two:small');
    assert.equal(await ask('one,deep', { messages: [{ role: 'user', content: 'a long prompt '.repeat(3000) }] }), 'one:deep');
  });

  test('keys are those of the variables, and clients need theirs', async () => {
    await ask('claude-sonnet-4-6');
    assert.equal(one.requests.at(-1).headers.authorization, 'Bearer key-one');
    assert.equal(one.requests.at(-1).url, '/v1/chat/completions');
    await ask('claude-haiku-4-5');
    assert.equal(two.requests.at(-1).headers['x-api-key'], 'key-box');
    assert.equal(two.requests.at(-1).url, '/v1/messages');
    assert.equal((await post(gateway.url, '/v1/messages', request('x'))).status, 401);
  });
});

describe('LiteLLM', () => {
  let good, bad, gateway, made;
  const env = { GOOD_KEY: 'key-good', PATCHBAY_CLIENT_KEY: 'client-key', OPENAI_2_API_KEY: 'key-bad' };
  const key = { authorization: 'Bearer client-key' };
  before(async () => {
    good = await answering('good');
    bad = await answering('bad', (body) => body.model.startsWith('broken'));
    made = await imported(
      'config.yaml',
      `model_list:
  - model_name: shared
    litellm_params: {model: openai/a, api_base: "${good.url}/v1", api_key: os.environ/GOOD_KEY, weight: 3}
  - model_name: shared
    litellm_params: {model: openai/b, api_base: "${bad.url}/v1", api_key: sk-s3cr3t-key, weight: 1}
  - model_name: broken
    litellm_params: {model: openai/broken, api_base: "${bad.url}/v1", api_key: sk-s3cr3t-key}
  - model_name: ordered
    litellm_params: {model: openai/broken-first, api_base: "${bad.url}/v1", api_key: sk-s3cr3t-key, order: 1}
  - model_name: ordered
    litellm_params: {model: openai/second, api_base: "${good.url}/v1", api_key: os.environ/GOOD_KEY, order: 2}
  - model_name: spare
    litellm_params: {model: anthropic/claude-spare, api_base: "${good.url}", api_key: os.environ/GOOD_KEY}
  - model_name: "any-*"
    litellm_params: {model: "openai/*", api_base: "${good.url}/v1", api_key: os.environ/GOOD_KEY}
router_settings:
  routing_strategy: simple-shuffle
  num_retries: 0
  fallbacks: [{broken: [spare]}, {spare: [broken]}]
  model_group_alias: {gpt-4: shared}
litellm_settings: {drop_params: true, callbacks: [otel]}
general_settings: {master_key: sk-s3cr3t-master, completion_model: spare}
`,
      { env },
    );
    gateway = await serve(made.config, env);
  });
  after(async () => {
    await gateway.stop();
    await good.stop();
    await bad.stop();
  });
  const ask = async (model, text = 'hello') => {
    const got = await post(gateway.url, '/v1/chat/completions', chat(model, text), key);
    assert.equal(got.status, 200, got.text);
    return got.json.choices[0].message.content;
  };

  test('weights share the work', async () => {
    const counts = {};
    for (let i = 0; i < 200; ++i) {
      const by = await ask('shared', `${i}`);
      counts[by] = (counts[by] ?? 0) + 1;
    }
    // 150 and 50 are expected; 4 standard deviations are 25.
    assert.ok(counts['good:a'] > 120 && counts['bad:b'] > 20, JSON.stringify(counts));
    assert.match(await ask('gpt-4'), /^(good:a|bad:b)$/);
  });

  test('a failing model falls back, across formats; order is kept; the rest of a name is passed on', async () => {
    assert.equal(await ask('broken'), 'good:claude-spare');
    assert.equal(good.requests.at(-1).url, '/v1/messages');
    assert.equal(await ask('ordered'), 'good:second');
    assert.ok(bad.requests.some((r) => JSON.parse(r.body).model === 'broken-first'));
    assert.equal(await ask('any-thing'), 'good:thing');
    assert.equal(await ask('unheard-of'), 'good:claude-spare');
    assert.equal(await ask('spare'), 'good:claude-spare');
  });

  test('keys are those of the variables, and clients need theirs', async () => {
    await ask('any-x');
    assert.equal(good.requests.at(-1).headers.authorization, 'Bearer key-good');
    assert.equal((await post(gateway.url, '/v1/chat/completions', chat('shared', 'x'))).status, 401);
    assert.ok(!made.text.includes('s3cr3t') && !made.report.includes('s3cr3t'));
    assert.match(made.report, /- litellm_settings\.callbacks: /);
    assert.match(made.report, /- fallbacks of `broken`: `spare` falls back on it in turn/);
  });
});

test('the format may be said, and one that does not fit is refused', async () => {
  const file = join(temporary(), 'x.yaml');
  writeFileSync(file, 'model_list: []\n');
  assert.equal((await run(['config', 'import', file, '--format', 'litellm'])).code, 0);
  assert.equal((await run(['config', 'import', file, '--format', 'other'])).code, 2);
  writeFileSync(file, 'model_list: [\n');
  const broken = await run(['config', 'import', file]);
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /x\.yaml:\d+:\d+: not valid YAML/);
});
