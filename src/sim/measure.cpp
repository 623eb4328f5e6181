#include "sim/measure.h"

#include <algorithm>
#include <utility>

#include "llm/count.h"
#include "sim/script.h"

namespace pb::sim {

using llm::Block;
using llm::Str;

namespace {

// Repetitive text of the simulator's own making is counted by its beginning.
std::int64_t count_filler(Str text) {
  constexpr std::size_t kSample = 65536;
  if (text.size() <= kSample) return llm::count_text(text);
  const double part = static_cast<double>(text.size()) / kSample;
  return static_cast<std::int64_t>(static_cast<double>(llm::count_text(text.substr(0, kSample))) * part);
}

bool is_filler(const Behaviour& b) { return b.answer == Answer::size || b.answer == Answer::stream; }

}  // namespace

void limit_answer(const llm::Request& request, const Behaviour& behaviour, llm::Choice& choice) {
  if (choice.content.empty() || choice.content.back().kind != Block::Kind::text) return;
  Str& text = choice.content.back().text;
  for (const Str stop : request.stop) {
    const std::size_t at = stop.empty() ? Str::npos : text.find(stop);
    if (at == Str::npos) continue;
    text = text.substr(0, at);
    choice.stop = llm::Stop::stop_sequence;
    choice.stop_sequence = stop;
  }
  const auto pieces = text_pieces(text);
  std::size_t kept = pieces.size();
  if (behaviour.max_tokens) kept = (kept + 1) / 2;
  // The name of "sim-size" and "sim-stream" decides their length, whatever max_tokens says.
  // A token has at least one byte: most limits need no count.
  const bool may_exceed =
      request.max_tokens && !is_filler(behaviour) && std::cmp_greater(text.size(), *request.max_tokens);
  if (may_exceed && llm::count_text(text) > *request.max_tokens) {
    std::int64_t tokens = 0;
    std::size_t fit = 0;
    while (fit < kept && (tokens += llm::count_text(pieces[fit])) <= *request.max_tokens) ++fit;
    kept = fit;
  }
  if (kept == pieces.size()) return;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kept; ++i) bytes += pieces[i].size();
  text = text.substr(0, bytes);
  choice.stop = llm::Stop::max_tokens;
  choice.stop_sequence = {};
}

llm::Usage count_usage(const llm::Request& request, const Behaviour& behaviour, const llm::Choice& choice,
                       bool cache_hit) {
  llm::Usage usage;
  usage.input = llm::count_request(request);
  for (const Block& b : choice.content) {
    const std::int64_t text = is_filler(behaviour) ? count_filler(b.text) : llm::count_text(b.text);
    const std::int64_t tokens = text + llm::count_text(b.arguments) + llm::count_text(b.name);
    usage.output += tokens;
    if (b.kind == Block::Kind::thinking) usage.reasoning += tokens;
  }
  const CachePrefix prefix = cache_prefix(request);
  if (prefix.tokens == 0) return usage;
  const std::int64_t cached = std::min(prefix.tokens, usage.input);
  (cache_hit ? usage.cache_read : usage.cache_write) = cached;
  if (!cache_hit && prefix.one_hour) usage.cache_write_1h = cached;
  return usage;
}

json::Value logprobs_of(const llm::Choice& choice, json::Arena& arena) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("content");
  w.begin_array();
  for (const Block& b : choice.content) {
    if (b.kind != Block::Kind::text) continue;
    for (const std::string_view piece : text_pieces(b.text)) {
      w.begin_object();
      w.field("token", piece);
      w.field("logprob", 0);
      w.key("bytes");
      w.begin_array();
      for (const char c : piece) w.integer(static_cast<unsigned char>(c));
      w.end_array();
      w.key("top_logprobs");
      w.raw("[]");
      w.end_object();
    }
  }
  w.end_array();
  w.null_field("refusal");
  w.end_object();
  const auto value = json::parse(arena.keep(std::move(out)), arena);
  return value ? *value : json::Value{};
}

}  // namespace pb::sim
