// What each format says of itself before its pixels. Readers get bytes that begin with the format's signature.
#pragma once
#include <cstdint>
#include <string_view>

#include "media/image.h"

namespace pb::media {

// Reads past the end give 0; has() tells.
class Bytes {
 public:
  explicit Bytes(std::string_view data) : data_(data) {}
  std::size_t size() const { return data_.size(); }
  bool has(std::size_t at, std::size_t n) const { return at <= data_.size() && data_.size() - at >= n; }
  std::uint32_t u8(std::size_t at) const { return has(at, 1) ? static_cast<unsigned char>(data_[at]) : 0; }
  std::uint32_t be16(std::size_t at) const { return u8(at) << 8 | u8(at + 1); }
  std::uint32_t be32(std::size_t at) const { return be16(at) << 16 | be16(at + 2); }
  std::uint32_t le16(std::size_t at) const { return u8(at) | u8(at + 1) << 8; }
  std::uint32_t le24(std::size_t at) const { return le16(at) | u8(at + 2) << 16; }
  std::uint32_t le32(std::size_t at) const { return le16(at) | le16(at + 2) << 16; }
  std::string_view text(std::size_t at, std::size_t n) const {
    return has(at, n) ? data_.substr(at, n) : std::string_view();
  }

 private:
  std::string_view data_;
};

struct JpegHeader {
  int width = 0, height = 0, components = 0;
  int orientation = 1;
  bool progressive = false;
  bool adobe = false;  // Adobe's segment: four-component pictures are stored inverted
};
Result<JpegHeader> read_jpeg_header(std::string_view bytes);  // ITU-T T.81, annex B; EXIF 2.32
Result<Info> read_png_header(std::string_view bytes);         // RFC 2083; APNG's acTL
Result<Info> read_webp_header(std::string_view bytes);        // RFC 9649
Result<Info> read_gif_header(std::string_view bytes);         // GIF89a

}  // namespace pb::media
