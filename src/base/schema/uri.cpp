#include "base/schema/uri.h"

#include <algorithm>

namespace pb::schema {
namespace {

struct Uri {
  std::string_view scheme, authority, path, query;  // scheme without ':', query with '?'
  bool has_authority = false;
};

Uri split(std::string_view text) {
  Uri u;
  const std::size_t colon = text.find_first_of(":/?");
  if (colon != std::string_view::npos && colon > 0 && text[colon] == ':') {
    u.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    const std::size_t end = std::min(text.find_first_of("/?", 2), text.size());
    u.has_authority = true;
    u.authority = text.substr(2, end - 2);
    text.remove_prefix(end);
  }
  const std::size_t question = std::min(text.find('?'), text.size());
  u.path = text.substr(0, question);
  u.query = text.substr(question);
  return u;
}

// Section 5.2.4: "." and ".." are walked.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const bool rooted = path[0] == '/';
    const std::size_t end = std::min(path.find('/', rooted ? 1 : 0), path.size());
    const std::string_view segment = path.substr(rooted ? 1 : 0, end - (rooted ? 1 : 0));
    const bool last = end == path.size();
    if (segment == ".") {
      if (last && rooted) out += '/';
    } else if (segment == "..") {
      out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
      if (last) out += '/';
    } else {
      if (rooted) out += '/';
      out += segment;
    }
    path.remove_prefix(end);
  }
  return out;
}

std::string joined(const Uri& u, std::string_view path) {
  std::string out;
  if (!u.scheme.empty()) out.append(u.scheme).append(":");
  if (u.has_authority) out.append("//").append(u.authority);
  return out.append(path);
}

}  // namespace

std::string resolve_uri(std::string_view base_text, std::string_view reference) {
  const Uri r = split(reference), base = split(base_text);
  if (!r.scheme.empty()) return joined(r, without_dots(r.path)).append(r.query);
  if (r.has_authority) {
    Uri from_base = r;
    from_base.scheme = base.scheme;
    return joined(from_base, without_dots(r.path)).append(r.query);
  }
  if (r.path.empty()) return joined(base, base.path).append(r.query.empty() ? base.query : r.query);
  if (r.path[0] == '/') return joined(base, without_dots(r.path)).append(r.query);
  std::string merged;
  if (base.has_authority && base.path.empty())
    merged = "/";
  else
    merged =
        base.path.substr(0, base.path.rfind('/') == std::string_view::npos ? 0 : base.path.rfind('/') + 1);
  return joined(base, without_dots(merged.append(r.path))).append(r.query);
}

}  // namespace pb::schema
