// Answers against an OpenAPI document.
import assert from 'node:assert/strict';

// A check of (path as the document has it, method, status, body).
export async function shapes(doc) {
  const { default: Ajv } = await import('ajv/dist/2020.js');
  const { default: formats } = await import('ajv-formats');
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats(ajv);
  ajv.addSchema(doc, 'doc');
  const pointer = (...parts) => parts.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
  return (path, method, status, body) => {
    const responses = doc.paths[path][method].responses;
    const which = responses[status] ? String(status) : 'default';
    const check = ajv.compile({ $ref: `doc#${pointer('paths', path, method, 'responses', which, 'content', 'application/json', 'schema')}` });
    assert.ok(check(body), `${method} ${path} ${status}: ${ajv.errorsText(check.errors)}\n${JSON.stringify(body, null, 1)}`);
  };
}

