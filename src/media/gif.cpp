#include <cstring>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#include <stb/stb_image.h>

#include "media/pixels.h"

namespace pb::media {

Result<Pixels> decode_gif(std::string_view bytes, const Info& info) {
  int width = 0, height = 0, channels = 0;
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> frame(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()), static_cast<int>(bytes.size()),
                            &width, &height, &channels, 4),
      stbi_image_free);
  if (!frame) return damaged(Type::gif, stbi_failure_reason());
  if (width != info.width || height != info.height) return damaged(Type::gif, "it tells two sizes");
  Pixels pixels = Pixels::make(width, height, 4);
  std::memcpy(pixels.data.get(), frame.get(), pixels.bytes());
  return pixels;
}

}  // namespace pb::media
