// Arbitrary bytes through every decoder of gemini (dialect_target.h), and through the two that turn its schemas into JSON
// Schema and back.
#include "dialect_target.h"
#include "llm/schema_openapi.h"

using namespace pb;
using namespace pb::llm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || data[0] != 's') {
    fuzz::run(kGemini, data, size);
    return 0;
  }
  json::Arena arena;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto v = json::parse(text, arena);
  if (!v) return 0;
  fuzz::must_be_json(json::to_text(openapi_schema(*v, arena, (data[1] & 1) != 0)));
  fuzz::must_be_json(json::to_text(json_schema_of_openapi(*v, arena)));
  return 0;
}
