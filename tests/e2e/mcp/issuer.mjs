// An authorization server as MCP clients and the gateway meet one: metadata, registration, the code flow with PKCE, access tokens as
// JWTs, a set of keys that can be changed. Nobody is asked for consent: the user is `issuer.user`.
import assert from 'node:assert/strict';
import { constants, createHash, createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { Happenings } from '../harness.mjs';

const b64 = (value) => Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString('base64url');

const kinds = {
  RS256: { make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }), sign: (key, data) => sign('sha256', data, key) },
  PS256: {
    make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    sign: (key, data) => sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  },
  ES256: {
    make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    sign: (key, data) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
  },
  EdDSA: { make: () => generateKeyPairSync('ed25519'), sign: (key, data) => sign(null, data, key) },
};
export const algorithms = Object.keys(kinds);

// A key pair with a name.
export function newKey(alg = 'ES256', kid = randomUUID()) {
  const pair = kinds[alg].make();
  return { alg, kid, privateKey: pair.privateKey, publicKey: pair.publicKey, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

// Signs anything; `header` over what an issuer would write.
export function signed(key, payload, header = {}) {
  const data = `${b64({ alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header })}.${b64(payload)}`;
  return `${data}.${b64(kinds[key.alg].sign(key.privateKey, Buffer.from(data)))}`;
}
// What an attacker tries: the public key as a shared secret.
export function withSecret(payload, secret, header = {}) {
  const data = `${b64({ alg: 'HS256', typ: 'at+jwt', ...header })}.${b64(payload)}`;
  return `${data}.${b64(createHmac('sha256', secret).update(data).digest())}`;
}
export const unsigned = (payload) => `${b64({ alg: 'none', typ: 'at+jwt' })}.${b64(payload)}.`;

export class Issuer {
  user = 'ann';
  claims = {}; // more of them, in every token
  down = false; // answers 503 to everything
  metadata = 'oauth-authorization-server'; // the only place where it is, below /.well-known/
  held = null; // a promise that the set of keys waits for
  fetched = new Happenings(); // of the set of keys
  authorizations = []; // the parameters that were sent to /authorize
  #codes = new Map();

  constructor(options = {}) {
    Object.assign(this, options);
    this.keys = [newKey('RS256')];
  }
  async start() {
    // `tls`: a key and a certificate for localhost.
    this.server = (this.tls ? https : http).createServer({ ...this.tls }, (request, response) => {
      const parts = [];
      request.on('data', (d) => parts.push(d));
      request.on('end', () => this.#serve(request, Buffer.concat(parts).toString(), response));
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.server.unref();
    this.url = `${this.tls ? 'https://localhost' : 'http://127.0.0.1'}:${this.server.address().port}${this.path ?? ''}`;
    return this;
  }
  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  // An access token as this issuer gives them: with its first key, unless another is named.
  token(changed = {}, { key = this.keys[0], header } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.url, sub: this.user, aud: this.audience, client_id: 'test', iat: now, exp: now + 300, jti: randomUUID(), scope: 'mcp', ...this.claims, ...changed };
    return signed(key, claims, header);
  }

  async #serve(request, body, response) {
    const json = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (this.down) return json(503, {});
    const url = new URL(request.url, this.url);
    const base = this.path ?? '';
    if (url.pathname === `/.well-known/${this.metadata}${base}` || url.pathname === `${base}/.well-known/${this.metadata}`)
      return json(200, {
        issuer: this.url,
        jwks_uri: `${this.url}/jwks`,
        authorization_endpoint: `${this.url}/authorize`,
        token_endpoint: `${this.url}/token`,
        registration_endpoint: `${this.url}/register`,
        response_types_supported: ['code'],
        grant_types_supported: ['authorization_code'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none'],
        authorization_response_iss_parameter_supported: true,
        subject_types_supported: ['public'], // these two are OpenID Connect's
        id_token_signing_alg_values_supported: ['RS256'],
      });
    if (url.pathname === `${base}/jwks`) {
      this.fetched.add(Date.now());
      if (this.held) await this.held;
      return json(200, { keys: this.keys.map((key) => key.jwk) });
    }
    if (url.pathname === `${base}/register`) return json(201, { ...JSON.parse(body), client_id: randomUUID(), client_id_issued_at: Math.floor(Date.now() / 1000) });
    if (url.pathname === `${base}/authorize`) return this.#authorize(Object.fromEntries(url.searchParams), response);
    if (url.pathname === `${base}/token`) return this.#exchange(Object.fromEntries(new URLSearchParams(body)), json);
    json(404, {});
  }
  #authorize(asked, response) {
    this.authorizations.push(asked);
    const code = randomUUID();
    this.#codes.set(code, asked);
    const back = new URL(asked.redirect_uri);
    for (const [name, value] of Object.entries({ code, iss: this.url, ...(asked.state ? { state: asked.state } : {}) })) back.searchParams.set(name, value);
    response.writeHead(302, { location: back.href }).end();
  }
  #exchange(asked, json) {
    const granted = this.#codes.get(asked.code);
    this.#codes.delete(asked.code);
    const challenge = createHash('sha256').update(asked.code_verifier ?? '').digest('base64url');
    if (asked.grant_type !== 'authorization_code' || !granted || granted.code_challenge !== challenge || granted.resource !== asked.resource) return json(400, { error: 'invalid_grant' });
    json(200, { access_token: this.token({ aud: asked.resource, scope: granted.scope }), token_type: 'Bearer', expires_in: 300, scope: granted.scope });
  }
}

// What a client keeps for the official SDKs' OAuth flow. `answer` has what came back to the redirect URL, after browse().
export class Account {
  redirectUrl = 'http://127.0.0.1:9/callback';
  clientMetadata = { client_name: 'e2e', redirect_uris: [this.redirectUrl], grant_types: ['authorization_code'], response_types: ['code'], token_endpoint_auth_method: 'none' };
  state() {
    return 'a-state';
  }
  clientInformation() {
    return this.client;
  }
  saveClientInformation(client) {
    this.client = client;
  }
  tokens() {
    return this.kept;
  }
  saveTokens(tokens) {
    this.kept = tokens;
  }
  redirectToAuthorization(url) {
    this.asked = url;
  }
  saveCodeVerifier(verifier) {
    this.verifier = verifier;
  }
  codeVerifier() {
    return this.verifier;
  }
  // The user's browser.
  async browse() {
    const response = await fetch(this.asked, { redirect: 'manual' });
    assert.equal(response.status, 302);
    return new URL(response.headers.get('location')).searchParams;
  }
}
