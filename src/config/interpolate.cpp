#include "config/paths.h"
#include "config/read.h"
#include "config/stored_keys.h"

namespace pb::config {
namespace {

bool name_char(char c, bool first) {
  return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (!first && c >= '0' && c <= '9');
}

void mistake(Node& node, const std::string& path, Reading& reading, std::string what) {
  node.broken = true;
  reading.mistake(node, path, std::move(what));
}

constexpr std::string_view kStored = "keyring:";

// Whether a secret may stand there: else it would end up in messages, names and addresses.
bool takes_secret(const Steps& steps) {
  const Spot spot = spot_at(steps);
  if (spot.option == nullptr) return false;
  const Kind kind = spot.option->kind;
  return kind == Kind::secret || kind == Kind::secrets || kind == Kind::headers;
}

// Appends the stored key of that name.
bool append_stored(const std::string& name, Node& node, const std::string& path, const Steps& steps,
                   Reading& reading, std::string& out) {
  std::string fault;
  if (!takes_secret(steps))
    fault =
        "a stored key can only stand where a secret is expected: in `api_key` and its like, and in headers";
  else if (reading.keys == nullptr)
    fault = "the stored keys cannot be had here";
  else if (const store::ProviderKey* key = reading.keys->find(name))
    out += key->secret.reveal();
  else
    fault = reading.keys->missing(name);
  if (fault.empty()) return true;
  mistake(node, path, reading, std::move(fault));
  return false;
}

// Appends the value of the "${…}" whose inside is `inside`; false when there is none.
bool append_variable(std::string_view inside, Node& node, const std::string& path, Reading& reading,
                     std::string& out) {
  std::size_t end = 0;
  while (end < inside.size() && name_char(inside[end], end == 0)) ++end;
  const std::string name(inside.substr(0, end));
  const std::string_view rest = inside.substr(end);
  if (name.empty() || (!rest.empty() && !rest.starts_with(":-"))) {
    mistake(
        node, path, reading,
        "`${" + std::string(inside) +
            "}` is not of the form ${NAME}, ${NAME:-default} or ${keyring:NAME}; a literal $ is written $$");
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

void expand(Node& node, const std::string& path, const Steps& steps, Reading& reading) {
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
      const std::string_view inside = text.substr(i + 2, end - i - 2);
      const bool stored = inside.starts_with(kStored) && !inside.starts_with("keyring:-");
      if (stored ? !append_stored(std::string(inside.substr(kStored.size())), node, path, steps, reading, out)
                 : !append_variable(inside, node, path, reading, out))
        return;
      expanded = true;
      i = end;
    } else {
      out += '$';
    }
  }
  node.text = std::move(out);
  node.expanded = expanded;
}

void visit(Node& node, const std::string& path, Steps& steps, Reading& reading) {
  if (node.kind == Node::Kind::scalar) expand(node, path, steps, reading);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    steps.push_back("[" + std::to_string(i) + "]");
    visit(node.items[i], path + steps.back(), steps, reading);
    steps.pop_back();
  }
  for (Entry& e : node.members) {
    steps.push_back(e.key);
    visit(e.value, path.empty() ? e.key : path + "." + e.key, steps, reading);
    steps.pop_back();
  }
}

}  // namespace

void interpolate(Node& root, Reading& reading) {
  Steps steps;
  visit(root, "", steps, reading);
}

}  // namespace pb::config
