// Profiles: parts of the file that go over the rest of it, and files beside it.
#include <algorithm>
#include <filesystem>

#include "config/read.h"

namespace pb::config {

std::vector<std::string> take_profile(Node& root, const std::string& name, Sources& sources,
                                      Reading& reading) {
  std::vector<std::string> names;
  const auto at = std::ranges::find_if(root.members, [](const Entry& e) { return e.key == "profiles"; });
  if (at == root.members.end()) return names;
  Node all = std::move(at->value);
  root.members.erase(at);
  if (all.kind == Node::Kind::null) return names;
  if (all.kind != Node::Kind::map) {
    reading.mistake(all, "profiles",
                    "expected a map of profiles such as {prod: {log: {level: warn}}}, found " + found(all));
    return names;
  }
  for (Entry& e : all.members) {
    if (e.value.kind != Node::Kind::map && e.value.kind != Node::Kind::null)
      reading.mistake(e.value, "profiles." + e.key, "expected a map of options, found " + found(e.value));
    else if (!std::ranges::all_of(e.key,
                                  [](char c) {
                                    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                           (c >= '0' && c <= '9') || c == '-' || c == '_';
                                  }) ||
             e.key.empty())
      reading.mistake(e, "profiles." + e.key, "a profile's name is made of letters, digits, `-` and `_`");
    else
      names.push_back(e.key);
    if (e.key != name || e.value.kind != Node::Kind::map) continue;
    if (const Node* own = e.value.find("profiles"))
      reading.mistake(*own, "profiles." + e.key + ".profiles", "a profile has no profiles of its own");
    sources.all.push_back({sources.all.front().file, "profile " + name, "profiles." + name + "."});
    stamp(e.value, sources.all.size() - 1);
    merge(root, std::move(e.value), "", reading);
  }
  return names;
}

}  // namespace pb::config
