// A configuration file as a tree that knows where everything stands. Made by yaml.cpp, read by the loader; `show` builds one
// to print.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace pb::config {

struct Entry;

struct Node {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text;       // of a scalar, after interpolation
  bool quoted = false;    // written in quotes: text, whatever it looks like
  bool expanded = false;  // came out of ${…}: typed by the option, not by its quotes
  bool broken = false;    // a mistake about it has been reported already
  int line = 0;           // 1-based; 0 = not from a file
  int column = 0;
  std::uint8_t source = 0;  // index into the sources of what is being read (config/layers.h)
  std::string comment;      // behind the value, when written as YAML
  std::vector<Node> items;
  std::vector<Entry> members;  // in the order of the file, keys unique

  const Node* find(std::string_view key) const;
  // For building: the member of that name, made when missing.
  Node& operator[](std::string_view key);
  static Node scalar(std::string text, bool quoted);
};

struct Entry {
  std::string key;
  int line = 0;
  int column = 0;
  Node value;
  std::uint8_t source = 0;  // as in Node
};

// Parses YAML 1.2 (so JSON too). Syntax errors, repeated keys and other faults of the text are added to `mistakes`.
Node read_yaml(const std::string& text, const std::string& file, std::vector<Mistake>& mistakes);
// Replaces ${VAR}, ${VAR:-default}, ${keyring:NAME} (a stored key, where a secret may stand) and $$ in all scalar values; a variable that
// is unset and has no default is a mistake.
struct Reading;
void interpolate(Node& root, Reading& reading);

std::string to_yaml(const Node& root);
std::string to_json(const Node& root);  // two spaces a level

}  // namespace pb::config
