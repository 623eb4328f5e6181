// What the tests of kept answers share.
import { Happenings, post, providers, run, startServe, startUpstream } from './harness.mjs';

export const serve = (sim, config = {}) =>
  startServe({
    ...config,
    cache: { enabled: true, ...config.cache },
    server: { loop_guard: 0, threads: 1, ...config.server }, // on one core an answer is put away before the next request is read
    providers: { ...providers(sim.url), ...config.providers },
    ledger: { flush: '20ms' },
  });

export const ask = (gateway, body, headers) => post(gateway.url, '/v1/chat/completions', body, headers);
export const how = (answer) => answer.headers.get('x-patchbay-cache');
export const metric = async (gateway, name) => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const line = text.split('\n').find((l) => l.startsWith(name + ' '));
  return line === undefined ? 0 : Number(line.split(' ').at(-1));
};
export const usage = async (gateway, by = 'model') => JSON.parse((await run(['usage', '--by', by, '--json', '--config', gateway.config])).stdout);

// An upstream that counts and answers when it is told to: `seen` lists each request with its response.
export async function counted(sim, extra = {}) {
  const seen = new Happenings();
  const upstream = await startUpstream((request, response) => {
    response.on('close', () => !response.writableFinished && seen.gone?.());
    seen.add({ request, response });
  });
  const gateway = await serve(sim, { server: { threads: 1 }, providers: { up: { type: 'custom', formats: ['openai_chat'], base_url: `${upstream.url}/v1` } }, ...extra });
  return { seen, upstream, gateway, stop: async () => (await gateway.stop(), await upstream.stop()) };
}
export const completion = (text) => ({
  id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
});
export const reply = (response, text, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status === 200 ? completion(text) : { error: { message: text, type: 'server_error' } }));
};
export const chunk = (delta, finish = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
