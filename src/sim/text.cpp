// Texts the simulator makes up, and how texts fall into pieces.
#include <algorithm>

#include "sim/script.h"

namespace pb::sim {
namespace {

constexpr std::string_view kWords[] = {"a ",      "gateway ", "between ", "clients ", "and ",
                                       "models ", "carries ", "every ",   "word ",    "as ",
                                       "it ",     "comes ",   "without ", "delay "};
constexpr std::size_t kWordBytesMax = 16;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::vector<std::string_view> text_pieces(std::string_view text, std::size_t pieces_max) {
  std::vector<std::string_view> pieces;
  const bool large = text.size() / kWordBytesMax > pieces_max;
  const std::size_t least = large ? text.size() / pieces_max : 1;
  const std::size_t most = std::max(least, kWordBytesMax);
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && end - at < most) {
      const char c = text[end++];
      if (c == ' ' && end - at >= least && (end == text.size() || text[end] != ' ')) break;
    }
    while (end < text.size() && continues(text[end])) ++end;
    pieces.push_back(text.substr(at, end - at));
    at = end;
  }
  return pieces;
}

std::string words(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += kWords[static_cast<std::size_t>(i) % std::size(kWords)];
  if (!out.empty()) out.pop_back();
  return out;
}

std::string filler(std::size_t bytes) {
  std::string out;
  out.reserve(bytes + kWordBytesMax);
  for (std::size_t i = 0; out.size() < bytes; ++i) out += kWords[i % std::size(kWords)];
  out.resize(bytes);
  if (!out.empty() && out.back() == ' ') out.back() = '.';
  return out;
}

}  // namespace pb::sim
