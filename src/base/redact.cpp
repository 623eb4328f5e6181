#include "base/redact.h"

#include <algorithm>
#include <cstddef>

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

bool starts(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  return std::equal(prefix.begin(), prefix.end(), text.begin());
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

// Forms of keys by vendor; "ey" + "J" is a JSON Web Token's first bytes ({" in base64).
constexpr std::string_view kPrefixes[] = {"sk-",    "sk_",  "gsk_", "xai-", "pplx-", "csk-",  "tgp_v1_",
                                          "fw_",    "fpk_", "hf_",  "r8_",  "AIza",  "ghp_",  "github_pat_",
                                          "nvapi-", "rk-",  "pk-",  "eyJ",  "AKIA",  "ya29.", "glpat-"};
constexpr std::string_view kSchemes[] = {"bearer ", "basic ", "token "};
constexpr std::string_view kNames[] = {"x-api-key",    "api-key",        "api_key",
                                       "apikey",       "x-goog-api-key", "authorization",
                                       "access_token", "client_secret",  "password"};

struct Match {
  std::size_t keep = 0, end = 0;  // [0, keep) is copied, [keep, end) masked; end 0 = no match
};

Match match_prefix(std::string_view text) {
  for (std::string_view prefix : kPrefixes) {
    if (!starts(text, prefix)) continue;
    const std::size_t end = run(text, prefix.size());
    if (end >= prefix.size() + kTailMin) return {prefix.size(), end};
  }
  return {};
}

// "Bearer abc123…". "Bearer authentication is missing" stays: short words of small letters are prose.
Match match_scheme(std::string_view text) {
  for (std::string_view scheme : kSchemes) {
    if (!starts_any_case(text, scheme)) continue;
    const std::size_t end = run(text, scheme.size());
    if (end < scheme.size() + kTailMin) return {};
    const std::string_view tail = text.substr(scheme.size(), end - scheme.size());
    const bool prose = tail.size() <= 16 &&
                       std::all_of(tail.begin(), tail.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    return prose ? Match{} : Match{scheme.size(), end};
  }
  return {};
}

// ?key=… of a URL; the bare word "key" elsewhere is usually that of a map.
Match match_query(std::string_view text, char before) {
  constexpr std::string_view name = "key=";
  if ((before != '?' && before != '&') || !starts(text, name)) return {};
  const std::size_t end = run(text, name.size());
  return end >= name.size() + kTailMin ? Match{name.size(), end} : Match{};
}

// api_key=…, "x-api-key": "…", Authorization: …
Match match_name(std::string_view text) {
  for (std::string_view name : kNames) {
    if (!starts_any_case(text, name)) continue;
    std::size_t at = name.size();
    const auto skip = [&](std::string_view chars) {
      while (at < text.size() && chars.find(text[at]) != std::string_view::npos) ++at;
    };
    skip("\"'\\ ");
    if (at == text.size() || (text[at] != '=' && text[at] != ':')) continue;
    ++at;
    skip("\"'\\ ");
    for (std::string_view scheme : kSchemes)
      if (starts_any_case(text.substr(at), scheme)) at += scheme.size();
    const std::size_t end = run(text, at);
    if (end >= at + kTailMin) return {at, end};
  }
  return {};
}

Match match(std::string_view text, char before) {
  if (const Match m = match_query(text, before); m.end != 0) return m;
  if (const Match m = match_prefix(text); m.end != 0) return m;
  if (const Match m = match_scheme(text); m.end != 0) return m;
  return match_name(text);
}

bool may_start(char c) {
  static constexpr std::string_view kFirst = "sgxptfhrnyeackbAKG";
  return kFirst.find(c) != std::string_view::npos || (c >= 'A' && c <= 'Z');
}

}  // namespace

void append_redacted(std::string& out, std::string_view text) {
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!may_start(text[i]) || (i > 0 && word(text[i - 1]))) continue;
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
