// Tokens of a whole request. Providers frame messages and tools in ways of their own; the constants are those that
// OpenAI documents for its chat format, which are close to Anthropic's too.
#include <algorithm>
#include <cstring>

#include "llm/count.h"

namespace pb::llm {
namespace {

constexpr std::int64_t kRequestTokens = 3;  // the answer's beginning
constexpr std::int64_t kMessageTokens = 4;
constexpr std::int64_t kToolsTokens = 12;  // once, when there are tools
constexpr std::int64_t kToolTokens = 8;    // a function's own framing
constexpr std::int64_t kCallTokens = 8;
constexpr std::int64_t kImageTokens = 1600;  // Anthropic's largest, where the size is not known
constexpr std::int64_t kPixelsPerToken = 750;
constexpr std::int64_t kImageEdgeMax = 1568;    // larger images are scaled down to this
constexpr std::int64_t kPdfPageTokens = 2000;   // text and picture of a page
constexpr std::int64_t kPdfPageBytes = 60'000;  // a guess at a page's size
constexpr std::size_t kHeadBytes = 64 * 1024;   // how far into a JPEG its size is looked for

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

// The first bytes of base64 data; stops at what is no base64.
std::string head_of(Str data, std::size_t bytes_max) {
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (char c : data) {
    if (c == '\n' || c == '\r') continue;
    const int digit = base64_digit(c);
    if (digit < 0 || out.size() >= bytes_max) break;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(bits >> have & 255);
    }
  }
  return out;
}

struct Size {
  std::int64_t width = 0, height = 0;
};

struct Bytes {
  std::string_view data;
  bool has(std::size_t at, std::size_t n) const { return at <= data.size() && data.size() - at >= n; }
  std::int64_t u8(std::size_t at) const { return has(at, 1) ? static_cast<unsigned char>(data[at]) : 0; }
  std::int64_t be16(std::size_t at) const { return u8(at) << 8 | u8(at + 1); }
  std::int64_t le16(std::size_t at) const { return u8(at) | u8(at + 1) << 8; }
};

// The frame header (SOFn) holds the size; segments before it are skipped.
Size jpeg_size(const Bytes& b) {
  for (std::size_t at = 2; b.has(at, 9);) {
    if (b.u8(at) != 0xFF) return {};
    const std::int64_t marker = b.u8(at + 1);
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) return {.width = b.be16(at + 7), .height = b.be16(at + 5)};
    const std::int64_t length = b.be16(at + 2);
    if (length < 2) return {};
    at += 2 + static_cast<std::size_t>(length);
  }
  return {};
}

Size webp_size(const Bytes& b) {
  const std::string_view kind = b.data.substr(12, 4);
  if (kind == "VP8 ") return {.width = b.le16(26) & 0x3FFF, .height = b.le16(28) & 0x3FFF};
  if (kind == "VP8L") {
    const std::int64_t bits = b.le16(21) | b.le16(23) << 16;
    return {.width = (bits & 0x3FFF) + 1, .height = (bits >> 14 & 0x3FFF) + 1};
  }
  if (kind == "VP8X")
    return {.width = (b.le16(24) | b.u8(26) << 16) + 1, .height = (b.le16(27) | b.u8(29) << 16) + 1};
  return {};
}

Size image_size(Str base64) {
  const std::string head = head_of(base64, kHeadBytes);
  const Bytes b{head};
  if (head.starts_with("\x89PNG\r\n\x1a\n") && b.has(16, 8))
    return {.width = b.be16(16) << 16 | b.be16(18), .height = b.be16(20) << 16 | b.be16(22)};
  if (head.starts_with("GIF8") && b.has(6, 4)) return {.width = b.le16(6), .height = b.le16(8)};
  if (head.starts_with("\xFF\xD8")) return jpeg_size(b);
  if (head.starts_with("RIFF") && b.has(8, 22) && b.data.substr(8, 4) == "WEBP") return webp_size(b);
  return {};
}

std::int64_t image_tokens(const Block& block) {
  Size s = block.data.empty() ? Size() : image_size(block.data);
  if (s.width <= 0 || s.height <= 0 || s.width > 100'000 || s.height > 100'000) return kImageTokens;
  const std::int64_t longest = std::max(s.width, s.height);
  if (longest > kImageEdgeMax)
    s = {.width = s.width * kImageEdgeMax / longest, .height = s.height * kImageEdgeMax / longest};
  return std::clamp<std::int64_t>((s.width * s.height + kPixelsPerToken - 1) / kPixelsPerToken, 1,
                                  kImageTokens);
}

std::int64_t count_json(json::Value value) { return value.is_null() ? 0 : count_text(json::to_text(value)); }

std::int64_t count_block(const Block& b);

std::int64_t count_blocks(const std::vector<Block>& blocks) {
  std::int64_t n = 0;
  for (const Block& b : blocks) n += count_block(b);
  return n;
}

std::int64_t count_document(const Block& b) {
  std::int64_t n = count_text(b.name) + count_text(b.text) + count_blocks(b.content);
  if (!b.data.empty())
    n += kPdfPageTokens * (1 + static_cast<std::int64_t>(b.data.size()) * 3 / 4 / kPdfPageBytes);
  else if (b.text.empty() && b.content.empty())
    n += kPdfPageTokens;  // somewhere else, its size unknown
  return n;
}

std::int64_t count_block(const Block& b) {
  using Kind = Block::Kind;
  switch (b.kind) {
    case Kind::text:
    case Kind::refusal:
      return count_text(b.text);
    case Kind::thinking:
      return count_text(b.text);
    case Kind::redacted_thinking:
      return static_cast<std::int64_t>(b.data.size()) / 6;  // encrypted: a guess
    case Kind::image:
      return image_tokens(b);
    case Kind::document:
      return count_document(b);
    case Kind::audio:
      return static_cast<std::int64_t>(b.data.size()) / 400;  // compressed: about ten tokens a second
    case Kind::tool_call:
      return kCallTokens + count_text(b.name) + count_text(b.arguments) + count_text(b.text);
    case Kind::tool_result:
      return kCallTokens + count_blocks(b.content);
    case Kind::opaque:
      return count_json(b.raw);
  }
  return 0;
}

std::int64_t count_tool(const Tool& t) {
  if (t.kind == Tool::Kind::opaque) return kToolTokens + count_json(t.raw);
  return kToolTokens + count_text(t.name) + count_text(t.description) + count_json(t.parameters) +
         (t.kind == Tool::Kind::custom ? count_json(t.raw) : 0);
}

}  // namespace

std::int64_t count_request(const Request& r) {
  std::int64_t n = kRequestTokens;
  for (const Message& m : r.messages) n += kMessageTokens + count_text(m.name) + count_blocks(m.content);
  if (!r.tools.empty()) n += kToolsTokens;
  for (const Tool& t : r.tools) n += count_tool(t);
  return n + count_json(r.response_format.schema);
}

}  // namespace pb::llm
