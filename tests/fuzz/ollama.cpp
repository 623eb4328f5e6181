// Arbitrary bytes through every decoder of ollama (dialect_target.h), through those of /api/generate, and through the small
// ones of the listings.
#include "dialect_target.h"
#include "llm/ollama/listing.h"

using namespace pb::llm;

namespace {

void listings(std::string_view body) {
  const std::string name = ollama::asked_model(body);
  const ollama::ModelCard card{.name = name, .context = 1, .vision = true, .thinking = true};
  fuzz::must_be_json(ollama::show_body(card));
  fuzz::must_be_json(ollama::tags_body({&card, 1}));
  for (const Dialect* d : {&kOllama, &kOllamaGenerate})
    if (const auto loaded = ollama::load_answer(d->name, body, 1)) fuzz::must_be_json(*loaded);
}

// A prompt is read as a conversation, which every format can be asked.
void generate(std::string_view body, std::uint8_t bits) {
  const auto r = kOllamaGenerate.decode_request(std::string(body));
  if (!r) return fuzz::errors(r.error());
  for (const Dialect* d : dialects()) {
    Dropped dropped;
    std::string out;
    if (!d->encode_request(*r, {"model", fuzz::quirks_of(bits)}, dropped, out)) continue;
    fuzz::must_be_json(out);
    if (d == &kOllama) fuzz::require(d->decode_request(out).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0]) {
    case 'g':
      generate(body, data[1]);
      break;
    case 'l':
      listings(body);
      break;
    default:
      fuzz::run(kOllama, data, size);
  }
  return 0;
}
