// What arrived in images, documents, audio and tool results, in words that tests can compare.
#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

#include "sim/conversation.h"

namespace pb::sim {
namespace {

using llm::Block;

// Lenient: characters outside the alphabet (line breaks) are skipped, both alphabets are read, the end is at '='.
std::string decode_base64(std::string_view text) {
  static constexpr auto kTable = [] {
    std::array<signed char, 256> t{};
    t.fill(-1);
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < 64; ++i)
      t[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
    t['-'] = 62;
    t['_'] = 63;
    return t;
  }();
  std::string out;
  out.reserve(text.size() * 3 / 4);
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const int value = kTable[static_cast<unsigned char>(c)];
    if (value < 0) continue;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xff);
    }
  }
  return out;
}

// The first 16 hexadecimal digits of the SHA-256.
std::string digest(std::string_view bytes) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash);
  std::string out;
  for (int i = 0; i < 8; ++i) out += fmt::format("{:02x}", hash[i]);
  return out;
}

std::string_view kind_name(Block::Kind kind) {
  switch (kind) {
    case Block::Kind::image:
      return "image";
    case Block::Kind::document:
      return "document";
    case Block::Kind::audio:
      return "audio";
    default:
      return {};
  }
}

std::string source_of(const Block& b) {
  if (!b.data.empty()) {
    const std::string bytes = decode_base64(b.data);
    return fmt::format("{}, {} bytes, sha256 {}", b.media_type, bytes.size(), digest(bytes));
  }
  if (!b.url.empty()) return fmt::format("url {}", b.url);
  if (!b.file_id.empty()) return fmt::format("file {}", b.file_id);
  return fmt::format("{}, {} bytes of text, sha256 {}", b.media_type.empty() ? "text/plain" : b.media_type,
                     b.text.size(), digest(b.text));
}

void describe(const std::vector<Block>& blocks, int& number, std::string& out) {
  for (const Block& b : blocks) {
    if (b.kind == Block::Kind::tool_result) describe(b.content, number, out);
    const std::string_view kind = kind_name(b.kind);
    if (kind.empty()) continue;
    if (!out.empty()) out += '\n';
    out += fmt::format("{} {}: {}", kind, ++number, source_of(b));
    if (!b.name.empty()) out += fmt::format(", name {}", b.name);
  }
}

}  // namespace

std::string describe_media(const llm::Request& request) {
  std::string out;
  int number = 0;
  for (const llm::Message& m : request.messages) describe(m.content, number, out);
  return out.empty() ? "no image, document or audio arrived" : out;
}

std::string result_text(const Block& result) {
  std::string out(result.text);
  for (const Block& b : result.content) {
    if (!out.empty()) out += '\n';
    if (b.kind == Block::Kind::text)
      out += b.text;
    else if (!kind_name(b.kind).empty())
      out += fmt::format("[{}: {}]", kind_name(b.kind), source_of(b));
  }
  return out;
}

}  // namespace pb::sim
