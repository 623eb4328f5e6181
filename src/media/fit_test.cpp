#include <doctest/doctest.h>

#include "media/testing.h"

using namespace pb;
using namespace pb::media;
using namespace pb::media::testing;

namespace {

Limits sides(int side_max) {
  Limits l;
  l.side_max = side_max;
  return l;
}

Image fitted(std::string_view bytes, const Limits& limits) {
  auto image = fit(bytes, limits);
  REQUIRE_MESSAGE(image.has_value(), image.error().message);
  if (!image->bytes.empty()) {  // what it says is what it is, and it fits
    const auto info = inspect(image->bytes);
    REQUIRE(info.has_value());
    CHECK(info->type == image->info.type);
    CHECK(info->width == image->info.width);
    CHECK(info->height == image->info.height);
    CHECK(fits(*info, image->bytes.size(), limits));
  }
  return std::move(*image);
}

}  // namespace

TEST_CASE("media: what fits stays as it is") {
  Limits tight = sides(300);
  tight.pixels_max = 300 * 170;
  for (const std::string& bytes : {*encode_jpeg(gradient(300, 170), 85), *encode_png(gradient(300, 170)),
                                   *encode_webp(gradient(300, 170), 80), gif(30, 17, 1), gif(30, 17, 3),
                                   with_exif_orientation(*encode_jpeg(gradient(300, 170), 85), 6, false)}) {
    tight.bytes_max = bytes.size();
    CHECK(fitted(bytes, tight).bytes.empty());
    CHECK(fitted(bytes, {}).bytes.empty());
  }
}

TEST_CASE("media: sides and pixels are scaled down, proportions and colours stay") {
  for (const std::string& bytes :
       {*encode_jpeg(flag(400, 200), 95), progressive_jpeg(flag(400, 200)), cmyk_jpeg(flag(400, 200)),
        *encode_png(flag(400, 200)), *encode_webp(flag(400, 200), 95)}) {
    const Image image = fitted(bytes, sides(100));
    CHECK(image.info.width == 100);
    CHECK(image.info.height == 50);
    const Pixels p = decoded(image.bytes);
    CHECK(near(at(p, 25, 30), {255, 0, 0}));
    CHECK(near(at(p, 75, 30), {0, 0, 255}));
    CHECK(near(at(p, 50, 2), {0, 255, 0}));
  }
  Limits pixels;
  pixels.pixels_max = 5000;
  const Image image = fitted(*encode_jpeg(gradient(400, 200), 85), pixels);
  CHECK(image.info.width == 100);
  CHECK(image.info.height == 50);
}

TEST_CASE("media: very long pictures keep at least one pixel") {
  const Image image = fitted(*encode_png(gradient(3000, 2)), sides(100));
  CHECK(image.info.width == 100);
  CHECK(image.info.height == 1);
  Limits pixels;
  pixels.pixels_max = 7;
  CHECK(fitted(*encode_png(gradient(1, 900)), pixels).info.pixels() <= 7);
}

TEST_CASE("media: a turned photo is upright once it is encoded again") {
  // Where the flag's red, blue and green corner areas are shown, by orientation: x and y in tenths.
  struct Row {
    int orientation, width, height;
    int red[2], blue[2], green[2];
  };
  const Row rows[] = {{1, 80, 40, {2, 6}, {7, 6}, {5, 0}}, {2, 80, 40, {7, 6}, {2, 6}, {5, 0}},
                      {3, 80, 40, {7, 3}, {2, 3}, {5, 9}}, {4, 80, 40, {2, 3}, {7, 3}, {5, 9}},
                      {5, 40, 80, {6, 2}, {6, 7}, {0, 5}}, {6, 40, 80, {3, 2}, {3, 7}, {9, 5}},
                      {7, 40, 80, {3, 7}, {3, 2}, {9, 5}}, {8, 40, 80, {6, 7}, {6, 2}, {0, 5}}};
  for (const Row& row : rows) {
    CAPTURE(row.orientation);
    const Image image =
        fitted(with_exif_orientation(*encode_jpeg(flag(400, 200), 95), row.orientation, true), sides(80));
    CHECK(image.info.width == row.width);
    CHECK(image.info.height == row.height);
    const Pixels p = decoded(image.bytes);
    const auto place = [&](const int(&tenths)[2]) {
      return at(p, tenths[0] * p.width / 10 + 1, tenths[1] * p.height / 10 + (tenths[1] == 9 ? 2 : 1));
    };
    CHECK(near(place(row.red), {255, 0, 0}, 40));
    CHECK(near(place(row.blue), {0, 0, 255}, 40));
    CHECK(near(place(row.green), {0, 255, 0}, 40));
    CHECK(inspect(image.bytes)->orientation == 1);
  }
}

