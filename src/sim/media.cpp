// What arrived in images, documents, audio and tool results, in words that tests can compare.
#include <fmt/format.h>
#include <openssl/sha.h>

#include "base/base64.h"
#include "media/image.h"
#include "sim/conversation.h"

namespace pb::sim {
namespace {

using llm::Block;

// As a vendor reads it: an image that is not base64 has no bytes.
std::string decode_base64(std::string_view text) {
  std::string plain;
  for (const char c : text)
    if (c != '\n' && c != '\r') plain += c;
  return base64_decode(plain).value_or("");
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

std::string size_of(const Block& b) {
  const auto info = media::inspect(decode_base64(b.data));
  return info ? fmt::format(", {} {} x {}", media::title(info->type), info->width, info->height)
              : ", no image";
}

void describe(const std::vector<Block>& blocks, bool pixels, int& number, std::string& out) {
  for (const Block& b : blocks) {
    if (b.kind == Block::Kind::tool_result) describe(b.content, pixels, number, out);
    const std::string_view kind = kind_name(b.kind);
    if (kind.empty()) continue;
    if (!out.empty()) out += '\n';
    out += fmt::format("{} {}: {}", kind, ++number, source_of(b));
    if (!b.name.empty()) out += fmt::format(", name {}", b.name);
    if (pixels && b.kind == Block::Kind::image && !b.data.empty()) out += size_of(b);
  }
}

}  // namespace

std::string describe_media(const llm::Request& request, bool pixels) {
  std::string out;
  int number = 0;
  for (const llm::Message& m : request.messages) describe(m.content, pixels, number, out);
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
