// What the tests of kept answers share.
import assert from 'node:assert/strict';
import { post, providers, run, slow, startServe } from './harness.mjs';

export const serve = (sim, config = {}) =>
  startServe({
    ...config,
    cache: { enabled: true, ...config.cache },
    server: { loop_guard: 0, threads: 2, ...config.server },
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

// The gateway has seen that there are keys, and this one.
export async function known(gateway, key) {
  const until = async (status, headers) => {
    const path = `${gateway.url}/v1/models`;
    for (const end = performance.now() + 5000 * slow; (await fetch(path, { headers })).status !== status; ) {
      assert.ok(performance.now() < end, `no ${status}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  await until(401, {});
  await until(200, { authorization: `Bearer ${key}` });
}
