// Equal requests under way: one is sent, the others wait for its answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, chunk, counted as countedWith, how, metric, reply, usage } from './cache.mjs';
import { Happenings, chat, eventually, rawConnection, slow, startSim } from './harness.mjs';

let sim;
before(async () => (sim = await startSim()));
after(() => sim.stop());
const counted = (config) => countedWith(sim, config);

test('equal requests under way are sent once, on all cores, streamed or not', async () => {
  const { seen, gateway, stop } = await counted({ server: { threads: 2 } });
  const bodies = Array.from({ length: 20 }, (_, i) => chat('up/m', 'hi', i % 2 ? { stream: true } : {}));
  const all = bodies.map((body) => ask(gateway, body));
  const [{ request, response }] = await seen.reach(1);
  await waiting(gateway, 20);
  if (JSON.parse(request.body).stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${chunk({ role: 'assistant', content: 'hello' })}${chunk({}, 'stop')}data: [DONE]\n\n`);
  } else {
    reply(response, 'hello');
  }
  const answers = await Promise.all(all);
  const counts = {};
  for (const [i, answer] of answers.entries()) {
    assert.equal(answer.status, 200);
    assert.match(answer.text, i % 2 ? /^data: .*hello/s : /"content":"hello"/);
    counts[how(answer)] = (counts[how(answer)] ?? 0) + 1;
  }
  assert.equal(seen.list.length, 1);
  assert.equal(counts.miss, 1);
  assert.equal((counts.shared ?? 0) + (counts.hit ?? 0), 19);
  await stop();
  assert.equal((await usage(gateway)).total.cached, 19);
});

// Requests that the gateway is answering, all of them held by the upstream or waiting for one that is.
// A core's gauges are brought up to date every five seconds, and before a scrape that it answers.
const waiting = (gateway, n) => eventually(async () => (await metric(gateway, 'patchbay_open_requests')) > n, 'the requests come', 20_000 * slow);

test('who is waited for and hangs up hands over: one more request is sent, and all get its answer', async () => {
  const { seen, gateway, stop } = await counted();
  const gone = new Happenings();
  seen.gone = () => gone.add('gone');
  const hang = new AbortController();
  const leader = fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST', signal: hang.signal, headers: { 'content-type': 'application/json' }, body: JSON.stringify(chat('up/m', 'hi')),
  }).catch((e) => e.name);
  await seen.reach(1);
  const others = Array.from({ length: 5 }, () => ask(gateway, chat('up/m', 'hi')));
  await waiting(gateway, 6);
  hang.abort();
  assert.equal(await leader, 'AbortError');
  await gone.reach(1); // the provider's connection is closed
  const list = await seen.reach(2);
  reply(list[1].response, 'hello');
  for (const answer of await Promise.all(others)) assert.equal(answer.json.choices[0].message.content, 'hello');
  assert.equal(seen.list.length, 2);
  await stop();
});

test('when it fails each goes its own way, and nobody waits longer than it is told to', async () => {
  const { seen, gateway, stop } = await counted({ cache: { enabled: true, wait: '200ms' } });
  const all = Array.from({ length: 3 }, () => ask(gateway, chat('up/m', 'fails')));
  const [first] = await seen.reach(1);
  await waiting(gateway, 3);
  reply(first.response, 'down', 400);
  for (const { response } of (await seen.reach(3)).slice(1)) reply(response, 'hello');
  const answers = await Promise.all(all);
  assert.deepEqual(answers.map((a) => a.status).sort(), [200, 200, 400]);

  const slowly = ask(gateway, chat('up/m', 'slow'));
  await seen.reach(4);
  const other = ask(gateway, chat('up/m', 'slow'));
  const list = await seen.reach(5); // after 200 ms
  reply(list[4].response, 'second');
  assert.equal((await other).json.choices[0].message.content, 'second');
  reply(list[3].response, 'first');
  assert.equal((await slowly).json.choices[0].message.content, 'first');
  await stop();
});

test('a stream that waits is kept alive, and gets the whole answer; or goes its own way as a stream', async () => {
  const { seen, gateway, stop } = await counted({ server: { threads: 1, ping_after: '100ms' } });
  const stream = (text) => chat('up/m', text, { stream: true });
  const raw = async (text) => {
    const connection = await rawConnection(gateway.url);
    const body = JSON.stringify(stream(text));
    connection.send(`POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    return connection;
  };
  const finish = (response, text) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${chunk({ role: 'assistant', content: text })}${chunk({}, 'stop')}data: [DONE]\n\n`);
  };
  const leader = ask(gateway, chat('up/m', 'one'));
  const first = (await seen.reach(1))[0].response;
  const other = await raw('one');
  const begun = await other.until(/: keep-alive/);
  assert.match(begun, /x-patchbay-cache: shared/);
  assert.match(begun, /content-type: text\/event-stream/i);
  reply(first, 'hello');
  assert.match(await other.until(/\[DONE\]/), /"content":"hello"/);
  other.close();
  await leader;

  const failing = ask(gateway, chat('up/m', 'two'));
  const second = (await seen.reach(2))[1].response;
  const alone = await raw('two');
  await alone.until(/: keep-alive/);
  reply(second, 'no', 400);
  assert.equal((await failing).status, 400);
  finish((await seen.reach(3))[2].response, 'own');
  assert.match(await alone.until(/\[DONE\]/), /"content":"own"/);
  alone.close();
  const kept = await ask(gateway, stream('two')); // it has been kept all the same
  assert.equal(how(kept), 'hit');
  assert.equal(kept.headers.get('content-type'), 'text/event-stream');
  assert.match(kept.text, /"content":"own"/);
  assert.equal(seen.list.length, 3);
  await stop();
});
