#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "media/pixels.h"

namespace pb::media {
namespace {

constexpr int kSideEncodedMax = 16'383;     // WebP has no more, and no model looks at more
constexpr std::size_t kFewColours = 4'096;  // drawings, screens, charts: JPEG would smear them
constexpr int kQualities[] = {85, 75, 65, 55, 45, 35, 25};
constexpr int kQualitiesSmaller[] = {60, 25};
constexpr double kScales[] = {0.8, 0.65, 0.5, 0.4, 0.3};

// The size that sides and pixels allow, with the same proportions.
Size wanted_size(const Info& info, const Limits& limits) {
  const int side = std::max(info.width, info.height);
  int side_max = kSideEncodedMax;
  if (limits.side_max > 0) side_max = std::min(side_max, limits.side_max);
  double factor = side > side_max ? double(side_max) / side : 1.0;
  if (limits.pixels_max > 0 && info.pixels() > limits.pixels_max)
    factor = std::min(factor, std::sqrt(double(limits.pixels_max) / double(info.pixels())));
  if (factor >= 1.0) return {info.width, info.height};
  Size size{std::max(1, static_cast<int>(info.width * factor)),
            std::max(1, static_cast<int>(info.height * factor))};
  // A line one pixel thin cannot keep its proportions.
  while (limits.pixels_max > 0 && std::int64_t{size.width} * size.height > limits.pixels_max)
    (size.width > size.height ? size.width : size.height) -= 1;
  return size;
}

Size smaller(Size size, double factor) {
  return {std::max(1, static_cast<int>(size.width * factor)),
          std::max(1, static_cast<int>(size.height * factor))};
}

Result<Pixels> decode(std::string_view bytes, const Info& info, Size least) {
  switch (info.type) {
    case Type::jpeg:
      return decode_jpeg(bytes, info, least);
    case Type::png:
      return decode_png(bytes, info);
    case Type::webp:
      return decode_webp(bytes, info, least);
    case Type::gif:
      return decode_gif(bytes, info);
    default:
      return fail(Code::internal, "cannot be decoded");
  }
}

Result<Pixels> resized(const Pixels& from, Size size) {
  if (from.width != size.width || from.height != size.height) return scale(from, size);
  Pixels copy = Pixels::make(from.width, from.height, from.channels);
  std::copy_n(from.data.get(), from.bytes(), copy.data.get());
  return copy;
}

// Encodes one picture in the ways its target takes, until one is small enough.
class Encoder {
 public:
  Encoder(const Limits& limits, bool lossless) : limits_(limits), lossless_(lossless) {}

  // nullopt: nothing was small enough.
  Result<std::optional<Image>> encode(Pixels pixels, std::span<const int> qualities) {
    const bool alpha = transparent(pixels);
    if (pixels.channels == 4 && !alpha) pixels = flatten(pixels);
    if ((lossless_ || alpha) && takes(Type::png)) {
      TRY_ASSIGN(std::string bytes, encode_png(pixels));
      if (small(bytes)) return made(Type::png, pixels, std::move(bytes));
    }
    if (alpha && takes(Type::webp)) {
      for (int quality : qualities) {
        TRY_ASSIGN(std::string bytes, encode_webp(pixels, quality));
        if (small(bytes)) return made(Type::webp, pixels, std::move(bytes));
      }
    }
    if (!takes(Type::jpeg)) return std::nullopt;
    if (pixels.channels == 4) pixels = flatten(pixels);
    for (int quality : qualities) {
      TRY_ASSIGN(std::string bytes, encode_jpeg(pixels, quality));
      if (small(bytes)) return made(Type::jpeg, pixels, std::move(bytes));
    }
    return std::nullopt;
  }

 private:
  bool takes(Type type) const { return limits_.types.empty() || limits_.types.has(type); }
  bool small(const std::string& bytes) const {
    return limits_.bytes_max == 0 || bytes.size() <= limits_.bytes_max;
  }
  static std::optional<Image> made(Type type, const Pixels& pixels, std::string bytes) {
    Image image;
    image.info.type = type;
    image.info.width = pixels.width;
    image.info.height = pixels.height;
    image.bytes = std::move(bytes);
    return image;
  }

  const Limits& limits_;
  bool lossless_;
};

}  // namespace

bool fits(const Info& info, std::size_t bytes, const Limits& limits) {
  return (limits.bytes_max == 0 || bytes <= limits.bytes_max) &&
         (limits.side_max == 0 || std::max(info.width, info.height) <= limits.side_max) &&
         (limits.pixels_max == 0 || info.pixels() <= limits.pixels_max) &&
         (limits.types.empty() || limits.types.has(info.type)) && (limits.animated || !info.animated);
}

Result<Image> fit(std::string_view bytes, const Limits& limits) {
  TRY_ASSIGN(const Info info, inspect(bytes));
  if (fits(info, bytes.size(), limits)) return Image{info, {}};
  const Size size = wanted_size(info, limits);
  TRY_ASSIGN(Pixels pixels, decode(bytes, info, size));
  Encoder encoder(limits, info.type != Type::jpeg && few_colours(pixels, kFewColours));
  for (double factor : {1.0, kScales[0], kScales[1], kScales[2], kScales[3], kScales[4]}) {
    TRY_ASSIGN(Pixels next, resized(pixels, factor == 1.0 ? size : smaller(size, factor)));
    if (info.orientation > 1) next = upright(next, info.orientation);
    const std::span<const int> qualities =
        factor == 1.0 ? std::span<const int>(kQualities) : std::span<const int>(kQualitiesSmaller);
    TRY_ASSIGN(std::optional<Image> image, encoder.encode(std::move(next), qualities));
    if (image) return std::move(*image);
  }
  return fail(Code::invalid_request, "cannot be made smaller than " + std::to_string(limits.bytes_max) +
                                         " bytes, which is what the model takes");
}

std::size_t memory_needed(const Info& info, std::size_t bytes, const Limits& limits) {
  if (fits(info, bytes, limits)) return bytes;
  const auto all = static_cast<std::size_t>(info.pixels());
  const Size size = wanted_size(info, limits);
  const std::size_t wanted = std::size_t(size.width) * std::size_t(size.height);
  std::size_t decoding = 4 * all;
  if (info.type == Type::jpeg) decoding = std::min(all, 4 * wanted) * 4 + (info.progressive ? 6 * all : 0);
  if (info.type == Type::gif) decoding = 13 * all;  // the frame, its background, what was drawn, our copy
  if (info.type == Type::webp && info.animated) decoding = 12 * all;
  return bytes + decoding + 12 * wanted;
}

}  // namespace pb::media
