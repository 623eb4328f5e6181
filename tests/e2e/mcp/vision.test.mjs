// Images over MCP: as base64, by URL, and files of folders that may be read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Client as NewClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as NewStdio } from '@modelcontextprotocol/client/stdio';
import { binary, cleanEnv, jpeg, pdf, picture, png, providers, sha, startServe, startSim, temporary, writeConfig } from '../harness.mjs';
import { called, newer, older, overStdio, refusal } from './connect.mjs';

const cat = picture(30, 20);
const folder = temporary();
const open = join(folder, 'open');
const mine = join(folder, 'My Pictures');
for (const f of [open, mine, join(open, 'deep')]) mkdirSync(f);
writeFileSync(join(open, 'cat.png'), cat);
writeFileSync(join(open, 'deep', 'photo.jpg'), jpeg);
writeFileSync(join(open, 'notes.png'), 'no picture at all');
writeFileSync(join(mine, 'dog.png'), png);
writeFileSync(join(folder, 'secret.png'), png);
symlinkSync(join(folder, 'secret.png'), join(open, 'link.png'));
symlinkSync(folder, join(open, 'up'));
execFileSync('mkfifo', [join(open, 'pipe.png')]);

const served = [];
const server = http.createServer((request, response) => {
  served.push(request.url);
  response.writeHead(200, { 'content-type': 'image/png' }).end(cat);
});
let sim, gateway, config, local;
before(async () => {
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  local = `127.0.0.1:${server.address().port}`;
  sim = await startSim();
  const both = providers(sim.url);
  const bytes = { quirks: { image_url: false } };
  config = () => ({
    server: { data_dir: temporary() },
    mcp: { files: { roots: [open] } },
    media: { allow_hosts: [local] },
    providers: { ...both, bytes: { ...both.ant, ...bytes }, small: { ...both.oai, images: { side_max: 100 } } },
  });
  gateway = await startServe(config());
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await gateway.stop();
  await sim.stop();
});

const look = (images, model = 'oai/sim-image+pixels') => ({ model, prompt: 'look', images });
const described = (n, type, body, size) => `image ${n}: image/${type}, ${body.length} bytes, sha256 ${sha(body)}, ${type.toUpperCase()} ${size}`;
const base64 = (body) => ({ type: 'base64', data: body.toString('base64') });

