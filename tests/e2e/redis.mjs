// A redis-server process of a test's own, and several gateways that share it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { run, startServe, temporary, writeConfig } from './harness.mjs';

const installed = spawnSync('redis-server', ['--version']).status === 0;
// In continuous integration it must be there.
export const skip = installed || process.env.CI ? false : 'redis-server is not installed (./dev setup test)';

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

const freePort = () =>
  new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

export class Redis {
  constructor(port, args = []) {
    this.port = port;
    this.args = args;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(args = []) {
    return new Redis(await freePort(), args).start();
  }

  // Over TLS only, with a certificate for localhost; `ca` is the file to trust.
  static async startTls() {
    const folder = temporary();
    const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const file = (name) => join(folder, name);
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA');
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'csr.pem', '-subj', '/CN=localhost');
    writeFileSync(file('names'), 'subjectAltName=DNS:localhost\n');
    openssl('x509', '-req', '-in', 'csr.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'cert.pem', '-days', '2', '-extfile', 'names');
    const port = await freePort();
    const files = ['--tls-cert-file', file('cert.pem'), '--tls-key-file', file('key.pem'), '--tls-ca-cert-file', file('ca.pem')];
    const redis = new Redis(port, ['--port', 0, '--tls-port', port, '--tls-auth-clients', 'no', ...files]);
    redis.url = `rediss://localhost:${port}`;
    redis.ca = file('ca.pem');
    return redis.start();
  }

  // Nothing is kept on disk: a start after stop() has forgotten everything.
  async start() {
    const args = ['--port', this.port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', temporary(), ...this.args];
    const child = spawn('redis-server', args.map(String), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    children.add(child);
    for (const handle of [child, child.stdout, child.stderr]) handle.unref();
    this.closed = new Promise((done) => child.on('close', done));
    child.on('close', () => children.delete(child));
    let log = '';
    await new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`redis-server did not start:\n${log}`)), 20_000);
      const look = (d) => {
        log += d;
        if (!/Ready to accept connections/.test(log)) return;
        clearTimeout(timer);
        done();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('close', () => failed(new Error(`redis-server ended:\n${log}`)));
    });
    return this;
  }

  async stop(signal = 'SIGKILL') {
    this.child.kill('SIGCONT');
    this.child.kill(signal);
    const alive = setInterval(() => {}, 1000); // waiting keeps the test's process alive
    await this.closed;
    clearInterval(alive);
  }
  freeze() {
    this.child.kill('SIGSTOP');
  }
  thaw() {
    this.child.kill('SIGCONT');
  }
}

// `names`: virtual keys, each with the options of `patchbay keys create`. All gateways know them. Returns the gateways and the
// keys' secrets.
export async function startReplicas(count, config, keys = {}, options = {}) {
  const folder = temporary();
  const file = writeConfig({ server: { data_dir: join(folder, 'keys') }, teams: config.teams ?? {} }, folder);
  const secrets = {};
  for (const [name, args] of Object.entries(keys)) {
    const made = await run(['keys', 'create', name, ...args, '--config', file]);
    if (made.code !== 0) throw new Error(made.stderr);
    secrets[name] = made.stdout.trim();
  }
  const gateways = [];
  for (let i = 0; i < count; ++i) {
    const data_dir = join(temporary(), 'data');
    mkdirSync(data_dir, { recursive: true });
    if (Object.keys(keys).length > 0) copyFileSync(join(folder, 'keys', 'keys.db'), join(data_dir, 'keys.db'));
    const own = structuredClone(config);
    own.server = { loop_guard: 0, ...own.server, data_dir };
    gateways.push(await startServe(own, options));
  }
  return { gateways, secrets };
}
