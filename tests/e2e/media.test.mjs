// Images, documents and structured output, from both SDKs to both kinds of provider.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { matrix } from './clients.mjs';
import { anthropic, jpeg, openai, pdf, png, sha, startPair } from './harness.mjs';

let pair;
before(async () => (pair = await startPair()));
after(() => pair.stop());

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' }, tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } } },
  required: ['name', 'age', 'tags'],
  additionalProperties: false,
};
const fitting = { name: 'Paris', age: 1, tags: ['a'] };

matrix(
  (name, open) => {
    describe(name, () => {
      test('an image as base64', async () => {
        const chat = open(pair.url, 'sim-image');
        const answer = await chat.say([chat.text('what is this?'), chat.image({ media: 'image/png', data: png })]);
        assert.equal(answer.text, `image 1: image/png, ${png.length} bytes, sha256 ${sha(png)}`);
      });

      test('an image by URL', async () => {
        const chat = open(pair.url, 'sim-image');
        const answer = await chat.say([chat.image({ url: 'https://example.com/cat.png' }), chat.text('and this?')]);
        assert.equal(answer.text, 'image 1: url https://example.com/cat.png');
      });

      test('a PDF document', async () => {
        const chat = open(pair.url, 'sim-image');
        const answer = await chat.say([chat.document({ name: 'report.pdf', media: 'application/pdf', data: pdf }), chat.text('read it')]);
        assert.ok(answer.text.startsWith(`document 1: application/pdf, ${pdf.length} bytes, sha256 ${sha(pdf)}`), answer.text);
        assert.match(answer.text, /name report\.pdf/);
      });

      test('several images keep their order', async () => {
        const chat = open(pair.url, 'sim-image');
        const answer = await chat.say([chat.image({ media: 'image/png', data: png }), chat.text('or'), chat.image({ media: 'image/jpeg', data: jpeg })]);
        assert.deepEqual(answer.text.split('\n'), [
          `image 1: image/png, ${png.length} bytes, sha256 ${sha(png)}`,
          `image 2: image/jpeg, ${jpeg.length} bytes, sha256 ${sha(jpeg)}`,
        ]);
      });
    });
  },
  { streams: [false] },
);

for (const provider of ['oai', 'ant'])
  describe(`structured output → ${provider}`, () => {
    for (const stream of [false, true]) {
      test(`openai SDK, response_format${stream ? ', streamed' : ''}`, async () => {
        const body = {
          model: `${provider}/sim-json`,
          messages: [{ role: 'user', content: 'a person' }],
          response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } },
        };
        const client = openai(pair.url);
        const answer = stream ? await client.chat.completions.stream(body).finalChatCompletion() : await client.chat.completions.parse(body);
        assert.deepEqual(JSON.parse(answer.choices[0].message.content), fitting);
      });

      test(`anthropic SDK, output_config.format${stream ? ', streamed' : ''}`, async () => {
        const body = {
          model: `${provider}/sim-json`,
          max_tokens: 500,
          messages: [{ role: 'user', content: 'a person' }],
          output_config: { format: { type: 'json_schema', schema } },
        };
        const client = anthropic(pair.url);
        const answer = stream ? await client.messages.stream(body).finalMessage() : await client.messages.create(body);
        assert.deepEqual(JSON.parse(answer.content.find((b) => b.type === 'text').text), fitting);
      });
    }
  });

test('an image in a tool result reaches an Anthropic model', async () => {
  const answer = await anthropic(pair.url).messages.create({
    model: 'ant/sim-image',
    max_tokens: 500,
    tools: [{ name: 'screenshot', input_schema: { type: 'object' } }],
    messages: [
      { role: 'user', content: 'look' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'screenshot', input: {} }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [
              { type: 'text', text: 'here' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png.toString('base64') } },
            ],
          },
        ],
      },
    ],
  });
  assert.match(answer.content[0].text, new RegExp(`image 1: image/png, ${png.length} bytes, sha256 ${sha(png)}`));
});

test('an image in a tool result reaches an OpenAI model too, beside the result', async () => {
  const answer = await anthropic(pair.url).messages.create({
    model: 'oai/sim-image',
    max_tokens: 500,
    tools: [{ name: 'screenshot', input_schema: { type: 'object' } }],
    messages: [
      { role: 'user', content: 'look' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'screenshot', input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png.toString('base64') } }] },
        ],
      },
    ],
  });
  assert.match(answer.content[0].text, new RegExp(`image 1: image/png, ${png.length} bytes, sha256 ${sha(png)}`));
});
