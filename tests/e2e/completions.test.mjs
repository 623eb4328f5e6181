// OpenAI's older text completions, with its SDK: straight to the simulator, through the gateway to this format and to others, and
// chats to a provider that only completes texts.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { anthropic, chat, message, openai, png, post, providers, startServe, startSim, startUpstream } from './harness.mjs';

let sim, gateway;
before(async () => {
  sim = await startSim();
  const custom = (format, base, name) => ({ type: 'custom', formats: [format], base_url: base, api_key: `key-for-${name}` });
  gateway = await startServe({
    providers: {
      ...providers(sim.url),
      txt: custom('openai_completions', `${sim.url}/v1`, 'txt'),
      gem: custom('gemini', `${sim.url}/v1beta`, 'gem'),
      oll: custom('ollama', sim.url, 'oll'),
      coh: custom('cohere', sim.url, 'coh'),
      res: custom('openai_responses', `${sim.url}/v1`, 'res'),
    },
  });
});
after(async () => {
  await gateway.stop();
  await sim.stop();
});

const places = {
  'the simulator': () => [sim.url, ''],
  openai_completions: () => [gateway.url, 'txt/'],
  openai_chat: () => [gateway.url, 'oai/'],
  anthropic: () => [gateway.url, 'ant/'],
  gemini: () => [gateway.url, 'gem/'],
  ollama: () => [gateway.url, 'oll/'],
  cohere: () => [gateway.url, 'coh/'],
  openai_responses: () => [gateway.url, 'res/'],
};

// One answer, whole or put together from its chunks, which all have the whole shape: {choices: [{text, finish, logprobs}], usage}.
// `answers`: the model's name in the answer.
async function complete(url, stream, body, answers = body.model) {
  const client = openai(url);
  const check = (answer) => {
    assert.equal(answer.object, 'text_completion');
    assert.ok(answer.id);
    assert.equal(answer.model, answers);
    assert.ok(Number.isInteger(answer.created) && answer.created > 1.6e9);
  };
  if (!stream) {
    const raw = await client.completions.create(body);
    check(raw);
    raw.choices.forEach((c, i) => assert.equal(c.index, i));
    return { usage: raw.usage, choices: raw.choices.map((c) => ({ text: c.text, finish: c.finish_reason, logprobs: c.logprobs })) };
  }
  const out = { choices: [] };
  for await (const chunk of await client.completions.create({ ...body, stream: true, stream_options: { include_usage: true } })) {
    check(chunk);
    assert.equal(out.usage, undefined, 'nothing follows the usage');
    if (chunk.choices.length === 0) out.usage = chunk.usage;
    for (const { index, text, finish_reason, logprobs } of chunk.choices) {
      const choice = (out.choices[index] ??= { text: '', finish: null, logprobs: null });
      assert.equal(choice.finish, null, 'nothing follows a finish_reason');
      choice.text += text;
      choice.finish = finish_reason;
      if (choice.logprobs && logprobs) for (const [name, list] of Object.entries(logprobs)) choice.logprobs[name].push(...list);
      choice.logprobs ??= logprobs;
    }
  }
  return out;
}

