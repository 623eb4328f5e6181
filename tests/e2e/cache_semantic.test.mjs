// Questions that mean the same as an earlier one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, how, metric, serve as serveWith, usage } from './cache.mjs';
import { chat, startSim, startUpstream } from './harness.mjs';

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());
const serve = (config) => serveWith(sim, config);

// An embedding model in this process: texts are alike by their first words.
const embedder = () =>
  startUpstream((request, response) => {
    const { input } = JSON.parse(request.body);
    const text = Array.isArray(input) ? input[0] : input;
    const vector = text.startsWith('how old is') ? [1, text.length / 1000, 0] : text.startsWith('hang') ? undefined : [0, 1, text.length / 100];
    if (vector === undefined) return; // never answers
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ object: 'list', model: 'e', data: [{ object: 'embedding', index: 0, embedding: vector }], usage: { prompt_tokens: 7, total_tokens: 7 } }));
  });

test('a question that means the same gets the answer, in the same conversation only; the vector is booked', async () => {
  const vectors = await embedder();
  const up = (base) => ({ type: 'custom', formats: ['openai_chat'], base_url: `${base}/v1` });
  const gateway = await serve({
    cache: { enabled: true, semantic: { embed: 'vec/e', threshold: 0.99, timeout: '300ms' } },
    providers: { vec: up(vectors.url) },
  });
  const say = (text, extra) => ask(gateway, chat('oai/echo', text, extra));
  const first = await say('how old is the sun?');
  assert.equal(how(first), 'miss');
  const same = await say('how old is our sun?');
  assert.match(how(same), /^semantic; similarity=(1\.00|0\.99)$/);
  assert.equal(same.json.choices[0].message.content, 'how old is the sun?');
  const streamed = await say('how old is this sun?', { stream: true });
  assert.match(how(streamed), /^semantic/);
  assert.match(streamed.text, /data: \[DONE\]/);
  assert.equal(how(await say('what is the sun?')), 'miss');
  assert.equal(how(await say('how old is any sun?', { max_tokens: 50 })), 'miss'); // something else is asked
  const system = (s) => ask(gateway, { model: 'oai/echo', messages: [{ role: 'system', content: s }, { role: 'user', content: 'how old is the sun?' }] });
  assert.equal(how(await system('be short')), 'miss');
  assert.equal(how(await system('be long')), 'miss');
  assert.equal(how(await say('how old is a sun?', { tools: [{ type: 'function', function: { name: 'f' } }] })), 'bypass');
  const before = performance.now();
  assert.equal(how(await say('hang on')), 'miss'); // no vector in time
  assert.ok(performance.now() - before > 250);
  assert.equal(await metric(gateway, 'patchbay_cache_requests_total{result="semantic"}'), 2);
  await gateway.stop();
  const rows = (await usage(gateway, 'provider')).rows;
  const vec = rows.find((r) => r.provider === 'vec');
  assert.deepEqual([vec.input, vec.cached], [5 * 7, 2]); // the same text has the same vector, which was kept
  assert.equal(rows.find((r) => r.provider === 'oai').cached, 2);
  await vectors.stop();
});
