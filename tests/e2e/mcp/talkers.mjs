// Official clients of both eras that keep what the server tells them beside its answers.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { Client as NewClient, StreamableHTTPClientTransport as NewHttp } from '@modelcontextprotocol/client';
import { Happenings } from '../harness.mjs';

const info = { name: 'e2e', version: '1' };
const bearer = (key) => (key ? { requestInit: { headers: { authorization: `Bearer ${key}` } } } : {});
const lists = ['tools', 'prompts', 'resources'];

// `told` grows with every change as "updated URI" or "list of tools"; `logs` with every line of the log.
// watch(uris): subscribes to them, and to the lists. structured(): the result of a call that must go well; refusal(): the text of
// one that must not.
class Talker {
  told = new Happenings();
  logs = new Happenings();
  constructor(client) {
    this.client = client;
  }
  async structured(name, args = {}, options) {
    const result = await this.call(name, args, options);
    if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
    return result.structuredContent;
  }
  async refusal(name, args = {}) {
    const result = await this.call(name, args);
    if (!result.isError) throw new Error(`${name} went well: ${JSON.stringify(result).slice(0, 500)}`);
    return result.content[0].text;
  }
  async read(uri) {
    const { contents } = await this.client.readResource({ uri });
    return JSON.parse(contents[0].text);
  }
  // Resolves once that change has been told of since the last time somebody waited for it.
  #seen = 0;
  async changed(what) {
    for (;;) {
      const at = this.told.list.indexOf(what, this.#seen);
      if (at >= 0) return (this.#seen = at + 1);
      await this.told.reach(this.told.list.length + 1);
    }
  }
  close() {
    return this.client.close();
  }
}

export async function of2025(url, { key } = {}) {
  const t = new Talker(new Client(info, { capabilities: {} }));
  t.client.setNotificationHandler(ResourceUpdatedNotificationSchema, (n) => t.told.add(`updated ${n.params.uri}`));
  const changed = [ToolListChangedNotificationSchema, PromptListChangedNotificationSchema, ResourceListChangedNotificationSchema];
  changed.forEach((schema, i) => t.client.setNotificationHandler(schema, () => t.told.add(`list of ${lists[i]}`)));
  t.client.setNotificationHandler(LoggingMessageNotificationSchema, (n) => t.logs.add(n.params));
  await t.client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), bearer(key)));
  t.call = (name, args, options) => t.client.callTool({ name, arguments: args }, undefined, options);
  t.watch = async (uris = []) => {
    for (const uri of uris) await t.client.subscribeResource({ uri });
  };
  return t;
}

export async function of2026(url, { key } = {}) {
  const t = new Talker(new NewClient(info, { capabilities: {}, versionNegotiation: { mode: { pin: '2026-07-28' } } }));
  t.client.setNotificationHandler('notifications/resources/updated', (n) => t.told.add(`updated ${n.params.uri}`));
  for (const list of lists) t.client.setNotificationHandler(`notifications/${list}/list_changed`, () => t.told.add(`list of ${list}`));
  t.client.setNotificationHandler('notifications/message', (n) => t.logs.add(n.params));
  await t.client.connect(new NewHttp(new URL('/mcp', url), bearer(key)));
  t.call = (name, args, options) => t.client.callTool({ name, arguments: args }, options);
  t.watch = (uris = []) =>
    t.client.listen({ toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true, resourceSubscriptions: uris });
  return t;
}

export const eras = { 2025: of2025, 2026: of2026 };
