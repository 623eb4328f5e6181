// What the cache reads: clients' bodies as keys and as questions, entries of other stores, providers' lists of models and their file.
// The first byte says which.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "gateway/cache/directives.h"
#include "gateway/cache/entry.h"
#include "gateway/cache/key.h"
#include "gateway/cache/semantic.h"
#include "gateway/model_lists.h"

namespace {

using namespace pb::gateway;

void must(bool holds) {
  if (!holds) std::abort();
}

// What our own parser takes for an object has a key, and the same one in its canonical form.
void keys(std::string_view text) {
  const auto asked = cache::read_asked(text, 42);
  const auto portable = cache::portable_hash(text);
  if (!portable) return;
  must(asked.has_value());
  pb::json::Arena arena;
  const auto parsed = pb::json::parse(text, arena);
  must(cache::portable_hash(pb::json::canonical_text(*parsed)) == portable);
  // White space between the parts does not count.
  std::string wide = " " + std::string(text) + "\n";
  must(cache::read_asked(wide, 42)->hash == asked->hash);
}

void entries(std::string_view bytes) {
  const auto entry = cache::from_bytes(bytes);
  if (!entry) return;
  const auto again = cache::from_bytes(cache::to_bytes(*entry));
  must(again && again->body == entry->body && again->form == entry->form);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case '0':
      keys(text);
      break;
    case '1':
      entries(text);
      break;
    case '2':
      (void)read_model_list(text);
      break;
    case '3':
      must(parse_lists(write_lists(parse_lists(text))).size() == parse_lists(text).size());
      break;
    case '4':
      (void)cache::read_directives(text);
      break;
    default:
      for (const pb::llm::Dialect* d : pb::llm::dialects()) (void)cache::question_of(*d, text);
      (void)cache::vector_of(std::string(text));
  }
  return 0;
}
