#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

#include <cstring>

#include "media/pixels.h"

namespace pb::media {
namespace {

const std::uint8_t* data_of(std::string_view bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

// The first picture of an animation, on its canvas.
Result<Pixels> first_frame(std::string_view bytes, const Info& info) {
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0) return fail(Code::internal, "cannot start the WebP decoder");
  options.color_mode = MODE_RGBA;
  const WebPData data{data_of(bytes), bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&data, &options), WebPAnimDecoderDelete);
  if (!decoder) return damaged(Type::webp, "its animation cannot be read");
  WebPAnimInfo about;
  if (WebPAnimDecoderGetInfo(decoder.get(), &about) == 0 ||
      about.canvas_width != static_cast<unsigned>(info.width) ||
      about.canvas_height != static_cast<unsigned>(info.height))
    return damaged(Type::webp, "it tells two sizes");
  std::uint8_t* frame = nullptr;
  int time = 0;
  if (WebPAnimDecoderGetNext(decoder.get(), &frame, &time) == 0)
    return damaged(Type::webp, "its first frame cannot be read");
  Pixels pixels = Pixels::make(info.width, info.height, 4);
  std::memcpy(pixels.data.get(), frame, pixels.bytes());
  return pixels;
}

std::string_view reason(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return "there is not enough memory for it";
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "it is cut short";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "it uses a feature that is not known here";
    default:
      return "its picture cannot be read";
  }
}

}  // namespace

Result<Pixels> decode_webp(std::string_view bytes, const Info& info, Size least) {
  if (info.animated) return first_frame(bytes, info);
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return fail(Code::internal, "cannot start the WebP decoder");
  VP8StatusCode status = WebPGetFeatures(data_of(bytes), bytes.size(), &config.input);
  if (status != VP8_STATUS_OK) return damaged(Type::webp, reason(status));
  if (config.input.width != info.width || config.input.height != info.height)
    return damaged(Type::webp, "it tells two sizes");
  const bool alpha = config.input.has_alpha != 0;
  Pixels pixels = Pixels::make(least.width, least.height, alpha ? 4 : 3);
  if (least.width < info.width || least.height < info.height) {
    config.options.use_scaling = 1;
    config.options.scaled_width = least.width;
    config.options.scaled_height = least.height;
  }
  config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixels.data.get();
  config.output.u.RGBA.stride = static_cast<int>(pixels.row_bytes());
  config.output.u.RGBA.size = pixels.bytes();
  status = WebPDecode(data_of(bytes), bytes.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) return damaged(Type::webp, reason(status));
  return pixels;
}

Result<std::string> encode_webp(const Pixels& pixels, int quality) {
  std::uint8_t* out = nullptr;
  const int stride = static_cast<int>(pixels.row_bytes());
  const std::size_t size =
      pixels.channels == 4
          ? WebPEncodeRGBA(pixels.data.get(), pixels.width, pixels.height, stride, float(quality), &out)
          : WebPEncodeRGB(pixels.data.get(), pixels.width, pixels.height, stride, float(quality), &out);
  const std::unique_ptr<std::uint8_t, decltype(&WebPFree)> owned(out, WebPFree);
  if (size == 0) return fail(Code::internal, "the WebP encoder failed");
  return std::string(reinterpret_cast<const char*>(out), size);
}

}  // namespace pb::media
