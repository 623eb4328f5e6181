#include "llm/embed/embed.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/base64.h"
#include "llm/path.h"

namespace pb::llm {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors are little-endian floats");

const EmbedDialect* const kAll[] = {&kOpenaiEmbeddings, &kGeminiBatchEmbed, &kGeminiEmbed,
                                    &kCohereEmbed,      &kOllamaEmbed,      &kOllamaEmbeddings};

}  // namespace

std::span<const EmbedDialect* const> embed_dialects() { return kAll; }

const EmbedDialect* find_embed_dialect(std::string_view name) {
  for (const EmbedDialect* d : kAll)
    if (d->name == name) return d;
  return nullptr;
}

bool match_path_end(std::string_view pattern, std::string_view path, std::string_view& model) {
  constexpr std::string_view kModel = "{model}";
  if (pattern.empty()) return false;
  const std::size_t brace = pattern.find(kModel);
  if (brace == pattern.npos) return path.ends_with(pattern);
  const std::string_view before = pattern.substr(0, brace), after = pattern.substr(brace + kModel.size());
  const std::size_t at = path.find(before);
  if (at == path.npos || !path.ends_with(after)) return false;
  const std::string_view rest = path.substr(at + before.size());
  if (rest.size() <= after.size()) return false;
  model = rest.substr(0, rest.size() - after.size());
  return true;
}

std::optional<std::vector<float>> floats_of(std::string_view base64) {
  const auto bytes = base64_decode(base64);
  if (!bytes || bytes->size() % sizeof(float) != 0) return std::nullopt;
  std::vector<float> out(bytes->size() / sizeof(float));
  if (!out.empty()) std::memcpy(out.data(), bytes->data(), bytes->size());
  return out;
}

void write_numbers(json::Writer& w, const Embedding& e) {
  if (!e.numbers.is_null()) return w.write(e.numbers);
  w.begin_array();
  const auto floats = floats_of(e.base64);
  for (float f : floats.value_or(std::vector<float>())) {
    char text[32];
    const auto [end, ec] = std::to_chars(text, text + sizeof text, std::isfinite(f) ? f : 0.0F);
    w.raw({text, static_cast<std::size_t>(end - text)});
  }
  w.end_array();
}

void write_base64(json::Writer& w, const Embedding& e) {
  if (e.numbers.is_null()) return w.string(e.base64);
  std::string bytes(e.numbers.size() * sizeof(float), '\0');
  char* to = bytes.data();
  for (const json::Value& n : e.numbers.items()) {
    const auto f = static_cast<float>(n.as_double());
    std::memcpy(to, &f, sizeof f);
    to += sizeof f;
  }
  w.string(base64_encode(bytes));
}

Result<void> decode_inputs(json::Value value, const Path& at, EmbedRequest& r) {
  if (value.is_string()) {
    r.single = true;
    r.inputs.push_back(value.as_string());
    return {};
  }
  if (value.is_null()) return at.fail("is required");
  if (!value.is_array()) return at.wrong_type("a string or an array of strings", value);
  if (value.size() == 0) return at.fail("must hold at least one text");
  r.inputs.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const json::Value item = value.at(i);
    if (!item.is_string()) return Path(at, i).wrong_type("a string", item);
    r.inputs.push_back(item.as_string());
  }
  return {};
}

}  // namespace pb::llm
