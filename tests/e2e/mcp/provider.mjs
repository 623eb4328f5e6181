// A provider in this process for tests that count what it is asked.
import { Happenings, startUpstream } from '../harness.mjs';

const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };

// `reply(body, n)` gives the text of the answer to question n (from 0), or a promise of one, or null: it is never answered. Each answer
// tells 20 tokens. `asked` grows with every question, `gone` with every one whose connection ended before it was answered, by the model.
// open(): how many questions wait.
export async function startProvider(reply) {
  const asked = new Happenings(), gone = new Happenings();
  let open = 0;
  const upstream = await startUpstream((request, response) => {
    if (request.method !== 'POST') return response.writeHead(404).end(); // it has no list of models
    const body = JSON.parse(request.body);
    const text = reply(body, asked.list.length);
    ++open;
    asked.add(body.model);
    response.on('close', () => {
      --open;
      if (!response.writableFinished) gone.add(body.model);
    });
    Promise.resolve(text).then((t) => t !== null && !response.destroyed && send(response, body, t));
  });
  const config = (name, models) => ({ [name]: { type: 'custom', formats: ['openai_chat'], base_url: upstream.url, api_key: 'k', models } });
  return { asked, gone, config, open: () => open, stop: upstream.stop };
}

function send(response, { model, stream }, text) {
  const head = { id: 'c', created: 1, model };
  if (!stream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } }];
    return response.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunk = (choices, more) => response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`);
  chunk([{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }]);
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], { usage });
  response.end('data: [DONE]\n\n');
}

// The text of a question, with its system prompt.
export const question = (body) => body.messages.map((m) => m.content).join('\n');
