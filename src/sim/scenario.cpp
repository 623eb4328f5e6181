#include "sim/scenario.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace pb::sim {
namespace {

// Thrown inside this file only, where yaml-cpp throws its own; parse_scenario() turns both into a Result.
struct Wrong {
  YAML::Mark mark;
  std::string what;
};

[[noreturn]] void wrong(const YAML::Node& node, const std::string& path, const std::string& what) {
  throw Wrong{node.Mark(), path + ": " + what};
}

template <class T>
T scalar(const YAML::Node& node, const std::string& path, const char* expected) {
  try {
    return node.as<T>();
  } catch (const YAML::Exception&) {
    wrong(node, path, std::string("expected ") + expected);
  }
}
std::string text(const YAML::Node& n, const std::string& path) {
  return scalar<std::string>(n, path, "a text");
}

int whole(const YAML::Node& n, const std::string& path, int least, int most) {
  const int value = scalar<int>(n, path, "a whole number");
  if (value < least || value > most) wrong(n, path, fmt::format("expected {} to {}", least, most));
  return value;
}

// YAML to JSON text. Quoted scalars stay texts; plain ones become what JSON has for them.
void to_json(const YAML::Node& node, json::Writer& w) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      w.begin_object();
      for (const auto& pair : node) {
        w.key(pair.first.as<std::string>());
        to_json(pair.second, w);
      }
      return w.end_object();
    case YAML::NodeType::Sequence:
      w.begin_array();
      for (const auto& item : node) to_json(item, w);
      return w.end_array();
    case YAML::NodeType::Scalar: {
      const std::string value = node.as<std::string>();
      json::Arena arena;
      const bool plain = node.Tag() != "!";
      if (auto parsed = json::parse(value, arena); plain && parsed && !parsed->is_string())
        return w.raw(value);
      return w.string(value);
    }
    default:
      return w.null();
  }
}

struct Key {
  const char* name;
  void (*read)(const YAML::Node& node, const std::string& path, Rule& rule);
};

void read_members(const YAML::Node& node, const std::string& path, std::span<const Key> keys, Rule& rule) {
  if (!node.IsMap()) wrong(node, path, "expected a mapping");
  for (const auto& pair : node) {
    const std::string name = pair.first.as<std::string>();
    const Key* found = nullptr;
    std::string known;
    for (const Key& k : keys) {
      if (name == k.name) found = &k;
      known += (known.empty() ? "" : ", ") + std::string(k.name);
    }
    const std::string at = path.empty() ? name : path + "." + name;
    if (found == nullptr) wrong(pair.first, at, "unknown; expected one of " + known);
    found->read(pair.second, at, rule);
  }
}

Behaviour& behaviour(Rule& rule) {
  if (!rule.behaviour) rule.behaviour.emplace();
  return *rule.behaviour;
}

constexpr Key kWhen[] = {
    {"text", [](const YAML::Node& n, const std::string& p, Rule& r) { r.text = text(n, p); }},
    {"results", [](const YAML::Node& n, const std::string& p, Rule& r) { r.results = whole(n, p, 0, 1000); }},
    {"stream", [](const YAML::Node& n, const std::string& p,
                  Rule& r) { r.stream = scalar<bool>(n, p, "true or false"); }},
    {"format", [](const YAML::Node& n, const std::string& p, Rule& r) { r.format = text(n, p); }},
    {"tool", [](const YAML::Node& n, const std::string& p, Rule& r) { r.tool = text(n, p); }},
};

void read_calls(const YAML::Node& node, const std::string& path, Rule& rule) {
  if (!node.IsSequence()) wrong(node, path, "expected a list");
  for (const auto& item : node) {
    if (!item.IsMap() || !item["name"]) wrong(item, path, "expected {name, arguments} or {name, input}");
    Reply::Call call{text(item["name"], path + ".name"), ""};
    if (item["input"]) {
      call.custom = true;
      call.arguments = text(item["input"], path + ".input");
    } else {
      json::Writer w(call.arguments);
      if (item["arguments"])
        to_json(item["arguments"], w);
      else
        w.raw("{}");
    }
    rule.reply.calls.push_back(std::move(call));
  }
}

void read_headers(const YAML::Node& node, const std::string& path, Rule& rule) {
  if (!node.IsMap()) wrong(node, path, "expected a mapping");
  for (const auto& pair : node)
    rule.reply.headers.emplace_back(text(pair.first, path), text(pair.second, path));
}

void read_stop(const YAML::Node& node, const std::string& path, Rule& rule) {
  struct Name {
    const char* name;
    llm::Stop stop;
  };
  constexpr Name kNames[] = {{"end", llm::Stop::end},
                             {"max_tokens", llm::Stop::max_tokens},
                             {"stop_sequence", llm::Stop::stop_sequence},
                             {"tool_use", llm::Stop::tool_use},
                             {"refusal", llm::Stop::refusal},
                             {"content_filter", llm::Stop::content_filter},
                             {"pause", llm::Stop::pause},
                             {"context_full", llm::Stop::context_full}};
  const std::string name = text(node, path);
  for (const Name& n : kNames)
    if (name == n.name) {
      rule.reply.stop = n.stop;
      return;
    }
  wrong(node, path,
        "expected end, max_tokens, stop_sequence, tool_use, refusal, content_filter, pause or context_full");
}

