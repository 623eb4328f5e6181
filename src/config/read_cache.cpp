// What concerns several options of the cache.
#include <algorithm>

#include "config/lead.h"
#include "config/read.h"

namespace pb::config {
namespace {

constexpr std::string_view kSkips[] = {"tools", "sampling", "links", "stored"};

Node node_at(const Node& root, std::initializer_list<std::string_view> path) {
  const Node* node = &root;
  for (std::string_view key : path)
    if (node = node->find(key); node == nullptr) return {};
  return *node;
}

}  // namespace

void check_cache(const Node& root, Reading& reading) {
  Cache& cache = reading.out.config.cache;
  const Node skip = node_at(root, {"cache", "skip"});
  for (std::size_t i = 0; i < cache.skip.size(); ++i) {
    const std::string& name = cache.skip[i];
    if (std::find(std::begin(kSkips), std::end(kSkips), name) != std::end(kSkips)) continue;
    reading.mistake(i < skip.items.size() ? skip.items[i] : skip, "cache.skip[" + std::to_string(i) + "]",
                    "unknown value `" + name + "`; " + suggestion(name, kSkips, "valid values"));
  }
  for (std::size_t i = 0; i < cache.models.size(); ++i)
    if (std::string fault = name_fault(cache.models[i], "model"); !fault.empty())
      reading.mistake(node_at(root, {"cache", "models"}), "cache.models[" + std::to_string(i) + "]",
                      std::move(fault));
  if (cache.entry_bytes_max > cache.bytes_max)
    reading.mistake(node_at(root, {"cache", "entry_bytes_max"}), "cache.entry_bytes_max",
                    bytes_text(static_cast<double>(cache.entry_bytes_max)) + " is more than `bytes_max`, " +
                        bytes_text(static_cast<double>(cache.bytes_max)));
  if (!cache.semantic.embed.empty())
    if (std::string fault = lead_fault(cache.semantic.embed, root, reading.out.config); !fault.empty())
      reading.mistake(node_at(root, {"cache", "semantic", "embed"}), "cache.semantic.embed",
                      std::move(fault));
  cache.anywhere = cache.enabled || std::ranges::any_of(reading.out.config.routes, [](const route::Route& r) {
                     return r.keep == route::Keep::on;
                   });
}

}  // namespace pb::config
