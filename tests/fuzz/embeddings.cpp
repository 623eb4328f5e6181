// Arbitrary bytes through every decoder of embeddings. What is read as a request has texts or token numbers, and says the same
// in each format that takes it; what is read as an answer leaves as JSON towards every client, as numbers and as base64.
#include "llm/embed/embed.h"

#include "dialect_target.h"

using namespace pb;
using namespace pb::llm;
using fuzz::must_be_json;
using fuzz::require;

namespace {

void request(const EmbedDialect& own, std::string_view body) {
  const auto r = own.decode_request(std::string(body));
  if (!r) return fuzz::errors(r.error());
  require(!r->inputs.empty() || !r->tokens.is_null());
  for (const EmbedDialect* d : embed_dialects()) {
    if (d->encode_request == nullptr) continue;
    Dropped dropped;
    std::string out;
    if (!d->encode_request(*r, {.model = "m"}, dropped, out)) {
      require(!r->tokens.is_null());
      continue;
    }
    must_be_json(out);
    for (const char c : dropped.header()) require(c >= ' ' && c <= '~');
    const auto again = d->decode_request(out);
    require(again.has_value() && again->inputs == r->inputs);
    require(again->tokens.is_null() == r->tokens.is_null());
  }
  for (std::size_t first = 0; first < r->inputs.size() + 2; first += 1 + r->inputs.size() / 2) {
    Dropped dropped;
    std::string out;
    require(kOllamaEmbed.encode_request(*r, {.model = {}, .first = first, .count = 2}, dropped, out)
                .has_value() != !r->tokens.is_null());
    if (!out.empty()) must_be_json(out);
  }
}

void response(const EmbedDialect& own, std::string_view body) {
  if (own.decode_response == nullptr) return;
  const auto r = own.decode_response(std::string(body));
  if (!r) return fuzz::errors(r.error());
  for (const bool base64 : {false, true}) {
    EmbedRequest q;
    q.base64 = base64;
    q.model = "m";
    for (const EmbedDialect* d : embed_dialects()) {
      std::string out;
      d->encode_response(q, *r, out);
      must_be_json(out);
      if (d->decode_response == nullptr) continue;
      const auto again = d->decode_response(out);
      require(again.has_value() && again->vectors.size() == r->vectors.size());
    }
  }
}

}  // namespace

// The first byte says which format, the second which of its decoders.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const EmbedDialect& own = *embed_dialects()[data[0] % embed_dialects().size()];
  switch (data[1] % 3) {
    case 0:
      request(own, body);
      break;
    case 1:
      response(own, body);
      break;
    default: {
      std::string_view model;
      if (match_path_end(own.path, body, model)) require(!model.empty() || !own.model_in_path);
      (void)floats_of(body);
    }
  }
  return 0;
}
