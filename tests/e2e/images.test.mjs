// Images and documents that have to be fetched, checked or scaled on their way to a provider of another format.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { anthropic, openai, pdf, picture, png, post, providers, sha, startServe, startSim, temporary } from './harness.mjs';

// A GIF of 1 × 1 pixel with two frames.
const frame = '2c00000000010001000002024401' + '00';
const gif = Buffer.from(`47494638396101000100800000000000ffffff21f904000a000000${frame}21f904000a000000${frame}3b`, 'hex');

const cat = picture(30, 20);
const files = {
  '/cat.png': [cat, 'text/html'], // what the server calls it does not count
  '/dog.png': [picture(40, 40), 'image/png'],
  '/wide.png': [picture(500, 10), 'image/png'],
  '/report': [pdf, 'application/octet-stream'],
  '/page': [Buffer.from('<html>log in</html>'), 'image/png'],
  '/huge': [Buffer.alloc(60_000, 7), 'image/png'],
};

let seen = [];
let onHang = () => {};
function answer(request, response) {
  seen.push(request.url);
  const to = /^\/to\/(.*)/.exec(request.url);
  if (to) return response.writeHead(302, { location: to[1] }).end();
  if (request.url.startsWith('/hang')) return onHang(request);
  const [body, type] = files[request.url.split('?')[0]] ?? [];
  if (!body) return response.writeHead(404).end('nothing here');
  response.writeHead(200, { 'content-type': type }).end(body);
}

const folder = temporary();
const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const plain = http.createServer(answer);
let secure, sim, port, securePort, gateway, closed;

before(async () => {
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost');
  secure = https.createServer({ key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) }, answer);
  port = await listen(plain);
  securePort = await listen(secure);
  sim = await startSim();
  gateway = await start({ allow_hosts: [`127.0.0.1:${port}`, `localhost:${securePort}`], fetch_bytes_max: 50_000, fetch_timeout: '5s' });
  closed = await start({});
});
after(async () => {
  await gateway.stop();
  await closed.stop();
  await sim.stop();
  for (const server of [plain, secure]) {
    server.closeAllConnections();
    server.close();
  }
});

// Providers that take URLs (oai, ant) and ones that want bytes.
function start(media) {
  const both = providers(sim.url);
  const bytes = { quirks: { image_url: false } };
  const all = { ...both, oaibytes: { ...both.oai, ...bytes }, antbytes: { ...both.ant, ...bytes }, small: { ...both.ant, ...bytes, images: { side_max: 100 } }, tiny: { ...both.ant, images: { request_bytes_max: '20KB' } } };
  return startServe({ media, providers: all }, { env: { SSL_CERT_FILE: join(folder, 'cert.pem') } });
}

const local = (path) => `http://127.0.0.1:${port}${path}`;
const data = (bytes, type = 'image/png') => `data:${type};base64,${bytes.toString('base64')}`;
const image = (url) => ({ type: 'image_url', image_url: { url } });
const source = (url) => ({ type: 'image', source: { type: 'url', url } });
const base64 = (bytes, media_type = 'image/png') => ({ type: 'image', source: { type: 'base64', media_type, data: bytes.toString('base64') } });
const described = (n, bytes, w, h) => `image ${n}: image/png, ${bytes.length} bytes, sha256 ${sha(bytes)}, PNG ${w} x ${h}`;

// An OpenAI client's request; the text of the answer, or the error.
async function ask(model, parts, { url = gateway.url } = {}) {
  const got = await post(url, '/v1/chat/completions', { model, messages: [{ role: 'user', content: [{ type: 'text', text: 'look' }, ...parts] }] });
  return { ...got, answer: got.json?.choices?.[0].message.content, error: got.json?.error };
}
async function askAnthropic(model, content, { url = gateway.url } = {}) {
  const got = await post(url, '/v1/messages', { model, max_tokens: 500, messages: [{ role: 'user', content }] });
  return { ...got, answer: got.json?.content?.[0].text, error: got.json?.error };
}

