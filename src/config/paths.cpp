#include "config/paths.h"

#include <algorithm>
#include <functional>

#include "base/redact.h"
#include "config/read.h"

namespace pb::config {
namespace {

bool plain(char c) { return c != '.' && c != '[' && c != ']' && c != '"' && c != '\'' && c > ' '; }

// "timeouts.connect" of steps from `first` on, up to one that is a place in a list.
std::string dotted(const Steps& steps, std::size_t first, std::size_t end) {
  std::string out;
  for (std::size_t i = first; i < end; ++i) out += (out.empty() ? "" : ".") + steps[i];
  return out;
}

bool holds_more(Kind kind) {
  return kind == Kind::texts || kind == Kind::formats || kind == Kind::secrets || kind == Kind::headers ||
         kind == Kind::levels || kind == Kind::pairs;
}

struct Found {
  Spot spot;
  bool good = false;
};

// What stands at the steps from `first` on, below a table's place.
Found find(const std::vector<const Option*>& options, const Steps& steps, std::size_t first) {
  if (first == steps.size()) return {{}, true};
  for (std::size_t end = first + 1; end <= steps.size(); ++end) {
    const std::string path = dotted(steps, first, end);
    for (const Option* o : options) {
      if (o->path == path) {
        const std::size_t rest = steps.size() - end;
        if (rest == 0) return {{o, {}, {}}, true};
        if (rest == 1 && holds_more(o->kind)) return {{o, steps.back(), {}}, true};
        return {};
      }
      if (end == steps.size() && o->path.starts_with(path + ".")) return {{}, true};
    }
  }
  return {};
}

// The options that `Draft` is filled by.
template <class Draft>
std::vector<const Option*> options_of() {
  Draft draft;
  std::vector<const Option*> out;
  for (const Bound& b : bind(draft)) out.push_back(b.option);
  return out;
}

constexpr std::string_view kSections[] = {"providers", "models", "routes", "rules", "prices", "teams"};

std::vector<const Option*> entry_options(std::string_view section) {
  if (section == "providers") return options_of<ProviderDraft>();
  if (section == "routes") return options_of<RouteDraft>();
  if (section == "rules") return options_of<RuleDraft>();
  if (section == "prices") return options_of<Price>();
  if (section == "teams") return options_of<Team>();
  return {};
}

Found find_in_section(const Steps& steps) {
  const std::string& section = steps[0];
  if (steps.size() <= 2) return {{}, true};
  if (section == "models") return {{}, steps.size() == 3 && (steps[2] == "use" || steps[2] == "thinking")};
  if (section == "routes" && steps[2] == "deployments")
    return steps.size() <= 4 ? Found{{}, true} : find(options_of<DeploymentDraft>(), steps, 4);
  return find(entry_options(section), steps, 2);
}

// All that could be meant by a path that leads nowhere.
std::vector<std::string> candidates(const Steps& steps) {
  std::vector<std::string> out(std::begin(kSections), std::end(kSections));
  for (const Option* o : options_of<Config>()) out.emplace_back(o->path);
  if (steps.size() < 2) return out;
  const auto section = std::ranges::find(kSections, steps[0]);
  if (section == std::end(kSections)) return out;
  const std::string start = path_text({steps[0], steps[1]}) + ".";
  for (const Option* o : entry_options(*section)) out.push_back(start + std::string(o->path));
  if (*section == "models")
    for (const char* key : {"use", "thinking"}) out.push_back(start + key);
  if (*section == "routes") {
    out.push_back(start + "deployments");
    if (steps.size() > 3)
      for (const Option* o : options_of<DeploymentDraft>())
        out.push_back(path_text({steps[0], steps[1], "deployments", steps[3]}) + "." + std::string(o->path));
  }
  return out;
}

// A text that is nothing but a variable, or the name of a stored key.
bool variable_only(std::string_view text) {
  if (!text.starts_with("${") || !text.ends_with('}')) return false;
  std::string_view name = text.substr(2, text.size() - 3);
  if (name.starts_with("keyring:") && !name.starts_with("keyring:-"))
    return store::provider_key_name_fault(name.substr(8)).empty();
  if (name.ends_with(":-none"))
    name.remove_suffix(6);
  else if (name.ends_with(":-"))
    name.remove_suffix(2);
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool secret_text(const Steps& steps, const Node& value) {
  if (value.kind != Node::Kind::scalar || value.text.empty() || variable_only(value.text)) return false;
  const Spot spot = spot_at(steps);
  if (spot.option == nullptr) return redact(value.text) != value.text;
  const Kind kind = spot.option->kind;
  return kind == Kind::secret || kind == Kind::secrets ||
         (kind == Kind::headers && secret_name(spot.key) && spot.option->path != "when.header") ||
         redact(value.text) != value.text;
}

// Calls `leaf` for each scalar below.
void each(const Steps& steps, Node& value, const std::function<void(const Steps&, Node&)>& leaf) {
  if (value.kind == Node::Kind::scalar) return leaf(steps, value);
  Steps next = steps;
  next.emplace_back();
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    next.back() = "[" + std::to_string(i) + "]";
    each(next, value.items[i], leaf);
  }
  for (Entry& e : value.members) {
    next.back() = e.key;
    each(next, e.value, leaf);
  }
}

}  // namespace

Result<Steps> parse_path(std::string_view text) {
  const auto bad = [&](std::string what) {
    return fail(Code::invalid_request, std::move(what), std::string(text));
  };
  if (text.empty()) return bad("the path is empty; write one such as log.level");
  if (text.size() > kPathBytesMax) return bad("the path is longer than 1000 bytes");
  Steps out;
  bool wants_step = true;  // at the beginning, and behind a dot
  while (!text.empty()) {
    const char c = text.front();
    if (c == '[') {
      const std::size_t end = text.find(']');
      if (out.empty() || index_of_key(text.substr(0, end == text.npos ? end : end + 1)) < 0)
        return bad("`[` begins a place in a list, as in deployments[0]");
      out.emplace_back(text.substr(0, end + 1));
      text.remove_prefix(end + 1);
    } else if (!wants_step && c == '.') {
      text.remove_prefix(1);
      wants_step = true;
      if (!text.empty()) continue;
    } else if (!wants_step) {
      return bad("there must be a dot before `" + std::string(text) + "`");
    } else if (c == '"' || c == '\'') {
      const std::size_t end = text.find(c, 1);
      if (end == text.npos) return bad("a quote is not closed");
      out.emplace_back(text.substr(1, end - 1));
      text.remove_prefix(end + 1);
    } else {
      std::size_t end = 0;
      while (end < text.size() && plain(text[end])) ++end;
      if (end == 0)
        return bad("`" + std::string(text) + "` is no name; write one with such characters in quotes");
      out.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
    }
    wants_step = false;
    if (c == '.') return bad("the path ends with a dot");
  }
  return out;
}

std::string path_text(const Steps& steps) {
  std::string out;
  for (const std::string& s : steps) {
    if (!out.empty() && index_of_key(s) >= 0) {
      out += s;
      continue;
    }
    const char quote = s.find('"') == s.npos ? '"' : '\'';
    if (!out.empty()) out += '.';
    if (!s.empty() && std::ranges::all_of(s, plain))
      out += s;
    else
      out += quote + s + quote;
  }
  return out;
}

Spot spot_at(const Steps& steps) {
  const bool section = std::ranges::find(kSections, steps[0]) != std::end(kSections);
  Found found = section ? find_in_section(steps) : find(options_of<Config>(), steps, 0);
  if (found.good) return found.spot;
  const std::string text = path_text(steps);
  const std::vector<std::string> all = candidates(steps);
  const std::vector<std::string_view> views(all.begin(), all.end());
  std::string what = "there is no option `" + text + "`; ";
  if (const std::string near = steps[0] == "models" ? "" : nearest(text, views); !near.empty())
    what += "did you mean `" + near + "`?";
  else if (section)
    what += "names that have dots stand in quotes, as in " + steps[0] + ".\"a.b\"";
  else
    what += "`patchbay config schema` and docs/configuration.md tell which there are";
  return {nullptr, {}, std::move(what)};
}

std::string written_secret(const Steps& steps, const Node& value) {
  std::string out;
  Node copy = value;
  each(steps, copy, [&](const Steps& at, Node& leaf) {
    if (out.empty() && secret_text(at, leaf)) out = path_text(at);
  });
  return out;
}

Node masked(const Steps& steps, const Node& value) {
  Node copy = value;
  each(steps, copy, [&](const Steps& at, Node& leaf) {
    if (!secret_text(at, leaf)) return;
    // An address may end in its password.
    const Secret secret(leaf.text);
    leaf.text = leaf.text.contains("://") ? shared_text(secret) : secret.masked();
    leaf.quoted = true;
  });
  return copy;
}

}  // namespace pb::config
