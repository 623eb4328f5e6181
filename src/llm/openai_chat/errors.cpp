// Errors: every shape that providers of this format send, and the one that its clients read.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

using json::Value;

constexpr std::size_t kMessageBytesMax = 2000;  // of a body that is not JSON, in the error's message

struct TypeRow {
  Code code;
  std::string_view type;
  std::string_view code_name;  // OpenAI's own `code` where it always sends one
};

constexpr TypeRow kTypes[] = {
    {Code::invalid_request, "invalid_request_error", ""},
    {Code::unauthenticated, "invalid_request_error", "invalid_api_key"},
    {Code::payment_required, "insufficient_quota", "insufficient_quota"},
    {Code::permission_denied, "invalid_request_error", ""},
    {Code::not_found, "invalid_request_error", ""},
    {Code::method_not_allowed, "invalid_request_error", "method_not_supported"},
    {Code::too_large, "invalid_request_error", ""},
    {Code::unsupported_media, "invalid_request_error", ""},
    {Code::rate_limited, "rate_limit_error", "rate_limit_exceeded"},
    {Code::internal, "server_error", ""},
    {Code::bad_upstream, "server_error", "bad_upstream"},
    {Code::overloaded, "server_error", "overloaded"},
    {Code::timeout, "server_error", "timeout"},
    {Code::cancelled, "server_error", "cancelled"},
};

const TypeRow& row(Code code) {
  for (const TypeRow& r : kTypes)
    if (r.code == code) return r;
  return kTypes[9];
}

Code code_of_type(std::string_view type, Code fallback) {
  struct Row {
    std::string_view type;
    Code code;
  };
  static constexpr Row kCodes[] = {
      {"invalid_request_error", Code::invalid_request},
      {"authentication_error", Code::unauthenticated},
      {"permission_error", Code::permission_denied},
      {"permission_denied_error", Code::permission_denied},
      {"not_found_error", Code::not_found},
      {"rate_limit_error", Code::rate_limited},
      {"rate_limit_exceeded", Code::rate_limited},
      {"tokens", Code::rate_limited},
      {"requests", Code::rate_limited},
      {"insufficient_quota", Code::rate_limited},
      {"overloaded_error", Code::overloaded},
      {"server_error", Code::bad_upstream},
      {"api_error", Code::bad_upstream},
      {"timeout_error", Code::timeout},
  };
  for (const Row& r : kCodes)
    if (r.type == type) return r.code;
  return fallback;
}

// A string as it is, a number as its digits, anything else as JSON.
std::string text_of(Value v) {
  if (v.is_null()) return {};
  if (v.is_string()) return std::string(v.as_string());
  return json::to_text(v);
}

// FastAPI's {"detail": "…" | [{"loc": ["body","x"], "msg": "…"}]}.
std::string detail_text(Value detail, std::string& param) {
  if (!detail.is_array()) return text_of(detail);
  std::string out;
  for (const Value& d : detail.items()) {
    std::string at;
    for (const Value& part : d["loc"].items()) {
      if (part.as_string() == "body") continue;
      if (!at.empty()) at += '.';
      at += text_of(part);
    }
    if (param.empty()) param = at;
    if (!out.empty()) out += "; ";
    if (!at.empty()) out.append(at).append(": ");
    out += d.has("msg") ? text_of(d["msg"]) : text_of(d);
  }
  return out;
}

// "Please try again in 1.2s", "in 250ms", "in 6m0.5s", "Retry after 20 seconds": milliseconds, or -1.
int retry_hint_ms(std::string_view message) {
  std::size_t at = std::string_view::npos;
  for (std::string_view lead :
       {"try again in ", "retry after ", "Retry after ", "retry in ", "Try again in "})
    if (std::size_t found = message.find(lead); found != std::string_view::npos)
      at = std::min(at, found + lead.size());
  if (at == std::string_view::npos) return -1;
  double total_ms = 0;
  bool any = false;
  while (at < message.size()) {
    double n = 0;
    auto [end, ec] =
        std::from_chars(message.data() + at, message.data() + message.size(), n, std::chars_format::fixed);
    if (ec != std::errc{} || !(n >= 0)) break;
    at = static_cast<std::size_t>(end - message.data());
    while (at < message.size() && message[at] == ' ') ++at;
    std::string_view unit = message.substr(at);
    std::size_t letters = 0;
    while (letters < unit.size() && unit[letters] >= 'a' && unit[letters] <= 'z') ++letters;
    unit = unit.substr(0, letters);
    double scale = unit == "ms" || unit.starts_with("milli") ? 1
                   : unit.starts_with("m")                   ? 60'000
                   : unit.starts_with("h")                   ? 3'600'000
                                                             : 1000;
    total_ms += n * scale;
    any = true;
    at += letters;
    if (unit.size() > 2) break;  // "seconds": a sentence goes on
  }
  if (!any || !(total_ms < 86'400'000)) return -1;
  return static_cast<int>(std::ceil(total_ms));
}

int retry_field_ms(Value v) {
  double seconds = v.is_number() ? v.as_double(-1) : -1;
  if (v.is_string()) {
    Str s = v.as_string();
    if (auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), seconds); ec != std::errc{})
      seconds = -1;
  }
  if (!(seconds >= 0) || seconds > 86'400) return -1;
  return static_cast<int>(std::ceil(seconds * 1000));
}

