// What models take of images and documents: by format, by vendor, by configuration.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

#include "media/image.h"

namespace pb::llm {

struct Quirks;

// 0, empty and nullopt say nothing: what stands below (configuration over vendor over format) counts.
struct MediaLimits {
  media::Limits image;                    // of each image; `animated` is the format's alone
  std::size_t request_bytes_max = 0;      // base64 text of all images of a request together
  int many = 0;                           // with more images than this in one request …
  int many_side_max = 0;                  // … none may have a longer side than this
  std::optional<bool> image_url = {};     // images may be given by http(s) URL
  std::optional<bool> document_url = {};  // PDFs too
};

// The limits of a format, with those of `over` laid over them. `quirks`: whether this provider fetches URLs.
MediaLimits media_limits(std::string_view dialect, const MediaLimits& over, const Quirks& quirks);

}  // namespace pb::llm
