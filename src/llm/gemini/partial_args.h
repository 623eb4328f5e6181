// Arguments of a call that arrive piece by piece (Vertex AI, streamFunctionCallArguments): each piece names its place by a JSON
// Path (RFC 9535: member names and indices only).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace pb::llm::gemini {

class PartialArgs {
 public:
  // One PartialArg object. False when its path cannot be followed, or there are too many pieces.
  bool add(json::Value piece);
  std::string text() const;  // the JSON object so far
  bool empty() const { return root_.members.empty(); }

 private:
  struct Node {
    enum class Kind : std::uint8_t { none, object, array, string, raw } kind = Kind::none;
    std::string key;   // as a member
    std::string text;  // of a string, or JSON text
    std::vector<std::unique_ptr<Node>> members;
  };
  Node* walk(std::string_view path);
  static void write(json::Writer& w, const Node& node);

  Node root_{.kind = Node::Kind::object, .key = {}, .text = {}, .members = {}};
  std::size_t nodes_ = 0;
};

}  // namespace pb::llm::gemini