describe('URLs for a provider that wants bytes', () => {
  test('openai SDK → Anthropic format; fetched once for all turns', async () => {
    const url = local('/cat.png?turns');
    const client = openai(gateway.url);
    const first = await client.chat.completions.create({ model: 'antbytes/sim-image+pixels', messages: [{ role: 'user', content: [image(url)] }] }).withResponse();
    assert.equal(first.data.choices[0].message.content, described(1, cat, 30, 20));
    assert.equal(first.response.headers.get('x-patchbay-media'), '1 fetched');
    const stream = await client.chat.completions.create({ model: 'antbytes/sim-image+pixels', stream: true, messages: [{ role: 'user', content: [image(url), { type: 'text', text: 'again' }] }] }).withResponse();
    let text = '';
    for await (const chunk of stream.data) text += chunk.choices[0]?.delta?.content ?? '';
    assert.equal(text, described(1, cat, 30, 20));
    assert.equal(stream.response.headers.get('x-patchbay-media'), '1 from the cache');
    assert.equal(seen.filter((u) => u === '/cat.png?turns').length, 1);
  });

  test('anthropic SDK → OpenAI format, in a tool result too', async () => {
    const answer = await anthropic(gateway.url).messages.create({
      model: 'oaibytes/sim-image+pixels',
      max_tokens: 500,
      tools: [{ name: 'look', input_schema: { type: 'object' } }],
      messages: [
        { role: 'user', content: [source(local('/dog.png'))] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [source(local('/cat.png'))] }] },
      ],
    });
    assert.deepEqual(answer.content[0].text.split('\n'), [described(1, files['/dog.png'][0], 40, 40), described(2, cat, 30, 20)]);
  });

  test('the same URL twice is fetched once; several come in order', async () => {
    const urls = ['/cat.png?same', '/dog.png?same', '/cat.png?same', '/wide.png?same'].map(local);
    const { answer, headers } = await ask('antbytes/sim-image+pixels', urls.map(image));
    assert.deepEqual(answer.split('\n').map((line) => /PNG (.*)/.exec(line)[1]), ['30 x 20', '40 x 40', '30 x 20', '500 x 10']);
    assert.equal(headers.get('x-patchbay-media'), '3 fetched');
    assert.equal(seen.filter((u) => u.endsWith('same')).length, 3);
  });

  test('over TLS, and through a redirect', async () => {
    const { answer, text } = await ask('antbytes/sim-image+pixels', [image(`https://localhost:${securePort}/to//dog.png`)]);
    assert.equal(answer, described(1, files['/dog.png'][0], 40, 40), text);
  });

  test('a PDF by URL towards a format that has no field for it', async () => {
    const { answer } = await askAnthropic('oai/sim-image', [{ type: 'document', source: { type: 'url', url: local('/report') } }]);
    assert.match(answer, new RegExp(`^document 1: application/pdf, ${pdf.length} bytes, sha256 ${sha(pdf)}`));
  });

  test('a provider that takes URLs gets the URL', async () => {
    const url = local('/cat.png?passed');
    const { answer, headers } = await ask('ant/sim-image', [image(url)]);
    assert.equal(answer, `image 1: url ${url}`);
    assert.equal(headers.get('x-patchbay-media'), null);
    assert.ok(!seen.includes('/cat.png?passed'));
  });
});

