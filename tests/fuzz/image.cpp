// Whatever the bytes: what inspect() says is within the limits, fit() gives a picture that fits its target or an error, and
// the picture it gives is what it says.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "media/image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pb::media;
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Limits limits;
  limits.side_max = 1 + (data[0] & 63);
  limits.bytes_max = (data[0] & 64) != 0 ? 700 : 0;
  if ((data[0] & 128) != 0) limits.types = Types{Type::jpeg};
  const auto info = inspect(bytes);
  if (!info) return 0;
  if (info->width <= 0 || info->width > pb::limits::kImageSideMax ||
      info->pixels() > pb::limits::kImagePixelsMax)
    std::abort();
  if (info->pixels() > 4'000'000) return 0;  // slow, and no other code
  const auto image = fit(bytes, limits);
  if (!image || image->bytes.empty()) return 0;
  const auto made = inspect(image->bytes);
  if (!made || made->width != image->info.width || made->height != image->info.height ||
      made->type != image->info.type || !fits(*made, image->bytes.size(), limits))
    std::abort();
  return 0;
}
