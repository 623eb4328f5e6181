// Conversations that both SDKs must hold with both kinds of provider, whole and streamed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { clock, matrix, weather } from './clients.mjs';
import { startPair } from './harness.mjs';

let pair;
before(async () => (pair = await startPair()));
after(() => pair.stop());

matrix((name, open, { kind, provider, stream }) => {
  describe(name, () => {
    test('plain text, with usage', async () => {
      const text = 'Grüße – 你好, "quoted" \\ and\nlines 🎉';
      const answer = await open(pair.url, 'echo').say(text);
      assert.equal(answer.text, text);
      assert.equal(answer.stop, 'end');
      assert.ok(answer.usage.input > 5, `input tokens: ${answer.usage.input}`);
      assert.ok(answer.usage.output > 5, `output tokens: ${answer.usage.output}`);
      // Within a format the provider's bytes stay; a translated answer names the model as it was asked for.
      const same = (kind === 'openai') === (provider === 'oai');
      assert.equal(answer.raw.model, same ? 'echo' : `${provider}/echo`);
      assert.ok(answer.raw.id);
    });

    test('several turns keep their order', async () => {
      const chat = open(pair.url, 'echo', { system: 'You repeat.' });
      assert.equal((await chat.say('one')).text, 'one');
      assert.equal((await chat.say('two')).text, 'two');
      const third = await chat.say('three');
      assert.equal(third.text, 'three');
      assert.ok(third.usage.input > 10);
    });

    test('a tool loop of three turns', async () => {
      const chat = open(pair.url, 'sim-tools-3', { tools: [clock, weather] });
      let answer = await chat.say('use get_weather three times, please');
      const ids = new Set();
      for (let turn = 0; turn < 3; ++turn) {
        assert.equal(answer.stop, 'tools');
        assert.equal(answer.calls.length, 1);
        assert.equal(answer.calls[0].name, 'get_weather');
        assert.equal(answer.calls[0].args.city, ['Paris', 'Oslo', 'Lima'][turn]);
        assert.equal(typeof answer.calls[0].args.days, 'number');
        ids.add(answer.calls[0].id);
        answer = await chat.results([{ id: answer.calls[0].id, text: `${20 + turn} degrees` }]);
      }
      assert.equal(ids.size, 3);
      assert.equal(answer.stop, 'end');
      assert.equal(answer.text, 'get_weather answered: 20 degrees\nget_weather answered: 21 degrees\nget_weather answered: 22 degrees');
    });

    test('parallel tool calls', async () => {
      const chat = open(pair.url, 'sim-tools-parallel', { tools: [clock, weather] });
      let answer = await chat.say('both');
      assert.deepEqual(answer.calls.map((c) => c.name), ['get_time', 'get_weather']);
      answer = await chat.results(answer.calls.map((c) => ({ id: c.id, text: `result of ${c.name}` })));
      assert.equal(answer.text, 'get_time answered: result of get_time\nget_weather answered: result of get_weather');
    });

    test('tool arguments arrive as the provider sent them', async () => {
      const chat = open(pair.url, 'sim-tools', { tools: [weather] });
      const args = { city: 'São Paulo "centro" \\ 北京 🎈', list: [1, 2.5, null, true], deep: { a: {} } };
      const answer = await chat.say(`get_weather(${JSON.stringify(args)})`);
      assert.deepEqual(answer.calls[0].args, args);
    });

    test('a tool without arguments', async () => {
      const chat = open(pair.url, 'sim-tools', { tools: [{ name: 'ping', description: 'no input', schema: { type: 'object', properties: {} } }] });
      const answer = await chat.say('ping');
      assert.deepEqual(answer.calls[0].args, {});
      assert.equal((await chat.results([{ id: answer.calls[0].id, text: 'pong' }])).text, 'ping answered: pong');
    });

    test('system text in the middle of a conversation', async () => {
      const chat = open(pair.url, 'echo', { system: 'at the start' });
      await chat.say('one');
      chat.system('in the middle');
      assert.equal((await chat.say('two')).text, 'two');
    });

    test('stop sequences', async () => {
      const chat = open(pair.url, 'echo', { stop: ['END'] });
      const answer = await chat.say('one two END three');
      assert.equal(answer.text.trim(), 'one two');
      assert.equal(answer.stop, 'end');
      if (kind === 'anthropic' && provider === 'ant') {
        assert.equal(answer.raw.stop_reason, 'stop_sequence');
        assert.equal(answer.raw.stop_sequence, 'END');
      }
    });

    test('max_tokens', async () => {
      const answer = await open(pair.url, 'echo', { max_tokens: 3 }).say('one two three four five six seven eight nine ten');
      assert.equal(answer.stop, 'max_tokens');
      assert.ok(answer.text.startsWith('one') && answer.text.length < 30, answer.text);
    });

    test('thinking, replayed on the next turn', async () => {
      const thinking = kind === 'anthropic' ? { thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 4000 } : { reasoning_effort: 'high' };
      const chat = open(pair.url, 'sim-thinking', thinking);
      const first = await chat.say('think');
      assert.match(first.thinking, /^The user wants an answer/);
      if (kind === 'anthropic' && provider === 'ant') assert.match(first.signature, /^sim[0-9a-f]{16}==$/);
      const second = await chat.say('again');
      if (kind === 'anthropic' && provider === 'ant') assert.match(second.text, /1 intact, 0 changed, 0 unsigned/);
      // Whatever is replayed elsewhere, it is never a thinking block whose signature does not fit its text.
      else assert.doesNotMatch(second.text, /[1-9] changed/);
    });

    test('a refusal', async () => {
      const answer = await open(pair.url, 'sim-refusal').say('something bad');
      // Anthropic has no refusal of its own shape: there it is text with a stop reason.
      assert.equal(answer.refusal || answer.text, "I can't help with that.");
      if (kind === 'openai' && provider === 'oai') assert.ok(answer.refusal);
      else assert.equal(answer.stop, 'refusal');
    });

    test('a long answer arrives whole', async () => {
      const answer = await open(pair.url, 'sim-stream-3000', { max_tokens: 5_000 }).say('go');
      assert.equal(answer.text.split(' ').length, 3000);
    });

    if (stream) {
      test('one byte at a time', async () => {
        const answer = await open(pair.url, 'sim-loris-0ms+tools', { tools: [weather] }).say('slowly');
        assert.equal(answer.calls[0].args.city, 'Paris');
      });
    }
  });
});

test('an error in a tool result is told to the model', async () => {
  const { kinds } = await import('./clients.mjs');
  const chat = new kinds['anthropic SDK'](pair.url, 'ant/sim-tools', { tools: [weather] });
  const { calls } = await chat.say('go');
  const answer = await chat.results([{ id: calls[0].id, text: 'no such city', failed: true }]);
  assert.equal(answer.text, 'get_weather failed: no such city');
});
