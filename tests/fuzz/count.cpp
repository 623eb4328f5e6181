// Counting ends, whatever the bytes, and a text costs no more than its bytes, give or take.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "llm/count.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::int64_t tokens = pb::llm::count_text({reinterpret_cast<const char*>(data), size});
  if (tokens < 0 || tokens > static_cast<std::int64_t>(2 * size + 2)) std::abort();
  return 0;
}
