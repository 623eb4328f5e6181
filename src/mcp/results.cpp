#include "mcp/results.h"

#include <charconv>

#include "base/base64.h"

namespace pb::mcp {
namespace {

constexpr std::string_view kCursorPrefix = "from:", kMorePrefix = "more:";

void optional(json::Writer& w, std::string_view key, std::string_view text) {
  if (!text.empty()) w.field(key, text);
}

void hint(json::Writer& w, std::string_view key, Hint value) {
  if (value != Hint::unsaid) w.field(key, value == Hint::yes);
}

void write_hints(json::Writer& w, const Tool& tool) {
  const ToolHints& h = tool.hints;
  if (h.read_only == Hint::unsaid && h.destructive == Hint::unsaid && h.idempotent == Hint::unsaid &&
      h.open_world == Hint::unsaid)
    return;
  w.key("annotations");
  w.begin_object();
  optional(w, "title", tool.title);
  hint(w, "readOnlyHint", h.read_only);
  hint(w, "destructiveHint", h.destructive);
  hint(w, "idempotentHint", h.idempotent);
  hint(w, "openWorldHint", h.open_world);
  w.end_object();
}

// A block that the revision does not know, as text; its own JSON otherwise.
void write_block(json::Writer& w, json::Value block, Revision revision) {
  const std::string_view type = block["type"].as_string();
  if (type == "audio" && !has_audio(revision))
    return w.raw(text_block("(audio, " + std::string(block["mimeType"].as_string()) + ")"));
  if (type == "resource_link" && !has_structured_results(revision))
    return w.raw(text_block(block["uri"].as_string()));
  w.write(block);
}

// A resource, or a template of some.
template <class Readable>
void write_readable(json::Writer& w, std::string_view key, std::string_view uri, const Readable& r,
                    Revision revision) {
  w.begin_object();
  w.field(key, uri);
  w.field("name", r.name);
  if (has_structured_results(revision)) optional(w, "title", r.title);
  optional(w, "description", r.description);
  optional(w, "mimeType", r.mime_type);
  w.end_object();
}

}  // namespace

ResultText::ResultText(const Offer& offer, Revision revision, std::string_view type)
    : offer_(offer), revision_(revision), w_(out_) {
  w_.begin_object();
  if (stateless(revision)) w_.field("resultType", type);
}

void ResultText::cache(const CacheHint& hint) {
  if (!stateless(revision_)) return;
  w_.field("ttlMs", hint.ttl_ms);
  w_.field("cacheScope", hint.shared ? "public" : "private");
}

std::string ResultText::done() {
  if (stateless(revision_)) {
    w_.key("_meta");
    w_.begin_object();
    w_.key(kMetaServer);
    write_server_info(w_, offer_, revision_);
    w_.end_object();
  }
  w_.end_object();
  return std::move(out_);
}

void write_server_info(json::Writer& w, const Offer& offer, Revision revision) {
  w.begin_object();
  w.field("name", offer.name);
  if (has_structured_results(revision)) optional(w, "title", offer.title);
  w.field("version", offer.version);
  if (has_icons(revision)) {
    optional(w, "description", offer.description);
    optional(w, "websiteUrl", offer.website);
  }
  w.end_object();
}

void write_server_capabilities(json::Writer& w, const Offer& offer, Revision revision) {
  const auto list = [&](std::string_view key, bool subscribe) {
    w.key(key);
    w.begin_object();
    if (subscribe) w.field("subscribe", true);
    w.field("listChanged", true);
    w.end_object();
  };
  const auto empty = [&](std::string_view key) {
    w.key(key);
    w.begin_object();
    w.end_object();
  };
  w.begin_object();
  if (!offer.tools.empty()) list("tools", false);
  if (!offer.prompts.empty()) list("prompts", false);
  if (!offer.resources.empty() || !offer.templates.empty()) list("resources", true);
  empty("logging");
  if (offer.complete && has_completions_capability(revision)) empty("completions");
  if (stateless(revision)) {
    bool tasks = false;
    for (const Tool& t : offer.tools) tasks = tasks || t.task_use != TaskUse::never;
    if (tasks) {
      w.key("extensions");
      w.begin_object();
      empty(kTasksExtension);
      w.end_object();
    }
  }
  w.end_object();
}

void write_tool(json::Writer& w, const Tool& tool, Revision revision) {
  w.begin_object();
  w.field("name", tool.name);
  if (has_structured_results(revision)) optional(w, "title", tool.title);
  optional(w, "description", tool.description);
  w.key("inputSchema");
  w.raw(tool.input_schema);
  if (!tool.output_schema.empty() && has_structured_results(revision)) {
    w.key("outputSchema");
    w.raw(tool.output_schema);
  }
  if (has_annotations(revision)) write_hints(w, tool);
  if (!tool.icons.empty() && has_icons(revision)) {
    w.key("icons");
    w.raw(tool.icons);
  }
  w.end_object();
}

void write_prompt(json::Writer& w, const Prompt& prompt, Revision revision) {
  w.begin_object();
  w.field("name", prompt.name);
  if (has_structured_results(revision)) optional(w, "title", prompt.title);
  optional(w, "description", prompt.description);
  if (!prompt.arguments.empty()) {
    w.key("arguments");
    w.begin_array();
    for (const PromptArgument& a : prompt.arguments) {
      w.begin_object();
      w.field("name", a.name);
      if (has_structured_results(revision)) optional(w, "title", a.title);
      optional(w, "description", a.description);
      w.field("required", a.required);
      w.end_object();
    }
    w.end_array();
  }
  w.end_object();
}

void write_resource(json::Writer& w, const Resource& r, Revision revision) {
  write_readable(w, "uri", r.uri, r, revision);
}

void write_template(json::Writer& w, const ResourceTemplate& r, Revision revision) {
  write_readable(w, "uriTemplate", r.uri_template, r, revision);
}

void write_ask(json::Writer& w, const Ask& ask) {
  w.key(ask.key);
  w.begin_object();
  w.field("method", ask.method);
  if (!ask.params.empty()) {
    w.key("params");
    w.raw(ask.params);
  }
  w.end_object();
}

void write_tool_result(json::Writer& w, const ToolResult& result, Revision revision) {
  w.key("content");
  if (has_structured_results(revision)) {
    w.raw(result.content);
  } else {
    json::Arena arena;
    const auto blocks = json::parse(result.content, arena);
    w.begin_array();
    if (blocks)
      for (const json::Value& block : blocks->items()) write_block(w, block, revision);
    w.end_array();
  }
  if (!result.structured.empty() && has_structured_results(revision)) {
    w.key("structuredContent");
    w.raw(result.structured);
  }
  if (result.is_error) w.field("isError", true);
}

std::string cursor_at(std::size_t index) {
  return base64_encode(std::string(kCursorPrefix) + std::to_string(index));
}

std::string cursor_to(std::string_view more) {
  return base64_encode(std::string(kMorePrefix) + std::string(more));
}

std::optional<std::string> read_cursor_to(json::Value params) {
  const auto text = base64_decode(params["cursor"].as_string());
  if (!text || !text->starts_with(kMorePrefix)) return std::nullopt;
  return text->substr(kMorePrefix.size());
}

Outcome<std::size_t> read_cursor(json::Value params, std::size_t size) {
  const json::Value* cursor = params.find("cursor");
  if (cursor == nullptr || cursor->is_null()) return 0;
  const auto text = base64_decode(cursor->as_string());
  std::size_t index = 0;
  if (cursor->is_string() && text && text->starts_with(kCursorPrefix)) {
    const char* end = text->data() + text->size();
    const auto [at, ec] = std::from_chars(text->data() + kCursorPrefix.size(), end, index);
    if (ec == std::errc() && at == end && index > 0 && index < size) return index;
  }
  return fault(kInvalidParams, "Invalid params: cursor is not one of this list's");
}

}  // namespace pb::mcp
