// Errors of Anthropic, read and written, and the quick look at answers that are relayed as they are.
#include <simdjson.h>

#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {
namespace {

struct TypeRow {
  Str type;
  Code code;
};

// The first row of a code is how it is written.
constexpr TypeRow kTypes[] = {
    {"invalid_request_error", Code::invalid_request},
    {"authentication_error", Code::unauthenticated},
    {"billing_error", Code::payment_required},
    {"permission_error", Code::permission_denied},
    {"not_found_error", Code::not_found},
    {"request_too_large", Code::too_large},
    {"rate_limit_error", Code::rate_limited},
    {"api_error", Code::bad_upstream},
    {"overloaded_error", Code::overloaded},
    {"timeout_error", Code::timeout},
    {"invalid_request_error", Code::method_not_allowed},
    {"invalid_request_error", Code::unsupported_media},
    {"api_error", Code::internal},
    {"api_error", Code::cancelled},
};

bool retryable(Code code) {
  return code == Code::rate_limited || code == Code::overloaded || code == Code::timeout ||
         code == Code::bad_upstream;
}

const TypeRow* find_type(Str type) {
  for (const TypeRow& row : kTypes)
    if (row.type == type) return &row;
  return nullptr;
}

Str type_of(const Error& e) {
  if (find_type(e.type)) return find_type(e.type)->type;
  for (const TypeRow& row : kTypes)
    if (row.code == e.code) return row.type;
  return "api_error";
}

// A provider's message may start with the path already.
std::string message_of(const Error& e) {
  if (e.param.empty() || e.message.find(e.param) != std::string::npos) return e.message;
  return e.param + ": " + e.message;
}

void peek_message(json::Value message, Peek& peek) {
  RawUsage usage = RawUsage::of(peek.usage);  // a later part may know the output only
  usage.merge(message["usage"]);
  peek.usage = usage.usage();
  const json::Value reason = message.has("delta") ? message["delta"]["stop_reason"] : message["stop_reason"];
  if (!reason.is_string()) return;
  const Stop stop = read_stop(reason.as_string());
  peek.stop = stop == Stop::unset ? Stop::end : stop;
}

enum class Kind { other, message_start, message_delta, message_stop, error };

Kind kind_of(Str name) {
  if (name == "message_start") return Kind::message_start;
  if (name == "message_delta") return Kind::message_delta;
  if (name == "message_stop") return Kind::message_stop;
  if (name == "error") return Kind::error;
  return Kind::other;
}

}  // namespace

Error read_error(json::Value body, int status) {
  Error e;
  const json::Value error = body["error"];
  e.type = std::string(error["type"].as_string());
  e.message = std::string(error["message"].as_string());
  if (const json::Value details = error["details"]; !details.is_null()) e.details = json::to_text(details);
  e.provider_code = std::string(error["details"]["error_code"].as_string());
  const TypeRow* row = find_type(e.type);
  e.code = row ? row->code : status != 0 ? code_of_status(status) : Code::bad_upstream;
  e.status = status;
  e.retryable = retryable(e.code);
  if (e.message.empty())
    e.message = e.type.empty() ? "the provider reported an error without saying which" : e.type;
  return e;
}

Error decode_error(int status, std::string_view body) {
  json::Arena arena;
  auto parsed = json::parse(body, arena);
  Error e;
  if (parsed && (*parsed)["error"].is_object()) {
    e = read_error(*parsed, status);
  } else {
    e.code = code_of_status(status);
    e.status = status;
    e.retryable = retryable(e.code);
    e.message =
        "the provider answered HTTP " + std::to_string(status) + " with a body that is no Anthropic error";
  }
  e.raw_body = std::string(body);
  return e;
}

void write_error(json::Writer& w, const Error& e, std::string_view request_id) {
  w.begin_object();
  w.field("type", "error");
  w.key("error");
  w.begin_object();
  w.field("type", type_of(e));
  w.field("message", std::string_view(message_of(e)));
  if (!e.details.empty()) {
    json::Arena scratch;
    if (auto details = json::parse(e.details, scratch)) w.field("details", *details);
  }
  w.end_object();
  w.field_or_null("request_id", request_id);
  w.end_object();
}

void encode_error(const Error& e, std::string_view request_id, std::string& out) {
  json::Writer w(out);
  write_error(w, e, request_id);
}

void peek_response(std::string_view body, Peek& peek) {
  namespace od = simdjson::ondemand;
  thread_local od::parser parser;
  thread_local json::Arena arena;
  const simdjson::padded_string padded(body);
  od::document document;
  od::object object;
  if (parser.iterate(padded).get(document) || document.get_object().get(object)) return;
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key)) return;
    od::value value;
    if (field.value().get(value)) return;
    std::string_view text;
    if (key == "type" || key == "stop_reason") {
      const bool is_type = key == "type";
      if (value.get_string().get(text)) continue;
      if (is_type && text == "error") peek.error = true;
      if (is_type && text == "message") peek.done = true;
      if (!is_type) peek.stop = read_stop(text) == Stop::unset ? Stop::end : read_stop(text);
    } else if (key == "usage") {
      od::object usage;
      if (value.get_object().get(usage) || usage.raw_json().get(text)) continue;
      arena.reset();
      RawUsage raw;
      if (auto parsed = json::parse(text, arena)) raw.merge(*parsed);
      peek.usage = raw.usage();
    }
  }
}

void peek_event(std::string_view name, std::string_view data, Peek& peek) {
  // Nearly every event is a delta of a block; those say so at once.
  if (name.starts_with("content_block") || (name.empty() && data.starts_with(R"({"type":"content_block)")))
    return;
  Kind kind = kind_of(name);
  if (!name.empty() && kind == Kind::other) return;
  if (kind == Kind::message_stop) {
    peek.done = true;
    return;
  }
  thread_local json::Arena arena;
  arena.reset();
  const auto parsed = json::parse(data, arena);
  if (!parsed) return;
  if (name.empty()) kind = kind_of((*parsed)["type"].as_string());
  switch (kind) {
    case Kind::message_start:
      return peek_message((*parsed)["message"], peek);
    case Kind::message_delta:
      return peek_message(*parsed, peek);
    case Kind::message_stop:
      peek.done = true;
      return;
    case Kind::error:
      peek.error = true;
      return;
    case Kind::other:
      return;
  }
}

}  // namespace pb::llm::anthropic
