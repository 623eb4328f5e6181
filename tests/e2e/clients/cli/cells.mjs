// Defines the tests of the command-line clients: each way of using a client × every provider format.
import { describe, test } from 'node:test';
import { missingEndpoint, providerFormats } from '../matrix.mjs';
import { notInstalled, startAgent } from './agents.mjs';

// `ways`: [{title, endpoint, rules(work), run(agent), formats}]; a way whose endpoint is not served yet is skipped. `formats`, if
// given, are those of the provider that it is tried with, else all are.
export async function agentTests(command, ways) {
  const formats = await providerFormats();
  const missing = notInstalled(command);
  const probe = await startAgent('openai_chat', () => ({ rules: [] }));
  const skips = new Map();
  for (const way of ways) skips.set(way, missing || (await missingEndpoint(probe.url, way.endpoint)));
  await probe.stop();
  for (const way of ways)
    describe(way.title, { skip: skips.get(way) }, () => {
      for (const format of way.formats ?? formats)
        test(`→ ${format}`, { timeout: 120_000 }, async (t) => {
          const agent = await startAgent(format, way.rules);
          try {
            const requests = await way.run(agent);
            t.diagnostic(`${requests} requests`);
          } finally {
            await agent.stop();
          }
        });
    });
}