for (const [place, at] of Object.entries(places))
  for (const stream of [false, true])
    describe(`openai SDK, text completions → ${place}${stream ? ', streamed' : ''}`, () => {
      const same = place === 'the simulator' || place === 'openai_completions';
      const ask = (model, prompt, more = {}) => {
        const [url, prefix] = at();
        return complete(url, stream, { model: prefix + model, prompt, max_tokens: 200, ...more }, same ? model : prefix + model);
      };

      test('a text and its usage', async () => {
        const { choices, usage } = await ask('echo', 'Es war einmal ein 🦊, "so"', { temperature: 0.5, stop: ['\n\n'], seed: 7, user: 'u1' });
        assert.deepEqual(choices, [{ text: 'Es war einmal ein 🦊, "so"', finish: 'stop', logprobs: null }]);
        assert.ok(usage.prompt_tokens > 4 && usage.completion_tokens > 4, JSON.stringify(usage));
        assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
      });

      test('16 tokens, when the request names no limit', async () => {
        const [only] = (await ask('sim-text', 'tell me', { max_tokens: undefined })).choices;
        assert.equal(only.finish, 'length');
        assert.ok(only.text.startsWith('The simulator answers') && only.text.length < 100, only.text);
      });

      test('the prompt before the answer', async () => {
        const [only] = (await ask('echo', 'ab c', { echo: true })).choices;
        assert.equal(only.text, 'ab cab c');
      });

      test('a text behind the gap', async () => {
        const [only] = (await ask('echo', 'def f():', { suffix: 'return x', echo: true })).choices;
        assert.ok(only.text.startsWith('def f():') && only.text.includes('return x'), only.text);
      });

      test('several prompts', async () => {
        if (same) {
          const { choices } = await ask('echo', ['one', 'two'], { n: 2, echo: true });
          assert.deepEqual(choices.map((c) => c.text), ['oneone', 'oneone', 'twotwo', 'twotwo']);
          return;
        }
        const error = await ask('echo', ['one', 'two']).then(() => assert.fail('answered'), (e) => e);
        assert.equal(error.status, 400);
        assert.equal(error.param, 'prompt');
        assert.match(error.message, /holds 2 prompts.*send each in a request of its own/);
      });

      test('several answers, where the provider gives them', async () => {
        const { choices } = await ask('echo', 'again', { n: 2 });
        const many = same || place === 'openai_chat' || place === 'gemini';
        assert.deepEqual(choices.map((c) => c.text), many ? ['again', 'again'] : ['again']);
      });

      test('probabilities in this format’s own shape', async () => {
        if (place === 'anthropic') return;  // has none
        const [only] = (await ask('echo', 'red fox', { logprobs: 1 })).choices;
        const { tokens, token_logprobs, top_logprobs, text_offset } = only.logprobs;
        assert.equal(tokens.join(''), 'red fox');
        assert.equal(token_logprobs.length, tokens.length);
        assert.equal(top_logprobs.length, tokens.length);
        let offset = 0;
        tokens.forEach((t, i) => {
          assert.equal(text_offset[i], offset);
          offset += t.length;
        });
      });

      test('errors reach the SDK', async () => {
        const error = await ask('sim-429-7', 'x').then(() => assert.fail('answered'), (e) => e);
        assert.equal(error.status, 429);
        if (place !== 'gemini') assert.equal(error.headers.get('retry-after'), '7');
        const unknown = await ask('sim-nonsense', 'x').then(() => assert.fail('answered'), (e) => e);
        assert.equal(unknown.status, 404);
        if (!stream) return;
        const cut = await ask('sim-error-midstream', 'x', { max_tokens: 500 }).then(() => assert.fail('ended well'), (e) => e);
        assert.ok(cut instanceof Error);
      });
    });

test('what a chat provider cannot be told is named; what is missing or wrong is refused', async () => {
  const send = (body) => post(gateway.url, '/v1/completions', { model: 'ant/echo', prompt: 'x', ...body });
  const dropped = await send({ best_of: 3, n: 2, logprobs: 1, seed: 4, logit_bias: { 5: 1 }, min_p: 0.1 });
  assert.equal(dropped.status, 200);
  assert.deepEqual(dropped.headers.get('x-patchbay-dropped').split(', ').sort(), ['best_of', 'logit_bias', 'logprobs', 'min_p', 'n', 'seed', 'service_tier', 'top_logprobs']);
  for (const [body, param, says] of [
    [{ prompt: undefined }, 'prompt', /must be given/],
    [{ prompt: [[1, 2], [3]] }, 'prompt', /token ids/],
    [{ prompt: ['a', 5] }, 'prompt[1]', /must be a string/],
    [{ prompt: ['a', {}] }, 'prompt[1]', /must be a string/],
    [{ echo: true, logprobs: 0 }, 'echo', /the prompt's own tokens/],
    [{ max_tokens: 0 }, 'max_tokens', /at least 1/],
    [{ stop: [1] }, 'stop[0]', /must be a string/],
  ]) {
    const answer = await send(body);
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.json.error.param, param);
    assert.equal(answer.json.error.type, 'invalid_request_error');
    assert.match(answer.json.error.message, says);
  }
});

test('to a provider of this format the bytes go as they came, token ids too', async () => {
  const answer = '{"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{"text":"y","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}';
  const upstream = await startUpstream((request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer));
  const relay = await startServe({ providers: { box: { type: 'vllm', base_url: `${upstream.url}/v1`, api_key: 'key-for-box' } } });
  const seen = upstream.next();
  const got = await post(relay.url, '/v1/completions', '{"prompt": [[1, 2], [3]],"model":"box/m" ,"max_tokens":0, "echo":true,"guided_regex":"a+"}', { authorization: 'Bearer client' });
  assert.equal(got.text, answer);
  const request = await seen;
  assert.equal(request.url, '/v1/completions');
  assert.equal(request.body.toString(), '{"prompt": [[1, 2], [3]],"model":"m" ,"max_tokens":0, "echo":true,"guided_regex":"a+"}');
  assert.equal(request.headers.authorization, 'Bearer key-for-box');
  await relay.stop();
  await upstream.stop();
});

