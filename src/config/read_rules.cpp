// The rules of the file, in their order.
#include <algorithm>

#include "config/read.h"
#include "route/names.h"

namespace pb::config {
namespace {

// "22:00" -> minutes of the day; -1 when it is none.
int minutes_of(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(text[0]) || !digit(text[1]) || !digit(text[3]) ||
      !digit(text[4]))
    return -1;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0'), minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour == 24 && minute == 0) return 24 * 60;
  return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

class RuleReader {
 public:
  RuleReader(const Node& item, std::size_t index, const Node& root, Reading& reading)
      : item_(item), path_("rules[" + std::to_string(index) + "]"), root_(root), reading_(reading) {
    draft_.rule.name = "rule " + std::to_string(index + 1);
  }

  void read() {
    if (item_.broken) return;
    if (item_.kind != Node::Kind::map)
      return reading_.mistake(
          item_, path_, "expected a map such as {when: {model: gpt-*}, use: main}, found " + found(item_));
    const std::size_t before = reading_.out.mistakes.size();
    read_options(item_, bind(draft_), path_, {}, reading_);
    take_use();
    take_patterns();
    take_headers();
    take_sizes();
    take_time();
    take_days();
    if (reading_.out.mistakes.size() == before) reading_.out.config.rules.push_back(std::move(draft_.rule));
  }

 private:
  Node at(std::string_view key) const {
    const Node* when = item_.find("when");
    const Node* node = when == nullptr ? nullptr : when->find(key);
    return node == nullptr ? item_ : *node;
  }
  void mistake(std::string_view key, std::string what) {
    reading_.mistake(at(key), path_ + ".when." + std::string(key), std::move(what));
  }

  void take_use() {
    const Node* use = item_.find("use");
    if (use == nullptr) return reading_.mistake(item_, path_, "`use` is missing: where does the rule lead?");
    if (use->kind != Node::Kind::scalar || use->broken) return;  // told
    if (std::string fault = lead_fault(use->text, root_, reading_.out.config); !fault.empty())
      reading_.mistake(*use, path_ + ".use", std::move(fault));
  }

  void take_patterns() {
    for (const auto& [key, text] :
         {std::pair<std::string_view, const std::string&>{"model", draft_.rule.model},
          {"path", draft_.rule.path},
          {"tool", draft_.rule.tool}})
      if (const auto star = text.find('*'); star != text.npos && star + 1 < text.size())
        mistake(key, "a `*` may stand at the end only");
    if (!draft_.rule.path.empty() && !draft_.rule.path.starts_with('/') && draft_.rule.path != "*")
      mistake("path", "a path begins with `/`, as in /v1/messages");
  }

  void take_headers() {
    for (auto& [name, value] : draft_.rule.headers)
      if (value == "*") value.clear();
  }

  void take_sizes() {
    const route::Rule& r = draft_.rule;
    if (r.tokens_under > 0 && r.tokens_over + 1 >= r.tokens_under)
      mistake("tokens_under", "no prompt has more than " + std::to_string(r.tokens_over) +
                                  " and fewer than " + std::to_string(r.tokens_under) + " tokens");
  }

  void take_time() {
    const std::string& text = draft_.time;
    if (text.empty()) return;
    const std::size_t dash = std::min(text.find('-'), text.size());
    const int from = minutes_of(text.substr(0, dash));
    const int to = dash < text.size() ? minutes_of(text.substr(dash + 1)) : -1;
    if (from < 0 || to < 0 || from == 24 * 60)
      return mistake("time", "expected a time such as \"22:00-06:00\", found " + found(at("time")));
    if (from == to) return mistake("time", "begins and ends at the same minute; leave it out for any time");
    draft_.rule.from_minute = from;
    draft_.rule.to_minute = to;
  }

  void take_days() {
    for (const std::string& day : draft_.days) {
      const auto known = std::find(route::kDayNames.begin(), route::kDayNames.end(), day);
      if (known == route::kDayNames.end())
        mistake("days", "unknown day `" + day + "`; " + suggestion(day, route::kDayNames, "days"));
      else
        draft_.rule.weekdays |= 1u << (known - route::kDayNames.begin());
    }
  }

  const Node& item_;
  std::string path_;
  const Node& root_;
  Reading& reading_;
  RuleDraft draft_;
};

bool takes_everything(const route::Rule& r) {
  return r.model.empty() && r.path.empty() && r.key.empty() && r.team.empty() && r.tag.empty() &&
         r.headers.empty() && r.tokens_over == 0 && r.tokens_under == 0 && r.from_minute < 0 &&
         r.weekdays == 0 && !r.thinking && !r.images && r.tool.empty();
}

// Names that are there twice, and rules that none reaches.
void check_order(const Node& list, Reading& reading) {
  const std::vector<route::Rule>& rules = reading.out.config.rules;
  if (rules.size() != list.items.size()) return;  // some have mistakes
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string path = "rules[" + std::to_string(i) + "]";
    for (std::size_t j = 0; j < i; ++j) {
      if (rules[j].name == rules[i].name)
        reading.mistake(list.items[i], path + ".name",
                        "`" + rules[i].name + "` is the name of rules[" + std::to_string(j) + "] too");
      if (takes_everything(rules[j])) {
        reading.mistake(
            list.items[i], path,
            "no request comes here: rules[" + std::to_string(j) + "] has no `when` and takes all");
        break;
      }
    }
  }
}

}  // namespace

void read_rules(const Node& root, Reading& reading) {
  const Node* list = root.find("rules");
  if (list == nullptr || list->kind == Node::Kind::null || list->broken) return;
  if (list->kind != Node::Kind::list)
    return reading.mistake(*list, "rules", "expected a list of rules, found " + found(*list));
  for (std::size_t i = 0; i < list->items.size(); ++i) RuleReader(list->items[i], i, root, reading).read();
  check_order(*list, reading);
}

}  // namespace pb::config
