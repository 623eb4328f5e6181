#include "config/overlay.h"

#include <algorithm>

#include "base/json.h"
#include "base/whole_file.h"
#include "config/paths.h"
#include "config/read.h"

namespace pb::config {
namespace {

using Kind = OverlayEdit::Kind;
using Refused = OverlayOutcome::Refused;

constexpr const char* kHeader =
    "# Settings made with `patchbay config set`, the admin API or an MCP tool. They go over those of the "
    "configuration file.\n"
    "# Written by the program: comments do not last. `patchbay config reset` takes all of it away.\n";
constexpr std::size_t kStepsMax = 16;

// The value of an edit. A text that YAML takes for something broken is meant as it stands: "*", "@x", "#1".
std::optional<Node> value_of(const std::string& text, std::vector<Mistake>& mistakes) {
  if (text.empty()) return Node::scalar("", true);
  std::vector<Mistake> faults;
  Node node = read_yaml(text, "the value", faults);
  const bool map_or_list = text.starts_with('{') || text.starts_with('[') || text.contains('\n');
  if (!faults.empty() && map_or_list) {
    mistakes = std::move(faults);
    return std::nullopt;
  }
  if (!faults.empty()) return Node::scalar(text, true);
  static constexpr std::string_view kNulls[] = {"null", "Null", "NULL", "~"};
  if (node.kind == Node::Kind::null && std::ranges::find(kNulls, text) == std::end(kNulls))
    return Node::scalar(text, true);
  return node;
}

bool number_or_flag(const std::string& text) {
  json::Arena arena;
  const auto parsed = json::parse(text, arena);
  return parsed && (parsed->is_number() || parsed->is_bool());
}

// Texts get their quotes, so that they are written as what they are; `json`: flags are written as JSON has them, too.
void settle(Node& node, bool json) {
  for (Node& item : node.items) settle(item, json);
  for (Entry& e : node.members) settle(e.value, json);
  if (node.kind != Node::Kind::scalar || node.quoted || number_or_flag(node.text)) return;
  std::string low = node.text;
  std::ranges::transform(low, low.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const bool on = low == "true" || low == "yes" || low == "on";
  const bool off = low == "false" || low == "no" || low == "off";
  if (json && (on || off))
    node.text = on ? "true" : "false";
  else
    node.quoted = !on && !off;
}

// An entry of a list of the overlay itself, by place or name.
Node* item_of(Node& list, const std::string& step) {
  if (const long n = index_of_key(step); n >= 0)
    return static_cast<std::size_t>(n) < list.items.size() ? &list.items[static_cast<std::size_t>(n)]
                                                           : nullptr;
  for (Node& item : list.items)
    if (entry_name(item) == step) return &item;
  return nullptr;
}

// Puts a value into the tree; false when a list of the overlay has no such entry.
bool put(Node& root, const Steps& steps, Node value) {
  Node* at = &root;
  bool in_list = false;
  for (const std::string& step : steps) {
    if (at->kind == Node::Kind::list) {
      at = item_of(*at, step);
      if (at == nullptr) return false;
      in_list = true;
      continue;
    }
    // The "provider/model" of a deployment or a model stands for {use: provider/model}.
    if (at->kind == Node::Kind::scalar && (in_list || steps[0] == "models")) {
      Node use = std::move(*at);
      *at = Node{};
      (*at)["use"] = std::move(use);
    } else if (at->kind != Node::Kind::map) {  // a scalar, or a `null` that takes away what the file has
      *at = Node{};
      at->kind = Node::Kind::map;
    }
    at = &(*at)[step];
  }
  *at = std::move(value);
  return true;
}

// Takes a value away, and what is empty then. False when it is not there.
bool take(Node& at, const Steps& steps, std::size_t step) {
  const std::string& name = steps[step];
  const bool last = step + 1 == steps.size();
  if (at.kind == Node::Kind::list) {
    Node* item = item_of(at, name);
    if (item == nullptr) return false;
    if (!last) return take(*item, steps, step + 1);
    at.items.erase(at.items.begin() + (item - at.items.data()));
    return true;
  }
  const auto member = std::ranges::find_if(at.members, [&](const Entry& e) { return e.key == name; });
  if (member == at.members.end()) return false;
  if (!last && !take(member->value, steps, step + 1)) return false;
  if (last || (member->value.members.empty() && member->value.items.empty())) at.members.erase(member);
  return true;
}

// The places of all values: lists count as one.
void add_places(const Node& node, Steps& steps, std::vector<Steps>& out) {
  if (!steps.empty() && (node.kind != Node::Kind::map || node.members.empty())) return out.push_back(steps);
  for (const Entry& e : node.members) {
    steps.push_back(e.key);
    add_places(e.value, steps, out);
    steps.pop_back();
  }
}

std::vector<Steps> places_of(const Node& root) {
  std::vector<Steps> out;
  Steps steps;
  add_places(root, steps, out);
  return out;
}

std::vector<std::string> paths_of(const Node& root) {
  std::vector<std::string> out;
  for (const Steps& steps : places_of(root)) out.push_back(path_text(steps));
  return out;
}

std::string file_of(const LoadOptions& options, const Environment& env) {
  if (!options.overlay.empty()) return options.overlay;
  LoadOptions without = options;
  without.overlay_text = "";
  return load(without, env).overlay;
}

class Edit {
 public:
  Edit(LoadOptions options, const OverlayEdit& edit, const Environment& env)
      : options_(std::move(options)), edit_(edit), env_(env) {
    env_.probe = nullptr;  // whether local providers run now is no matter of mistakes
    options_.with_overlay = true;
  }

  OverlayOutcome run() {
    out_.file = options_.overlay = file_of(options_, env_);
    if (out_.file.empty()) {
      refuse(Refused::failed, "",
             options_.file + ": cannot be read, so that it is not known where the overlay is");
      return std::move(out_);
    }
    if (edit_.kind != Kind::reset && !take_path()) return std::move(out_);
    const auto lock = lock_beside(out_.file);
    if (!lock) return failed(lock.error());
    const auto text = read_whole(out_.file);
    if (!text) return failed(text.error());
    const std::string before = text->value_or("");
    std::string after;
    if (!change(before, after)) return std::move(out_);
    if (after == before) return std::move(out_);
    if (!check(before, after)) return std::move(out_);
    if (auto written = replace_file(out_.file, after); !written) return failed(written.error());
    out_.changed = true;
    return std::move(out_);
  }

 private:
  bool refuse(Refused why, std::string path, std::string what) {
    out_.refused = why;
    out_.mistakes.push_back({"", 0, 0, std::move(path), std::move(what)});
    return false;
  }

  OverlayOutcome failed(const Error& error) {
    refuse(Refused::failed, "", error.message);
    return std::move(out_);
  }

  bool take_path() {
    auto steps = parse_path(edit_.path);
    if (!steps) return refuse(Refused::path, edit_.path, steps.error().message);
    steps_ = std::move(*steps);
    if (steps_.size() > kStepsMax)
      return refuse(Refused::path, edit_.path, "the path has more than 16 steps");
    if (edit_.kind != Kind::set) return true;
    if (const Spot spot = spot_at(steps_); !spot.fault.empty())
      return refuse(Refused::path, edit_.path, spot.fault);
    return true;
  }

  // The overlay's new text.
  bool change(const std::string& before, std::string& after) {
    if (edit_.kind == Kind::reset && !edit_.which) return true;
    std::vector<Mistake> faults;
    Node root = read_yaml(before, out_.file, faults);
    if (root.kind != Node::Kind::map && root.kind != Node::Kind::null)
      faults.push_back({out_.file, root.line, root.column, "", "expected a map of options"});
    if (!faults.empty()) {
      out_.refused = Refused::failed;
      out_.mistakes = std::move(faults);
      out_.mistakes.push_back(
          {"", 0, 0, "", "mend that file, or take all of it away with `patchbay config reset`"});
      return false;
    }
    if (edit_.kind == Kind::set && !set(root)) return false;
    if (edit_.kind == Kind::unset && !unset(root)) return false;
    if (edit_.kind == Kind::reset && !reset_some(root)) {
      after = before;
      return true;
    }
    settle(root, false);
    if (!root.members.empty()) after = kHeader + to_yaml(root);
    return true;
  }

  bool set(Node& root) {
    auto value = value_of(edit_.value, out_.mistakes);
    if (!value) {
      out_.refused = Refused::value;
      return false;
    }
    if (const std::string secret = written_secret(steps_, *value); !secret.empty())
      return refuse(
          Refused::secret, secret,
          "a secret is not kept in the overlay: put it into a variable of the gateway's environment and set "
          "'${NAME}' here");
    if (!put(root, steps_, std::move(*value)))
      return refuse(Refused::path, edit_.path,
                    "the overlay has a list of its own there, without such an entry; set the list whole");
    return true;
  }

  bool unset(Node& root) {
    if (take(root, steps_, 0)) return true;
    const std::vector<std::string> set = paths_of(root);
    const std::vector<std::string_view> names(set.begin(), set.end());
    return refuse(Refused::path, edit_.path,
                  "is not set in the overlay; " +
                      (set.empty() ? "nothing is" : suggestion(path_text(steps_), names, "set are")));
  }

  // False: nothing is to be taken.
  bool reset_some(Node& root) {
    for (const Steps& steps : places_of(root)) {
      if (!edit_.which(steps) || !take(root, steps, 0)) continue;
      out_.taken.push_back(path_text(steps));
    }
    return !out_.taken.empty();
  }

  // Whether the whole can be loaded with the new text as well as with the old one.
  bool check(const std::string& before, const std::string& after) {
    options_.overlay_text = before;
    Loaded was = load(options_, env_);
    options_.overlay_text = after;
    Loaded is = load(options_, env_);
    const auto same = [](const Mistake& a, const Mistake& b) { return a.path == b.path && a.what == b.what; };
    for (const Mistake& m : is.mistakes) {
      const bool old = std::ranges::any_of(was.mistakes, [&](const Mistake& o) { return same(m, o); });
      if (!old) out_.mistakes.push_back(m);
      if (old && m.path.empty() && edit_.kind == Kind::set)
        out_.mistakes.push_back(m);  // a file that cannot be read
    }
    if (!out_.mistakes.empty()) {
      out_.refused = Refused::value;
      return false;
    }
    for (const Mistake& m : is.mistakes) out_.notes.push_back("still wrong: " + m.text());
    if (edit_.kind == Kind::set) tell_stronger(is);
    out_.before = std::move(was.config);
    out_.after = std::move(is.config);
    return true;
  }

  void tell_stronger(const Loaded& is) {
    std::string path;
    for (const std::string& s : steps_) path += (path.empty() || index_of_key(s) >= 0 ? "" : ".") + s;
    const auto origin = is.origins.find(path);
    if (origin == is.origins.end() || origin->second.ends_with(", overlay")) return;
    out_.notes.push_back(path + " is set by " + origin->second + ", which goes before the overlay");
  }

  LoadOptions options_;
  const OverlayEdit& edit_;
  Environment env_;
  OverlayOutcome out_;
  Steps steps_;
};

}  // namespace

OverlayOutcome edit_overlay(LoadOptions options, const OverlayEdit& edit, const Environment& env) {
  return Edit(std::move(options), edit, env).run();
}

OverlayShown show_overlay(const LoadOptions& options, const Environment& env, bool json) {
  OverlayShown out;
  Environment quiet = env;
  quiet.probe = nullptr;
  out.file = file_of(options, quiet);
  if (out.file.empty()) {
    out.mistakes.push_back({options.file, 0, 0, "", "cannot be read; is the name right?"});
    return out;
  }
  const auto text = read_whole(out.file);
  if (!text) {
    out.mistakes.push_back({"", 0, 0, "", text.error().message});
    return out;
  }
  out.there = text->has_value();
  Node root = read_yaml(text->value_or(""), out.file, out.mistakes);
  root.kind = Node::Kind::map;
  for (Entry& e : root.members) e.value = masked({e.key}, e.value);
  out.paths = paths_of(root);
  settle(root, json);
  out.text = json ? to_json(root) : root.members.empty() ? "" : to_yaml(root);
  return out;
}

}  // namespace pb::config
