// The table of vendors as one, and what is worked out from its rows: paths, addresses, names.
#include <algorithm>
#include <vector>

#include "llm/providers.h"
#include "llm/providers_hosts.h"

namespace pb::llm {
namespace {

std::string_view without_end(std::string_view text, std::string_view end) {
  return text.ends_with(end) ? text.substr(0, text.size() - end.size()) : text;
}

// "/anthropic/v1/messages" -> "/anthropic/v1"
std::string_view folder_of(std::string_view path) {
  for (const std::string_view end : {"/messages", "/chat/completions", "/completions", "/responses", "/chat"})
    path = without_end(path, end);
  return path;
}

bool has_path(std::string_view url) {
  const auto scheme = url.find("://");
  return url.find('/', scheme == url.npos ? 0 : scheme + 3) != url.npos;
}

}  // namespace

// The rows of providers_hosts.cpp stand before `custom`.
std::span<const Vendor> vendors() {
  static const std::vector<Vendor> all = [] {
    std::vector<Vendor> out;
    for (const Vendor& v : own_vendors()) {
      if (v.name == "custom") out.insert(out.end(), hosted_vendors().begin(), hosted_vendors().end());
      out.push_back(v);
    }
    return out;
  }();
  return all;
}

const Vendor* find_vendor(std::string_view name) {
  for (const Vendor& v : vendors())
    if (v.name == name) return &v;
  return nullptr;
}

bool names_model(std::string_view models, std::string_view model) {
  while (!models.empty()) {
    const std::size_t end = std::min(models.find(' '), models.size());
    if (end > 0 && model.starts_with(models.substr(0, end))) return true;
    models.remove_prefix(std::min(end + 1, models.size()));
  }
  return false;
}

std::string format_path(const Vendor& vendor, std::string_view dialect, std::string_view base_url) {
  for (const VendorFormat& f : vendor.formats) {
    if (f.dialect != dialect) continue;
    if (f.path == "/messages" || f.path == "/v1/messages")
      return base_url.ends_with("/v1") ? "/messages" : "/v1/messages";
    return std::string(f.path);
  }
  return {};
}

std::string stream_path(const Dialect& dialect, std::string_view path) {
  std::string out(path);
  if (dialect.stream_path.empty() || !path.ends_with(dialect.path)) return out;
  out.resize(out.size() - dialect.path.size());
  return out.append(dialect.stream_path);
}

std::string normal_base_url(const Vendor& vendor, std::string_view base_url) {
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  std::string url(base_url);
  if (!has_path(url)) return url.append(vendor.base_path);
  // A vendor whose formats stand below different folders is addressed by its root, not by one of the folders.
  for (const VendorFormat& f : vendor.formats) {
    const std::string_view folder = folder_of(f.path);
    for (const std::string_view part : {folder, without_end(folder, "/v1")})
      if (part.size() > 1 && part != "/v1" && url.ends_with(part) && !vendor.base_url.empty() &&
          !vendor.base_url.ends_with(part))
        return url.substr(0, url.size() - part.size());
  }
  if (!vendor.base_url.empty() && !has_path(vendor.base_url) && url.ends_with("/api"))
    for (const VendorFormat& f : vendor.formats)
      if (f.path.starts_with("/api/")) return url.substr(0, url.size() - 4);
  if (url.ends_with("/v1") && !vendor.base_url.empty() && !vendor.base_url.ends_with("/v1"))
    for (const VendorFormat& f : vendor.formats)
      if (f.path.contains("/v1/")) return url.substr(0, url.size() - 3);
  return url;
}

}  // namespace pb::llm
