#include <string>

#include "media/headers.h"
#include "media/pixels.h"

namespace pb::media {
namespace {

Result<Info> read_header(Type type, std::string_view bytes) {
  switch (type) {
    case Type::jpeg: {
      TRY_ASSIGN(const JpegHeader h, read_jpeg_header(bytes));
      Info info;
      info.type = Type::jpeg;
      info.width = h.width;
      info.height = h.height;
      info.orientation = h.orientation;
      info.progressive = h.progressive;
      return info;
    }
    case Type::png:
      return read_png_header(bytes);
    case Type::webp:
      return read_webp_header(bytes);
    case Type::gif:
      return read_gif_header(bytes);
    case Type::pdf:
      return fail(Code::invalid_request, "is a PDF, not an image");
    case Type::unknown:
      break;
  }
  return fail(Code::invalid_request, "is not an image of a known type (JPEG, PNG, WebP, GIF)");
}

}  // namespace

Type sniff(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF")) return Type::jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return Type::png;
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return Type::webp;
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return Type::gif;
  if (bytes.starts_with("%PDF-")) return Type::pdf;
  return Type::unknown;
}

std::string_view mime(Type type) {
  switch (type) {
    case Type::jpeg:
      return "image/jpeg";
    case Type::png:
      return "image/png";
    case Type::webp:
      return "image/webp";
    case Type::gif:
      return "image/gif";
    case Type::pdf:
      return "application/pdf";
    case Type::unknown:
      break;
  }
  return {};
}

std::string_view title(Type type) {
  switch (type) {
    case Type::jpeg:
      return "JPEG";
    case Type::png:
      return "PNG";
    case Type::webp:
      return "WebP";
    case Type::gif:
      return "GIF";
    case Type::pdf:
      return "PDF";
    case Type::unknown:
      break;
  }
  return "file of an unknown type";
}

std::unexpected<Error> damaged(Type type, std::string_view why) {
  return fail(Code::invalid_request,
              std::string("is a damaged ").append(title(type)).append(": ").append(why));
}

Result<Info> inspect(std::string_view bytes) {
  if (bytes.size() > limits::kImageBytesMax)
    return fail(Code::invalid_request, "is too large: " + std::to_string(bytes.size()) + " bytes; at most " +
                                           std::to_string(limits::kImageBytesMax) + " are taken");
  TRY_ASSIGN(Info info, read_header(sniff(bytes), bytes));
  if (info.width <= 0 || info.height <= 0) return damaged(info.type, "it has no width or no height");
  if (info.width > limits::kImageSideMax || info.height > limits::kImageSideMax ||
      info.pixels() > limits::kImagePixelsMax)
    return fail(Code::invalid_request, "is too large: " + std::to_string(info.width) + " x " +
                                           std::to_string(info.height) + " pixels; at most " +
                                           std::to_string(limits::kImagePixelsMax) + " in all and " +
                                           std::to_string(limits::kImageSideMax) + " a side are taken");
  return info;
}

}  // namespace pb::media
