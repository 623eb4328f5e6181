#include "base/redact.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace pb {
namespace {

constexpr std::size_t kTailMin = 8;  // shorter tails are words ("sk-learn"), not keys

bool alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool word(char c) { return alpha(c) || digit(c) || c == '_'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Characters of keys, tokens68 (RFC 9110 §11.2) and JWTs. '*' is there for keys a provider has half masked.
bool key_char(char c) {
  return word(c) || c == '-' || c == '.' || c == '~' || c == '+' || c == '/' || c == '=' || c == '*';
}

bool starts_any_case(std::string_view text, std::string_view lower_prefix) {
  if (text.size() < lower_prefix.size()) return false;
  return std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(),
                    [](char p, char c) { return p == lower(c); });
}

std::size_t run(std::string_view text, std::size_t at) {
  while (at < text.size() && key_char(text[at])) ++at;
  // A full stop ends a sentence rather than a key.
  while (at > 0 && text[at - 1] == '.') --at;
  return at;
}

enum class Kind : unsigned char {
  prefix,  // of a key: the rest is masked
  scheme,  // of an Authorization header: the next word is masked
  name,    // of a header or member: the value after '=' or ':' is masked
  query,   // of a URL's parameter: the same, but only after '?' or '&', as the bare word is too common
};
struct Pattern {
  std::string_view text;  // small letters, but for prefixes, which are compared exactly
  Kind kind;
};
// "eyJ" begins every JSON Web Token ({" in base64).
constexpr Pattern kPatterns[] = {
    {"key=", Kind::query},         {"sk-", Kind::prefix},        {"sk_", Kind::prefix},
    {"gsk_", Kind::prefix},        {"xai-", Kind::prefix},       {"pplx-", Kind::prefix},
    {"csk-", Kind::prefix},        {"tgp_v1_", Kind::prefix},    {"fw_", Kind::prefix},
    {"fpk_", Kind::prefix},        {"hf_", Kind::prefix},        {"r8_", Kind::prefix},
    {"AIza", Kind::prefix},        {"ghp_", Kind::prefix},       {"github_pat_", Kind::prefix},
    {"nvapi-", Kind::prefix},      {"rk-", Kind::prefix},        {"pk-", Kind::prefix},
    {"eyJ", Kind::prefix},         {"AKIA", Kind::prefix},       {"ya29.", Kind::prefix},
    {"glpat-", Kind::prefix},      {"bearer ", Kind::scheme},    {"basic ", Kind::scheme},
    {"token ", Kind::scheme},      {"x-api-key", Kind::name},    {"api-key", Kind::name},
    {"api_key", Kind::name},       {"apikey", Kind::name},       {"x-goog-api-key", Kind::name},
    {"authorization", Kind::name}, {"access_token", Kind::name}, {"client_secret", Kind::name},
    {"password", Kind::name},
};
static_assert(std::size(kPatterns) <= 64);

// For each first byte, the patterns that may begin with it, as bits.
constexpr auto kByFirst = [] {
  std::array<std::uint64_t, 256> masks{};
  for (std::size_t i = 0; i < std::size(kPatterns); ++i) {
    const char first = kPatterns[i].text[0];
    masks[static_cast<unsigned char>(first)] |= std::uint64_t{1} << i;
    const bool any_case = kPatterns[i].kind == Kind::scheme || kPatterns[i].kind == Kind::name;
    if (any_case) masks[static_cast<unsigned char>(first - 'a' + 'A')] |= std::uint64_t{1} << i;
  }
  return masks;
}();

struct Match {
  std::size_t keep = 0, end = 0;  // [0, keep) is copied, [keep, end) masked; end 0 = no match
};

Match tail_match(std::string_view text, std::size_t at) {
  const std::size_t end = run(text, at);
  return end >= at + kTailMin ? Match{at, end} : Match{};
}

// "Bearer abc123…". "Bearer authentication is missing" stays: short words of small letters are prose.
Match match_scheme(std::string_view text, std::size_t at) {
  const Match match = tail_match(text, at);
  if (match.end == 0) return {};
  const std::string_view tail = text.substr(at, match.end - at);
  const bool prose =
      tail.size() <= 16 && std::all_of(tail.begin(), tail.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return prose ? Match{} : match;
}

// api_key=…, "x-api-key": "…", Authorization: Bearer …
Match match_name(std::string_view text, std::size_t at) {
  const auto skip = [&](std::string_view chars) {
    while (at < text.size() && chars.find(text[at]) != std::string_view::npos) ++at;
  };
  skip("\"'\\ ");
  if (at == text.size() || (text[at] != '=' && text[at] != ':')) return {};
  ++at;
  skip("\"'\\ ");
  for (const Pattern& p : kPatterns)
    if (p.kind == Kind::scheme && starts_any_case(text.substr(at), p.text)) at += p.text.size();
  return tail_match(text, at);
}

// The first pattern that matches at the beginning of `text`; `before` is the character before it.
Match match(std::string_view text, char before) {
  for (std::uint64_t left = kByFirst[static_cast<unsigned char>(text[0])]; left != 0; left &= left - 1) {
    const Pattern& p = kPatterns[std::countr_zero(left)];
    const std::size_t at = p.text.size();
    Match m;
    switch (p.kind) {
      case Kind::prefix:
        if (text.starts_with(p.text)) m = tail_match(text, at);
        break;
      case Kind::query:
        if ((before == '?' || before == '&') && text.starts_with(p.text)) m = tail_match(text, at);
        break;
      case Kind::scheme:
        if (starts_any_case(text, p.text)) m = match_scheme(text, at);
        break;
      case Kind::name:
        if (starts_any_case(text, p.text)) m = match_name(text, at);
        break;
    }
    if (m.end != 0) return m;
  }
  return {};
}

}  // namespace

void append_redacted(std::string& out, std::string_view text) {
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kByFirst[static_cast<unsigned char>(text[i])] == 0 || (i > 0 && word(text[i - 1]))) continue;
    const Match m = match(text.substr(i), i > 0 ? text[i - 1] : ' ');
    if (m.end == 0) continue;
    out.append(text, copied, i + m.keep - copied);
    out += "****";
    copied = i + m.end;
    i = copied - 1;
  }
  out.append(text, copied);
}

std::string redact(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_redacted(out, text);
  return out;
}

}  // namespace pb
