#include "config/import/writing.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "config/read.h"

namespace pb::config::importing {
namespace {

using Kind = ImportNote::Kind;

// "litellm_settings.cache_params {type, host}": what is below goes with it.
std::string with_keys(const std::string& path, const Node& node) {
  if (node.members.empty()) return path;
  std::string out;
  for (const Entry& e : node.members) out += (out.empty() ? "" : ", ") + e.key;
  return path + " {" + out + "}";
}

}  // namespace

Node text(std::string value) { return Node::scalar(std::move(value), true); }
Node word(std::string value) { return Node::scalar(std::move(value), false); }

Node list(const std::vector<std::string>& values) {
  Node out;
  out.kind = Node::Kind::list;
  for (const std::string& v : values) out.items.push_back(text(v));
  return out;
}

bool letter_or_digit(char c) { return is_letter(c) || is_digit(c); }

std::string literal(std::string_view value) {
  std::string out;
  for (char c : value) out += c == '$' ? "$$" : std::string(1, c);
  return out;
}

std::string variable_name(std::string_view id, std::string_view what) {
  std::string out;
  for (char c : id)
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : letter_or_digit(c) ? c : '_';
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out = "P_" + out;
  return out + "_" + std::string(what);
}

std::string provider_name(std::string_view id) {
  std::string out;
  for (char c : id) out += letter_or_digit(c) || c == '-' || c == '_' || c == '.' ? c : '-';
  if (out.empty()) out = "provider";
  out.resize(std::min<std::size_t>(out.size(), 60));
  return out;
}

void Notes::lost(std::string path, std::string what) {
  all.push_back({Kind::lost, std::move(path), std::move(what)});
}
void Notes::changed(std::string path, std::string what) {
  all.push_back({Kind::changed, std::move(path), std::move(what)});
}
void Notes::idle(std::string path, std::string what) {
  all.push_back({Kind::idle, std::move(path), std::move(what)});
}
void Notes::needs(const std::string& name, const std::string& from) {
  const auto same = [&](const ImportVariable& v) { return v.name == name; };
  if (std::ranges::none_of(variables, same)) variables.push_back({name, from});
}

const Node* Source::take(const Node& map, std::string_view key) {
  const Node* node = map.find(key);
  if (node == nullptr) return nullptr;
  whole_.insert(node);
  return node->kind == Node::Kind::null ? nullptr : node;
}

const Node* Source::enter(const Node& map, std::string_view key) {
  const Node* node = map.find(key);
  if (node == nullptr) return nullptr;
  inside_.insert(node);
  return node->kind == Node::Kind::map || node->kind == Node::Kind::list ? node : nullptr;
}

std::string Source::take_text(const Node& map, std::string_view key, const std::string& path) {
  const Node* node = take(map, key);
  if (node == nullptr) return {};
  if (node->kind == Node::Kind::scalar) return node->text;
  notes_.lost(path, "expected text, found " + found(*node));
  return {};
}

std::optional<double> Source::take_number(const Node& map, std::string_view key, const std::string& path) {
  const Node* node = take(map, key);
  if (node == nullptr) return std::nullopt;
  double n = 0;
  const char* end = node->text.data() + node->text.size();
  const auto [at, ec] = std::from_chars(node->text.data(), end, n);
  if (node->kind == Node::Kind::scalar && ec == std::errc() && at == end && n >= 0) return n;
  notes_.lost(path, "expected a number, found " + found(*node));
  return std::nullopt;
}

std::optional<bool> Source::take_flag(const Node& map, std::string_view key, const std::string& path) {
  const Node* node = take(map, key);
  if (node == nullptr) return std::nullopt;
  std::string t = node->text;
  std::ranges::transform(t, t.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (t == "true" || t == "yes" || t == "on" || t == "1") return true;
  if (t == "false" || t == "no" || t == "off" || t == "0") return false;
  notes_.lost(path, "expected true or false, found " + found(*node));
  return std::nullopt;
}

std::vector<std::string> Source::take_texts(const Node& map, std::string_view key, const std::string& path) {
  const Node* node = take(map, key);
  std::vector<std::string> out;
  if (node == nullptr) return out;
  if (node->kind == Node::Kind::scalar) return {node->text};
  if (node->kind != Node::Kind::list) notes_.lost(path, "expected a list, found " + found(*node));
  for (const Node& item : node->items) {
    if (item.kind == Node::Kind::scalar)
      out.push_back(item.text);
    else
      notes_.lost(path, "expected a list of text, found " + found(item) + " in it");
  }
  return out;
}

void Source::tell_rest(std::span<const Reason> reasons) const { rest(root_, "", "", reasons); }

void Source::rest(const Node& node, const std::string& key, const std::string& path,
                  std::span<const Reason> reasons) const {
  const auto tell = [&](const Node& child, const std::string& child_key, const std::string& child_path) {
    if (whole_.contains(&child)) return;
    if (inside_.contains(&child) && (child.kind == Node::Kind::map || child.kind == Node::Kind::list))
      return rest(child, child_key, child_path, reasons);
    if (inside_.contains(&child)) {
      if (child.kind != Node::Kind::null)
        notes_.lost(child_path, "expected a map or a list, found " + found(child));
      return;
    }
    const auto why =
        std::ranges::find_if(reasons, [&](const Reason& r) { return covers(r.path, child_key); });
    if (why == reasons.end())
      notes_.lost(with_keys(child_path, child), "has no counterpart here");
    else
      notes_.all.push_back({why->kind, with_keys(child_path, child), std::string(why->why)});
  };
  for (std::size_t i = 0; i < node.items.size(); ++i)
    tell(node.items[i], key + "[]", path + "[" + std::to_string(i) + "]");
  for (const Entry& e : node.members) {
    const std::string dot = key.empty() ? "" : ".";
    tell(e.value, key + dot + e.key, path + dot + e.key);
  }
}

}  // namespace pb::config::importing
