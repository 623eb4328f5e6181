// The formats' own limits, as of 2026-11. A format without a row has those of the first.
#include "llm/media_limits.h"

#include <algorithm>

#include "llm/dialect.h"

namespace pb::llm {
namespace {

using media::Type;

struct Row {
  std::string_view dialect;
  MediaLimits limits;
};

constexpr std::size_t kMb = 1'000'000;

constexpr Row kRows[] = {
    // platform.openai.com, "Images and vision": PNG, JPEG, WebP and GIF that is not animated, 50 MB in all; earlier 20 MB
    // an image, which servers that imitate it have kept.
    {"openai_chat",
     {.image = {.bytes_max = 20 * kMb, .types = {}, .animated = false},
      .request_bytes_max = 50 * kMb,
      .image_url = true,
      .document_url = false}},
    {"openai_responses",
     {.image = {.bytes_max = 20 * kMb, .types = {}, .animated = false},
      .request_bytes_max = 50 * kMb,
      .image_url = true,
      .document_url = true}},
    // platform.claude.com, "Vision": 8000 pixels a side, 2000 when there are more than 20 images, requests of 32 MB. Its
    // error for an image of more than 5 MiB counts the base64 text.
    {"anthropic",
     {.image = {.bytes_max = 5 * 1024 * 1024 / 4 * 3, .side_max = 8000, .types = {}},
      .request_bytes_max = 30 * kMb,
      .many = 20,
      .many_side_max = 2000,
      .image_url = true,
      .document_url = true}},
    // ai.google.dev, "File input methods" and "Image understanding": PNG, JPEG, WebP (and HEIC, HEIF), 100 MB inline,
    // public URLs. Vertex AI takes 7 MB an image.
    {"gemini",
     {.image = {.bytes_max = 7 * kMb, .types = {Type::jpeg, Type::png, Type::webp}, .animated = false},
      .request_bytes_max = 90 * kMb,
      .image_url = true,
      .document_url = true}},
    // github.com/ollama/ollama, api.md and issue 7388: base64 of JPEG and PNG.
    {"ollama",
     {.image = {.types = {Type::jpeg, Type::png}, .animated = false},
      .image_url = false,
      .document_url = false}},
    {"mistral",
     {.image = {.bytes_max = 10 * kMb, .types = {}, .animated = false},
      .image_url = true,
      .document_url = true}},
    // It takes none: nothing is fetched for it.
    {"openai_completions", {.image = {.types = {}}, .image_url = true, .document_url = true}},
    // docs.cohere.com, "Image inputs".
    {"cohere",
     {.image = {.bytes_max = 20 * kMb, .types = {}, .animated = false},
      .request_bytes_max = 20 * kMb,
      .image_url = true,
      .document_url = false}},
};

const MediaLimits& of_format(std::string_view dialect) {
  const auto row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.dialect == dialect; });
  return row == std::end(kRows) ? kRows[0].limits : row->limits;
}

template <class T>
void lay(T& under, const T& over) {
  if (over != T{}) under = over;
}

}  // namespace

MediaLimits media_limits(std::string_view dialect, const MediaLimits& over, const Quirks& quirks) {
  MediaLimits l = of_format(dialect);
  lay(l.image.bytes_max, over.image.bytes_max);
  lay(l.image.side_max, over.image.side_max);
  lay(l.image.pixels_max, over.image.pixels_max);
  if (!over.image.types.empty()) l.image.types = over.image.types;
  lay(l.request_bytes_max, over.request_bytes_max);
  lay(l.many, over.many);
  lay(l.many_side_max, over.many_side_max);
  lay(l.image_url, over.image_url);
  lay(l.document_url, over.document_url);
  if (quirks.openrouter) l.document_url = true;  // also in its OpenAI format
  if (!quirks.image_url) l.image_url = l.document_url = false;
  return l;
}

}  // namespace pb::llm
