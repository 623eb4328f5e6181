// Runs the official MCP conformance suite against mcp_everything: `node run.mjs [SERVER] [NAME…]`, where the names are of RUNS.
// Ends with 1 when a scored scenario fails.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const suite = (name) => join(here, 'node_modules', name, 'dist/index.js');
const RUNS = {
  '2025-11-25': [suite('@modelcontextprotocol/conformance'), '--requirements', '2025-11-25'],
  '2026-07-28': [suite('@modelcontextprotocol/conformance'), '--requirements', '2026-07-28'],
  '2025-06-18': [suite('@modelcontextprotocol/conformance'), '--suite', 'active', '--spec-version', '2025-06-18'],
  '0.1.16': [suite('conformance-0-1'), '--suite', 'active'],
};

const server = resolve(process.argv[2] ?? join(here, '../../build/debug/mcp_everything'));
const names = process.argv.length > 3 ? process.argv.slice(3) : Object.keys(RUNS);

const child = spawn(server, ['0'], { stdio: ['ignore', 'pipe', 'inherit'] });
const { url } = JSON.parse(await new Promise((done) => child.stdout.once('data', (d) => done(String(d)))));
let code = 0;
for (const name of names) {
  const [file, ...args] = RUNS[name];
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-conformance-'));
  // The suite tries foreign Host headers only where the server is `localhost`.
  const run = spawn(process.execPath, [file, 'server', '--url', url.replace('127.0.0.1', 'localhost'), ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  run.stdout.on('data', (d) => (text += d));
  const ended = await new Promise((done) => run.on('close', done));
  if (ended !== 0) code = 1;
  for (const failed of text.matchAll(/^.*(✗|FAILURE).*$/gm)) console.log(failed[0]);
  const summary = text.slice(Math.max(0, text.search(/=+\s*SUMMARY|=== /i)));
  console.log(`\n##### ${name}: ${ended === 0 ? 'passed' : 'FAILED'}\n${summary.trim() || text.slice(-3000)}`);
  rmSync(folder, { recursive: true, force: true });
}
child.kill();
process.exit(code);
