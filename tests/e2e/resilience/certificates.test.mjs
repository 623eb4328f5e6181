// A provider whose certificate turns bad: expired, for another name, vouched for by nobody. A route switches at once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chat, post, slow, startServe, startSim, temporary } from '../harness.mjs';
import { startLoad, exact, failed, slowest } from './load.mjs';

const folder = temporary();
const file = (name) => join(folder, name);
const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

// A certificate of the authority `ca` for `name`, with these dates (ASN.1), or signed by itself.
function certificate(to, { name = 'localhost', from = '20250101000000Z', until = '20990101000000Z', self = false } = {}) {
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${to}.key`, '-out', `${to}.csr`, '-subj', `/CN=${name}`);
  writeFileSync(file(`${to}.ext`), `subjectAltName=DNS:${name}\n`);
  if (self) return openssl('x509', '-req', '-in', `${to}.csr`, '-signkey', `${to}.key`, '-out', `${to}.pem`, '-days', '2', '-extfile', `${to}.ext`);
  openssl('ca', '-batch', '-config', 'ca.cnf', '-in', `${to}.csr`, '-out', `${to}.pem`, '-startdate', from, '-enddate', until, '-extfile', `${to}.ext`, '-notext');
}

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const cases = {
  expired: { make: { from: '20200101000000Z', until: '20210101000000Z' }, says: /expired/ },
  'not valid yet': { make: { from: '20980101000000Z' }, says: /not yet valid/ },
  'for another name': { make: { name: 'other.example' }, says: /name|host/i },
  'signed by itself': { make: { self: true }, says: /self.signed/ },
};
let good, gateway;
const servers = [];
before(async () => {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '3650', '-subj', '/CN=Test CA');
  writeFileSync(file('index.txt'), '');
  writeFileSync(file('serial'), '01\n');
  writeFileSync(
    file('ca.cnf'),
    `[ca]\ndefault_ca=d\n[d]\ndir=${folder}\ndatabase=${folder}/index.txt\nnew_certs_dir=${folder}\nserial=${folder}/serial\ncertificate=${folder}/ca.pem\nprivate_key=${folder}/ca.key\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n`,
  );
  good = await startSim();
  const providers = { good: { type: 'anthropic', base_url: good.url, api_key: 'key' } };
  const routes = {};
  for (const [n, { make }] of Object.values(cases).entries()) {
    certificate(`c${n}`, make);
    const server = https.createServer({ key: readFileSync(file(`c${n}.key`)), cert: readFileSync(file(`c${n}.pem`)) }, (_, response) => response.end('{}'));
    servers.push(server);
    providers[`bad${n}`] = { type: 'custom', formats: ['openai_chat'], base_url: `https://localhost:${await listen(server)}/v1`, api_key: 'key', ca_file: file('ca.pem') };
    routes[`route-${n}`] = { strategy: 'priority', deployments: [{ use: `bad${n}/m`, priority: 1 }, { use: 'good/echo', priority: 2 }] };
  }
  gateway = await startServe({ server: { loop_guard: 0 }, breaker: { failures: 3, open: '60s' }, providers, routes });
});
after(async () => {
  await gateway.stop();
  await good.stop();
  for (const server of servers) server.close();
});

describe('a certificate', () => {
  Object.entries(cases).forEach(([name, { says }], n) => {
    test(`${name}: the route switches at once; the breaker opens; the reason is told`, async (t) => {
      const direct = await post(gateway.url, '/v1/chat/completions', chat(`bad${n}/m`, 'x'));
      assert.equal(direct.status, 502);
      assert.match(direct.json.error.message, /TLS handshake with localhost failed/);
      assert.match(direct.json.error.message, says);
      const load = startLoad(t, () => gateway.url, { model: `route-${n}`, workers: 4 });
      await load.more(40);
      const answers = await load.stop();
      assert.deepEqual(failed(answers), []);
      assert.ok(slowest(answers) < 1000 * slow, `${slowest(answers)} ms`);
      assert.match(answers.at(-1).route, /good\/echo; route=route-\d; attempt=1/, 'its breaker is open');
      assert.match(gateway.log, says);
      exact(gateway.config, []);
    });
  });
});