bool retryable(Code code) {
  return code == Code::rate_limited || code == Code::bad_upstream || code == Code::overloaded ||
         code == Code::timeout || code == Code::internal;
}

void finish(Error& e, int status) {
  bool http = status >= 400 && status <= 599;
  e.code = http ? code_of_status(status) : code_of_type(e.type, Code::bad_upstream);
  if (http) e.status = status;
  e.retryable = retryable(e.code) && e.provider_code != "insufficient_quota";
  if (e.retry_after_ms < 0) e.retry_after_ms = retry_hint_ms(e.message);
}

bool is_blank(std::string_view s) { return s.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// The words of an HTML page or a plain text, in one line.
std::string plain_words(std::string_view body) {
  std::string out;
  bool tag = false, space = false;
  for (char c : body) {
    if (out.size() >= kMessageBytesMax) break;
    if (c == '<')
      tag = true;
    else if (c == '>' && tag)
      tag = false, space = true;
    else if (tag)
      continue;
    else if (static_cast<unsigned char>(c) <= ' ')
      space = true;
    else {
      if (space && !out.empty()) out += ' ';
      space = false;
      out += c;
    }
  }
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80)
    out.pop_back();  // a cut character
  if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xc0) out.pop_back();
  return out;
}

bool valid_utf8(const std::string& s) {
  json::Arena arena;
  std::string quoted = "\"";
  json::append_escaped(quoted, s);
  quoted += '"';
  return json::parse(quoted, arena).has_value();
}

}  // namespace

Error error_of_json(int status, Value root) {
  Error e;
  if (root.is_array() && root.size() > 0) root = root.at(0);  // Google's compatible endpoint wraps it
  Value inner = root["error"];
  if (inner.is_array() && inner.size() > 0) inner = inner.at(0);
  Value from = inner.is_object() ? inner : root;
  if (inner.is_string()) e.message = inner.as_string();
  Value message = from["message"];
  if (message["detail"].is_array())
    e.message = detail_text(message["detail"], e.param);  // Mistral
  else if (e.message.empty())
    e.message = text_of(message);
  if (e.message.empty()) e.message = text_of(from["msg"]);
  if (e.message.empty()) e.message = detail_text(from["detail"], e.param);
  if (e.message.empty()) e.message = detail_text(root["detail"], e.param);
  if (e.message.empty() && root.is_string()) e.message = root.as_string();
  // OpenRouter puts what the provider behind it said into `metadata.raw`.
  if (Str raw = from["metadata"]["raw"].as_string(); !raw.empty())
    e.message.append(e.message.empty() ? "" : ": ").append(raw.substr(0, kMessageBytesMax));
  e.type = text_of(from["type"]);
  if (e.type == "error") e.type.clear();
  if (std::string param = text_of(from["param"]); !param.empty()) e.param = std::move(param);
  if (std::int64_t n = from["code"].as_int(); n < 400 || n > 599)
    e.provider_code = text_of(from["code"]);  // else an HTTP status
  for (Value at : {from["retry_after"], from["metadata"]["retry_after"], root["retry_after"]})
    if (e.retry_after_ms < 0) e.retry_after_ms = retry_field_ms(at);
  if (status == 0) {  // in a stream: the code may be an HTTP status
    std::int64_t n = from["code"].as_int();
    if (n == 0) n = from["status"].as_int();
    if (n == 0) n = from["status_code"].as_int();
    if (n >= 400 && n <= 599) status = static_cast<int>(n);
  }
  if (e.message.empty())
    e.message = "the provider gave no reason: " + json::to_text(root).substr(0, kMessageBytesMax);
  finish(e, status);
  return e;
}

Error decode_error(int status, std::string_view body) {
  json::Arena arena;
  if (auto root = json::parse(body, arena)) {
    Error e = error_of_json(status, *root);
    e.raw_body = body;
    return e;
  }
  Error e;
  std::string words = plain_words(body);
  if (is_blank(words))
    e.message = "the provider answered with status " + std::to_string(status) + " and no reason";
  else if (!valid_utf8(words))
    e.message =
        "the provider answered with status " + std::to_string(status) + " and a body that is not text";
  else
    e.message = std::move(words);
  finish(e, status);
  e.raw_body = body;
  return e;
}

void write_error_object(json::Writer& w, const Error& e) {
  const TypeRow& r = row(e.code);
  w.begin_object();
  w.field("message", e.message);
  w.field("type", e.type.empty() ? r.type : std::string_view(e.type));
  w.field_or_null("param", e.param);
  if (!e.provider_code.empty())
    w.field("code", e.provider_code);
  else if (!r.code_name.empty())
    w.field("code", r.code_name);
  else
    w.null_field("code");
  w.end_object();
}

void encode_error(const Error& e, std::string_view request_id, std::string& out) {
  json::Writer w(out);
  w.begin_object();
  w.key("error");
  write_error_object(w, e);
  if (!request_id.empty()) w.field("request_id", request_id);
  w.end_object();
}

}  // namespace pb::llm::openai_chat
