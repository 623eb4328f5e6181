#include <doctest/doctest.h>

#include "media/testing.h"

using namespace pb;
using namespace pb::media;
using namespace pb::media::testing;

namespace {

std::string error_of(std::string_view bytes) {
  const auto info = inspect(bytes);
  return info ? "none" : info.error().message;
}

void is(std::string_view bytes, Type type, int width, int height) {
  const auto info = inspect(bytes);
  REQUIRE_MESSAGE(info.has_value(), info.error().message);
  CHECK(info->type == type);
  CHECK(info->width == width);
  CHECK(info->height == height);
}

// IHDR that tells any size, with a little data.
std::string png_of(std::uint32_t width, std::uint32_t height) {
  return "\x89PNG\r\n\x1a\n" +
         png_chunk("IHDR", be32(width) + be32(height) + std::string("\x08\x02\x00\x00\x00", 5)) +
         png_chunk("IDAT", "x") + png_chunk("IEND", "");
}

}  // namespace

TEST_CASE("media: types by the first bytes") {
  CHECK(sniff("\xFF\xD8\xFF\xE0") == Type::jpeg);
  CHECK(sniff("\x89PNG\r\n\x1a\n") == Type::png);
  CHECK(sniff("RIFF....WEBPVP8 ") == Type::webp);
  CHECK(sniff("RIFF....WAVEfmt ") == Type::unknown);
  CHECK(sniff("GIF87a") == Type::gif);
  CHECK(sniff("GIF89a") == Type::gif);
  CHECK(sniff("GIF88a") == Type::unknown);
  CHECK(sniff("%PDF-1.7") == Type::pdf);
  CHECK(sniff("<svg xmlns=") == Type::unknown);
  CHECK(sniff("") == Type::unknown);
  CHECK(mime(Type::webp) == "image/webp");
  CHECK(mime(Type::unknown).empty());
  CHECK(is_image(Type::gif));
  CHECK(!is_image(Type::pdf));
  CHECK(!is_image(Type::unknown));
}

TEST_CASE("media: sizes from the headers of all types") {
  is(*encode_jpeg(gradient(300, 170), 85), Type::jpeg, 300, 170);
  is(progressive_jpeg(gradient(33, 65)), Type::jpeg, 33, 65);
  is(*encode_png(gradient(41, 7)), Type::png, 41, 7);
  is(png16(5, 9, 1000), Type::png, 5, 9);
  is(gif(30, 20, 1), Type::gif, 30, 20);
  is(*encode_webp(gradient(64, 48), 80), Type::webp, 64, 48);
  is(*encode_webp(gradient(64, 48, 4), 80), Type::webp, 64, 48);  // with transparency: the extended format
  is(animated_webp(flag(20, 10), 2), Type::webp, 20, 10);
  is(std::string("RIFF\x16\0\0\0WEBPVP8L\x0A\0\0\0\x2F\x4A\xC0\x18\0\0\0\0\0\0", 30), Type::webp, 75, 100);
}

TEST_CASE("media: what else a header tells") {
  CHECK(inspect(progressive_jpeg(flag(20, 20)))->progressive);
  CHECK(!inspect(*encode_jpeg(flag(20, 20), 85))->progressive);
  for (int n = 1; n <= 8; ++n)
    for (bool little : {false, true})
      CHECK(inspect(with_exif_orientation(*encode_jpeg(flag(20, 20), 85), n, little))->orientation == n);
  CHECK(inspect(with_exif_orientation(*encode_jpeg(flag(20, 20), 85), 9, false))->orientation == 1);
  CHECK(!inspect(gif(4, 4, 1))->animated);
  CHECK(inspect(gif(4, 4, 2))->animated);
  CHECK(!inspect(*encode_webp(flag(20, 10), 80))->animated);
  CHECK(inspect(animated_webp(flag(20, 10), 2))->animated);
  std::string png = *encode_png(flag(8, 8));
  CHECK(!inspect(png)->animated);
  png.insert(33, png_chunk("acTL", be32(3) + be32(0)));
  CHECK(inspect(png)->animated);
}

TEST_CASE("media: damaged headers are told apart") {
  CHECK(error_of("") == "is not an image of a known type (JPEG, PNG, WebP, GIF)");
  CHECK(error_of("<html>Not found</html>") == "is not an image of a known type (JPEG, PNG, WebP, GIF)");
  CHECK(error_of("%PDF-1.4") == "is a PDF, not an image");
  CHECK(error_of("\xFF\xD8\xFF") == "is a damaged JPEG: it ends before its size is told");
  CHECK(error_of("\xFF\xD8\xFF\xDA\x00\x08") ==
        std::string("is a damaged JPEG: it ends before its size is told"));
  CHECK(error_of(std::string("\xFF\xD8\xFF\xDA\x00\x08", 6)) == "is a damaged JPEG: its size is not told");
  CHECK(error_of(std::string("\xFF\xD8\xFF\xE0\x00\x04xxyyyy", 12)) ==
        "is a damaged JPEG: a segment has no marker");
  CHECK(error_of("\x89PNG\r\n\x1a\n") == "is a damaged PNG: it ends before its size is told");
  const std::string png = *encode_png(noise(20, 20));
  CHECK(error_of(png.substr(0, png.size() - 13)) == "is a damaged PNG: it is cut short");
  CHECK(error_of(png.substr(0, 40)) == "is a damaged PNG: it is cut short");
  const std::string webp = *encode_webp(gradient(64, 48), 80);
  CHECK(error_of(webp.substr(0, webp.size() - 1)) == "is a damaged WebP: it is cut short");
  CHECK(error_of(webp.substr(0, 20)) == "is a damaged WebP: it ends before its size is told");
  CHECK(error_of(gif(4, 4, 1).substr(0, 12)) == "is a damaged GIF: it ends before its size is told");
  CHECK(error_of(gif(4, 4, 1).substr(0, 45)) == "is a damaged GIF: it is cut short");
  CHECK(error_of(png_of(0, 5)) == "is a damaged PNG: it has no width or no height");
}

TEST_CASE("media: bombs are refused by their header") {
  const std::string limit = " pixels; at most 89478485 in all and 65535 a side are taken";
  CHECK(error_of(png_of(65536, 1)) == "is too large: 65536 x 1" + limit);
  CHECK(error_of(png_of(10000, 10000)) == "is too large: 10000 x 10000" + limit);
  CHECK(error_of(png_of(0x7FFFFFFF, 0x7FFFFFFF)) == "is too large: 1073741824 x 1073741824" + limit);
  is(png_of(65535, 1000), Type::png, 65535, 1000);
  CHECK(error_of(gif(4, 4, 1).replace(6, 4, "\xFF\xFF\xFF\xFF")) == "is too large: 65535 x 65535" + limit);
}

TEST_CASE("media: every cut of every type is survived") {
  for (const std::string& whole :
       {*encode_jpeg(gradient(30, 20), 85), with_exif_orientation(*encode_jpeg(flag(9, 9), 85), 6, true),
        *encode_png(gradient(9, 9)), *encode_webp(gradient(9, 9, 4), 80), gif(9, 9, 2),
        animated_webp(flag(9, 9), 1)}) {
    Limits limits;
    limits.side_max = 4;  // so that it is decoded
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const auto image = fit(std::string_view(whole).substr(0, n), limits);
      if (image) CHECK(image->info.width <= 4);
    }
    CHECK(fit(whole, limits).has_value());
  }
}
