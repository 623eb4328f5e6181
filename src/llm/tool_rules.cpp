#include "llm/tool_rules.h"

#include <simdjson.h>

#include <algorithm>

#include "llm/tool_rules_values.h"

namespace pb::llm {
namespace {

namespace od = simdjson::ondemand;

// Where what stands in a body, by format.
enum class Place { other, tools, choice, schema };
constexpr std::pair<std::string_view, Place> kPlaces[] = {
    {"tools", Place::tools},
    {"functions", Place::tools},  // OpenAI, before `tools`
    {"tool_choice", Place::choice},
    {"function_call", Place::choice},
    {"parallel_tool_calls", Place::choice},
    {"toolConfig", Place::choice},
    {"tool_config", Place::choice},
    {"response_format", Place::schema},   // OpenAI Chat
    {"text", Place::schema},              // OpenAI Responses
    {"output_config", Place::schema},     // Anthropic
    {"output_format", Place::schema},     // Anthropic, before it
    {"generationConfig", Place::schema},  // Gemini
    {"generation_config", Place::schema},
    {"format", Place::schema},  // Ollama
};

struct TopMember {
  Place place = Place::other;
  std::size_t begin = 0;    // of its key
  std::string_view value;   // of arrays, objects and strings whose place matters
  bool gone = false;        // to be taken out
  std::string replacement;  // "" = stays
};

// The text of an array, object or scalar, without the space after it.
simdjson::error_code text_of(od::value value, std::string_view& out) {
  out = value.raw_json_token();
  if (out.starts_with('[')) {
    od::array array;
    if (auto code = value.get_array().get(array)) return code;
    if (auto code = array.raw_json().get(out)) return code;
  } else if (out.starts_with('{')) {
    od::object object;
    if (auto code = value.get_object().get(object)) return code;
    if (auto code = object.raw_json().get(out)) return code;
  }
  out = out.substr(0, out.find_last_not_of(" \t\r\n") + 1);
  return simdjson::SUCCESS;
}

simdjson::error_code scan(od::parser& parser, std::string& body, std::vector<TopMember>& out) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  od::document document;
  if (auto code = parser.iterate(body.data(), body.size(), body.capacity()).get(document)) return code;
  od::object object;
  if (auto code = document.get_object().get(object)) return code;
  for (auto field : object) {
    od::raw_json_string raw_key;
    std::string_view key;
    od::value value;
    if (auto code = field.key().get(raw_key)) return code;
    if (auto code = field.unescaped_key().get(key)) return code;
    if (auto code = field.value().get(value)) return code;
    TopMember& m = out.emplace_back();
    m.begin = static_cast<std::size_t>(raw_key.raw() - body.data()) - 1;
    for (const auto& [name, place] : kPlaces)
      if (name == key) m.place = place;
    if (m.place == Place::other) continue;
    if (auto code = text_of(value, m.value)) return code;
  }
  return simdjson::SUCCESS;
}

// The list of tools, entry by entry: those that stay as they are keep their bytes.
void clean_tools(TopMember& m, ToolCleaner& cleaner, json::Arena& arena) {
  const auto list = json::parse(m.value, arena);
  if (!list || !list->is_array()) return;
  std::string text = "[";
  json::Writer w(text);
  bool changed = false, any = false;
  od::parser parser;
  const simdjson::padded_string padded(m.value);
  od::document document;
  od::array entries;
  if (parser.iterate(padded).get(document) || document.get_array().get(entries)) return;
  std::size_t i = 0;
  for (auto entry : entries) {
    od::value value;
    std::string_view raw;
    if (entry.get(value) || text_of(value, raw) || i >= list->size()) return;
    json::Value out;
    const auto fate = cleaner.tool(list->items()[i++], out);
    changed = changed || fate != ToolCleaner::Fate::same;
    if (fate == ToolCleaner::Fate::gone) continue;
    if (any) text += ',';
    any = true;
    if (fate == ToolCleaner::Fate::same)
      text += raw;
    else
      text += json::to_text(out);
  }
  if (!changed) return;
  m.gone = !any;  // providers refuse an empty list
  m.replacement = text + "]";
}

void clean_schema(TopMember& m, ToolCleaner& cleaner, json::Arena& arena) {
  const auto value = json::parse(m.value, arena);
  if (!value) return;
  if (const auto cleaned = cleaner.schema(*value)) m.replacement = json::to_text(*cleaned);
}

// The body with its members replaced or taken out; `end`: where the object's last member may reach to.
std::string rebuilt(const std::string& body, const std::vector<TopMember>& members, std::size_t end) {
  std::string out;
  out.reserve(body.size());
  std::size_t at = 0;  // all before it is written
  for (std::size_t i = 0; i < members.size(); ++i) {
    const TopMember& m = members[i];
    const std::size_t next = i + 1 < members.size() ? members[i + 1].begin : end;
    if (m.gone) {
      out.append(body, at, m.begin - at);
      at = next;
    } else if (!m.replacement.empty()) {
      const auto value = static_cast<std::size_t>(m.value.data() - body.data());
      out.append(body, at, value - at).append(m.replacement);
      at = value + m.value.size();
    }
  }
  if (!members.empty() && members.back().gone) {  // no comma may stay before the end
    const std::size_t last = out.find_last_not_of(" \t\r\n");
    if (last != out.npos && out[last] == ',') out.resize(last);
  }
  return out.append(body, at);
}

}  // namespace

