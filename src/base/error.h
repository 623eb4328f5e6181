// The one error value of the program and the Result type that carries it.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace pb {

// What went wrong, as the caller has to act on it. Each client format maps these to its own error types.
enum class Code {
  invalid_request,     // the caller's input is wrong (400)
  unauthenticated,     // no or a wrong key (401)
  payment_required,    // the provider wants money (402)
  permission_denied,   // the key may not do this (403)
  not_found,           // no such model, path or thing (404)
  method_not_allowed,  // (405)
  too_large,           // body or header over a limit (413)
  unsupported_media,   // content type or coding we cannot read (415)
  rate_limited,        // (429)
  internal,            // our own bug (500)
  bad_upstream,        // the provider answered nonsense, cut the stream or could not be reached (502)
  overloaded,          // the provider or we are overloaded (503 or 529)
  timeout,             // connect, first byte, idle or total time exceeded (504)
  cancelled,           // the caller went away (499)
};

struct Error {
  Code code = Code::internal;
  std::string message;        // for people: where, what, what to do; never a secret
  std::string type;           // the provider's own error type, when it sent one ("" = derive from code)
  std::string param;          // path of the offending field, when known
  std::string provider_code;  // the provider's own code, when it sent one ("context_length_exceeded")
  std::string
      details;     // JSON text of a vendor's machine-readable details (Anthropic `error.details`); "" = none
  int status = 0;  // HTTP status to answer with; 0 = derive from code
  int retry_after_ms = -1;  // -1 = not known
  bool retryable = false;
  std::string raw_body;  // the provider's whole error body (same-format answers pass it on untouched)
};

template <class T>
using Result = std::expected<T, Error>;

// A Result holding an error; `param` is the path of the field at fault, as in "messages[2].content".
[[nodiscard]] std::unexpected<Error> fail(Code code, std::string message, std::string param = {});

// A provider that answered nonsense, cut its answer or could not be reached (bad_upstream): another try may bring something better.
// Without `retryable`, bad_upstream is a fault that stays.
[[nodiscard]] Error upstream_fault(std::string message);

// The HTTP status for an error: its own, or the code's.
[[nodiscard]] int http_status(const Error& error);
// "invalid_request", "rate_limited", …: for logs and metrics.
[[nodiscard]] std::string_view to_string(Code code);
// The code that an HTTP status from a provider means (429 -> rate_limited, 529 -> overloaded, …).
[[nodiscard]] Code code_of_status(int status);

}  // namespace pb

// TRY(expr): returns the error of a Result from this function. TRY_ASSIGN(auto x, expr): binds the value.
#define PB_CONCAT_(a, b) a##b
#define PB_CONCAT(a, b) PB_CONCAT_(a, b)
#define TRY(expr)                                                                           \
  do {                                                                                      \
    if (auto&& pb_try = (expr); !pb_try) return std::unexpected(std::move(pb_try.error())); \
  } while (0)
#define TRY_ASSIGN_(tmp, lhs, expr)                         \
  auto tmp = (expr);                                        \
  if (!tmp) return std::unexpected(std::move(tmp.error())); \
  lhs = std::move(*tmp)
#define TRY_ASSIGN(lhs, expr) TRY_ASSIGN_(PB_CONCAT(pb_try_, __LINE__), lhs, expr)
// The same inside a coroutine.
#define CO_TRY(expr)                                                                           \
  do {                                                                                         \
    if (auto&& pb_try = (expr); !pb_try) co_return std::unexpected(std::move(pb_try.error())); \
  } while (0)
#define CO_TRY_ASSIGN_(tmp, lhs, expr)                         \
  auto tmp = (expr);                                           \
  if (!tmp) co_return std::unexpected(std::move(tmp.error())); \
  lhs = std::move(*tmp)
#define CO_TRY_ASSIGN(lhs, expr) CO_TRY_ASSIGN_(PB_CONCAT(pb_try_, __LINE__), lhs, expr)
