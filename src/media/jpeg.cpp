#include <turbojpeg.h>

#include "media/headers.h"
#include "media/pixels.h"

namespace pb::media {
namespace {

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, Destroy>;

std::unexpected<Error> refused(const Handle& handle) {
  const std::string why = tjGetErrorStr2(handle.get());
  // TurboJPEG counts scans so that a small file cannot keep a core busy for minutes.
  return damaged(Type::jpeg, why);
}

// The smallest of the decoder's sizes that is not below `least`.
Size decoded_size(const Info& info, Size least) {
  Size best{info.width, info.height};
  int n = 0;
  const tjscalingfactor* factors = tjGetScalingFactors(&n);
  for (int i = 0; factors != nullptr && i < n; ++i) {
    const Size s{TJSCALED(info.width, factors[i]), TJSCALED(info.height, factors[i])};
    if (s.width >= least.width && s.height >= least.height && s.width < best.width) best = s;
  }
  return best;
}

// Printers' colours to RGB, in a plain way: without the profile that says what the inks look like.
Pixels from_cmyk(const Pixels& from, bool inverted) {
  Pixels to = Pixels::make(from.width, from.height, 3);
  const unsigned char* in = from.data.get();
  unsigned char* out = to.data.get();
  for (std::size_t i = 0, n = to.bytes() / 3; i < n; ++i, in += 4, out += 3)
    for (int c = 0; c < 3; ++c) {
      const unsigned ink = inverted ? in[c] : 255u - in[c], black = inverted ? in[3] : 255u - in[3];
      out[c] = static_cast<unsigned char>((ink * black + 127) / 255);
    }
  return to;
}

}  // namespace

Result<Pixels> decode_jpeg(std::string_view bytes, const Info& info, Size least) {
  TRY_ASSIGN(const JpegHeader header, read_jpeg_header(bytes));
  const Handle handle(tjInitDecompress());
  if (!handle) return fail(Code::internal, "cannot start the JPEG decoder");
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, sampling = 0, colours = 0;
  if (tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &sampling, &colours) != 0)
    return refused(handle);
  if (width != info.width || height != info.height) return damaged(Type::jpeg, "it tells two sizes");
  const bool cmyk = colours == TJCS_CMYK || colours == TJCS_YCCK;
  const Size size = decoded_size(info, least);
  Pixels pixels = Pixels::make(size.width, size.height, cmyk ? 4 : 3);
  const int rc = tjDecompress2(handle.get(), data, bytes.size(), pixels.data.get(), size.width, 0,
                               size.height, cmyk ? TJPF_CMYK : TJPF_RGB, TJFLAG_LIMITSCANS);
  if (rc != 0) {
    // Stray bytes between segments are common and harmless; a missing end is not.
    const std::string_view why = tjGetErrorStr2(handle.get());
    if (tjGetErrorCode(handle.get()) == TJERR_FATAL) return refused(handle);
    if (why.contains("Premature end")) return damaged(Type::jpeg, "it is cut short");
  }
  if (cmyk) return from_cmyk(pixels, header.adobe);
  return pixels;
}

Result<std::string> encode_jpeg(const Pixels& pixels, int quality) {
  const Handle handle(tjInitCompress());
  if (!handle) return fail(Code::internal, "cannot start the JPEG encoder");
  unsigned char* out = nullptr;
  unsigned long size = 0;
  const int rc = tjCompress2(handle.get(), pixels.data.get(), pixels.width, 0, pixels.height, TJPF_RGB, &out,
                             &size, TJSAMP_420, quality, 0);
  const std::unique_ptr<unsigned char, decltype(&tjFree)> owned(out, tjFree);
  if (rc != 0)
    return fail(Code::internal, std::string("the JPEG encoder failed: ") + tjGetErrorStr2(handle.get()));
  return std::string(reinterpret_cast<const char*>(out), size);
}

}  // namespace pb::media
