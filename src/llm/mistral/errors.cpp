// Errors to Mistral's clients.
#include "llm/mistral/mistral.h"

namespace pb::llm::mistral {
namespace {

Str type_of(Code code) {
  switch (code) {
    case Code::unauthenticated:
      return "authentication_error";
    case Code::permission_denied:
      return "permission_error";
    case Code::not_found:
      return "not_found_error";
    case Code::rate_limited:
      return "rate_limited";
    case Code::internal:
    case Code::bad_upstream:
    case Code::overloaded:
    case Code::timeout:
      return "internal_server_error";
    default:
      return "invalid_request_error";
  }
}

}  // namespace

void write_error(json::Writer& w, const Error& e) {
  w.begin_object();
  w.field("object", "error");
  w.field("message", e.message);
  w.field("type", e.type.empty() ? type_of(e.code) : Str(e.type));
  w.field_or_null("param", e.param);
  w.field_or_null("code", e.provider_code);
  w.field("raw_status_code", http_status(e));
  w.end_object();
}

void encode_error(const Error& e, std::string_view, std::string& out) {
  json::Writer w(out);
  write_error(w, e);
}

}  // namespace pb::llm::mistral
