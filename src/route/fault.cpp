#include "route/fault.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace pb::route {
namespace {

constexpr Action kActions[] = {
    //                 retry  move_on counts cools
    /* client */ {false, false, false, false, "client"},
    /* cancelled */ {false, false, false, false, "cancelled"},
    /* unsupported */ {false, true, false, false, "unsupported"},
    /* context_too_long */ {false, true, false, false, "context_too_long"},
    /* content_policy */ {false, true, false, false, "content_policy"},
    /* credentials */ {false, true, true, true, "credentials"},
    /* rate_limit */ {true, true, false, true, "rate_limit"},
    /* overloaded */ {true, true, true, false, "overloaded"},
    /* transient */ {true, true, true, false, "transient"},
    /* permanent */ {false, true, true, false, "permanent"},
};

bool mentions(const Error& e, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view w) {
    return e.provider_code.contains(w) || e.type.contains(w) || e.message.contains(w);
  });
}

}  // namespace

Fault classify(const Error& e) {
  // What vendors say in words and codes beside a plain 400 or 422.
  if (e.status == 400 || e.status == 413 || e.status == 422 || e.code == Code::too_large) {
    if (mentions(e, {"context_length_exceeded", "context length", "context window", "prompt is too long",
                     "maximum context", "too many tokens", "input token count", "string_above_max_length",
                     "exceeds the maximum number of tokens", "request_too_large", "too long"}))
      return Fault::context_too_long;
    if (mentions(e, {"content_filter", "content_policy", "content policy", "safety", "moderation",
                     "PROHIBITED_CONTENT", "responsible AI"}))
      return Fault::content_policy;
    if (mentions(e,
                 {"billing", "credit balance", "insufficient_quota", "API key not valid", "API_KEY_INVALID"}))
      return Fault::credentials;
    if (mentions(e, {"not supported", "unsupported", "does not support"})) return Fault::unsupported;
  }
  switch (e.code) {
    case Code::cancelled:
      return Fault::cancelled;
    case Code::unauthenticated:
    case Code::payment_required:
      return Fault::credentials;
    case Code::permission_denied:
      return mentions(e, {"moderation", "flagged"}) ? Fault::content_policy : Fault::credentials;
    case Code::rate_limited:
      // Money that has run out is told as a rate limit, too; waiting does not help.
      return mentions(e, {"insufficient_quota", "billing", "credit"}) ? Fault::credentials
                                                                      : Fault::rate_limit;
    case Code::overloaded:
      return Fault::overloaded;
    case Code::timeout:
      return Fault::transient;
    case Code::bad_upstream:
      return e.retryable ? Fault::transient : Fault::permanent;
    case Code::not_found:
    case Code::method_not_allowed:
    case Code::unsupported_media:
      return Fault::unsupported;
    default:
      return e.status >= 500 ? Fault::transient : Fault::client;
  }
}

const Action& action(Fault fault) { return kActions[static_cast<std::size_t>(fault)]; }

}  // namespace pb::route
