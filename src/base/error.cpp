#include "base/error.h"

namespace pb {
namespace {

struct Row {
  Code code;
  int status;
  std::string_view name;
};

constexpr Row kRows[] = {
    {Code::invalid_request, 400, "invalid_request"},
    {Code::unauthenticated, 401, "unauthenticated"},
    {Code::payment_required, 402, "payment_required"},
    {Code::permission_denied, 403, "permission_denied"},
    {Code::not_found, 404, "not_found"},
    {Code::method_not_allowed, 405, "method_not_allowed"},
    {Code::too_large, 413, "too_large"},
    {Code::unsupported_media, 415, "unsupported_media"},
    {Code::rate_limited, 429, "rate_limited"},
    {Code::internal, 500, "internal"},
    {Code::bad_upstream, 502, "bad_upstream"},
    {Code::overloaded, 503, "overloaded"},
    {Code::timeout, 504, "timeout"},
    {Code::cancelled, 499, "cancelled"},
};

const Row& row(Code code) {
  for (const Row& r : kRows)
    if (r.code == code) return r;
  return kRows[9];
}

}  // namespace

std::unexpected<Error> fail(Code code, std::string message, std::string param) {
  Error e;
  e.code = code;
  e.message = std::move(message);
  e.param = std::move(param);
  return std::unexpected(std::move(e));
}

Error upstream_fault(std::string message) {
  Error e;
  e.code = Code::bad_upstream;
  e.message = std::move(message);
  e.retryable = true;
  return e;
}

int http_status(const Error& error) { return error.status != 0 ? error.status : row(error.code).status; }

std::string_view to_string(Code code) { return row(code).name; }

Code code_of_status(int status) {
  if (status == 408) return Code::timeout;
  if (status == 422) return Code::invalid_request;
  if (status == 529) return Code::overloaded;
  for (const Row& r : kRows)
    if (r.status == status) return r.code;
  if (status >= 400 && status < 500) return Code::invalid_request;
  return Code::bad_upstream;
}

}  // namespace pb
