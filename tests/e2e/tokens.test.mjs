// Counts for OpenAI's models are those of a reference implementation of its encodings, and its known counts for
// functions.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';
import { functionCallingTestCases } from 'gpt-tokenizer/fixtures/functionCallingTestCases';
import { post, root, run, startServe, startUpstream } from './harness.mjs';

const plain = { disallowedSpecial: new Set() }; // special tokens are ordinary text
const models = { 'gpt-5.4': (text) => o200k.countTokens(text, plain), 'gpt-4': (text) => cl100k.countTokens(text, plain) };
const framing = 3 + 4; // a prompt's, and a message's

let upstream, gateway;
before(async () => {
  upstream = await startUpstream((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: 'x', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'Done.' }, finish_reason: 'stop' }] }));
  });
  gateway = await startServe({ providers: { oai: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'k' } } });
});
after(async () => {
  await gateway.stop();
  await upstream.stop();
});

async function count(model, text) {
  const answer = await post(gateway.url, '/v1/messages/count_tokens', { model: `oai/${model}`, messages: [{ role: 'user', content: text }] });
  assert.equal(answer.status, 200, answer.text);
  return answer.json.input_tokens - framing;
}

// Each text in both encodings; the first difference is told with its text.
async function same(texts) {
  const todo = texts.flatMap((text) => Object.entries(models).map(([model, reference]) => ({ text, model, reference })));
  const workers = Array.from({ length: 8 }, async () => {
    for (let next; (next = todo.pop()); ) {
      const { text, model, reference } = next;
      assert.equal(await count(model, text), reference(text), `${model}: ${JSON.stringify(text.slice(0, 2000))}`);
    }
  });
  await Promise.all(workers);
}

// A random number generator with a seed, so that a failure can be repeated.
function randomFrom(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('the counts beside the golden texts are right', async () => {
  const samples = JSON.parse(readFileSync(join(root, 'tests/golden/tokens/samples.json'), 'utf8'));
  for (const { name, text, ...counts } of samples) {
    assert.equal(o200k.countTokens(text, plain), counts.o200k, name);
    assert.equal(cl100k.countTokens(text, plain), counts.cl100k, name);
  }
  await same(samples.map((s) => s.text));
});

test("this project's own files", async () => {
  const files = ['README.md', 'dev', 'CMakeLists.txt', 'tests/e2e/package-lock.json', 'docs/translation.md', 'docs/configuration.md', 'tools/lint.py'];
  for (const name of readdirSync(join(root, 'src/llm'))) if (/\.(cpp|h)$/.test(name)) files.push(`src/llm/${name}`);
  for (const name of readdirSync(join(root, 'tests/e2e'))) if (name.endsWith('.mjs')) files.push(`tests/e2e/${name}`);
  await same(files.map((name) => readFileSync(join(root, name), 'utf8')));
});

// Blocks that have long been assigned: engines and tables of different Unicode versions agree on them. Left out are the
// two characters that JavaScript's \s and Unicode's White_Space do not agree on, U+0085 and U+FEFF.
const blocks = [
  [0x20, 0x7e], [0x20, 0x7e], [0xa0, 0xff], [0x100, 0x17f], [0x180, 0x24f], [0x250, 0x2af], [0x2b0, 0x2ff], [0x300, 0x36f], [0x391, 0x3a1],
  [0x3b1, 0x3c9], [0x400, 0x45f], [0x531, 0x556], [0x5d0, 0x5ea], [0x621, 0x64a], [0x64b, 0x655], [0x660, 0x669], [0x905, 0x939], [0x93e, 0x94d],
  [0x985, 0x98c], [0xe01, 0xe30], [0xe40, 0xe4e], [0x10d0, 0x10fa], [0x1100, 0x1159], [0x1e00, 0x1eff], [0x1f00, 0x1f15], [0x2000, 0x2027],
  [0x2028, 0x2029], [0x202f, 0x205f], [0x2070, 0x2071], [0x20a0, 0x20b5], [0x20d0, 0x20e1], [0x2100, 0x214f], [0x2160, 0x2188], [0x2190, 0x23ff],
  [0x2460, 0x24ff], [0x2500, 0x257f], [0x3000, 0x303f], [0x3041, 0x3096], [0x30a1, 0x30fa], [0x4e00, 0x9fa5], [0xac00, 0xd7a3], [0xe000, 0xe0ff],
  [0xff01, 0xff5e], [0x10400, 0x1044f], [0x1d400, 0x1d454], [0x1f300, 0x1f5ff], [0x1f600, 0x1f64f], [0x20000, 0x2a6d6], [0xe0100, 0xe01ef]];
const words = ['the', ' of', 'HTTP', "'s", "'LL", "n't", ' 12', '2026', '\n', '\r\n', '\n\n', '\t', '  ', '    ', ' {', '};', '/', '//', '...', '<|endoftext|>', '<|im_start|>', ' être', ' Größe', ' мир', '世界', 'です', '한국', ' नमस्ते', ' مرحبا', '👩‍👩‍👧', '🏽', 'ǅ', 'ʰ', '\u0301'];

test('random text: characters of many scripts, words, white space', async () => {
  const random = randomFrom(2026);
  const texts = [];
  for (let i = 0; i < 1500; ++i) {
    const [low, high] = blocks[random(blocks.length)];
    const [low2, high2] = blocks[random(blocks.length)];
    let text = '';
    for (let n = 1 + random(i % 10 === 0 ? 400 : 40); n > 0; --n) {
      const which = random(10);
      if (which < 4) text += String.fromCodePoint(low + random(high - low + 1));
      else if (which < 6) text += String.fromCodePoint(low2 + random(high2 - low2 + 1));
      else if (which < 9) text += words[random(words.length)];
      else text += String.fromCodePoint(32 + random(95)).repeat(1 + random(6));
    }
    texts.push(text);
  }
  await same(texts);
});

test('runs without a place to cut', async () => {
  await same(['a'.repeat(3000), ' '.repeat(3000), '\n'.repeat(2000), ' \n'.repeat(1000), '-'.repeat(3000), '0'.repeat(1000), 'aB'.repeat(1000), '中文'.repeat(1500), '😀'.repeat(800), 'ab'.repeat(500) + ' '.repeat(500) + 'x']);
});

// What OpenAI's API said of these requests, as it is handed down: messages, names, function declarations and calls. Their
// input is counted for the ledger because the provider's answer has no usage.
test("requests with functions: the API's own counts", async () => {
  const cases = functionCallingTestCases.filter((c) => !c.messages.some((m) => m.role === 'function'));
  assert.ok(cases.length > 20);
  for (const [i, { tokens, ...request }] of cases.entries()) {
    const answer = await post(gateway.url, '/v1/chat/completions', { model: `oai/gpt-4o-case-${i}`, ...request });
    assert.equal(answer.status, 200, answer.text);
  }
  await gateway.stop();
  const report = await run(['usage', '--json', '--by', 'model', '--config', gateway.config]);
  const rows = new Map(JSON.parse(report.stdout).rows.map((row) => [row.model, row]));
  for (const [i, { tokens, ...request }] of cases.entries())
    assert.equal(rows.get(`gpt-4o-case-${i}`)?.input, tokens, JSON.stringify(request));
});