bool apply_tool_rules(const ToolRules& rules, std::string& body, Dropped& dropped) {
  if (rules.empty()) return false;
  thread_local od::parser parser;
  std::vector<TopMember> members;
  if (scan(parser, body, members) != simdjson::SUCCESS) return false;
  const std::size_t end = body.rfind('}');
  if (end == body.npos) return false;
  json::Arena arena;
  ToolCleaner cleaner(rules, arena);
  bool tools_left = false;
  for (TopMember& m : members) {
    if (m.place == Place::schema) clean_schema(m, cleaner, arena);
    if (m.place != Place::tools) continue;
    clean_tools(m, cleaner, arena);
    tools_left = tools_left || !m.gone;
  }
  if (!cleaner.took_tools() && !cleaner.took_formats()) return false;
  for (TopMember& m : members) {
    if (m.place != Place::choice || !cleaner.took_tools()) continue;
    const auto value = json::parse(m.value, arena);
    m.gone = !tools_left || (value && cleaner.names_excluded(*value));
  }
  if (cleaner.took_tools()) dropped.add(kExcludeTools);
  if (cleaner.took_formats()) dropped.add(kStripFormats);
  body = rebuilt(body, members, end);
  return true;
}

void apply_tool_rules(const ToolRules& rules, Request& request, Dropped& dropped) {
  if (rules.empty()) return;
  ToolCleaner cleaner(rules, request.arena);
  const auto clean = [&](json::Value& value) {
    if (const auto cleaned = cleaner.schema(value)) value = *cleaned;
  };
  const std::size_t before = request.tools.size();
  std::erase_if(request.tools, [&](const Tool& t) { return cleaner.excluded(t.name); });
  bool took = request.tools.size() != before;
  for (std::size_t i = 0; i < request.tools.size();) {
    Tool& t = request.tools[i];
    clean(t.parameters);
    json::Value raw;
    const auto fate = t.raw.is_object() ? cleaner.tool(t.raw, raw) : ToolCleaner::Fate::same;
    if (fate == ToolCleaner::Fate::changed) t.raw = raw;
    if (fate == ToolCleaner::Fate::gone)
      request.tools.erase(request.tools.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
  clean(request.response_format.schema);
  took = took || cleaner.took_tools();
  if (took) {
    dropped.add(kExcludeTools);
    if (request.tools.empty()) request.parallel_tool_calls.reset();
    ToolChoice& choice = request.tool_choice;
    if (request.tools.empty() || cleaner.excluded(choice.name)) choice = {};
    const bool some = std::erase_if(choice.allowed, [&](Str name) { return cleaner.excluded(name); }) > 0;
    if (some && choice.allowed.empty()) choice.kind = ToolChoice::Kind::none;
  }
  if (cleaner.took_formats()) dropped.add(kStripFormats);
}

}  // namespace pb::llm
