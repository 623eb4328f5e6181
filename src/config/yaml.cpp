// YAML text to a Node tree. The only file that sees yaml-cpp. It listens to the parser's events instead of building
// yaml-cpp's own nodes, because those keep the first of two equal keys in silence and make deep copies of aliases easy.
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <sstream>

#include "config/node.h"

namespace pb::config {
namespace {

constexpr std::size_t kNodesMax = 100'000;  // aliases of aliases grow without bound
constexpr std::size_t kDepthMax = 64;
constexpr const char* kTooLarge = "the file is too large: more than 100000 values";

// Thrown through the parser to stop it, after the mistake was noted.
struct Stop {};

class Builder : public YAML::EventHandler {
 public:
  Builder(const std::string& file, std::vector<Mistake>& mistakes) : file_(file), mistakes_(mistakes) {}
  Node root;
  int documents = 0;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents == 2)
      note(mark.line + 1, mark.column + 1, "a second document: one file holds one configuration");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(at(mark), anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return fatal(mark, "an alias inside its own anchor");
    Node copy = found->second;
    count_ += size(copy);
    check_size(mark);
    copy.line = mark.line + 1;
    copy.column = mark.column + 1;
    add(std::move(copy), 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node n = at(mark);
    n.kind = Node::Kind::scalar;
    n.text = value;
    n.quoted = tag != "?" && tag != "";
    if (tag == "?" &&
        (value == "null" || value == "Null" || value == "NULL" || value == "~" || value.empty()))
      n.kind = Node::Kind::null;
    add(std::move(n), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::list, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::map, anchor);
  }
  void OnMapEnd() override { close(); }
  void note(int line, int column, std::string what, std::string path = {}) {
    mistakes_.push_back({file_, line, column, std::move(path), std::move(what)});
  }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    bool have_key = false;
    Entry entry;               // of a map: the key read, waiting for its value
    std::vector<Node> merges;  // values of "<<"
  };

  static Node at(const YAML::Mark& mark) {
    Node n;
    n.line = mark.line + 1;
    n.column = mark.column + 1;
    return n;
  }
  static std::size_t size(const Node& n) {
    std::size_t sum = 1;
    for (const Node& i : n.items) sum += size(i);
    for (const Entry& e : n.members) sum += size(e.value);
    return sum;
  }
  void fatal(const YAML::Mark& mark, std::string what) {
    note(mark.line + 1, mark.column + 1, std::move(what));
    throw Stop{};
  }
  void check_size(const YAML::Mark& mark) {
    if (count_ > kNodesMax) fatal(mark, kTooLarge);
  }
  void open(const YAML::Mark& mark, Node::Kind kind, YAML::anchor_t anchor) {
    if (stack_.size() >= kDepthMax) return fatal(mark, "nested more than 64 levels deep");
    if (!stack_.empty() && stack_.back().node.kind == Node::Kind::map && !stack_.back().have_key)
      return fatal(mark, "a key must be plain text");
    Node n = at(mark);
    n.kind = kind;
    ++count_;
    check_size(mark);
    stack_.push_back({std::move(n), anchor, false, {}, {}});
  }
  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    // Merge keys: members that the map itself does not have.
    for (Node& merge : done.merges)
      for (Entry& e : merge.members)
        if (done.node.find(e.key) == nullptr) done.node.members.push_back(std::move(e));
    add(std::move(done.node), done.anchor);
  }
  void add(Node node, YAML::anchor_t anchor) {
    count_ += anchor != 0 ? 1 + size(node) : 1;
    if (count_ > kNodesMax) {
      note(node.line, node.column, kTooLarge);
      throw Stop{};
    }
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      if (documents < 2) root = std::move(node);
      return;
    }
    Open& top = stack_.back();
    if (top.node.kind == Node::Kind::list) {
      top.node.items.push_back(std::move(node));
    } else if (!top.have_key) {
      if (node.kind == Node::Kind::list || node.kind == Node::Kind::map) {
        note(node.line, node.column, "a key must be plain text");
        throw Stop{};
      }
      top.entry = Entry{node.kind == Node::Kind::null ? "null" : node.text, node.line, node.column, {}};
      top.have_key = true;
    } else {
      take_member(top, std::move(node));
    }
  }
  // The path of a member of the innermost map: its parents wait for their values.
  std::string path_to(const std::string& key) const {
    std::string out;
    for (const Open& o : stack_)
      if (o.have_key) out += o.entry.key + ".";
    return out + key;
  }
  void take_member(Open& top, Node node) {
    top.have_key = false;
    if (top.entry.key == "<<") {
      if (node.kind == Node::Kind::map) return top.merges.push_back(std::move(node));
      if (node.kind == Node::Kind::list) {
        for (Node& n : node.items) top.merges.push_back(std::move(n));
        return;
      }
      return note(top.entry.line, top.entry.column, "`<<` takes an alias of a map");
    }
    for (const Entry& e : top.node.members)
      if (e.key == top.entry.key)
        return note(top.entry.line, top.entry.column,
                    "this key is here twice; the first one is in line " + std::to_string(e.line),
                    path_to(top.entry.key));
    top.entry.value = std::move(node);
    top.node.members.push_back(std::move(top.entry));
  }

  const std::string& file_;
  std::vector<Mistake>& mistakes_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t count_ = 0;
};

}  // namespace

Node read_yaml(const std::string& text, const std::string& file, std::vector<Mistake>& mistakes) {
  Builder builder(file, mistakes);
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    while (builder.documents < 2 && parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
  } catch (const YAML::Exception& e) {
    builder.note(e.mark.line + 1, e.mark.column + 1, "not valid YAML: " + e.msg);
  }
  return std::move(builder.root);
}

}  // namespace pb::config
