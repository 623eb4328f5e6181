// What a server offers: tools, prompts, resources and completions, each written once for every revision of the protocol.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/task.h"
#include "mcp/protocol.h"

namespace pb::mcp {

struct Grant;

// Who asks. The name is a key's or a token's subject's, and tells them apart ("" where no key is needed); `held` is the
// transport's business.
struct Principal {
  std::string name;
  std::shared_ptr<const void> held;  // what the handlers of the layer above keep of the caller; may be null
  std::shared_ptr<const Grant> grant =
      {};  // of an access token (mcp/oauth/policy.h); null: there are no scopes
};

// One question to the client: a form, a model's answer, the folders it works in.
struct Ask {
  std::string key;     // unique within the call, in all its rounds
  std::string method;  // "elicitation/create", "sampling/createMessage" or "roots/list"
  std::string params;  // a JSON object; "" = none
};
Ask ask_form(std::string key, std::string_view message, std::string_view schema);
Ask ask_url(std::string key, std::string_view message, std::string_view url);
Ask ask_model(std::string key, std::string_view prompt, int max_tokens);
Ask ask_roots(std::string key);

// The client's answers by key, each the result of that method.
class Answers {
 public:
  void put(std::string key, std::string json);  // a JSON object
  bool has(std::string_view key) const;
  json::Value operator[](std::string_view key) const;  // lives as long as this; null where there is none
  const std::map<std::string, std::string, std::less<>>& texts() const { return texts_; }

