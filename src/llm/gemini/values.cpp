// Small readings that answers and streams share: reasons, usage, ids, probabilities, model names.
#include <algorithm>

#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

struct FinishRow {
  Str name;
  Stop stop;
};
constexpr FinishRow kFinishes[] = {{"STOP", Stop::end},
                                   {"MAX_TOKENS", Stop::max_tokens},
                                   {"SAFETY", Stop::content_filter},
                                   {"RECITATION", Stop::content_filter},
                                   {"BLOCKLIST", Stop::content_filter},
                                   {"PROHIBITED_CONTENT", Stop::content_filter},
                                   {"SPII", Stop::content_filter},
                                   {"IMAGE_SAFETY", Stop::content_filter},
                                   {"IMAGE_PROHIBITED_CONTENT", Stop::content_filter},
                                   {"IMAGE_RECITATION", Stop::content_filter},
                                   {"CONTINUATION", Stop::pause}};
constexpr Str kFailures[] = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
                             "MALFORMED_RESPONSE"};

// What is counted apart there, and whatever else a usage object holds.
constexpr std::initializer_list<Str> kUsage = {"promptTokenCount",     "candidatesTokenCount",
                                               "thoughtsTokenCount",   "cachedContentTokenCount",
                                               "cacheWriteTokenCount", "totalTokenCount"};

std::int64_t count(json::Value usage, Str name) {
  return std::max<std::int64_t>(get(usage, name).as_int(), 0);
}

std::int64_t of_audio(json::Value details) {
  for (const json::Value& d : details.items())
    if (get(d, "modality").as_string() == "AUDIO") return count(d, "tokenCount");
  return 0;
}

bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Stop read_finish(Str reason) {
  for (const FinishRow& row : kFinishes)
    if (row.name == reason) return row.stop;
  return Stop::end;  // LANGUAGE, OTHER, NO_IMAGE, … and what may come
}

bool is_failure(Str reason) {
  return std::find(std::begin(kFailures), std::end(kFailures), reason) != std::end(kFailures);
}

Str write_finish(Stop stop) {
  switch (stop) {
    case Stop::max_tokens:
    case Stop::context_full:
      return "MAX_TOKENS";
    case Stop::content_filter:
    case Stop::refusal:
      return "SAFETY";
    default:
      return "STOP";
  }
}

Usage read_usage(json::Value u) {
  Usage out;
  if (!u.is_object() || u.size() == 0) return out;
  out.known = true;
  out.input = count(u, "promptTokenCount") + count(u, "toolUsePromptTokenCount");
  out.reasoning = count(u, "thoughtsTokenCount");
  out.output = count(u, "candidatesTokenCount") + out.reasoning;
  out.cache_read = count(u, "cachedContentTokenCount");
  out.cache_write = count(u, "cacheWriteTokenCount");  // ours: the API bills no writes
  out.audio_input = of_audio(get(u, "promptTokensDetails"));
  out.audio_output = of_audio(get(u, "candidatesTokensDetails"));
  return out;
}

json::Value usage_rest(json::Value usage, json::Arena& arena) { return others(usage, kUsage, arena); }

void write_usage(json::Writer& w, const Usage& u, json::Value rest) {
  const std::int64_t tools = count(rest, "toolUsePromptTokenCount");
  w.begin_object();
  w.field("promptTokenCount", std::max<std::int64_t>(u.input - tools, 0));
  w.field("candidatesTokenCount", std::max<std::int64_t>(u.output - u.reasoning, 0));
  w.field("totalTokenCount", u.input + u.output);
  if (u.cache_read > 0) w.field("cachedContentTokenCount", u.cache_read);
  if (u.cache_write > 0) w.field("cacheWriteTokenCount", u.cache_write);
  if (u.reasoning > 0) w.field("thoughtsTokenCount", u.reasoning);
  write_rest(w, rest);
  w.end_object();
}

