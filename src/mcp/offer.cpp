#include "mcp/offer.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/schema/schema.h"
#include "base/utf8.h"
#include "mcp/stateless.h"

namespace pb::mcp {
namespace {

constexpr std::size_t kUriBytesMax = 2048;  // of a resource that a client watches

[[noreturn]] void bug(const std::string& owner, const std::string& what) {
  std::fprintf(stderr, "patchbay: bug: the definition of %s: %s\n", owner.c_str(), what.c_str());
  std::abort();
}

void one_line(std::string& text, const std::string& owner, bool object) {
  if (text.empty()) return;
  json::Arena arena;
  auto value = json::parse(text, arena);
  if (!value) bug(owner, value.error().message);
  if (object ? !value->is_object() : !value->is_array()) bug(owner, "JSON of the wrong kind");
  text = json::to_text(*value);
}

// Matches a template piece by piece; calls `found(name, value)` for each variable.
template <class F>
bool walk(std::string_view pattern, std::string_view uri, F found) {
  while (!pattern.empty()) {
    const std::size_t brace = pattern.find('{');
    const std::string_view literal = pattern.substr(0, brace);
    if (!uri.starts_with(literal)) return false;
    uri.remove_prefix(literal.size());
    if (brace == pattern.npos) return uri.empty();
    const std::size_t close = pattern.find('}', brace);
    if (close == pattern.npos) return false;
    std::string_view name = pattern.substr(brace + 1, close - brace - 1);
    const bool rest = name.starts_with('+');  // RFC 6570 §3.2.3: slashes too
    if (rest) name.remove_prefix(1);
    pattern.remove_prefix(close + 1);
    const std::size_t next = pattern.find('{');
    const std::string_view stop = pattern.substr(0, next);
    std::size_t end = stop.empty() ? uri.size() : rest ? uri.rfind(stop) : uri.find(stop);
    if (end == uri.npos || end == 0) return false;
    if (!rest && uri.substr(0, end).contains('/')) return false;
    found(name, uri.substr(0, end));
    uri.remove_prefix(end);
  }
  return uri.empty();
}

std::string block(std::string_view type, std::string_view key, std::string_view value,
                  std::string_view mime_type) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("type", type);
  w.field(key, value);
  if (!mime_type.empty()) w.field("mimeType", mime_type);
  w.end_object();
  return out;
}

std::string contents(std::string_view uri, std::string_view mime_type, std::string_view key,
                     std::string_view value) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("uri", uri);
  if (!mime_type.empty()) w.field("mimeType", mime_type);
  w.field(key, value);
  w.end_object();
  return out;
}

}  // namespace

Ask ask_form(std::string key, std::string_view message, std::string_view schema) {
  Ask ask{std::move(key), "elicitation/create", {}};
  json::Writer w(ask.params);
  w.begin_object();
  w.field("mode", "form");
  w.field("message", message);
  w.key("requestedSchema");
  w.raw(schema);
  w.end_object();
  return ask;
}

Ask ask_url(std::string key, std::string_view message, std::string_view url) {
  Ask ask{std::move(key), "elicitation/create", {}};
  json::Writer w(ask.params);
  w.begin_object();
  w.field("mode", "url");
  w.field("message", message);
  w.field("url", url);
  w.end_object();
  return ask;
}

Ask ask_model(std::string key, std::string_view prompt, int max_tokens) {
  Ask ask{std::move(key), "sampling/createMessage", {}};
  json::Writer w(ask.params);
  w.begin_object();
  w.key("messages");
  w.begin_array();
  w.raw(prompt_message("user", text_block(prompt)));
  w.end_array();
  w.field("maxTokens", max_tokens);
  w.end_object();
  return ask;
}

Ask ask_roots(std::string key) { return {std::move(key), "roots/list", {}}; }

void Answers::put(std::string key, std::string json) {
  parsed_.erase(key);
  texts_.insert_or_assign(std::move(key), std::move(json));
}

bool Answers::has(std::string_view key) const { return texts_.contains(key); }

