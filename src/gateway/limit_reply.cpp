// What clients are told of their limits: x-ratelimit-… as OpenAI writes it, anthropic-ratelimit-… as Anthropic does.
#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "gateway/admission.h"

namespace pb::gateway {
namespace {

std::string seconds_text(std::int64_t ms) {  // "1s", "6m0s", as OpenAI writes them
  const std::int64_t s = (ms + 999) / 1000;
  std::string out;
  if (s >= 3600) out += std::to_string(s / 3600) + "h";
  if (s >= 60) out += std::to_string(s / 60 % 60) + "m";
  return out + std::to_string(s % 60) + "s";
}

std::string time_text(std::int64_t unix_ms) {  // RFC 3339, as Anthropic writes them
  const std::time_t seconds = static_cast<std::time_t>((unix_ms + 999) / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

// A number as text, without memory of its own.
struct Digits {
  std::array<char, 48> text;
  std::size_t size;

  explicit Digits(std::int64_t n)
      : size(static_cast<std::size_t>(std::to_chars(text.data(), text.data() + text.size(), n).ptr -
                                      text.data())) {}
  Digits(double d, int digits) {
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), d, std::chars_format::fixed, digits);
    size = error == std::errc() ? static_cast<std::size_t>(end - text.data()) : 0;
  }
  operator std::string_view() const { return {text.data(), size}; }
};

struct LimitNames {
  std::string_view limit, left, reset;
};
constexpr LimitNames kAnthropicRequests = {"anthropic-ratelimit-requests-limit",
                                           "anthropic-ratelimit-requests-remaining",
                                           "anthropic-ratelimit-requests-reset"},
                     kAnthropicTokens = {"anthropic-ratelimit-tokens-limit",
                                         "anthropic-ratelimit-tokens-remaining",
                                         "anthropic-ratelimit-tokens-reset"},
                     kRequests = {"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
                                  "x-ratelimit-reset-requests"},
                     kTokens = {"x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens",
                                "x-ratelimit-reset-tokens"};

}  // namespace

void limit_headers(const route::Standing& s, bool anthropic, std::int64_t unix_ms, net::Headers& to) {
  to.reserve(400, 8);
  const auto add = [&](const LimitNames& names, const route::Standing::Of& of) {
    if (of.limit == 0) return;
    to.set(names.limit, Digits(of.limit));
    to.set(names.left, Digits(of.left));
    to.set(names.reset, anthropic ? time_text(unix_ms + of.reset_ms) : seconds_text(of.reset_ms));
  };
  add(anthropic ? kAnthropicRequests : kRequests, s.requests);
  add(anthropic ? kAnthropicTokens : kTokens, s.tokens);
  if (s.budget > 0) to.set("x-patchbay-budget-remaining", Digits(std::max(0.0, s.budget - s.spent), 6));
}

net::Headers LimitResponder::with(const net::Headers& headers) const {
  net::Headers out;
  out.reserve(headers.text().size() + caller_.reply.text().size(), headers.size() + caller_.reply.size());
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers.at(i);
    if (!caller_.reply.has(name)) out.add_valid(name, value);
  }
  for (std::size_t i = 0; i < caller_.reply.size(); ++i) {
    const auto [name, value] = caller_.reply.at(i);
    out.add_valid(name, value);
  }
  return out;
}

Task<void> LimitResponder::send(int status, const net::Headers& headers, std::string_view body) {
  if (caller_.reply.size() == 0) {
    co_await out_.send(status, headers, body);
    co_return;
  }
  const net::Headers more = with(headers);
  co_await out_.send(status, more, body);
}

Task<void> LimitResponder::start(int status, const net::Headers& headers) {
  if (caller_.reply.size() == 0) {
    co_await out_.start(status, headers);
    co_return;
  }
  const net::Headers more = with(headers);
  co_await out_.start(status, more);
}

}  // namespace pb::gateway