describe('what is not fetched', () => {
  const noAddress = 'has a host without a public address, and others are refused (`media.allow_hosts` can allow a host)';
  const cases = {
    'a loopback address': ['http://127.0.0.1/x', `URL http://127.0.0.1/x ${noAddress}`],
    'a name of one': ['http://localhost/x', `URL http://localhost/x ${noAddress}`],
    'IPv6 loopback': ['http://[::1]/x', `URL http://[::1]/x ${noAddress}`],
    'a mapped address': ['http://[::ffff:7f00:1]/x', `URL http://[::ffff:127.0.0.1]/x ${noAddress}`],
    'cloud metadata': ['http://169.254.169.254/latest?key=secret', `URL http://169.254.169.254/latest ${noAddress}`],
    'a private address': ['https://192.168.0.1/x', `URL https://192.168.0.1/x ${noAddress}`],
    'another spelling': ['http://0x7f.1/x', 'URL has an IPv4 address in an unusual spelling; write it as four decimal numbers'],
    'another port': ['http://example.com:6379/', 'URL http://example.com:6379/ has port 6379, and only 80 and 443 are allowed (`media.allow_hosts` can allow a host)'],
    'a user in the URL': ['http://me:pw@127.0.0.1/', 'URL must not hold a user name or password'],
    'another scheme': ['file:///etc/passwd', 'URL must start with http:// or https://'],
  };
  for (const [name, [url, message]] of Object.entries(cases))
    test(name, async () => {
      const { status, error } = await ask('antbytes/sim-image', [image(data(png)), image(url)]);
      assert.equal(status, 400);
      assert.equal(error.message, `messages[0].content[2].image_url.url: the image's ${message}`);
      assert.equal(error.param, 'messages[0].content[2].image_url.url');
      assert.equal(error.type, 'invalid_request_error');
    });

  test('the test server, unless it is allowed; told in the client’s own format', async () => {
    const before = seen.length;
    const { status, json } = await askAnthropic('oaibytes/sim-image', [source(local('/cat.png'))], { url: closed.url });
    assert.equal(status, 400);
    assert.equal(json.type, 'error');
    assert.equal(json.error.type, 'invalid_request_error');
    assert.ok(json.error.message.startsWith(`messages[0].content[0].source.url: the image's URL http://127.0.0.1:${port}/cat.png has port ${port}`), json.error.message);
    assert.equal(seen.length, before);
  });

  test('a redirect to a private address', async () => {
    for (const to of [`http://127.0.0.1/x`, `http://[::1]:${port}/cat.png`, `http://localhost:${port}/cat.png`]) {
      const before = seen.length;
      const { status, error } = await ask('antbytes/sim-image', [image(local(`/to/${to}`))]);
      assert.equal(status, 400);
      assert.match(error.message, /redirects to http:\/\/.*, which has (a host without a public address|port)/);
      assert.equal(seen.length, before + 1);
    }
    const { error } = await ask('antbytes/sim-image', [image(`https://localhost:${securePort}/to/${local('/cat.png')}`)]);
    assert.match(error.message, /redirects from https to http$/);
  });

  test('answers that are no image, too large, missing or late', async () => {
    const wrong = async (path, pattern) => {
      const { status, error } = await ask('antbytes/sim-image', [image(local(path))]);
      assert.equal(status, 400, path);
      assert.match(error.message, pattern);
    };
    await wrong('/page', /\/page is not an image of a known type \(JPEG, PNG, WebP, GIF\)$/);
    await wrong('/huge', /the answer is larger than 50000 bytes$/);
    await wrong('/missing?sig=secret', /image's URL http:\/\/127.0.0.1:\d+\/missing answered with status 404$/);
    await wrong('/report', /is a PDF, not an image$/);
    const quick = await start({ allow_hosts: ['127.0.0.1'], fetch_timeout: '200ms' });
    const { status, error } = await ask('antbytes/sim-image', [image(local('/hang'))], { url: quick.url });
    assert.equal(status, 400);
    assert.match(error.message, /\/hang was not answered within 200 ms$/);
    await quick.stop();
  });

  test('more than 20 URLs', async () => {
    const { status, error } = await ask('antbytes/sim-image', Array.from({ length: 21 }, (_, i) => image(local(`/cat.png?n=${i}`))));
    assert.equal(status, 400);
    assert.match(error.message, /^messages\[0\]\.content\[21\]\.image_url\.url: .* is one too many: at most 20 URLs are fetched/);
  });

  test('anything, where fetching is off', async () => {
    const off = await start({ fetch: false });
    const { status, error } = await ask('antbytes/sim-image', [image('https://example.com/a.png')], { url: off.url });
    assert.equal(status, 400);
    assert.match(error.message, /wants bytes, and fetching is switched off/);
    await off.stop();
  });

  test('a client that goes away ends its fetches', async () => {
    const arrived = new Promise((done) => (onHang = done));
    const abort = new AbortController();
    const request = fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'antbytes/sim-image', messages: [{ role: 'user', content: [image(local('/hang?gone'))] }] }),
      signal: abort.signal,
    }).catch(() => {});
    const { socket } = await arrived;
    const gone = new Promise((done) => socket.on('close', done));
    abort.abort();
    await gone;
    await request;
    onHang = () => {};
  });
});

