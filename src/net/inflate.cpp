#include "net/inflate.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "net/http.h"

namespace pb::net {
namespace {

constexpr std::size_t kRoomMin = 1024, kRoomMax = 64 * 1024;
constexpr std::size_t kCodingsMax = 4;
constexpr int kZstdWindowLogMax = 23;  // 8 MiB, as RFC 9659 demands of HTTP

std::unexpected<Error> damaged(std::string_view coding) {
  return fail(Code::bad_upstream, "the " + std::string(coding) + " coding of the body is damaged");
}

// What the decoders have in common: room in the output, its limit, and the end.
class Decoder : public Inflater {
 public:
  explicit Decoder(std::string_view coding) : coding_(coding) {}

  Result<void> feed(std::string_view in, std::string& out, std::size_t out_max) override {
    if (failed_) return damaged(coding_);
    if (!in.empty()) started_ = true;
    while (!ignore_rest_) {
      const std::size_t old = out.size();
      const std::size_t left = out_max > old ? out_max - old : 0;
      const std::size_t room = std::min(left, std::clamp(in.size() * 4, kRoomMin, kRoomMax));
      char beyond = 0;  // tells an output that just fits from one that is too large
      out.resize(old + room);
      std::size_t wrote = 0, before = in.size();
      const bool good = step(in, room > 0 ? out.data() + old : &beyond, room > 0 ? room : 1, wrote);
      out.resize(old + (room > 0 ? wrote : 0));
      if (!good) {
        failed_ = true;
        return damaged(coding_);
      }
      if (room == 0 && wrote > 0) {
        failed_ = true;
        return fail(Code::bad_upstream,
                    "the body is larger than " + std::to_string(out_max) + " bytes when decoded");
      }
      if (wrote < std::max<std::size_t>(room, 1) && (in.empty() || in.size() == before)) break;
    }
    return {};
  }

  Result<void> finish() override {
    if (failed_) return damaged(coding_);
    if (started_ && !at_end_)
      return fail(Code::bad_upstream, "the " + std::string(coding_) + " body was cut short");
    return {};
  }

 protected:
  // Takes bytes off `in`, writes up to `room` of them; false when the data are damaged.
  virtual bool step(std::string_view& in, char* to, std::size_t room, std::size_t& wrote) = 0;
  bool at_end_ = false;       // the data may end here
  bool ignore_rest_ = false;  // what follows the end is not ours

 private:
  const std::string_view coding_;
  bool started_ = false, failed_ = false;
};

// gzip (RFC 1952) with any number of members, and "deflate", which should be zlib's format (RFC 1950) but comes from
// some servers as raw deflate (RFC 1951).
class ZlibDecoder final : public Decoder {
 public:
  explicit ZlibDecoder(bool gzip) : Decoder(gzip ? "gzip" : "deflate"), gzip_(gzip) {
    if (gzip) begin(MAX_WBITS + 16);
  }
  ~ZlibDecoder() override {
    if (begun_) inflateEnd(&z_);
  }
  ZlibDecoder(const ZlibDecoder&) = delete;
  ZlibDecoder& operator=(const ZlibDecoder&) = delete;

 private:
  bool begin(int window_bits) {
    begun_ = inflateInit2(&z_, window_bits) == Z_OK;
    return begun_;
  }

  bool step(std::string_view& in, char* to, std::size_t room, std::size_t& wrote) override {
    if (!begun_ && !gzip_) return guess_format(in, to, room, wrote);
    if (at_end_ && !next_member(in)) return true;
    return begun_ && run(in, to, room, wrote);
  }

  // The first two bytes tell zlib's header: method 8, and a multiple of 31. The first is kept until the second comes.
  bool guess_format(std::string_view& in, char* to, std::size_t room, std::size_t& wrote) {
    if (in.empty()) return true;
    if (!first_) {
      first_ = in.front();
      in.remove_prefix(1);
      if (in.empty()) return true;
    }
    const unsigned a = static_cast<unsigned char>(*first_), b = static_cast<unsigned char>(in.front());
    if (!begin((a & 0x0F) == 8 && (a * 256 + b) % 31 == 0 ? MAX_WBITS : -MAX_WBITS)) return false;
    std::string_view kept(&*first_, 1);
    return run(kept, to, room, wrote) && run(in, to, room, wrote);  // one byte alone gives no output
  }

  // After a member: another one, or bytes that are not ours (padding), or nothing yet.
  bool next_member(std::string_view& in) {
    if (in.empty()) return false;
    if (!gzip_ || in.front() != '\x1f') {
      ignore_rest_ = true;
      return false;
    }
    at_end_ = false;
    begun_ = inflateReset(&z_) == Z_OK;
    return true;
  }

