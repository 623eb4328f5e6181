// What the documentation shows works: blocks marked `runnable` print the lines of the `text` block after them, and
// YAML blocks that hold a configuration validate.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Program, cleanEnv, root, run, temporary } from './harness.mjs';

const here = dirname(fileURLToPath(import.meta.url));
let gateway;
before(async () => (gateway = await new Program(['serve', '--listen', '127.0.0.1:0']).listening()));
after(() => gateway.stop());

const output = (command, args) =>
  new Promise((done, failed) => {
    execFile(command, args, { cwd: here, env: cleanEnv(), timeout: 20_000 }, (error, stdout, stderr) => (error ? failed(new Error(`${error}\n${stderr}`)) : done(stdout)));
  });

const pages = ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true }).filter((f) => f.endsWith('.md')).map((f) => `docs/${f}`)];
let runnable = 0;
for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  const line = (at) => text.slice(0, at).split('\n').length;

  for (const match of text.matchAll(/^```(sh|js) runnable\n([\s\S]*?)^```\n(?:```text\n([\s\S]*?)^```\n)?/gm)) {
    ++runnable;
    test(`${page}:${line(match.index)}`, async () => {
      const [, language, block, expected] = match;
      assert.ok(expected, 'a runnable block is followed by what it prints');
      const code = block.replaceAll('127.0.0.1:8000', new URL(gateway.url).host);
      const printed = language === 'sh' ? await output('/bin/sh', ['-ec', code]) : await output(process.execPath, ['--input-type=module', '-e', code]);
      for (const wanted of expected.trim().split('\n')) assert.ok(printed.includes(wanted), `"${wanted}" in:\n${printed}`);
    });
  }

  for (const match of text.matchAll(/^```yaml\n([\s\S]*?)^```\n/gm)) {
    if (!/^(providers|server|models):/m.test(match[1])) continue;
    test(`${page}:${line(match.index)}, a configuration`, async () => {
      const file = join(temporary(), 'patchbay.yaml');
      writeFileSync(file, match[1]);
      const { code, stdout, stderr } = await run(['config', 'validate', file]);
      assert.equal(code, 0, stdout + stderr);
    });
  }
}

test('the README has something to run', () => assert.ok(runnable >= 4));