std::string made_up_id(Str response_id, int choice, std::size_t index, const Block& call) {
  std::string out = "call_";
  for (const char c : response_id)
    out += digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : '_';
  if (response_id.empty()) {  // the best that can be had of the call itself
    std::uint32_t hash = 2166136261u;
    for (const Str text : {call.name, call.arguments})
      for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    out += std::to_string(hash);
  }
  if (choice != 0) out.append("_c").append(std::to_string(choice));
  return out.append("_").append(std::to_string(index));
}

namespace {

json::Value token(json::Value t, std::span<const json::Value> top, json::Arena& arena) {
  std::vector<json::Value> best;
  for (const json::Value& b : top) best.push_back(token(b, {}, arena));
  const json::Value logprob = get(t, "logProbability");
  std::vector<json::Member> out = {
      {"token", get(t, "token")},
      {"logprob", logprob.is_number() ? logprob : json::Value::integer(arena, 0)},
      {"bytes", {}}};
  if (!top.empty()) out.push_back({"top_logprobs", json::Value::array(arena, best)});
  return json::Value::object(arena, out);
}

void write_token(json::Writer& w, json::Value t) {
  w.begin_object();
  w.field("token", t["token"].as_string());
  w.field("logProbability", t["logprob"]);
  w.end_object();
}

}  // namespace

json::Value read_logprobs(json::Value result, json::Arena& arena) {
  const json::Value chosen = get(result, "chosenCandidates");
  if (chosen.size() == 0) return {};
  const auto top = get(result, "topCandidates").items();
  std::vector<json::Value> content;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const json::Value step = i < top.size() ? get(top[i], "candidates") : json::Value();
    json::Value t = token(chosen.at(i), step.items(), arena);
    if (step.size() == 0) {
      const json::Member none{"top_logprobs", json::Value::array(arena, {})};
      t = join(t, json::Value::object(arena, {&none, 1}), arena);
    }
    content.push_back(t);
  }
  const json::Member members[] = {{"content", json::Value::array(arena, content)}, {"refusal", {}}};
  return json::Value::object(arena, members);
}

void write_logprobs(json::Writer& w, json::Value logprobs) {
  const auto tokens = logprobs["content"].items();
  if (tokens.empty()) return;
  double sum = 0;
  for (const json::Value& t : tokens) sum += t["logprob"].as_double();
  w.field("avgLogprobs", sum / static_cast<double>(tokens.size()));
  w.key("logprobsResult");
  w.begin_object();
  w.key("chosenCandidates");
  w.begin_array();
  for (const json::Value& t : tokens) write_token(w, t);
  w.end_array();
  const bool top = std::any_of(tokens.begin(), tokens.end(),
                               [](const json::Value& t) { return t["top_logprobs"].size() > 0; });
  if (top) {
    w.key("topCandidates");
    w.begin_array();
    for (const json::Value& t : tokens) {
      w.begin_object();
      w.key("candidates");
      w.begin_array();
      for (const json::Value& best : t["top_logprobs"].items()) write_token(w, best);
      w.end_array();
      w.end_object();
    }
    w.end_array();
  }
  w.end_object();
}

json::Value candidate_rest(json::Value candidate, json::Arena& arena) {
  return others(candidate, {"content", "finishReason", "index", "logprobsResult", "avgLogprobs"}, arena);
}

json::Value response_rest(json::Value body, json::Arena& arena) {
  return others(body, {"candidates", "usageMetadata", "modelVersion", "responseId", "error"}, arena);
}

int gemini_version(Str model) {
  const std::size_t start = model.find("gemini");
  if (start == Str::npos) return 0;
  std::size_t at = start + 6;
  while (at < model.size() && !digit(model[at])) ++at;
  if (at >= model.size()) return 9999;  // gemini-flash-latest
  const int major = model[at] - '0';
  const bool minor = at + 2 < model.size() && model[at + 1] == '.' && digit(model[at + 2]);
  return major * 100 + (minor ? model[at + 2] - '0' : 0);
}

}  // namespace pb::llm::gemini
