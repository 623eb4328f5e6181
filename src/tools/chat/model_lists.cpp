// list_vision_models, search_models, list_free_models: which models there are, by what they can do and cost.
#include "base/strings.h"
#include "base/utf8.h"
#include "tools/chat/chat_tools.h"
#include "tools/chat/free_models.h"
#include "tools/chat/model_search.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kFilter = R"({
  "type":"object",
  "properties":{
    "filter_by":{"type":"string","description":"Only models whose name contains this text"},
    "provider":{"type":"string","description":"Only the models of this provider, by its name in the configuration"}
  },
  "additionalProperties":false
})";
constexpr std::string_view kSearch = R"({
  "type":"object",
  "properties":{
    "query":{"type":"string","maxLength":500,"description":"Words of the name, and such as free, vision, reasoning, tools, cheap, best, long"},
    "provider":{"type":"string"},
    "max_prompt_price":{"type":"number","minimum":0,"description":"US dollars per million tokens"},
    "max_completion_price":{"type":"number","minimum":0,"description":"The same"},
    "min_context_length":{"type":"integer","minimum":0},
    "has_tools":{"type":"boolean"},"has_reasoning":{"type":"boolean"},
    "input_modality":{"type":"string","enum":["text","image"]},
    "free_only":{"type":"boolean"},
    "sort_by":{"type":"string","enum":["name","context_length","prompt_price","completion_price","quality"]},
    "sort_order":{"type":"string","enum":["asc","desc"]},
    "limit":{"type":"integer","minimum":1,"maximum":500,"default":50},
    "offset":{"type":"integer","minimum":0,"default":0}
  },
  "additionalProperties":false
})";

std::string list_schema(std::string_view more, std::string_view required) {
  return R"({"type":"object","properties":{"models":{"type":"array","items":)" + std::string(kModelSchema) +
         "}," + std::string(more) + R"(},"required":["models",)" + std::string(required) + "]}";
}

std::string unknown_provider(const Deps& deps, std::string_view provider) {
  if (provider.empty() || deps.gateway.snapshot().find_upstream(provider) != nullptr) return {};
  return "provider: there is no provider `" + std::string(utf8::beginning(provider, 100)) + "`";
}

void write_models(json::Writer& w, std::span<const KnownModel> models,
                  const gateway::Snapshot* available_in) {
  w.key("models");
  w.begin_array();
  for (const KnownModel& m : models) {
    w.begin_object();
    write_model(w, m);
    if (available_in != nullptr) w.field("available", standing_of(*available_in, m).usable);
    w.end_object();
  }
  w.end_array();
}

// Of the free models, or of those that look at images.
template <bool free>
Task<mcp::Outcome<mcp::ToolResult>> list(Deps deps, const mcp::Context& context, json::Value arguments) {
  if (std::string fault = unknown_provider(deps, arguments["provider"].as_string()); !fault.empty())
    co_return mcp::error_result(fault);
  ModelSearch search;
  search.free = free;
  search.vision = !free;
  search.provider = arguments["provider"].as_string();
  if (const auto part = arguments["filter_by"].as_string(); !part.empty())
    search.words.push_back(lower(part));
  const auto models = find_models(co_await known_models(deps, context), search);
  const gateway::Snapshot& snapshot = deps.gateway.snapshot();
  std::int64_t available = 0;
  for (const KnownModel& m : models) available += standing_of(snapshot, m).usable ? 1 : 0;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_models(w, models, free ? &snapshot : nullptr);
  w.field("total_count", static_cast<std::int64_t>(models.size()));
  if (free) w.field("available_count", available);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

Sort sort_of(std::string_view name) {
  return name == "context_length"     ? Sort::context_length
         : name == "prompt_price"     ? Sort::prompt_price
         : name == "completion_price" ? Sort::completion_price
         : name == "quality"          ? Sort::quality
                                      : Sort::name;
}

// What stands in the other arguments goes over what the query's words have asked for.
std::vector<std::string> read_search(json::Value a, ModelSearch& s) {
  std::vector<std::string> understood = read_query(a["query"].as_string(), s);
  s.provider = a["provider"].as_string();
  s.prompt_price_max = a["max_prompt_price"].as_double(-1);
  s.completion_price_max = a["max_completion_price"].as_double(-1);
  s.context_min = a["min_context_length"].as_int(s.context_min);
  s.tools = a["has_tools"].as_bool(s.tools);
  s.thinking = a["has_reasoning"].as_bool(s.thinking);
  s.free = a["free_only"].as_bool(s.free);
  if (a.has("input_modality")) s.vision = a["input_modality"].as_string() == "image";
  if (a.has("sort_by")) {
    s.sort = sort_of(a["sort_by"].as_string());
    s.descending = s.sort == Sort::quality;
  }
  if (a.has("sort_order")) s.descending = a["sort_order"].as_string() == "desc";
  return understood;
}

Task<mcp::Outcome<mcp::ToolResult>> search(Deps deps, const mcp::Context& context, json::Value arguments) {
  constexpr std::int64_t kLimit = 50;
  if (std::string fault = unknown_provider(deps, arguments["provider"].as_string()); !fault.empty())
    co_return mcp::error_result(fault);
  ModelSearch s;
  const std::vector<std::string> understood = read_search(arguments, s);
  const auto found = find_models(co_await known_models(deps, context), s);
  const std::size_t from = std::min(found.size(), static_cast<std::size_t>(arguments["offset"].as_int()));
  const std::size_t count =
      std::min(found.size() - from, static_cast<std::size_t>(arguments["limit"].as_int(kLimit)));
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_models(w, std::span(found).subspan(from, count), nullptr);
  w.field("count", static_cast<std::int64_t>(count));
  w.field("total_count", static_cast<std::int64_t>(found.size()));
  w.strings("understood", understood);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool list_vision_models(const Deps& deps) {
  return make_tool<list<false>>(
      deps,
      {.name = "list_vision_models",
       .title = "List vision models",
       .description = "Lists the models that are known to look at images, with context length and price.",
       .input = kFilter,
       .output = list_schema(R"("total_count":{"type":"integer"})", R"("total_count")"),
       .hints = kReads});
}

mcp::Tool list_free_models(const Deps& deps) {
  return make_tool<list<true>>(
      deps,
      {.name = "list_free_models",
       .title = "List free models",
       .description = "Lists the models that cost nothing, and which of them can be asked at this moment.",
       .input = kFilter,
       .output = list_schema(R"("total_count":{"type":"integer"},"available_count":{"type":"integer"})",
                             R"("total_count","available_count")"),
       .hints = kReads});
}

mcp::Tool search_models(const Deps& deps) {
  return make_tool<search>(
      deps,
      {.name = "search_models",
       .title = "Search models",
       .description =
           "Searches the models by words, price, context length and abilities, in an order of your choice.",
       .input = kSearch,
       .output = list_schema(
           R"("count":{"type":"integer"},"total_count":{"type":"integer"},
      "understood":{"type":"array","items":{"type":"string"},"description":"Words of the query that asked for more than a name"})",
           R"("count","total_count","understood")"),
       .hints = kReads});
}

}  // namespace pb::tools