void read_usage(const YAML::Node& node, const std::string& path, Rule& rule) {
  struct Name {
    const char* name;
    std::int64_t llm::Usage::* member;
  };
  constexpr Name kNames[] = {{"input", &llm::Usage::input},
                             {"output", &llm::Usage::output},
                             {"cache_read", &llm::Usage::cache_read},
                             {"cache_write", &llm::Usage::cache_write},
                             {"reasoning", &llm::Usage::reasoning}};
  if (!node.IsMap()) wrong(node, path, "expected a mapping");
  llm::Usage& usage = rule.reply.usage.emplace();
  for (const auto& pair : node) {
    const std::string name = text(pair.first, path);
    const auto* found =
        std::find_if(std::begin(kNames), std::end(kNames), [&](const Name& n) { return name == n.name; });
    if (found == std::end(kNames))
      wrong(pair.first, path, "expected input, output, cache_read, cache_write or reasoning");
    usage.*found->member = whole(pair.second, path + "." + name, 0, 1'000'000'000);
  }
}

// `as` stands first in the table's order of reading: see read_rule().
constexpr Key kReply[] = {
    {"as", [](const YAML::Node&, const std::string&, Rule&) {}},
    {"text", [](const YAML::Node& n, const std::string& p, Rule& r) { r.reply.text = text(n, p); }},
    {"thinking", [](const YAML::Node& n, const std::string& p, Rule& r) { r.reply.thinking = text(n, p); }},
    {"refusal", [](const YAML::Node& n, const std::string& p, Rule& r) { r.reply.refusal = text(n, p); }},
    {"tool_calls", read_calls},
    {"headers", read_headers},
    {"stop", read_stop},
    {"usage", read_usage},
    {"status",
     [](const YAML::Node& n, const std::string& p, Rule& r) { behaviour(r).status = whole(n, p, 400, 599); }},
    {"message", [](const YAML::Node& n, const std::string& p, Rule& r) { r.reply.message = text(n, p); }},
    {"type", [](const YAML::Node& n, const std::string& p, Rule& r) { r.reply.error_type = text(n, p); }},
    {"retry_after", [](const YAML::Node& n, const std::string& p,
                       Rule& r) { behaviour(r).retry_after_s = whole(n, p, 0, 86400); }},
    {"fail_times", [](const YAML::Node& n, const std::string& p,
                      Rule& r) { behaviour(r).fail_times = whole(n, p, 0, 1000); }},
    {"first_ms", [](const YAML::Node& n, const std::string& p,
                    Rule& r) { behaviour(r).first_ms = whole(n, p, 0, 3'600'000); }},
    {"token_ms", [](const YAML::Node& n, const std::string& p,
                    Rule& r) { behaviour(r).token_ms = whole(n, p, 0, 3'600'000); }},
};

void read_reply(const YAML::Node& node, const std::string& path, Rule& rule) {
  if (node.IsMap() && node["as"]) {
    auto parsed = parse_model(text(node["as"], path + ".as"));
    if (!parsed) wrong(node["as"], path + ".as", parsed.error().message);
    rule.behaviour = *parsed;
  }
  read_members(node, path, kReply, rule);
}

constexpr Key kRule[] = {
    {"model", [](const YAML::Node& n, const std::string& p, Rule& r) { r.model = text(n, p); }},
    {"when", [](const YAML::Node& n, const std::string& p, Rule& r) { read_members(n, p, kWhen, r); }},
    {"reply", read_reply},
};

Scenario read_document(const YAML::Node& root) {
  Scenario scenario;
  if (!root.IsMap() || root.size() != 1 || !root["rules"] || !root["rules"].IsSequence())
    wrong(root, "scenario", "expected {rules: [...]}");
  std::size_t i = 0;
  for (const auto& node : root["rules"]) {
    const std::string path = fmt::format("rules[{}]", i++);
    Rule rule;
    read_members(node, path, kRule, rule);
    if (!node["reply"]) wrong(node, path, "has no reply");
    scenario.rules.push_back(std::move(rule));
  }
  return scenario;
}

bool declares(const llm::Request& request, std::string_view tool) {
  return std::any_of(request.tools.begin(), request.tools.end(),
                     [&](const llm::Tool& t) { return t.name == tool; });
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view subject) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < subject.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == subject[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

const Rule* Scenario::match(const llm::Request& request) const {
  if (rules.empty()) return nullptr;
  const std::string said = last_user_text(request);
  const auto results = static_cast<int>(tool_state(request).results.size());
  for (const Rule& r : rules) {
    if (!glob_match(r.model, request.model)) continue;
    if (r.text && said.find(*r.text) == std::string::npos) continue;
    if (r.results && *r.results != results) continue;
    if (r.stream && *r.stream != request.stream) continue;
    if (!r.format.empty() && r.format != request.format) continue;
    if (!r.tool.empty() && !declares(request, r.tool)) continue;
    return &r;
  }
  return nullptr;
}

Result<Scenario> parse_scenario(const std::string& body, const std::string& path) {
  try {
    return read_document(YAML::Load(body));
  } catch (const Wrong& w) {
    return fail(Code::invalid_request,
                fmt::format("{}:{}:{}: {}", path, w.mark.line + 1, w.mark.column + 1, w.what));
  } catch (const YAML::Exception& e) {
    return fail(Code::invalid_request,
                fmt::format("{}:{}:{}: {}", path, e.mark.line + 1, e.mark.column + 1, e.msg));
  }
}

Result<Scenario> load_scenario(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream body;
  body << file.rdbuf();
  if (!file) return fail(Code::not_found, "cannot read the scenario file " + path);
  return parse_scenario(body.str(), path);
}

}  // namespace pb::sim
