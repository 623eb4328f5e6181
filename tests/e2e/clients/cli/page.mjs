// Settings of the clients as docs/clients.md tells them, so that what a reader types is what is tested.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../harness.mjs';

const page = readFileSync(join(root, 'docs/clients.md'), 'utf8');
const address = 'http://127.0.0.1:8000';

// The first block of a language below a heading, with the address and the key put in.
export function settings(heading, language, url, key) {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(section ?? '');
  if (!block) throw new Error(`docs/clients.md has no ${language} block below "${heading}"`);
  return block[1].replaceAll(address, url).replace(/=any$/gm, `=${key}`).replaceAll('"any"', `"${key}"`);
}

// {env, command, args} of a block of `export NAME=value` lines and a command.
export function shell(heading, url, key) {
  const env = {};
  let words = [];
  for (const line of settings(heading, 'sh', url, key).trim().split('\n')) {
    const set = /^export (\w+)=(\S+)$/.exec(line);
    if (set) env[set[1]] = set[2];
    else words = line.split(' ');
  }
  return { env, command: words[0], args: words.slice(1) };
}

// The cells of the table below a heading, without their code marks: [[cell, …], …].
export function table(heading, url) {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const rows = [...section.matchAll(/^\| (.*) \|$/gm)].map((m) => m[1].split(' | ').map((cell) => cell.replaceAll('`', '').replaceAll(address, url)));
  if (rows.length < 2) throw new Error(`docs/clients.md has no table below "${heading}"`);
  return rows.slice(1);
}