json::Value Answers::operator[](std::string_view key) const {
  if (auto done = parsed_.find(key); done != parsed_.end()) return done->second;
  const auto text = texts_.find(key);
  if (text == texts_.end()) return {};
  auto value = json::parse(text->second, arena_);
  return parsed_.emplace(key, value ? *value : json::Value()).first->second;
}

std::string text_block(std::string_view text) { return block("text", "text", text, {}); }
std::string image_block(std::string_view base64, std::string_view mime_type) {
  return block("image", "data", base64, mime_type);
}
std::string audio_block(std::string_view base64, std::string_view mime_type) {
  return block("audio", "data", base64, mime_type);
}

std::string resource_block(std::string_view uri, std::string_view mime_type, std::string_view text) {
  return R"({"type":"resource","resource":)" + text_contents(uri, mime_type, text) + "}";
}

ToolResult text_result(std::string_view text) { return {"[" + text_block(text) + "]", {}, false}; }

ToolResult structured_result(std::string structured) {
  ToolResult result = text_result(structured);
  result.structured = std::move(structured);
  return result;
}

ToolResult error_result(std::string_view message) { return {"[" + text_block(message) + "]", {}, true}; }

std::string prompt_message(std::string_view role, std::string_view content_block) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("role", role);
  w.key("content");
  w.raw(content_block);
  w.end_object();
  return out;
}

std::unexpected<Fault> resource_not_found(std::string_view uri) {
  constexpr std::size_t kUriShown = 2000;
  std::string data;
  json::Writer w(data);
  w.begin_object();
  w.field("uri", utf8::beginning(uri, kUriShown));
  w.end_object();
  return fault(kResourceNotFound, "Resource not found", std::move(data));
}

std::string text_contents(std::string_view uri, std::string_view mime_type, std::string_view text) {
  return contents(uri, mime_type, "text", text);
}

std::string blob_contents(std::string_view uri, std::string_view mime_type, std::string_view base64) {
  return contents(uri, mime_type, "blob", base64);
}

bool matches_template(std::string_view uri_template, std::string_view uri) {
  return walk(uri_template, uri, [](std::string_view, std::string_view) {});
}

std::string_view template_value(std::string_view uri_template, std::string_view uri, std::string_view name) {
  std::string_view value;
  const bool matched = walk(uri_template, uri, [&](std::string_view n, std::string_view v) {
    if (n == name) value = v;
  });
  return matched ? value : std::string_view();
}

const Tool* Offer::find_tool(std::string_view tool) const {
  for (const Tool& t : tools)
    if (t.name == tool) return &t;
  return nullptr;
}

const Prompt* Offer::find_prompt(std::string_view prompt) const {
  for (const Prompt& p : prompts)
    if (p.name == prompt) return &p;
  return nullptr;
}

bool Offer::has_resource(std::string_view uri) const {
  if (uri.size() > kUriBytesMax) return false;
  for (const Resource& r : resources)
    if (r.uri == uri) return true;
  for (const ResourceTemplate& t : templates)
    if (matches_template(t.uri_template, uri)) return true;
  return false;
}

namespace {

Validate validator_of(const Tool& tool) {
  auto compiled = schema::Schema::compile(tool.input_schema);
  if (!compiled) bug(tool.name, compiled.error().message);
  // Shared by the copies of the function.
  return [schema = std::make_shared<const schema::Schema>(std::move(*compiled))](json::Value arguments) {
    std::string wrong;
    if (schema->fits(arguments)) return wrong;
    for (const schema::Fault& f : schema->faults(arguments))
      wrong.append(wrong.empty() ? "" : "; ").append(f.text());
    return wrong;
  };
}

}  // namespace

void settle(Offer& offer) {
  for (Tool& t : offer.tools) {
    one_line(t.input_schema, t.name, true);
    one_line(t.output_schema, t.name, true);
    one_line(t.icons, t.name, false);
    json::Arena arena;
    auto headers = header_arguments(json::parse(t.input_schema, arena).value_or(json::Value()));
    if (!headers) bug(t.name, "x-mcp-header breaks the rules");
    t.headers = std::move(*headers);
    if (!t.validate) t.validate = validator_of(t);
  }
}

}  // namespace pb::mcp
