// Pictures as bytes: what type and size they have, and making them fit what a model takes. Pure and blocking: scaling takes
// tens of milliseconds, so call fit() off the I/O threads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"

namespace pb::media {

enum class Type : std::uint8_t { unknown, jpeg, png, webp, gif, pdf };

// By the first bytes; 12 are enough. `unknown` for anything else.
Type sniff(std::string_view bytes);
std::string_view mime(Type type);   // "image/jpeg", "application/pdf"; "" for unknown
std::string_view title(Type type);  // "JPEG", "PDF"; "file of an unknown type"
inline bool is_image(Type type) { return type >= Type::jpeg && type <= Type::gif; }

// A set of image types.
class Types {
 public:
  constexpr Types() = default;
  constexpr Types(std::initializer_list<Type> types) {
    for (Type t : types) bits_ |= bit(t);
  }
  constexpr bool has(Type type) const { return (bits_ & bit(type)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr unsigned bits() const { return bits_; }

 private:
  static constexpr unsigned bit(Type type) { return 1u << static_cast<unsigned>(type); }
  unsigned bits_ = 0;
};

// What the header says. Nothing is decoded, so the rest may still be damaged.
struct Info {
  Type type = Type::unknown;
  int width = 0, height = 0;  // as stored, before `orientation` is applied
  int orientation = 1;        // EXIF 2.32, 4.6.4: 1 is upright, 5 to 8 lie on their side
  bool animated = false;      // GIF, WebP, PNG with more than one frame
  bool progressive = false;   // JPEG: needs more memory to decode
  std::int64_t pixels() const { return std::int64_t{width} * height; }
};

// Reads the header of an image. Errors (invalid_request) say what is wrong, to be read after a name ("is damaged: …"): not
// one of the four types, cut short, or larger than limits::kImageSideMax or kImagePixelsMax.
Result<Info> inspect(std::string_view bytes);

// What a model takes. 0 = no limit of its own.
struct Limits {
  std::size_t bytes_max = 0;    // of the file, not of its base64 text
  int side_max = 0;             // the longer side, in pixels
  std::int64_t pixels_max = 0;  // width times height
  Types types;                  // empty = all four
  bool animated = true;         // takes animations (if only their first frame)
};

bool fits(const Info& info, std::size_t bytes, const Limits& limits);

struct Image {
  Info info;
  std::string bytes;  // "" = the input fits as it is
};

// The smallest change that makes an image fit: none; else scaled to the sides and pixels allowed; else encoded again: as PNG
// where it has transparency or few colours, as WebP where PNG is too large and there is transparency, else as JPEG of quality
// 85 down to 25; then smaller. The result is upright and a still picture. Errors: those of inspect(); damaged data; nothing
// that fits at 0.3 times the size.
Result<Image> fit(std::string_view bytes, const Limits& limits);

// About what fit() allocates for such an image, in bytes, at most: for keeping the sum of what runs at once bounded.
std::size_t memory_needed(const Info& info, std::size_t bytes, const Limits& limits);

}  // namespace pb::media
