#include "config/node.h"

#include "base/json.h"
#include "base/utf8.h"

namespace pb::config {
namespace {

std::string quote(std::string_view text) {
  std::string out = "\"";
  json::append_escaped(out, utf8::valid(text) ? text : utf8::repair(text));  // variables may hold anything
  return out += '"';
}

// True for texts that stand in YAML without quotes and read back as the same text.
bool plain_safe(std::string_view text) {
  if (text.empty() || text == "null" || text == "true" || text == "false" || text == "yes" || text == "no" ||
      text == "on" || text == "off")
    return false;
  bool letter = false;
  for (char c : text) {
    const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    letter = letter || alpha;
    if (!alpha && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.' && c != '/') return false;
  }
  const char first = text.front();
  return letter &&
         ((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '/' || first == '.');
}

std::string scalar_text(const Node& node, bool yaml) {
  if (node.kind == Node::Kind::null) return "null";
  if (!node.quoted || (yaml && plain_safe(node.text))) return node.text;
  return quote(node.text);
}

bool leaf(const Node& node) {
  return node.kind == Node::Kind::null || node.kind == Node::Kind::scalar ||
         (node.items.empty() && node.members.empty());
}

std::string leaf_text(const Node& node, bool yaml) {
  if (node.kind == Node::Kind::list) return "[]";
  if (node.kind == Node::Kind::map) return "{}";
  return scalar_text(node, yaml);
}

std::string comment(const Node& node) { return node.comment.empty() ? "" : "  # " + node.comment; }

void write_yaml(const Node& node, const std::string& indent, std::string& out) {
  for (const Node& item : node.items) {
    out += indent + "-";
    if (leaf(item)) {
      out += " " + leaf_text(item, true) + comment(item) + "\n";
    } else {
      out += "\n";
      write_yaml(item, indent + "  ", out);
    }
  }
  for (const Entry& e : node.members) {
    out += indent + (plain_safe(e.key) ? e.key : quote(e.key)) + ":";
    if (leaf(e.value)) {
      out += " " + leaf_text(e.value, true) + comment(e.value) + "\n";
    } else {
      out += comment(e.value) + "\n";
      write_yaml(e.value, indent + "  ", out);
    }
  }
}

void write_json(const Node& node, const std::string& indent, std::string& out) {
  if (leaf(node)) {
    out += leaf_text(node, false);
    return;
  }
  const bool list = node.kind == Node::Kind::list;
  const std::string deeper = indent + "  ";
  bool first = true;
  const auto next = [&] {
    out += first ? "\n" : ",\n";
    first = false;
    out += deeper;
  };
  out += list ? '[' : '{';
  for (const Node& item : node.items) {
    next();
    write_json(item, deeper, out);
  }
  for (const Entry& e : node.members) {
    next();
    out += quote(e.key) + ": ";
    write_json(e.value, deeper, out);
  }
  out += "\n" + indent + (list ? ']' : '}');
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& e : members)
    if (e.key == key) return &e.value;
  return nullptr;
}

Node& Node::operator[](std::string_view key) {
  kind = Kind::map;
  for (Entry& e : members)
    if (e.key == key) return e.value;
  return members.emplace_back(std::string(key), 0, 0, Node{}).value;
}

Node Node::scalar(std::string text, bool quoted) {
  Node n;
  n.kind = Kind::scalar;
  n.text = std::move(text);
  n.quoted = quoted;
  return n;
}

std::string to_yaml(const Node& root) {
  std::string out;
  write_yaml(root, "", out);
  return out;
}

std::string to_json(const Node& root) {
  std::string out;
  write_json(root, "", out);
  return out += '\n';
}

}  // namespace pb::config
