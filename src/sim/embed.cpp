#include "sim/embed.h"

#include <fmt/format.h>

#include <cmath>

#include "base/hash.h"
#include "llm/count.h"
#include "sim/names.h"

namespace pb::sim {
namespace {

constexpr std::size_t kDimensions = 16, kDimensionsMax = 4096;

// Each word adds a direction of its own; the sum has length 1.
std::string vector_of(std::string_view text, std::size_t dimensions) {
  std::vector<double> sum(dimensions, 0.0);
  sum[0] = 0.01;  // of a text without words
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n.,;:!?"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    for (std::size_t i = 0; !word.empty() && i < dimensions; ++i)
      sum[i] += static_cast<double>(hash64(word, i) >> 40) / static_cast<double>(1 << 23) - 1;
  }
  double length = 0;
  for (double d : sum) length += d * d;
  length = std::sqrt(length);
  std::string out = "[";
  for (double d : sum)
    fmt::format_to(std::back_inserter(out), "{}{}", out.size() == 1 ? "" : ",",
                   static_cast<float>(d / length));
  return out + "]";
}

}  // namespace

Result<std::string> embed_body(const llm::EmbedDialect& dialect, std::string body, std::string_view model) {
  TRY_ASSIGN(llm::EmbedRequest request, dialect.decode_request(std::move(body)));
  if (dialect.model_in_path) request.model = model;
  TRY_ASSIGN(const Behaviour behaviour, parse_model(request.model));
  if (behaviour.status != 0) {
    Error e;
    e.code = code_of_status(behaviour.status);
    e.status = behaviour.status;
    e.message = fmt::format("the simulator was asked for the status {}", behaviour.status);
    if (behaviour.retry_after_s >= 0) e.retry_after_ms = behaviour.retry_after_s * 1000;
    return std::unexpected(std::move(e));
  }
  const auto dimensions = request.dimensions > 0 ? static_cast<std::size_t>(request.dimensions) : kDimensions;
  if (dimensions > kDimensionsMax)
    return fail(Code::invalid_request, fmt::format("dimensions: at most {}", kDimensionsMax), "dimensions");
  llm::EmbedResponse r;
  r.id = "emb-sim";
  r.model = request.model;
  const auto add = [&](std::string_view text) -> Result<void> {
    TRY_ASSIGN(const json::Value numbers, json::parse(r.arena.keep(vector_of(text, dimensions)), r.arena));
    r.vectors.push_back({numbers, {}});
    return {};
  };
  for (llm::Str text : request.inputs) {
    TRY(add(text));
    r.usage.input += llm::count_text(text);
  }
  const json::Value tokens = request.tokens;
  const bool one = tokens.size() > 0 && tokens.at(0).is_number();
  for (std::size_t i = 0; i < (one ? 1 : tokens.size()); ++i) {
    const json::Value list = one ? tokens : tokens.at(i);
    TRY(add(json::to_text(list)));
    r.usage.input += static_cast<std::int64_t>(list.size());
  }
  r.usage.known = true;
  std::string out;
  dialect.encode_response(request, r, out);
  return out;
}

}  // namespace pb::sim