describe('chats → a provider that only completes texts', () => {
  const conversation = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: 'Hi.' },
    { role: 'user', content: 'and?' },
  ];
  const transcript = 'Be brief.\n\nUser:\nhello\n\nAssistant:\nHi.\n\nUser:\nand?\n\nAssistant:\n';

  // With four stop sequences of the client's own there is no room for the one that ends an answer before the next turn, so the
  // simulator's echo tells all of the prompt.
  const stop = ['1', '2', '3', '4'];

  for (const stream of [false, true])
    test(`openai SDK${stream ? ', streamed' : ''}: the conversation arrives as a transcript`, async () => {
      const ask = async (more) => {
        const body = { model: 'txt/echo', messages: conversation, ...more };
        if (!stream) return openai(gateway.url).chat.completions.create(body);
        return openai(gateway.url).chat.completions.stream({ ...body, stream_options: { include_usage: true } }).finalChatCompletion();
      };
      const raw = await ask({ stop });
      assert.equal(raw.choices[0].message.content, transcript);
      assert.equal(raw.choices[0].finish_reason, 'stop');
      assert.ok(raw.usage.completion_tokens > 10);
      assert.equal((await ask({})).choices[0].message.content, 'Be brief.\n', 'the answer ends before a next turn');
    });

  test('anthropic SDK, and one message is a prompt', async () => {
    const [system, ...messages] = conversation;
    const answer = await anthropic(gateway.url).messages.create({ model: 'txt/echo', max_tokens: 300, system: system.content, messages, stop_sequences: stop });
    assert.equal(answer.content[0].text, transcript);
    assert.equal(answer.stop_reason, 'end_turn');
    const one = await anthropic(gateway.url).messages.create(message('txt/echo', 'Once upon'));
    assert.equal(one.content[0].text, 'Once upon');
  });

  test('tools and images are named as dropped', async () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${png.toString('base64')}` } };
    const answer = await post(gateway.url, '/v1/chat/completions', { model: 'txt/echo', tools, messages: [{ role: 'user', content: [{ type: 'text', text: 'see' }, image] }] });
    assert.equal(answer.json.choices[0].message.content, 'see\n\n[image]');
    assert.deepEqual(answer.headers.get('x-patchbay-dropped').split(', ').sort(), ['image', 'tools']);
  });

  test('its errors are the client’s own', async () => {
    const error = await anthropic(gateway.url).messages.create(message('txt/sim-429-3', 'x')).then(() => assert.fail('answered'), (e) => e);
    assert.equal(error.status, 429);
    assert.equal(error.error.error.type, 'rate_limit_error');
    assert.equal((await post(gateway.url, '/v1/chat/completions', chat('txt/sim-cut', 'x', { stream: true }))).text.includes('"error"'), true);
  });
});

test('models that only complete texts are asked so by every client, others never', async () => {
  const paths = [];
  const upstream = await startUpstream((request, response) => {
    paths.push(`${request.url} ${JSON.parse(request.body).model}`);
    response.writeHead(418, { 'content-type': 'application/json' }).end('{"error":{"message":"short and stout"}}');
  });
  const { port } = new URL(upstream.url);
  // The vendor's name in the path stands for its address, which tests do not call.
  const relay = await startServe({ providers: { openai: { type: 'openai', base_url: `http://127.0.0.1:${port}/api.openai.com/v1`, api_key: 'k' } } });
  for (const model of ['gpt-3.5-turbo-instruct-0914', 'gpt-5.4']) {
    await post(relay.url, '/v1/completions', { model: `openai/${model}`, prompt: 'x' });
    await post(relay.url, '/v1/chat/completions', chat(`openai/${model}`, 'x'));
    await post(relay.url, '/v1/messages', message(`openai/${model}`, 'x'));
  }
  const base = '/api.openai.com/v1';
  assert.deepEqual(paths, [
    ...Array(3).fill(`${base}/completions gpt-3.5-turbo-instruct-0914`),
    `${base}/responses gpt-5.4`,
    `${base}/chat/completions gpt-5.4`,
    `${base}/responses gpt-5.4`,
  ]);
  await relay.stop();
  await upstream.stop();
});
