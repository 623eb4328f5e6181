// Faults in words: one sentence each, with values cut short.
#include <algorithm>
#include <utility>

#include "base/schema/evaluate.h"
#include "base/utf8.h"

namespace pb::schema {
namespace {

constexpr std::size_t kTextShown = 40;  // bytes of a value
constexpr std::size_t kKeyShown = 200;  // bytes of a member's name in a path
constexpr std::size_t kPathShown = 2000;
constexpr std::size_t kChoicesShown = 12;

std::string shown(json::Value v) {
  switch (v.kind()) {
    case json::Kind::null:
      return "null";
    case json::Kind::boolean:
      return v.as_bool() ? "true" : "false";
    case json::Kind::number:
      return utf8::cut(v.number_text(), kTextShown);
    case json::Kind::string: {
      std::string text = "\"";
      json::append_escaped(text, utf8::cut(v.as_string(), kTextShown));
      return text + "\"";
    }
    case json::Kind::array:
      return v.size() == 0 ? "an empty array" : "an array";
    case json::Kind::object:
      return v.size() == 0 ? "an empty object" : "an object";
  }
  return {};
}

// A value of the schema: what it is made of is to be seen.
std::string named(json::Value v) {
  return v.size() == 0 ? shown(v) : utf8::cut(json::to_text(v), kTextShown);
}

std::string count_of(std::uint64_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

std::string types_text(std::uint8_t types) {
  constexpr std::pair<std::uint8_t, std::string_view> kNames[] = {{type_bit::string, "a string"},
                                                                  {type_bit::fraction, "a number"},
                                                                  {type_bit::integer, "a whole number"},
                                                                  {type_bit::boolean, "true or false"},
                                                                  {type_bit::object, "an object"},
                                                                  {type_bit::array, "an array"},
                                                                  {type_bit::null, "null"}};
  if ((types & type_bit::fraction) != 0) types &= static_cast<std::uint8_t>(~type_bit::integer);
  std::string text;
  for (const auto& [bit, name] : kNames)
    if ((types & bit) != 0) text.append(text.empty() ? "" : " or ").append(name);
  return text.empty() ? "of no type at all" : text;
}

std::string choices_text(const Program& p, const Instruction& i) {
  std::string text;
  const Index end = std::min(i.b, i.a + static_cast<Index>(kChoicesShown));
  for (Index n = i.a; n < end; ++n) text.append(n == i.a ? "" : ", ").append(named(p.values[n]));
  return text + (end < i.b ? ", …" : "");
}

// What a fault of a bound says.
std::string bound_text(std::string_view relation, std::string_view bound, json::Value v) {
  return "must be " + std::string(relation) + utf8::cut(bound, kTextShown) + ", got " + shown(v);
}

std::string size_text(std::string_view verb, const Instruction& i, bool least, std::string_view one,
                      std::string_view many, std::uint64_t got) {
  return "must " + std::string(verb) + (least ? " at least " : " at most ") + count_of(i.n, one, many) +
         ", has " + std::to_string(got);
}

std::string sentence(const Program& p, const Instruction& i, json::Value v) {
  const auto characters = [&] { return static_cast<std::uint64_t>(utf8::characters(v.as_string())); };
  switch (i.op) {
    case Op::minimum:
      return bound_text("at least ", p.numbers[i.a].text, v);
    case Op::maximum:
      return bound_text("at most ", p.numbers[i.a].text, v);
    case Op::exclusive_minimum:
      return bound_text("more than ", p.numbers[i.a].text, v);
    case Op::exclusive_maximum:
      return bound_text("less than ", p.numbers[i.a].text, v);
    case Op::multiple_of:
      return bound_text("a multiple of ", p.values[i.b].number_text(), v);
    case Op::min_length:
      if (i.n == 1) return "must not be empty";
      return size_text("have", i, true, "character", "characters", characters());
    case Op::max_length:
      return size_text("have", i, false, "character", "characters", characters());
    case Op::pattern:
      return "must match the pattern `" + utf8::cut(p.pattern_texts[i.a], 100) + "`, got " + shown(v);
    case Op::format:
      return "must be " + std::string(format_text(static_cast<Format>(i.n))) + ", got " + shown(v);
    case Op::min_items:
      if (i.n == 1) return "must not be empty";
      return size_text("have", i, true, "item", "items", v.size());
    case Op::max_items:
      return size_text("have", i, false, "item", "items", v.size());
    case Op::min_properties:
      if (i.n == 1) return "must not be empty";
      return size_text("have", i, true, "member", "members", v.size());
    case Op::max_properties:
      return size_text("have", i, false, "member", "members", v.size());
    case Op::enumeration:
      if (i.b == i.a) return "is not allowed";
      return (i.b - i.a == 1 ? "must be " : "must be one of ") + choices_text(p, i) + ", got " + shown(v);
    case Op::constant:
      return "must be " + named(p.values[i.a]) + ", got " + shown(v);
    case Op::negation:
      return "must not be what the schema rules out, got " + shown(v);
    default:
      return "does not fit";
  }
}

bool simple_key(std::string_view key) {
  return !key.empty() && key.find_first_of(".[]\"` ") == std::string_view::npos;
}

// How little an alternative with this fault was meant: 2 = the value is of another kind, 1 = a member that tells kinds apart is.
int strangeness(const Fault& f, const std::string& pointer) {
  const bool choice = f.keyword == "const" || f.keyword == "enum";
  if (f.pointer == pointer) return choice || f.keyword == "type" ? 2 : 0;
  return choice && f.pointer.find('/', pointer.size() + 1) == std::string::npos ? 1 : 0;
}

}  // namespace

void append_token(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
}

std::string Program::pointer(Index id) const {
  std::vector<Index> chain;
  for (; id != kNone; id = nodes[id].parent) chain.push_back(id);
  std::string text;
  for (auto at = chain.rbegin(); at != chain.rend() && text.size() < kPathShown; ++at) {
    const Node& n = nodes[*at];
    if (n.keyword.empty()) {
      text.append(n.token.value_or(""));
      continue;
    }
    append_token(text, n.keyword);
    if (n.token) append_token(text, utf8::cut(*n.token, kKeyShown));
  }
  return text;
}

namespace {

std::vector<const Place*> chain_of(const Place& place) {
  std::vector<const Place*> chain;
  for (const Place* at = &place; at->up != nullptr; at = at->up) chain.push_back(at);
  std::reverse(chain.begin(), chain.end());
  return chain;
}

}  // namespace

std::string pointer_of(const Place& place) {
  std::string text;
  for (const Place* at : chain_of(place)) {
    if (text.size() > kPathShown) return text + "…";
    append_token(text, at->is_item ? std::to_string(at->index) : utf8::cut(at->key, kKeyShown));
  }
  return text;
}

std::string path_of(const Place& place) {
  std::string text;
  for (const Place* at : chain_of(place)) {
    if (text.size() > kPathShown) return text + "…";
    if (at->is_item) {
      text.append("[").append(std::to_string(at->index)).append("]");
    } else if (simple_key(at->key)) {
      text.append(text.empty() ? "" : ".").append(utf8::cut(at->key, kKeyShown));
    } else {
      text += "[\"";
      json::append_escaped(text, utf8::cut(at->key, kKeyShown));
      text += "\"]";
    }
  }
  return text;
}

std::string Fault::text() const { return (path.empty() ? "the value" : "`" + path + "`") + " " + what; }

bool Run::refuse(Index id, std::string_view keyword, const Place& at, std::string what) {
  if (hasty()) return false;
  Fault f;
  f.pointer = pointer_of(at);
  f.path = path_of(at);
  f.keyword = keyword.empty() ? "false" : keyword;
  f.schema_pointer = p_.pointer(id);
  if (!p_.nodes[id].never) append_token(f.schema_pointer, keyword);
  f.what = std::move(what);
  faults_->push_back(std::move(f));
  return false;
}

bool Run::refuse(Index id, const Instruction& i, json::Value v, const Place& at) {
  return hasty() ? false : refuse(id, i.name, at, sentence(p_, i, v));
}

bool Run::refuse_type(Index id, json::Value v, const Place& at) {
  return hasty() ? false
                 : refuse(id, "type", at, "must be " + types_text(p_.nodes[id].types) + ", got " + shown(v));
}

bool Run::refuse_member(Index id, std::string_view keyword, const Place& at, std::string_view member,
                        std::string what) {
  return refuse(id, keyword, Place{&at, member, 0, false}, std::move(what));
}

// No alternative fits. Those that were meant least are left out, by the kind of the value or by a member that tells kinds apart;
// when one is left, its faults tell most.
void Run::explain_alternatives(Index id, const Instruction& i, json::Value v, const Place& at) {
  std::vector<Fault>* const outer = faults_;
  const std::string pointer = pointer_of(at);
  std::vector<std::vector<Fault>> meant;
  int least = 3;
  std::uint8_t types = 0;
  bool only_types = i.b > i.a;
  for (Index n = i.a; n < i.b; ++n) {
    const Index child = p_.children[n];
    std::vector<Fault> why;
    faults_ = &why;
    node(child, v, at, nullptr);
    faults_ = outer;
    int strange = 0;
    for (const Fault& f : why) strange = std::max(strange, strangeness(f, pointer));
    if (strange < least) meant.clear();
    least = std::min(least, strange);
    types |= p_.nodes[child].types;
    only_types = only_types && why.size() == 1 && why[0].schema_pointer == p_.pointer(child) + "/type";
    if (strange == least) meant.push_back(std::move(why));
  }
  if (only_types) {
    refuse(id, i.name, at, "must be " + types_text(types) + ", got " + shown(v));
    return;
  }
  if (meant.size() != 1)
    refuse(id, i.name, at,
           "must fit " + std::string(i.op == Op::one_of ? "exactly one" : "at least one") + " of " +
               count_of(i.b - i.a, "alternative", "alternatives") + ", got " + shown(v));
  for (std::vector<Fault>& why : meant)
    for (Fault& f : why)
      if (!hasty()) faults_->push_back(std::move(f));
}

}  // namespace pb::schema
