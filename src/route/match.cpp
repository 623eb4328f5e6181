// Rules: which one holds for a request, and why another does not.
#include <algorithm>
#include <string>

#include "base/strings.h"
#include "route/names.h"
#include "route/select.h"
#include "route/walk.h"

namespace pb::route {
namespace {

std::string_view header_of(const Facts& facts, std::string_view name) {
  return facts.header ? facts.header(name) : std::string_view();
}

// A window that goes over midnight belongs to the day on which it begins.
bool in_time(const Rule& rule, const Facts& facts) {
  const int now = facts.minute_of_day;
  int day = facts.weekday;
  if (rule.from_minute >= 0) {
    const bool over_midnight = rule.to_minute <= rule.from_minute;
    const bool inside = over_midnight ? now >= rule.from_minute || now < rule.to_minute
                                      : now >= rule.from_minute && now < rule.to_minute;
    if (!inside) return false;
    if (over_midnight && now < rule.to_minute) day = (day + 6) % 7;
  }
  return rule.weekdays == 0 || (rule.weekdays >> day & 1u) != 0;
}

const std::pair<std::string, std::string>* unmet_header(const Rule& rule, const Facts& facts) {
  for (const auto& header : rule.headers) {
    const std::string_view value = header_of(facts, header.first);
    if (header.second.empty() ? value.empty() : value != header.second) return &header;
  }
  return nullptr;
}

// Whether one of the tools has a name or a type that fits, in whatever client's format the list is.
bool offers(std::string_view tools, std::string_view pattern) {
  bool found = false;
  Walk walk(tools);
  const auto text = [&] {
    if (walk.peek() == '"')
      found = covers(pattern, walk.string()) || found;
    else
      walk.skip();
  };
  const auto named = [&](std::string_view key) { key == "name" ? text() : void(walk.skip()); };
  walk.items([&] {
    walk.members([&](std::string_view key) {
      if (key == "name" || key == "type") return text();
      if (key == "function") return walk.members(named);
      if (key == "functionDeclarations" || key == "function_declarations")
        return walk.items([&] { walk.members(named); });
      // Gemini's own tools are members: {"googleSearch": {}}.
      if (walk.peek() == '{') found = covers(pattern, key) || found;
      walk.skip();
    });
  });
  return found;
}

enum class Unmet {
  nothing,
  model,
  path,
  key,
  team,
  tag,
  header,
  tokens_over,
  tokens_under,
  thinking,
  images,
  tool,
  time
};

Unmet unmet(const Rule& rule, const Facts& facts) {
  if (!rule.model.empty() && !covers(rule.model, facts.model)) return Unmet::model;
  if (!rule.path.empty() && !covers(rule.path, facts.path)) return Unmet::path;
  if (!rule.key.empty() && rule.key != facts.key) return Unmet::key;
  if (!rule.team.empty() && rule.team != facts.team) return Unmet::team;
  if (!rule.tag.empty() && std::find(facts.tags.begin(), facts.tags.end(), rule.tag) == facts.tags.end())
    return Unmet::tag;
  if (unmet_header(rule, facts) != nullptr) return Unmet::header;
  if (rule.tokens_over > 0 && facts.tokens <= rule.tokens_over) return Unmet::tokens_over;
  if (rule.tokens_under > 0 && facts.tokens >= rule.tokens_under) return Unmet::tokens_under;
  if (rule.thinking && (facts.needs & kReasoning) == 0) return Unmet::thinking;
  if (rule.images && (facts.needs & kVision) == 0) return Unmet::images;
  if (!rule.tool.empty() && !offers(facts.tools, rule.tool)) return Unmet::tool;
  return in_time(rule, facts) ? Unmet::nothing : Unmet::time;
}

std::string is_not(std::string_view what, std::string_view is, std::string_view wanted) {
  std::string out("the ");
  out += what;
  out += is.empty() ? " is not given" : " is " + std::string(is);
  return out + ", not " + std::string(wanted);
}

std::string clock(int minute) {
  const std::string h = std::to_string(minute / 60), m = std::to_string(minute % 60);
  return (h.size() == 1 ? "0" : "") + h + (m.size() == 1 ? ":0" : ":") + m;
}

std::string time_text(const Rule& rule, const Facts& facts) {
  const auto day = [](int i) { return std::string(kDayNames[static_cast<std::size_t>(i % 7)]); };
  std::string out = "it is " + day(facts.weekday) + " " + clock(facts.minute_of_day);
  if (rule.from_minute >= 0) out += ", not " + clock(rule.from_minute) + "-" + clock(rule.to_minute);
  std::string days;
  for (int i = 0; i < 7; ++i)
    if ((rule.weekdays >> i & 1u) != 0) days += (days.empty() ? "" : ", ") + day(i);
  return days.empty() ? out : out + (rule.from_minute >= 0 ? " on " : ", not ") + days;
}

}  // namespace

std::vector<std::string_view> tags_of(std::string_view header) {
  constexpr std::size_t kMost = 16;
  std::vector<std::string_view> out;
  while (!header.empty() && out.size() < kMost) {
    if (const std::string_view tag = next_item(header); !tag.empty()) out.push_back(tag);
  }
  return out;
}

const Rule* match(std::span<const Rule> rules, const Facts& facts) {
  for (const Rule& rule : rules)
    if (unmet(rule, facts) == Unmet::nothing) return &rule;
  return nullptr;
}

std::string why_not(const Rule& rule, const Facts& facts) {
  switch (unmet(rule, facts)) {
    case Unmet::nothing:
      return {};
    case Unmet::model:
      return is_not("model", facts.model, rule.model);
    case Unmet::path:
      return is_not("path", facts.path, rule.path);
    case Unmet::key:
      return is_not("key", facts.key, rule.key);
    case Unmet::team:
      return is_not("team", facts.team, rule.team);
    case Unmet::tag:
      return "the tag " + rule.tag + " is not asked for";
    case Unmet::header: {
      const auto& [name, value] = *unmet_header(rule, facts);
      if (value.empty()) return "the header " + name + " is not there";
      return is_not("header " + name, header_of(facts, name), value);
    }
    case Unmet::tokens_over:
      return "about " + std::to_string(facts.tokens) + " tokens, not over " +
             std::to_string(rule.tokens_over);
    case Unmet::tokens_under:
      return "about " + std::to_string(facts.tokens) + " tokens, not under " +
             std::to_string(rule.tokens_under);
    case Unmet::thinking:
      return "the model is not asked to think";
    case Unmet::images:
      return "there are no pictures";
    case Unmet::tool:
      return "no tool " + rule.tool + " is offered";
    case Unmet::time:
      return time_text(rule, facts);
  }
  return {};
}

}  // namespace pb::route
