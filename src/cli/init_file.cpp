#include "cli/init_file.h"

#include "config/node.h"
#include "llm/prices.h"

namespace pb::cli {
namespace {

constexpr const char* kHead =
    "# Written by `patchbay init`. docs/configuration.md lists all options; `patchbay config validate` "
    "finds\n"
    "# mistakes, `patchbay doctor` looks whether everything works.\n";

}  // namespace

std::string InitFile::text() const {
  using config::Node;
  Node root;
  root.kind = Node::Kind::map;
  if (!listen.empty()) root["server"]["listen"] = Node::scalar(listen, true);
  Node& all = root["providers"];
  all.kind = Node::Kind::map;
  for (const InitProvider& p : providers) {
    Node& entry = all[p.name];
    entry.kind = Node::Kind::map;
    if (!p.base_url.empty()) entry["base_url"] = Node::scalar(p.base_url, true);
    if (!p.api_key.empty()) entry["api_key"] = Node::scalar(p.api_key, true);
  }
  if (!default_model.empty()) root["default_model"] = Node::scalar(default_model, true);
  return kHead + config::to_yaml(root);
}

std::string first_model(const std::string& vendor) {
  for (const llm::CatalogModel& m : llm::catalog())
    if (m.vendor == vendor) return vendor + "/" + std::string(m.id);
  return {};
}

}  // namespace pb::cli
