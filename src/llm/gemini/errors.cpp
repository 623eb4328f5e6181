// Errors of Google's APIs (google.rpc.Status), read and written.
#include <algorithm>
#include <charconv>

#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

struct StatusRow {
  Str status;
  Code code;
};
// The first row of a code is how it is written.
constexpr StatusRow kStatuses[] = {{"INVALID_ARGUMENT", Code::invalid_request},
                                   {"FAILED_PRECONDITION", Code::invalid_request},
                                   {"OUT_OF_RANGE", Code::invalid_request},
                                   {"ALREADY_EXISTS", Code::invalid_request},
                                   {"UNAUTHENTICATED", Code::unauthenticated},
                                   {"FAILED_PRECONDITION", Code::payment_required},
                                   {"PERMISSION_DENIED", Code::permission_denied},
                                   {"NOT_FOUND", Code::not_found},
                                   {"UNIMPLEMENTED", Code::method_not_allowed},
                                   {"INVALID_ARGUMENT", Code::too_large},
                                   {"INVALID_ARGUMENT", Code::unsupported_media},
                                   {"RESOURCE_EXHAUSTED", Code::rate_limited},
                                   {"INTERNAL", Code::internal},
                                   {"UNKNOWN", Code::bad_upstream},
                                   {"INTERNAL", Code::bad_upstream},
                                   {"DATA_LOSS", Code::bad_upstream},
                                   {"UNAVAILABLE", Code::overloaded},
                                   {"DEADLINE_EXCEEDED", Code::timeout},
                                   {"ABORTED", Code::overloaded},
                                   {"CANCELLED", Code::cancelled}};
constexpr Str kTypes = "type.googleapis.com/google.rpc.";
constexpr int kMinuteMs = 60'000;

Str status_of(Code code) {
  for (const StatusRow& row : kStatuses)
    if (row.code == code) return row.status;
  return "INTERNAL";
}

bool is_status(Str word) {
  return std::any_of(std::begin(kStatuses), std::end(kStatuses),
                     [&](const StatusRow& row) { return row.status == word; });
}

// A status names one code but for these: what failed inside Google, and calls that were not made for this model.
Code code_of(Str status, int http) {
  if (status == "INTERNAL" || status == "UNKNOWN") return Code::bad_upstream;
  for (const StatusRow& row : kStatuses)
    if (row.status == status) return row.code;
  return http != 0 ? code_of_status(http) : Code::bad_upstream;
}

bool retryable(Code code) {
  return code == Code::rate_limited || code == Code::overloaded || code == Code::timeout ||
         code == Code::bad_upstream;
}

// "34.4s" (the JSON form of a duration) in milliseconds; -1 when it is none.
int duration_ms(Str text) {
  if (!text.ends_with('s')) return -1;
  double seconds = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size() - 1, seconds);
  if (ec != std::errc{} || end != text.data() + text.size() - 1 || seconds < 0 || seconds > 1e6) return -1;
  return static_cast<int>(seconds * 1000 + 0.5);
}

void read_detail(json::Value d, Error& e) {
  Str type = d["@type"].as_string();
  type = type.substr(type.rfind('.') + 1);
  if (type == "RetryInfo") {
    if (const int ms = duration_ms(get(d, "retryDelay").as_string()); ms >= 0) e.retry_after_ms = ms;
  } else if (type == "QuotaFailure") {
    for (const json::Value& v : d["violations"].items()) {
      const Str quota = get(v, "quotaId").as_string();
      if (e.provider_code.empty()) e.provider_code = std::string(quota);
      if (e.retry_after_ms < 0 && quota.find("PerMinute") != Str::npos) e.retry_after_ms = kMinuteMs;
    }
  } else if (type == "ErrorInfo") {
    const Str reason = d["reason"].as_string();
    e.provider_code = std::string(reason);
    if (reason.starts_with("API_KEY_") || reason == "ACCESS_TOKEN_EXPIRED") {  // comes with a 400
      e.code = Code::unauthenticated;
      e.status = 401;
    }
  } else if (type == "BadRequest" && e.param.empty()) {
    for (const json::Value& v : get(d, "fieldViolations").items()) {
      e.param = std::string(v["field"].as_string());
      return;
    }
  }
}

void write_detail(json::Writer& w, Str type) {
  w.begin_object();
  w.field("@type", std::string_view(std::string(kTypes).append(type)));
}

void write_details(json::Writer& w, const Error& e, std::string_view request_id) {
  w.key("details");
  w.begin_array();
  json::Arena scratch;
  if (auto given = json::parse(e.details, scratch); given && given->is_array())
    for (const json::Value& d : given->items()) w.write(d);
  const bool retry = e.details.find("RetryInfo") == std::string::npos && e.retry_after_ms >= 0;
  if (retry) {
    write_detail(w, "RetryInfo");
    const int ms = e.retry_after_ms;
    std::string delay = std::to_string(ms / 1000);
    if (ms % 1000 != 0) delay += "." + std::to_string(1000 + ms % 1000).substr(1);
    w.field("retryDelay", std::string_view(delay + "s"));
    w.end_object();
  }
  if (!e.param.empty() && e.details.find("BadRequest") == std::string::npos) {
    write_detail(w, "BadRequest");
    w.key("fieldViolations");
    w.begin_array();
    w.begin_object();
    w.field("field", std::string_view(e.param));
    w.field("description", std::string_view(e.message));
    w.end_object();
    w.end_array();
    w.end_object();
  }
  if (!request_id.empty()) {
    write_detail(w, "RequestInfo");
    w.field("requestId", request_id);
    w.end_object();
  }
  w.end_array();
}

}  // namespace

Error read_error(json::Value error, int status) {
  Error e;
  e.type = std::string(error["status"].as_string());
  e.message = std::string(error["message"].as_string());
  if (status == 0) status = static_cast<int>(error["code"].as_int());
  e.status = status >= 400 && status < 600 ? status : 0;
  e.code = code_of(e.type, e.status);
  if (const json::Value details = error["details"]; details.size() > 0) {
    e.details = json::to_text(details);
    for (const json::Value& d : details.items()) read_detail(d, e);
  }
  e.retryable = retryable(e.code);
  if (e.message.empty())
    e.message = e.type.empty() ? "the provider reported an error without saying which" : e.type;
  return e;
}

Error decode_error(int status, std::string_view body) {
  json::Arena arena;
  auto parsed = json::parse(body, arena);
  json::Value root = parsed ? *parsed : json::Value();
  if (root.is_array() && root.size() > 0) root = root.at(0);  // of streams that are arrays
  Error e;
  if (root["error"].is_object()) {
    e = read_error(root["error"], status);
  } else {
    e.code = code_of_status(status);
    e.status = status;
    e.retryable = retryable(e.code);
    e.message =
        "the provider answered HTTP " + std::to_string(status) + " with a body that is no Google error";
  }
  e.raw_body = std::string(body);
  return e;
}

void write_error(json::Writer& w, const Error& e, std::string_view request_id) {
  w.begin_object();
  w.key("error");
  w.begin_object();
  w.field("code", http_status(e));
  w.field("message", std::string_view(e.message));
  w.field("status", is_status(e.type) ? Str(e.type) : status_of(e.code));
  write_details(w, e, request_id);
  w.end_object();
  w.end_object();
}

void encode_error(const Error& e, std::string_view request_id, std::string& out) {
  json::Writer w(out);
  write_error(w, e, request_id);
}

}  // namespace pb::llm::gemini