describe('base64', () => {
  test('a wrong media type is corrected', async () => {
    const { answer } = await ask('ant/sim-image', [image(data(png, 'image/jpeg'))]);
    assert.equal(answer, `image 1: image/png, ${png.length} bytes, sha256 ${sha(png)}`);
  });

  test('line breaks and the URL alphabet are put right', async () => {
    const text = cat.toString('base64url').replace(/(.{20})/g, '$1\n');
    const { answer } = await askAnthropic('oai/sim-image+pixels', [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: text } }]);
    assert.equal(answer, described(1, cat, 30, 20));
  });

  test('what is no image is refused with its place', async () => {
    const { status, error } = await askAnthropic('oai/sim-image', [{ type: 'text', text: 'x' }, base64(Buffer.from('hello'))]);
    assert.equal(status, 400);
    assert.equal(error.message, 'messages[0].content[1].source.data: the image is not an image of a known type (JPEG, PNG, WebP, GIF)');
    const cut = await ask('ant/sim-image', [image(data(cat.subarray(0, cat.length - 20)))]);
    assert.equal(cut.error.message, 'messages[0].content[1].image_url.url: the image is a damaged PNG: it is cut short');
    const bomb = Buffer.from(cat);
    bomb.writeUInt32BE(50_000, 16);
    bomb.writeUInt32BE(50_000, 20);
    assert.match((await ask('ant/sim-image', [image(data(bomb))])).error.message, /is too large: 50000 x 50000 pixels/);
  });

  test('the provider’s own format is not looked into', async () => {
    const { status, answer } = await ask('oai/sim-image', [image('data:image/png;base64,aGVsbG8=')]);
    assert.equal(status, 200);
    assert.match(answer, /^image 1: image\/png, 5 bytes/);
  });

  test('too wide is scaled to what the provider takes', async () => {
    const { answer, headers } = await ask('ant/sim-image+pixels', [image(data(picture(9000, 90)))]);
    assert.match(answer, /, PNG 8000 x 80$/);
    assert.equal(headers.get('x-patchbay-media'), '1 scaled');
    const configured = await ask('small/sim-image+pixels', [image(local('/wide.png')), image(data(cat))]);
    assert.match(configured.answer, /, PNG 100 x 2\n.*, PNG 30 x 20$/);
    assert.equal(configured.headers.get('x-patchbay-media'), '1 fetched, 1 scaled');
  });

  test('many images have a smaller limit', async () => {
    const wide = Array.from({ length: 21 }, (_, i) => image(data(picture(2100, 21, [i, 0, 0]))));
    const { answer } = await ask('ant/sim-image+pixels', wide);
    assert.equal(answer.match(/PNG 2000 x 20$/gm).length, 21);
    assert.equal((await ask('ant/sim-image+pixels', wide.slice(1))).answer.match(/PNG 2100 x 21$/gm).length, 20);
  });

  test('all images together have a limit', async () => {
    let state = 1;
    const noise = () => Buffer.from(Array.from({ length: 120 * 120 * 3 }, () => ((state = (state * 48271) % 2147483647), state & 255)));
    const grain = (bytes) => {
      const raw = Buffer.alloc(120 * 361);
      for (let y = 0; y < 120; y++) bytes.copy(raw, y * 361 + 1, y * 360, y * 360 + 360);
      const out = picture(120, 120);
      const chunk = deflateSync(raw);
      const idat = Buffer.alloc(12 + chunk.length);
      idat.writeUInt32BE(chunk.length);
      idat.write('IDAT', 4);
      chunk.copy(idat, 8);
      idat.writeUInt32BE(crc32(idat.subarray(4, 8 + chunk.length)), 8 + chunk.length);
      return Buffer.concat([out.subarray(0, 33), idat, out.subarray(out.length - 12)]);
    };
    const { answer, text } = await ask('tiny/sim-image+pixels', [image(data(cat)), image(data(grain(noise()))), image(data(grain(noise())))]);
    const sizes = [...answer.matchAll(/image\/\w+, (\d+) bytes/g)].map((m) => Number(m[1]));
    assert.equal(sizes.length, 3, text);
    assert.equal(sizes[0], cat.length); // small ones stay as they are
    assert.ok(sizes.reduce((a, b) => a + Math.ceil(b / 3) * 4, 0) <= 20_000, answer);
  });

  test('of an animation the first frame goes where no animations are taken', async () => {
    const first = await askAnthropic('oai/sim-image+pixels', [base64(gif, 'image/gif')]);
    assert.match(first.answer, /^image 1: image\/png, .*, PNG 1 x 1$/, first.text);
    const whole = await ask('ant/sim-image+pixels', [image(data(gif, 'image/gif'))]);
    assert.match(whole.answer, new RegExp(`^image 1: image/gif, ${gif.length} bytes, sha256 ${sha(gif)}, GIF 1 x 1$`));
  });
});

test('what was done is counted', async () => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  for (const action of ['fetched', 'cached', 'scaled', 'refused']) assert.match(text, new RegExp(`patchbay_media_total\\{action="${action}"\\} [1-9]`));
});
