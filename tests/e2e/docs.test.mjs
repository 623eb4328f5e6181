// The examples of README.md and docs/ that are marked `runnable` do what the page says: each is run against a gateway with
// no provider configured, and every line of a ```text block that follows must be in its output ("…" stands for anything).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { binary, cleanEnv, root, startServe, temporary } from './harness.mjs';

const pages = [
  join(root, 'README.md'),
  ...readdirSync(join(root, 'docs'), { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, 'docs', name)),
];

const adminKey = 'an-admin-key-for-examples';

// [{name, language, code, expected}] of one page.
function examples(page, text) {
  const found = [];
  const fence = /^```(sh|js) runnable\n(.*?)^```\n(?:\n?```text\n(.*?)^```$)?/gms;
  for (const match of text.matchAll(fence)) {
    const line = text.slice(0, match.index).split('\n').length;
    found.push({ name: `${page}:${line}`, language: match[1], code: match[2], expected: match[3] ?? '' });
  }
  return found;
}

function runExample({ language, code }, url) {
  const here = code.replaceAll('http://127.0.0.1:8000', url).replaceAll('build/release/patchbay', binary);
  const env = cleanEnv({ PATCHBAY_ADMIN_KEY: adminKey, PATH: `${dirname(binary)}:${dirname(process.execPath)}:${process.env.PATH}` });
  // A module on standard input is resolved from the working folder, where the SDKs are.
  const child =
    language === 'js'
      ? spawn(process.execPath, ['--input-type=module', '-'], { cwd: join(root, 'tests/e2e'), env })
      : spawn('bash', ['-euo', 'pipefail', '-s'], { cwd: temporary(), env });
  let output = '';
  child.stdout.on('data', (d) => (output += d));
  child.stderr.on('data', (d) => (output += d));
  child.stdin.end(here);
  return new Promise((done) => child.on('close', (exit) => done({ exit, output })));
}

// False, or the module that an example wants and this checkout has not installed (`./dev test` installs them all).
function notInstalled({ language, code }) {
  if (language !== 'js' || process.env.CI) return false;
  const missing = [...code.matchAll(/from "([^"]+)"/g)].find(([, name]) => !existsSync(join(root, 'tests/e2e/node_modules', name)));
  return missing ? `not installed: ${missing[1]}` : false;
}

function contains(output, line) {
  const parts = line.trim().split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.*')).test(output);
}

let gateway;
before(async () => (gateway = await startServe({}, { env: { PATCHBAY_ADMIN_KEY: adminKey } })));
after(() => gateway.stop());

test('the pages have examples', () => {
  assert.deepEqual(examples('p', 'x\n```sh runnable\ntrue\n```\n```text\na\n```\n'), [{ name: 'p:2', language: 'sh', code: 'true\n', expected: 'a\n' }]);
  assert.ok(!contains('"a": 1', '"b": …') && contains('"b": 1}', '"b": …}'));
  assert.ok(examples('README.md', readFileSync(join(root, 'README.md'), 'utf8')).length >= 4);
});

for (const page of pages) {
  for (const example of examples(relative(root, page), readFileSync(page, 'utf8'))) {
    test(example.name, { timeout: 60_000, skip: notInstalled(example) }, async () => {
      const { exit, output } = await runExample(example, gateway.url);
      assert.equal(exit, 0, output);
      for (const line of example.expected.split('\n').filter((l) => l.trim() !== '')) assert.ok(contains(output, line), `no ${line} in:\n${output}`);
    });
  }
}