 private:
  std::map<std::string, std::string, std::less<>> texts_;
  mutable std::map<std::string, json::Value, std::less<>> parsed_;
  mutable json::Arena arena_;
};

class Hub;
class Meter;

// A call as its handler sees it. Lives as long as the handler's coroutine. A client that cancels or goes away ends that
// coroutine: its pending co_await throws.
class Context {
 public:
  virtual ~Context() = default;
  virtual Revision revision() const = 0;
  virtual const Principal& principal() const = 0;
  virtual const ClientCapabilities& client_can() const = 0;
  virtual bool cancelled() const = 0;
  // Sent where the client asked for it. `total` 0 = not known.
  virtual void progress(double done, double total, std::string_view message) = 0;
  virtual bool wants_progress() const = 0;
  // `data` is a JSON text. Sent where the client wants lines of that level.
  virtual void log(LogLevel level, std::string_view logger, std::string_view data) = 0;
  // Asks the client, all at once. With a 2025 client this waits for its answers. A 2026 client gets the questions as the call's
  // result and calls again with the answers, so that the handler runs from its beginning once more: an ask() that has been
  // answered returns at once, and what must not happen twice stands behind the last ask(). Pass the fault on.
  // Faults: the client cannot do that; it did not answer in time; its answer is malformed.
  virtual Task<Outcome<Answers>> ask(std::vector<Ask> asks) = 0;
  // Ends the client's connection, which may come back for the rest of the answer (2025-11-25 over HTTP; else nothing happens).
  virtual void let_client_poll() = 0;
  virtual Hub& hub() = 0;  // to tell of changes
};

struct ToolResult {
  std::string content = "[]";  // a JSON array of content blocks
  std::string structured;      // a JSON value; "" = none
  bool is_error = false;
};
std::string text_block(std::string_view text);
std::string image_block(std::string_view base64, std::string_view mime_type);
std::string audio_block(std::string_view base64, std::string_view mime_type);
std::string resource_block(std::string_view uri, std::string_view mime_type, std::string_view text);
ToolResult text_result(std::string_view text);
// `structured` as it is, and as text for clients that know no structured results.
ToolResult structured_result(std::string structured);
ToolResult error_result(std::string_view message);  // the model sees it and can do better

enum class Hint : std::uint8_t { unsaid, yes, no };
struct ToolHints {
  Hint read_only = Hint::unsaid, destructive = Hint::unsaid, idempotent = Hint::unsaid,
       open_world = Hint::unsaid;
};
enum class TaskUse : std::uint8_t { never, allowed, always };  // as a task, for clients that know tasks

using ToolHandler = std::function<Task<Outcome<ToolResult>>(Context&, json::Value arguments)>;
// What is wrong with the arguments, for the model to read; "" = nothing.
using Validate = std::function<std::string(json::Value arguments)>;

// An argument that has to stand in a header too (2026-07-28 over HTTP).
struct HeaderArgument {
  std::string header;             // "Mcp-Param-Region"
  std::vector<std::string> path;  // of members, from the arguments' root
};

struct Tool {
  std::string name, title, description;
  std::string input_schema = R"({"type":"object","properties":{}})";  // JSON texts
  std::string output_schema;                                          // "" = none
  ToolHints hints;
  std::string icons;  // a JSON array; "" = none
  TaskUse task_use = TaskUse::never;
  ToolHandler run;
  // Of a task: asks the client what has to be known before it begins; run() gets the same answers to the same questions.
  std::function<Task<Outcome<Answers>>(Context&, json::Value arguments)> before_task = {};
  Validate validate = {};                    // empty: settle() makes one of the input schema
  std::vector<HeaderArgument> headers = {};  // settle() reads them from the schema
};

struct PromptArgument {
  std::string name, title, description;
  bool required = false;
};
struct PromptResult {
  std::string description;
  std::string messages = "[]";  // a JSON array
};
std::string prompt_message(std::string_view role, std::string_view content_block);

struct Prompt {
  std::string name, title, description;
  std::vector<PromptArgument> arguments;
  std::function<Task<Outcome<PromptResult>>(Context&, json::Value arguments)> get;
};

// The fault of a resource that is not there.
std::unexpected<Fault> resource_not_found(std::string_view uri);

// The JSON array `contents` of resources/read.
using ReadResource = std::function<Task<Outcome<std::string>>(Context&, std::string_view uri)>;
std::string text_contents(std::string_view uri, std::string_view mime_type, std::string_view text);
std::string blob_contents(std::string_view uri, std::string_view mime_type, std::string_view base64);

struct Resource {
  std::string uri, name, title, description, mime_type;
  ReadResource read;
  bool lively = false;  // it changes by itself: clients are told to keep nothing of it
};
// A part of the resources that are not always the same: `next` is where the rest begins, "" = there is no more.
struct ResourcePage {
  std::vector<Resource> resources;  // without `read`: a template reads them
  std::string next;
};
// `from`: "" or what `next` said; at most `most` of them. Faults: a `from` that is none.
using ListResources =
    std::function<Task<Outcome<ResourcePage>>(Context&, std::string from, std::size_t most)>;
struct ResourceTemplate {
  std::string uri_template, name, title, description, mime_type;  // "{x}" in it stands for one segment
  ReadResource read;
  bool lively = false;
};
bool matches_template(std::string_view uri_template, std::string_view uri);
// What stands for {name} in `uri`, as written; "" when it does not match or there is no such name.
std::string_view template_value(std::string_view uri_template, std::string_view uri, std::string_view name);

struct CompletionQuery {
  std::string_view prompt, resource_template;  // one of the two
  std::string_view argument, value;
  json::Value known;  // the arguments chosen already; may be null
};
struct Completed {
  std::vector<std::string> values;  // the best first
  std::size_t total = 0;            // that there are, where these are not all
};
using Complete = std::function<Task<Outcome<Completed>>(Context&, CompletionQuery)>;

// How long clients may keep lists and resources (MCP 2026-07-28 "Caching").
struct CacheHint {
  std::int64_t ttl_ms = 0;
  bool shared = false;  // the same for every caller
};

// Immutable once it is served; its handlers run on the core that made it.
struct Offer {
  std::string name, title, version, description, website;
  std::string instructions;
  std::vector<Tool> tools;
  std::vector<Prompt> prompts;
  std::vector<Resource> resources;
  std::vector<ResourceTemplate> templates;
  ListResources more_resources = {};  // listed behind `resources`; empty: there are none
  Complete complete;                  // empty: no completions
  CacheHint cache;
  // Which tools a caller may see and call; empty: all.
  std::function<bool(const Principal&, const Tool&)> may_use = {};
  std::shared_ptr<Meter> meter =
      {};  // counts calls; null: nobody counts. Shared with calls on an older offer

  const Tool* find_tool(std::string_view tool) const;
  const Prompt* find_prompt(std::string_view prompt) const;
  // One of them, or one that a template describes and that is not too long to be kept.
  bool has_resource(std::string_view uri) const;
};
// Puts schemas on one line and proves that they are JSON objects; a mistake in them is a bug and ends the program.
void settle(Offer& offer);

}  // namespace pb::mcp
