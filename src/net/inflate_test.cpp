#include "net/inflate.h"

#include <brotli/encode.h>
#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <random>
#include <vector>

using pb::net::Inflater;

TEST_SUITE_BEGIN("inflate");

namespace {

std::string zlib(std::string_view text, int window_bits) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string brotli(std::string_view text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size()) + 64;
  std::string out(size, '\0');
  REQUIRE(BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, text.size(),
                                reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_TRUE);
  out.resize(size);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string encode(std::string_view coding, std::string_view text) {
  if (coding == "gzip") return zlib(text, MAX_WBITS + 16);
  if (coding == "deflate") return zlib(text, MAX_WBITS);
  if (coding == "raw") return zlib(text, -MAX_WBITS);
  if (coding == "br") return brotli(text);
  return zstd(text);
}

const std::vector<std::string> kCodings = {"gzip", "deflate", "raw", "br", "zstd"};

std::unique_ptr<Inflater> decoder(const std::string& coding) {
  auto made = Inflater::create(coding == "raw" ? "deflate" : coding);
  REQUIRE(made != nullptr);
  return made;
}

// Decoded text, or "error: …".
std::string decode(Inflater& inflater, const std::vector<std::string_view>& pieces,
                   std::size_t out_max = 1u << 30) {
  std::string out;
  for (const std::string_view piece : pieces)
    if (auto done = inflater.feed(piece, out, out_max); !done) {
      CHECK(out.size() <= out_max);
      return "error: " + done.error().message;
    }
  if (auto done = inflater.finish(); !done) return "error: " + done.error().message;
  return out;
}

// Half text, half noise, so that literals and matches both occur.
std::string sample(std::size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) {
    text += "data: {\"choices\":[{\"delta\":{\"content\":\"";
    for (int i = 0; i < 40; ++i) text += static_cast<char>(random() % 256);
    text += "\"}}]}\n\n";
  }
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("round trips of several sizes") {
  for (const std::string& coding : kCodings)
    for (const std::size_t size : {0u, 1u, 2u, 1000u, 65'536u, 300'000u}) {
      CAPTURE(coding);
      CAPTURE(size);
      const std::string text = sample(size);
      CHECK(decode(*decoder(coding), {encode(coding, text)}) == text);
    }
}

TEST_CASE("split at every byte") {
  const std::string text = sample(700);
  for (const std::string& coding : kCodings) {
    const std::string coded = encode(coding, text);
    for (std::size_t at = 0; at <= coded.size(); ++at) {
      const std::string_view all(coded);
      REQUIRE(decode(*decoder(coding), {all.substr(0, at), all.substr(at)}) == text);
    }
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < coded.size(); ++i) bytes.push_back(std::string_view(coded).substr(i, 1));
    CHECK(decode(*decoder(coding), bytes) == text);
  }
}

TEST_CASE("cut short at every byte is noticed") {
  const std::string text = sample(300);
  for (const std::string& coding : kCodings) {
    const std::string coded = encode(coding, text);
    CAPTURE(coding);
    CHECK(decode(*decoder(coding), {}) == "");
    for (std::size_t size = 1; size < coded.size(); ++size) {
      CAPTURE(size);
      REQUIRE(decode(*decoder(coding), {std::string_view(coded).substr(0, size)}).starts_with("error: "));
    }
  }
}

TEST_CASE("a bomb stops at the limit; what just fits is let through") {
  const std::string zeros(5'000'000, '\0');
  for (const std::string& coding : kCodings) {
    CAPTURE(coding);
    const std::string coded = encode(coding, zeros);
    CHECK(coded.size() < 10'000);
    CHECK(decode(*decoder(coding), {coded}, 1'000'000) ==
          "error: the body is larger than 1000000 bytes when decoded");
    CHECK(decode(*decoder(coding), {coded}, zeros.size() - 1).starts_with("error: "));
    CHECK(decode(*decoder(coding), {coded}, zeros.size()) == zeros);
    CHECK(decode(*decoder(coding), {coded}, 0).starts_with("error: "));
    auto spent = decoder(coding);
    std::string out;
    CHECK_FALSE(spent->feed(coded, out, 10));
    out.clear();
    CHECK_FALSE(spent->feed("x", out, 1000));
    CHECK_FALSE(spent->finish());
  }
}

TEST_CASE("damage never crashes and is mostly noticed") {
  const std::string text = sample(500);
  for (const std::string& coding : kCodings) {
    const std::string coded = encode(coding, text);
    for (std::size_t at = 0; at < coded.size(); ++at) {
      std::string bad = coded;
      bad[at] = static_cast<char>(bad[at] ^ 0x55);
      const std::string got = decode(*decoder(coding), {bad}, 100'000);
      // Header fields of no consequence (time, system) may change; gzip and zlib have checksums over the text.
      if (coding == "gzip") CHECK((got == text || got.starts_with("error: ")));
    }
    CHECK(decode(*decoder(coding), {"this is plain text and not compressed at all"}).starts_with("error: "));
  }
}

TEST_CASE("several members and frames, padding") {
  const std::string a = sample(400), b = "second";
  for (const char* coding : {"gzip", "zstd"}) {
    const std::string coded = encode(coding, a) + encode(coding, b);
    for (std::size_t at = 0; at <= coded.size(); ++at) {
      const std::string_view all(coded);
      REQUIRE(decode(*decoder(coding), {all.substr(0, at), all.substr(at)}) == a + b);
    }
    CHECK(decode(*decoder(coding), {std::string_view(coded).substr(0, coded.size() - 3)})
              .starts_with("error: "));
  }
  for (const char* coding : {"gzip", "deflate", "br"})
    CHECK(decode(*decoder(coding), {encode(coding, b) + std::string(8, '\0'), "more"}) == b);
}

TEST_CASE("a flushed event comes out at once") {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  auto inflater = Inflater::create("gzip");
  for (int i = 0; i < 5; ++i) {
    const std::string event = "data: " + std::to_string(i) + "\n\n";
    char coded[200];
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(event.data()));
    z.avail_in = static_cast<uInt>(event.size());
    z.next_out = reinterpret_cast<Bytef*>(coded);
    z.avail_out = sizeof coded;
    REQUIRE(deflate(&z, Z_SYNC_FLUSH) == Z_OK);
    std::string out;
    REQUIRE(inflater->feed({coded, sizeof coded - z.avail_out}, out, 1000));
    CHECK(out == event);
  }
  deflateEnd(&z);
  CHECK_FALSE(inflater->finish());
}

TEST_CASE("names and lists") {
  CHECK(Inflater::create("compress") == nullptr);
  CHECK(Inflater::create("gzip, compress") == nullptr);
  CHECK(Inflater::create("gzip,gzip,gzip,gzip,gzip") == nullptr);
  const std::string text = sample(2000);
  CHECK(decode(*Inflater::create("X-GZip"), {encode("gzip", text)}) == text);
  CHECK(decode(*Inflater::create(""), {text, "x"}) == text + "x");
  CHECK(decode(*Inflater::create("identity"), {text}, 1999).starts_with("error: "));
  const std::string twice = encode("br", encode("gzip", text));
  CHECK(decode(*Inflater::create("gzip , BR"), {twice}) == text);
  CHECK(decode(*Inflater::create("gzip, identity, br"),
               {std::string_view(twice).substr(0, 100), std::string_view(twice).substr(100)}) == text);
  CHECK(decode(*Inflater::create("br, gzip"), {twice}).starts_with("error: "));
}

TEST_SUITE_END();
