#include "config/read.h"

namespace pb::config {
namespace {

bool name_char(char c, bool first) {
  return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (!first && c >= '0' && c <= '9');
}

void mistake(Node& node, const std::string& path, Reading& reading, std::string what) {
  node.broken = true;
  reading.mistake(node, path, std::move(what));
}

// Appends the value of the "${…}" whose inside is `inside`; false when there is none.
bool append_variable(std::string_view inside, Node& node, const std::string& path, Reading& reading,
                     std::string& out) {
  std::size_t end = 0;
  while (end < inside.size() && name_char(inside[end], end == 0)) ++end;
  const std::string name(inside.substr(0, end));
  const std::string_view rest = inside.substr(end);
  if (name.empty() || (!rest.empty() && !rest.starts_with(":-"))) {
    mistake(node, path, reading,
            "`${" + std::string(inside) +
                "}` is not of the form ${NAME} or ${NAME:-default}; a literal $ is written $$");
    return false;
  }
  const auto value = reading.env.get ? reading.env.get(name) : std::nullopt;
  if (rest.empty() && !value) {
    mistake(node, path, reading,
            "the environment variable " + name + " is not set; set it or give a default: ${" + name +
                ":-default}");
    return false;
  }
  out += !rest.empty() && (!value || value->empty()) ? std::string(rest.substr(2)) : *value;
  return true;
}

void expand(Node& node, const std::string& path, Reading& reading) {
  if (node.text.find('$') == std::string::npos) return;
  const std::string_view text = node.text;
  std::string out;
  bool expanded = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
    } else if (text[i + 1] == '$') {
      out += '$';
      ++i;
    } else if (text[i + 1] == '{') {
      const std::size_t end = text.find('}', i);
      if (end == text.npos)
        return mistake(node, path, reading, "`${` without a closing `}`; a literal $ is written $$");
      if (!append_variable(text.substr(i + 2, end - i - 2), node, path, reading, out)) return;
      expanded = true;
      i = end;
    } else {
      out += '$';
    }
  }
  node.text = std::move(out);
  node.expanded = expanded;
}

void visit(Node& node, const std::string& path, Reading& reading) {
  if (node.kind == Node::Kind::scalar) expand(node, path, reading);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    visit(node.items[i], path + "[" + std::to_string(i) + "]", reading);
  for (Entry& e : node.members) visit(e.value, path.empty() ? e.key : path + "." + e.key, reading);
}

}  // namespace

void interpolate(Node& root, Reading& reading) { visit(root, "", reading); }

}  // namespace pb::config