TEST_CASE("media: how it is encoded again") {
  // A photo becomes a JPEG, a drawing stays a PNG, transparency stays, an animation becomes its first frame.
  CHECK(fitted(*encode_png(noise(300, 300)), sides(200)).info.type == Type::jpeg);
  CHECK(fitted(*encode_png(flag(300, 300)), sides(200)).info.type == Type::png);
  CHECK(fitted(gif(300, 300, 1), sides(200)).info.type == Type::png);
  const Image clear = fitted(*encode_png(gradient(300, 300, 4)), sides(200));
  CHECK(clear.info.type == Type::png);
  const Pixels p = decoded(clear.bytes);
  CHECK(p.channels == 4);
  CHECK(std::abs(int{p.data[3]} - 128) <= 2);

  Limits still;
  still.animated = false;
  const Image frame = fitted(gif(30, 20, 2, 1), still);
  CHECK(frame.info.type == Type::png);
  CHECK(near(at(decoded(frame.bytes), 15, 10), {255, 0, 0}, 0));
  const Image shown = fitted(animated_webp(flag(40, 20), 2), still);
  CHECK(near(at(decoded(shown.bytes), 10, 15), {255, 0, 0}));
  CHECK(fitted(gif(30, 20, 1), still).bytes.empty());

  Limits common;
  common.types = Types{Type::jpeg, Type::png};
  CHECK(fitted(*encode_webp(noise(100, 100), 80), common).info.type == Type::jpeg);
  CHECK(fitted(gif(30, 20, 1), common).info.type == Type::png);
  Limits photo;
  photo.types = Types{Type::jpeg};
  const Image white =
      fitted(*encode_png(gradient(30, 30, 4)), photo);  // half transparent black on white is grey
  CHECK(white.info.type == Type::jpeg);
  CHECK(near(at(decoded(white.bytes), 0, 0), {127, 127, 127}, 20));
}

TEST_CASE("media: 16 bits a channel keep their brightness") {
  const Pixels p = decoded(png16(4, 4, 0x8000));
  CHECK(near(at(p, 2, 2), {128, 128, 128}, 1));
  CHECK(fitted(png16(40, 40, 0x8000), sides(10)).info.type == Type::png);
}

TEST_CASE("media: too many bytes: lower quality, then smaller, then an error") {
  const std::string photo = *encode_jpeg(noise(400, 400), 95);
  Limits l;
  l.bytes_max = photo.size() - 1;
  const Image first = fitted(photo, l);
  CHECK(first.info.width == 400);
  l.bytes_max = 20'000;
  const Image smaller = fitted(photo, l);
  CHECK(smaller.info.width < 400);
  CHECK(smaller.info.type == Type::jpeg);
  l.bytes_max = 300;
  CHECK(fit(photo, l).error().message ==
        "cannot be made smaller than 300 bytes, which is what the model takes");

  // Transparent noise is too much for PNG; WebP keeps the transparency where the model takes it.
  const std::string clear = *encode_png(noise(200, 200, 4));
  l.bytes_max = 60'000;
  CHECK(fitted(clear, l).info.type == Type::webp);
  l.types = Types{Type::jpeg, Type::png};
  CHECK(fitted(clear, l).info.type == Type::jpeg);
}

TEST_CASE("media: damage behind a good header is told") {
  std::string png = *encode_png(noise(50, 50));
  png[png.size() / 2] ^= 1;
  CHECK(fit(png, sides(10)).error().message.starts_with("is a damaged PNG: "));
  const std::string jpeg = *encode_jpeg(noise(50, 50), 90);
  CHECK(fit(jpeg.substr(0, jpeg.size() / 2), sides(10)).error().message ==
        "is a damaged JPEG: it is cut short");
  std::string webp = *encode_webp(noise(50, 50), 90);
  webp.resize(webp.size() / 2);
  webp.replace(4, 4, le32(static_cast<std::uint32_t>(webp.size() - 8)));
  CHECK(fit(webp, sides(10)).error().message.starts_with("is a damaged WebP: "));
  std::string lying = *encode_png(gradient(50, 50));
  lying.replace(16, 4, be32(5000));  // the CRC is wrong now
  CHECK(fit(lying, sides(10)).error().message.starts_with("is a damaged PNG: "));
  std::string tall = *encode_png(gradient(50, 50));
  tall.replace(8, 25, png_chunk("IHDR", be32(50) + be32(5000) + std::string("\x08\x02\x00\x00\x00", 5)));
  CHECK(fit(tall, sides(10)).error().message.starts_with("is a damaged PNG: "));
}

TEST_CASE("media: the memory told is enough for what is kept, and bounded") {
  Info info;
  info.type = Type::png;
  info.width = info.height = 9459;
  CHECK(memory_needed(info, 1000, {}) == 1000);
  CHECK(memory_needed(info, 1000, sides(1568)) > 4u * 9459 * 9459);
  info.type = Type::jpeg;
  CHECK(memory_needed(info, 1000, sides(1568)) < 80'000'000);  // decoded at a fraction of its size
}
