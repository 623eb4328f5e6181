// The part of preparing one image or document that computes: for the threads of the pool.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "gateway/media_cache.h"
#include "media/image.h"

namespace pb::gateway {

struct MediaSource {
  std::string bytes;
  bool base64 = false;    // as the client sent it; else bytes that were fetched
  bool document = false;  // a PDF is as good as an image
};

// Checks, and scales or encodes again where the limits ask for it. `text` of the result is "" when the client's base64 is good
// as it is. `memory` null: nothing is scaled; the result is null where it would be. Errors (invalid_request) are to be read
// after "the image" or "the document".
Result<std::shared_ptr<const ReadyMedia>> ready_media(const MediaSource& source, const media::Limits& limits,
                                                      MemoryBudget* memory);

}  // namespace pb::gateway
