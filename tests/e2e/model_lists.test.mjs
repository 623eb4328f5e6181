// Lists of models that providers tell: fetched once for all cores, kept on disk, refreshed while the old one is served.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import { Happenings, Program, anthropic, eventually, openai, startServe, startUpstream } from './harness.mjs';

const json = (response, value) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};
const page = (...ids) => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model', context_length: 4096 })) });
const ids = async (gateway) => (await (await fetch(`${gateway.url}/v1/models`)).json()).data.map((m) => m.id);
const until = (test) => eventually(test, String(test));
const file = (gateway) => join(dirname(gateway.config), 'data', 'models.json');

test('what providers tell is listed, in every shape; one fetch serves all', async () => {
  const asked = new Happenings();
  const upstream = await startUpstream((request, response) => {
    asked.add(request);
    json(response, request.url.startsWith('/gem') ? { models: [{ name: 'models/told-gem', inputTokenLimit: 77 }] } : page('told-a', 'told-b'));
  });
  const gateway = await startServe({
    server: { threads: 2 },
    providers: {
      up: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1`, api_key: 'secret-key' },
      gem: { type: 'custom', formats: ['gemini'], base_url: `${upstream.url}/gem` },
      dead: { type: 'custom', formats: ['openai_chat'], base_url: 'http://127.0.0.1:1/v1' },
    },
  });
  assert.equal(asked.list.length, 0); // nobody has wanted to know
  const answers = await Promise.all(Array.from({ length: 8 }, () => ids(gateway)));
  for (const list of answers) for (const id of ['up/told-a', 'up/told-b', 'gem/told-gem']) assert.ok(list.includes(id), list.join());
  assert.deepEqual(asked.list.map((r) => r.url).sort(), ['/gem/models', '/v1/models']);
  assert.equal(asked.list.find((r) => r.url === '/v1/models').headers.authorization, 'Bearer secret-key');
  assert.equal((await openai(gateway.url).models.retrieve('up/told-a')).context_length, 4096);
  const seen = [];
  for await (const model of anthropic(gateway.url).models.list({ limit: 1000 })) seen.push(model.id);
  assert.ok(seen.includes('gem/told-gem'));
  const google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: gateway.url } });
  assert.equal((await google.models.get({ model: 'gem/told-gem' })).inputTokenLimit, 77);
  assert.equal(asked.list.length, 2);
  await until(() => statSync(file(gateway), { throwIfNoEntry: false }));
  assert.equal(statSync(file(gateway)).mode & 0o777, 0o600);
  assert.ok(!readFileSync(file(gateway), 'utf8').includes('secret-key'));
  await gateway.stop();
  await upstream.stop();
});

test('a provider that is down at the start still has its list, and a damaged file is as good as none', async () => {
  const upstream = await startUpstream((request, response) => json(response, page('told')));
  const gateway = await startServe({ providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1` } } });
  assert.ok((await ids(gateway)).includes('up/told'));
  await until(() => statSync(file(gateway), { throwIfNoEntry: false }));
  await gateway.stop();
  await upstream.stop();
  const again = await new Program(['serve', '--config', gateway.config]).listening();
  assert.ok((await ids(again)).includes('up/told'));
  await again.stop();
  const { writeFileSync } = await import('node:fs');
  writeFileSync(file(gateway), '{"version":1,"lists":{');
  const third = await new Program(['serve', '--config', gateway.config]).listening();
  assert.ok(!(await ids(third)).includes('up/told'));
  await third.stop();
});

test('an old list is served while a new one comes; switched off nobody is asked', async () => {
  let name = 'old';
  const held = new Happenings();
  let hold = false;
  const upstream = await startUpstream((request, response) => (hold ? held.add(response) : json(response, page(name))));
  const config = (fetch) => ({
    model_lists: { refresh: '1s', fetch },
    providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1` } },
  });
  const gateway = await startServe(config(true));
  assert.ok((await ids(gateway)).includes('up/old'));
  hold = true;
  name = 'new';
  await until(async () => {
    assert.ok((await ids(gateway)).includes('up/old')); // at once, whatever the provider does
    return held.list.length === 1;
  });
  json(held.list[0], page(name));
  hold = false;
  await until(async () => (await ids(gateway)).includes('up/new'));
  await gateway.stop();
  const off = await startServe(config(false));
  const before = upstream.requests.length;
  assert.ok(!(await ids(off)).includes('up/new'));
  assert.equal(upstream.requests.length, before);
  await off.stop();
  await upstream.stop();
});
