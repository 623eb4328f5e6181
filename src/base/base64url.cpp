#include "base/base64url.h"

#include "base/base64.h"

namespace pb {

std::string base64url_encode(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.find_first_of("+/=") != text.npos) return std::nullopt;
  auto bytes = base64_decode(text);
  // Only the last letters can hold bits that belong to no byte.
  if (!bytes) return std::nullopt;
  const std::size_t whole = bytes->size() / 3 * 3;
  if (base64url_encode(std::string_view(*bytes).substr(whole)) != text.substr(whole / 3 * 4))
    return std::nullopt;
  return bytes;
}

}  // namespace pb