  bool run(std::string_view& in, char* to, std::size_t room, std::size_t& wrote) {
    const std::size_t taken = std::min<std::size_t>(in.size(), std::numeric_limits<uInt>::max());
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    z_.avail_in = static_cast<uInt>(taken);
    z_.next_out = reinterpret_cast<Bytef*>(to);
    z_.avail_out = static_cast<uInt>(room);
    const int result = inflate(&z_, Z_SYNC_FLUSH);
    in.remove_prefix(taken - z_.avail_in);
    wrote = room - z_.avail_out;
    at_end_ = result == Z_STREAM_END;
    return result == Z_OK || result == Z_STREAM_END ||
           result == Z_BUF_ERROR;  // the last: no progress possible
  }

  z_stream z_{};
  const bool gzip_;
  bool begun_ = false;
  std::optional<char> first_;
};

class BrotliDecoder final : public Decoder {  // RFC 7932
 public:
  BrotliDecoder() : Decoder("br"), state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}

 private:
  bool step(std::string_view& in, char* to, std::size_t room, std::size_t& wrote) override {
    if (!state_) return false;
    std::size_t in_left = in.size(), out_left = room;
    auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    auto* next_out = reinterpret_cast<std::uint8_t*>(to);
    const auto result =
        BrotliDecoderDecompressStream(state_.get(), &in_left, &next_in, &out_left, &next_out, nullptr);
    in.remove_prefix(in.size() - in_left);
    wrote = room - out_left;
    at_end_ = ignore_rest_ = result == BROTLI_DECODER_RESULT_SUCCESS;
    return result != BROTLI_DECODER_RESULT_ERROR;
  }

  struct Destroy {
    void operator()(BrotliDecoderState* s) const { BrotliDecoderDestroyInstance(s); }
  };
  std::unique_ptr<BrotliDecoderState, Destroy> state_;
};

class ZstdDecoder final : public Decoder {  // RFC 8878; any number of frames
 public:
  ZstdDecoder() : Decoder("zstd"), context_(ZSTD_createDCtx()) {
    if (context_) ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }

 private:
  bool step(std::string_view& in, char* to, std::size_t room, std::size_t& wrote) override {
    if (!context_) return false;
    if (in.empty() && at_end_) return true;  // would begin the next frame
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer into{to, room, 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &into, &from);
    in.remove_prefix(from.pos);
    wrote = into.pos;
    at_end_ = result == 0;
    return ZSTD_isError(result) == 0;
  }

  struct Free {
    void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
};

// Codings on top of each other, the outermost (last named) first; none = identity.
class Chain final : public Inflater {
 public:
  explicit Chain(std::vector<std::unique_ptr<Inflater>> layers) : layers_(std::move(layers)) {}

  Result<void> feed(std::string_view in, std::string& out, std::size_t out_max) override {
    std::string middle, next;
    for (std::size_t i = 0; i + 1 < layers_.size(); ++i) {
      next.clear();
      TRY(layers_[i]->feed(in, next, out_max));
      middle.swap(next);
      in = middle;
    }
    if (!layers_.empty()) return layers_.back()->feed(in, out, out_max);
    if (in.size() > out_max - std::min(out.size(), out_max))
      return fail(Code::bad_upstream, "the body is larger than " + std::to_string(out_max) + " bytes");
    out += in;
    return {};
  }

  Result<void> finish() override {
    for (auto& layer : layers_) TRY(layer->finish());
    return {};
  }

 private:
  std::vector<std::unique_ptr<Inflater>> layers_;
};

std::unique_ptr<Inflater> create_one(std::string_view coding) {
  if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) return std::make_unique<ZlibDecoder>(true);
  if (iequals(coding, "deflate")) return std::make_unique<ZlibDecoder>(false);
  if (iequals(coding, "br")) return std::make_unique<BrotliDecoder>();
  if (iequals(coding, "zstd")) return std::make_unique<ZstdDecoder>();
  return nullptr;
}

}  // namespace

std::unique_ptr<Inflater> Inflater::create(std::string_view coding) {
  std::vector<std::unique_ptr<Inflater>> layers;
  while (!coding.empty()) {
    const std::string_view name = next_item(coding);
    if (name.empty() || iequals(name, "identity")) continue;
    auto layer = create_one(name);
    if (!layer || layers.size() == kCodingsMax) return nullptr;
    layers.insert(layers.begin(), std::move(layer));
  }
  if (layers.size() == 1) return std::move(layers.front());
  return std::make_unique<Chain>(std::move(layers));
}

}  // namespace pb::net
