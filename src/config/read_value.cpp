// One value of the configuration, as its option's kind wants it.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>

#include "base/utf8.h"
#include "config/read.h"

namespace pb::config {
namespace {

bool typed(const Node& n) { return n.kind == Node::Kind::scalar && (!n.quoted || n.expanded); }

bool token(std::string_view text) {  // of a header's name, RFC 9110 §5.6.2
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::optional<double> number_of(const Node& n) {
  if (!typed(n) || n.text.empty()) return std::nullopt;
  double d = 0;
  const char* end = n.text.data() + n.text.size();
  const auto [at, ec] = std::from_chars(n.text.data(), end, d);
  return ec == std::errc() && at == end && std::isfinite(d) ? std::optional(d) : std::nullopt;
}

std::optional<bool> flag_of(const Node& n) {
  if (!typed(n)) return std::nullopt;
  std::string t = n.text;
  for (char& c : t) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (t == "true" || t == "yes" || t == "on") return true;
  if (t == "false" || t == "no" || t == "off") return false;
  return std::nullopt;
}

// What may stand in a header's value as we send it: visible ASCII and spaces.
bool header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

struct Reader {
  const Node& node;
  const Option& option;
  const std::string& path;
  Reading& reading;

  void wrong(const Node& at) {
    reading.mistake(at, path, "expected " + std::string(kind_name(option.kind)) + ", found " + found(at));
  }
  void bad(std::string what) { reading.mistake(node, path, std::move(what)); }

  // A number within the option's bounds.
  std::optional<double> bounded(std::optional<double> n, std::string (*text)(double)) {
    if (!n) {
      wrong(node);
      return std::nullopt;
    }
    if (option.min == option.max || (*n >= option.min && *n <= option.max)) return n;
    bad("must be between " + text(option.min) + " and " + text(option.max) + ", found " + node.text);
    return std::nullopt;
  }

  std::optional<double> whole() {
    const auto n = number_of(node);
    if (n && std::floor(*n) != *n) {
      wrong(node);
      return std::nullopt;
    }
    return bounded(n, [](double d) { return std::to_string(static_cast<long long>(d)); });
  }

  std::optional<double> figure() {
    switch (option.kind) {
      case Kind::duration:
        return bounded(node.kind == Node::Kind::scalar ? parse_duration(node.text) : std::nullopt,
                       duration_text);
      case Kind::bytes:
        return bounded(node.kind == Node::Kind::scalar ? parse_bytes(node.text) : std::nullopt, bytes_text);
      case Kind::money: {
        const auto n = number_of(node);
        if (!n)
          wrong(node);
        else if (*n < 0)
          bad("must not be negative, found " + node.text);
        return n && *n >= 0 ? n : std::nullopt;
      }
      case Kind::share: {
        const auto n = node.kind == Node::Kind::scalar ? parse_share(node.text) : std::nullopt;
        if (!n) wrong(node);
        return n;
      }
      default:
        return whole();
    }
  }

  // Scalar text fit for the option's kind.
  std::optional<std::string> text() {
    if (node.kind != Node::Kind::scalar) {
      wrong(node);
      return std::nullopt;
    }
    const std::string& t = node.text;
    if (option.kind != Kind::secret && !printable(t)) return bad("has control characters"), std::nullopt;
    switch (option.kind) {
      case Kind::choice:
        if (std::find(option.choices.begin(), option.choices.end(), t) == option.choices.end())
          return bad("unknown value `" + t + "`; " + suggestion(t, option.choices, "valid values")),
                 std::nullopt;
        break;
      case Kind::address:
        if (!parse_address(t))
          return bad("not an address: `" + t + "`; write HOST:PORT, as in 127.0.0.1:8000 or [::1]:8000"),
                 std::nullopt;
        break;
      case Kind::url:
        if (const std::string fault = url_fault(t); !fault.empty())
          return bad("not a usable URL: `" + t + "`: " + fault), std::nullopt;
        break;
      case Kind::secret:
        if (const std::string fault = key_fault(t); !fault.empty()) return bad(fault), std::nullopt;
        break;
      case Kind::file:
        if (!t.empty() && !std::ifstream(t)) return bad("the file `" + t + "` cannot be read"), std::nullopt;
        break;
      default:
        break;
    }
    return t;
  }

  // A list of text; a single text stands for a list of one.
  std::optional<std::vector<std::string>> texts() {
    const Node one[] = {node};
    const bool scalar = node.kind == Node::Kind::scalar;
    if (!scalar && node.kind != Node::Kind::list) return wrong(node), std::nullopt;
    std::vector<std::string> out;
    std::set<std::string> seen;
    bool good = true;
    for (const Node& item : scalar ? std::span<const Node>(one) : std::span<const Node>(node.items)) {
      if (item.broken) {
        good = false;
      } else if (item.kind != Node::Kind::scalar || item.text.empty() || !printable(item.text)) {
        reading.mistake(item, path,
                        option.kind == Kind::secrets
                            ? "a key must be a text that is not empty"
                            : "expected a text that is not empty, found " + found(item));
        good = false;
      } else if (const std::string fault = option.kind == Kind::secrets ? key_fault(item.text) : "";
                 !fault.empty()) {
        reading.mistake(item, path, fault);
        good = false;
      } else if (!seen.insert(item.text).second) {
        reading.mistake(item, path,
                        option.kind == Kind::secrets ? "the same key is listed twice"
                                                     : "`" + item.text + "` is listed twice");
        good = false;
      }
      if (good) out.push_back(item.text);
    }
    return good ? std::optional(std::move(out)) : std::nullopt;
  }

  void pairs(Pairs& target) {
    if (node.kind != Node::Kind::map) return wrong(node);
    for (const Entry& e : node.members) {
      const std::string at = path + "." + e.key;
      const bool header = option.kind == Kind::headers;
      if (header ? !token(e.key) : e.key.empty() || !printable(e.key)) {
        reading.mistake(e, at, header ? "not the name of a header" : "expected a name");
      } else if (e.value.kind != Node::Kind::scalar || !header_text(e.value.text)) {
        reading.mistake(e.value, at, "expected text, found " + found(e.value));
      } else {
        const auto same = std::find_if(target.begin(), target.end(), [&](const auto& h) {
          return std::equal(h.first.begin(), h.first.end(), e.key.begin(), e.key.end(),
                            [&](char a, char b) { return a == b || (header && (a | 0x20) == (b | 0x20)); });
        });
        if (same != target.end())
          same->second = e.value.text;  // over the vendor's own
        else
          target.emplace_back(e.key, e.value.text);
      }
    }
  }

  void levels(std::map<std::string, std::string>& target) {
    if (node.kind != Node::Kind::map) return wrong(node);
    for (const Entry& e : node.members) {
      const std::string at = path + "." + e.key;
      const auto valid = [](std::span<const std::string_view> all, std::string_view x) {
        return std::find(all.begin(), all.end(), x) != all.end();
      };
      if (!valid(option.keys, e.key))
        reading.mistake(e, at, "unknown key; " + suggestion(e.key, option.keys));
      else if (e.value.kind != Node::Kind::scalar || !valid(option.choices, e.value.text))
        reading.mistake(e.value, at,
                        "unknown value; " + suggestion(e.value.text, option.choices, "valid values"));
      else
        target[e.key] = e.value.text;
    }
  }

  void operator()(std::string* to) {
    if (auto t = text()) *to = std::move(*t);
  }
  void operator()(std::string_view* to) {  // the table's own text, which lives for ever
    if (auto t = text()) *to = *std::find(option.choices.begin(), option.choices.end(), *t);
  }
  void operator()(Secret* to) {
    if (auto t = text()) *to = Secret(std::move(*t));
  }
  void operator()(bool* to) {
    if (auto f = flag_of(node))
      *to = *f;
    else
      wrong(node);
  }
  void operator()(double* to) {
    if (auto n = figure()) *to = *n;
  }
  void operator()(int* to) {
    if (auto n = figure()) *to = static_cast<int>(*n);
  }
  void operator()(std::int64_t* to) {
    if (auto n = figure()) *to = static_cast<std::int64_t>(*n);
  }
  void operator()(std::size_t* to) {
    if (auto n = figure()) *to = static_cast<std::size_t>(*n);
  }
  void operator()(std::vector<std::string>* to) {
    if (auto t = texts()) *to = std::move(*t);
  }
  void operator()(std::vector<Secret>* to) {
    auto t = texts();
    if (!t) return;
    to->clear();
    for (std::string& s : *t) to->emplace_back(std::move(s));
  }
  void operator()(Pairs* to) { pairs(*to); }
  void operator()(std::map<std::string, std::string>* to) { levels(*to); }
};

}  // namespace

std::string key_fault(std::string_view key) {
  return header_text(key) && !key.starts_with(' ') && !key.ends_with(' ')
             ? ""
             : "a key is made of visible ASCII characters, with no space or line break at its ends";
}

std::string found(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
    case Node::Kind::scalar:
      break;
  }
  if (node.expanded) return "the value of a variable";  // may be a secret
  if (node.text.empty()) return "an empty text";
  if (number_of(node)) return "the number " + node.text;
  if (flag_of(node)) return node.text;
  return "the text \"" + (node.text.size() > 60 ? utf8::cut(node.text, 57) : node.text) + "\"";
}

void read_value(const Node& node, const Bound& bound, const std::string& path, Reading& reading) {
  if (node.broken) return;
  if (node.kind == Node::Kind::null &&
      (bound.option->kind == Kind::texts || bound.option->kind == Kind::formats ||
       bound.option->kind == Kind::secrets || bound.option->kind == Kind::headers ||
       bound.option->kind == Kind::levels || bound.option->kind == Kind::pairs))
    return;  // a list or map whose lines are all commented out
  std::visit(Reader{node, *bound.option, path, reading}, bound.ref);
}

}  // namespace pb::config
