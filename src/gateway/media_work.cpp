#include "gateway/media_work.h"

#include <algorithm>

#include "base/base64.h"

namespace pb::gateway {
namespace {

struct Decoded {
  std::string bytes;
  bool canonical = true;  // other readers take the text as it is
};

// Base64 as it is found in the wild: with line breaks, in the URL alphabet, without padding.
Result<Decoded> decode(std::string_view text) {
  Decoded out;
  std::string without;
  if (text.find_first_of(" \r\n\t") != text.npos) {
    without.reserve(text.size());
    std::copy_if(text.begin(), text.end(), std::back_inserter(without),
                 [](char c) { return c != ' ' && c != '\r' && c != '\n' && c != '\t'; });
    text = without;
    out.canonical = false;
  }
  if (text.size() % 4 != 0 || text.find_first_of("-_") != text.npos) out.canonical = false;
  auto bytes = base64_decode(text);
  if (!bytes) return fail(Code::invalid_request, "is not base64");
  out.bytes = std::move(*bytes);
  return out;
}

}  // namespace

Result<std::shared_ptr<const ReadyMedia>> ready_media(const MediaSource& source, const media::Limits& limits,
                                                      MemoryBudget* memory) {
  Decoded decoded;
  if (source.base64) {
    TRY_ASSIGN(decoded, decode(source.bytes));
  }
  const std::string& bytes = source.base64 ? decoded.bytes : source.bytes;
  auto ready = std::make_shared<ReadyMedia>();
  ready->type = media::sniff(bytes);
  if (ready->type == media::Type::unknown)
    return fail(Code::invalid_request, source.document
                                           ? "is neither a PDF nor an image of a known type"
                                           : "is not an image of a known type (JPEG, PNG, WebP, GIF)");
  const bool as_it_is = source.base64 && decoded.canonical;
  if (source.document && ready->type == media::Type::pdf) {
    if (!as_it_is) ready->text = base64_encode(bytes);
    return ready;
  }
  TRY_ASSIGN(const media::Info info, media::inspect(bytes));
  if (media::fits(info, bytes.size(), limits)) {
    if (!as_it_is) ready->text = base64_encode(bytes);
    return ready;
  }
  if (memory == nullptr) return nullptr;
  const auto lease = memory->take(media::memory_needed(info, bytes.size(), limits));
  TRY_ASSIGN(const media::Image image, media::fit(bytes, limits));
  ready->type = image.info.type;
  ready->text = base64_encode(image.bytes);
  ready->scaled = true;
  return ready;
}

}  // namespace pb::gateway