for (const connect of [older, newer])
  describe(`over HTTP, ${connect.name}`, () => {
    let c;
    before(async () => (c = await connect(gateway.url)));
    after(() => c.close());

    for (const model of ['oai', 'ant', 'bytes'])
      test(`base64, data: URLs and files: ${model}`, async () => {
        const images = [base64(cat), { data: `data:image/png;base64,${png.toString('base64')}` }, { data: join(open, 'cat.png') }, { data: `file://${open}/deep/photo.jpg` }, { data: jpeg.toString('base64') }];
        const a = await called(c, 'chat_with_vision', look(images, `${model}/sim-image+pixels`));
        assert.deepEqual(a.response.split('\n'), [
          described(1, 'png', cat, '30 x 20'),
          described(2, 'png', png, '1 x 1'),
          described(3, 'png', cat, '30 x 20'),
          described(4, 'jpeg', jpeg, '24 x 16'),
          described(5, 'jpeg', jpeg, '24 x 16'),
        ]);
        assert.ok(a.usage && a.latency_ms > 0);
      });

    test('images belong to the last message', async () => {
      const messages = [{ role: 'system', content: 'be brief' }, { role: 'user', content: 'hello' }, { role: 'assistant', content: 'yes' }, { role: 'user', content: 'look' }];
      const a = await called(c, 'chat_with_vision', { model: 'ant/sim-image+pixels', messages, images: [base64(cat)], max_tokens: 200, temperature: 0 });
      assert.equal(a.response, described(1, 'png', cat, '30 x 20'));
      assert.match(await refusal(c, 'chat_with_vision', { model: 'ant/sim-image', messages: messages.slice(0, 3), images: [base64(cat)] }), /^messages\[2\]\.role: /);
    });

    test('a URL goes to a provider that takes URLs, and is fetched for one that does not', async () => {
      const url = `http://${local}/cat.png`;
      assert.equal((await called(c, 'chat_with_vision', look([{ data: url }]))).response, `image 1: url ${url}`);
      const before = served.length;
      assert.equal((await called(c, 'chat_with_vision', look([{ data: `${url}?${connect.name}` }], 'bytes/sim-image+pixels'))).response, described(1, 'png', cat, '30 x 20'));
      assert.equal(served.length, before + 1);
      const refused = await refusal(c, 'chat_with_vision', look([base64(png), { type: 'url', data: 'http://169.254.169.254/latest?key=secret' }], 'bytes/sim-image'));
      assert.match(refused, /^images\[1\]\.data: the image's URL http:\/\/169\.254\.169\.254\/latest has a host without a public address/);
      assert.doesNotMatch(refused, /secret/);
    });

    test('an image that is too large is made smaller, in the provider’s own format too', async () => {
      const a = await called(c, 'chat_with_vision', look([base64(picture(400, 50))], 'small/sim-image+pixels'));
      assert.match(a.response, /(PNG|JPEG|WEBP) 100 x 1[23]$/);
    });

    test('files elsewhere, links, pipes and what is no picture are refused', async () => {
      const cases = {
        [join(folder, 'secret.png')]: /^images\[0\]\.data: the file .* lies in none of the folders.*\(permission_denied\)$/,
        '/etc/passwd': /lies in none of the folders/,
        [`${open}/../secret.png`]: /^images\[0\]\.data: must not lead upwards/,
        [`file://${open}/%2e%2e/secret.png`]: /must not lead upwards/,
        [join(open, 'link.png')]: /there is no file .* or it is a link/,
        [join(open, 'up', 'secret.png')]: /there is no file/,
        [join(open, 'pipe.png')]: /there is no file/,
        [join(open, 'none.png')]: /there is no file/,
        [open]: /lies in none of the folders/,
        [join(open, 'deep')]: /there is no file/,
        [join(open, 'notes.png')]: /is no JPEG, PNG, WebP or GIF/,
        'file://elsewhere/a.png': /whole path/,
      };
      for (const [path, what] of Object.entries(cases)) assert.match(await refusal(c, 'chat_with_vision', look([{ data: path }])), what, path);
      assert.match(await refusal(c, 'chat_with_vision', look([base64(cat), { type: 'file', data: 'cat.png' }])), /^images\[1\]\.data: must be a file's whole path/);
    });

    test('what is no image is refused by its place', async () => {
      const cases = [
        [{ data: 'data:image/png,plain' }, /^images\[1\]\.data: a data: URL must hold base64/],
        [{ type: 'base64', data: '!!!' }, /^images\[1\]\.data: the image .*base64/],
        [base64(Buffer.from('hello, this is text')), /^images\[1\]\.data: the image /],
        [base64(cat.subarray(0, 20)), /^images\[1\]\.data: the image /],
        [base64(pdf), /^images\[1\]\.data: .*(no image|not one of|unknown|PDF)/],
        [{ type: 'url', data: 'ftp://x/y' }, /^images\[1\]\.data: must be an http/],
        [{ data: cat.toString('base64'), type: 'bitmap' }, /images\[1\]\.type/],
      ];
      for (const [image, what] of cases) assert.match(await refusal(c, 'chat_with_vision', look([base64(png), image])), what, JSON.stringify(image).slice(0, 80));
      assert.match(await refusal(c, 'chat_with_vision', { model: 'oai/sim-image', images: [base64(png)] }), /prompt|messages/);
      assert.match(await refusal(c, 'chat_with_vision', { model: 'oai/sim-image', prompt: 'x', images: [] }), /images/);
      assert.match(await refusal(c, 'chat_with_vision', look([base64(png)], 'oai/gpt-3.5-turbo')), /^model: oai\/gpt-3\.5-turbo does not look at images/);
    });
  });

const asFileUri = `file://${encodeURI(mine)}`;
const roots = () => ({ roots: [{ uri: asFileUri, name: 'mine' }] });
const capabilities = { roots: {} };

test('over standard input the client’s own folders may be read as well', async () => {
  const c = await overStdio(config(), { capabilities, set: (client) => client.setRequestHandler(ListRootsRequestSchema, roots) });
  const images = [{ data: join(mine, 'dog.png') }, { data: join(open, 'cat.png') }, { data: `${asFileUri}/dog.png` }];
  const a = await called(c, 'chat_with_vision', look(images, 'bytes/sim-image+pixels'));
  assert.deepEqual(a.response.split('\n').map((l) => l.split(', ').at(-1)), ['PNG 1 x 1', 'PNG 30 x 20', 'PNG 1 x 1']);
  assert.match(await refusal(c, 'chat_with_vision', look([{ data: join(folder, 'secret.png') }])), /lies in none of the folders/);
  await c.close();
});

test('the same with a client of 2026, which is asked in its own way', async () => {
  const c = new NewClient({ name: 'e2e', version: '1' }, { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } });
  c.setRequestHandler('roots/list', roots);
  await c.connect(new NewStdio({ command: binary, args: ['mcp', '--config', writeConfig(config())], env: cleanEnv(), stderr: 'ignore' }));
  const a = await called(c, 'chat_with_vision', look([{ data: join(mine, 'dog.png') }]));
  assert.equal(a.response, described(1, 'png', png, '1 x 1'));
  await c.close();
});

test('over HTTP a client’s folders are those of another machine', async () => {
  const c = await older(gateway.url, { capabilities, set: (client) => client.setRequestHandler(ListRootsRequestSchema, roots) });
  assert.match(await refusal(c, 'chat_with_vision', look([{ data: join(mine, 'dog.png') }])), /lies in none of the folders/);
  await c.close();
});
