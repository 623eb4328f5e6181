// From ECMA-262's regular expressions to RE2's: a parser that writes as it reads.
#include <algorithm>

#include "base/schema/pattern.h"
#include "base/schema/pattern_classes.h"
#include "base/schema/pattern_reader.h"

namespace pb::schema {
namespace {

constexpr std::size_t kPatternBytesMax = 16 * 1024;
constexpr std::size_t kTranslatedBytesMax = 256 * 1024;
constexpr int kDepthMax = 100;
constexpr int kRepeatMax = 1000;  // RE2's own
constexpr std::string_view kAnyButLineEnd = "[^\\n\\r\\x{2028}\\x{2029}]";

class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}
  std::string_view unsupported() const { return in_.unsupported(); }

  Result<Translated> run() {
    if (in_.rest().size() > kPatternBytesMax)
      return fail(Code::invalid_request, "is longer than " + std::to_string(kPatternBytesMax) + " bytes");
    if (in_.eat("(?i)")) out_ = "(?i)";  // not ECMA-262, but what generators for other languages write
    const std::string flags = out_;
    Translated result;
    if (in_.peek() == '^') TRY(leading_conditions(flags, result));
    const bool conditional = !result.conditions.empty();
    TRY(disjunction(0));
    if (!in_.done()) return bad_pattern("there is a `)` without its `(`");
    if (conditional && alternatives_) in_.cannot("a look-ahead before alternatives");
    if (out_.size() > kTranslatedBytesMax) return too_large();
    result.conditions.push_back({out_, true});
    return result;
  }

 private:
  static std::unexpected<Error> too_large() {
    return fail(Code::invalid_request, "is too large once its repetitions are written out");
  }

  // "^(?!…)(?=…)rest": each look-ahead at the text's beginning is a search of its own.
  Result<void> leading_conditions(const std::string& flags, Translated& result) {
    in_.skip(1);
    const std::string before = out_ + "\\A";
    for (;;) {
      const bool wanted = in_.eat("(?=");
      if (!wanted && !in_.eat("(?!")) break;
      out_ = flags + "\\A(?:";
      const bool alternatives = alternatives_;
      TRY(disjunction(1));
      alternatives_ = alternatives;
      if (!in_.eat(")")) return bad_pattern("a group is not closed");
      if (starts_quantifier()) return bad_pattern("a look-ahead cannot be repeated");
      if (out_.size() > kTranslatedBytesMax) return too_large();
      result.conditions.push_back({out_ + ")", wanted});
    }
    out_ = before;
    return {};
  }

  Result<void> disjunction(int depth) {
    if (depth > kDepthMax) return bad_pattern("its groups are nested too deeply");
    for (;;) {
      while (!in_.done() && in_.peek() != '|' && in_.peek() != ')') TRY(term(depth));
      if (in_.peek() != '|') return {};
      if (depth == 0) alternatives_ = true;
      in_.skip(1);
      out_ += '|';
    }
  }

  Result<void> term(int depth) {
    if (out_.size() > kTranslatedBytesMax) return too_large();
    const std::size_t start = out_.size();
    bool repeatable = true;
    switch (in_.peek()) {
      case '^':
        in_.skip(1);
        out_ += "\\A";
        repeatable = false;
        break;
      case '$':
        in_.skip(1);
        out_ += "\\z";
        repeatable = false;
        break;
      case '(':
        TRY(group(depth, repeatable));
        break;
      case '.':
        in_.skip(1);
        out_ += kAnyButLineEnd;
        break;
      case '[':
        in_.skip(1);
        {
          TRY_ASSIGN(const std::string members, in_.character_class());
          out_ += members;
        }
        break;
      case '\\':
        in_.skip(1);
        TRY(escape(repeatable));
        break;
      case '*':
      case '+':
      case '?':
        return bad_pattern(std::string("there is nothing before a `") + in_.rest()[0] + "`");
      default:
        if (starts_quantifier()) return bad_pattern("there is nothing before a `{`");
        literal(in_.take());
    }
    return quantifier(start, repeatable);
  }

  // A surrogate stands in no text.
  void literal(std::uint32_t c) {
    if (c >= 0xd800 && c <= 0xdfff)
      out_ += kNoCharacter;
    else
      append_code_point(out_, c);
  }

  // "word>"
  Result<void> group_name() {
    const std::string_view name = in_.rest().substr(0, in_.rest().find('>'));
    const auto good = [](char c) {
      const auto u = static_cast<unsigned char>(c);
      return u >= 0x80 || is_ascii_letter(u) || is_ascii_digit(u) || c == '_' || c == '$';
    };
    if (name.empty() || is_ascii_digit(static_cast<unsigned char>(name[0])) ||
        !std::all_of(name.begin(), name.end(), good))
      return bad_pattern("a group's name is not one");
    in_.skip(name.size());
    if (!in_.eat(">")) return bad_pattern("a group's name is not closed");
    return {};
  }

  Result<void> group(int depth, bool& repeatable) {
    in_.skip(1);
    const std::size_t start = out_.size();
    bool dropped = false;  // a look-around that cannot be said
    if (in_.eat("?=") || in_.eat("?!")) {
      in_.cannot("a look-ahead");
      dropped = true;
      repeatable = false;
    } else if (in_.eat("?<=") || in_.eat("?<!")) {
      in_.cannot("a look-behind");
      dropped = true;
      repeatable = false;
    } else if (in_.eat("?<") || in_.eat("?P<")) {
      TRY(group_name());
    } else if (in_.eat("?i:")) {
      out_ += "(?i:";
    } else if (in_.peek() == '?' && !in_.eat("?:")) {
      return bad_pattern("a group begins with `(?` and something unknown");
    }
    if (out_.size() == start) out_ += "(?:";
    TRY(disjunction(depth + 1));
    if (!in_.eat(")")) return bad_pattern("a group is not closed");
    out_ += ')';
    if (dropped) out_.resize(start);
    return {};
  }

  bool starts_quantifier() const {
    const std::uint32_t c = in_.peek();
    int low = 0, high = 0;
    return c == '*' || c == '+' || c == '?' || (c == '{' && braces(low, high) > 0);
  }

  // "{2}", "{2,}", "{2,5}": their length; high -1 = without end. 0 = others, which are plain text.
  std::size_t braces(int& low, int& high) const {
    const std::string_view text = in_.rest();
    std::size_t i = 1;
    const auto number = [&](int& n) {
      const std::size_t start = i;
      for (n = 0; i < text.size() && is_ascii_digit(static_cast<unsigned char>(text[i])); ++i)
        n = std::min(1'000'000, n * 10 + (text[i] - '0'));
      return i > start;
    };
    if (!number(low)) return 0;
    high = low;
    if (i < text.size() && text[i] == ',') {
      ++i;
      if (!number(high)) high = -1;
    }
    return i < text.size() && text[i] == '}' ? i + 1 : 0;
  }

  Result<void> quantifier(std::size_t start, bool repeatable) {
    int low = 0, high = -1;
    const std::uint32_t c = in_.peek();
    if (c == '*' || c == '+' || c == '?') {
      in_.skip(1);
      low = c == '+' ? 1 : 0;
      high = c == '?' ? 1 : -1;
    } else {
      const std::size_t length = c == '{' ? braces(low, high) : 0;
      if (length == 0) return {};
      in_.skip(length);
    }
    if (!repeatable) return bad_pattern("a condition such as `^` or a look-around cannot be repeated");
    if (high != -1 && high < low) return bad_pattern("a repetition's numbers are in the wrong order");
    in_.eat("?");  // lazy: it finds the same texts
    if (starts_quantifier()) return bad_pattern("a repetition is repeated");
    const std::string atom = "(?:" + out_.substr(start) + ")";
    out_.resize(start);
    repeat(atom, low, high);
    return {};
  }

  // RE2 takes counts of up to 1000; larger ones are written as several.
  void repeat(const std::string& atom, int low, int high) {
    const auto add = [&](int from, int to) {
      if (out_.size() > kTranslatedBytesMax) return;
      out_ += atom;
      if (to == -1)
        out_ += from == 0 ? "*" : from == 1 ? "+" : "{" + std::to_string(from) + ",}";
      else
        out_ += "{" + std::to_string(from) + "," + std::to_string(to) + "}";
    };
    out_ += "(?:";
    int optional = high == -1 ? 0 : high - low;
    for (; low > kRepeatMax; low -= kRepeatMax) add(kRepeatMax, kRepeatMax);
    if (high == -1) {
      add(low, -1);
    } else {
      const int room = std::min(optional, kRepeatMax - low);
      add(low, low + room);
      for (optional -= room; optional > 0; optional -= kRepeatMax) add(0, std::min(optional, kRepeatMax));
    }
    out_ += ')';
  }

  // Outside of a class; behind the backslash.
  Result<void> escape(bool& repeatable) {
    std::string inside;
    TRY_ASSIGN(const bool is_class, in_.class_escape(inside));
    if (is_class) {
      out_ += "[" + inside + "]";
      return {};
    }
    const std::uint32_t c = in_.peek();
    if (c == 'b' || c == 'B') {
      in_.skip(1);
      out_ += c == 'b' ? "\\b" : "\\B";
      repeatable = false;
      return {};
    }
    if (c == 'k' || (is_ascii_digit(c) && c != '0')) {
      in_.skip(1);
      if (c == 'k') {
        if (!in_.eat("<")) return bad_pattern("there is no `\\k` without a name");
        TRY(group_name());
      }
      while (is_ascii_digit(in_.peek()) && c != 'k') in_.skip(1);
      in_.cannot("a back-reference");
      return {};
    }
    TRY_ASSIGN(const std::uint32_t one, in_.character_escape());
    literal(one);
    return {};
  }

  PatternReader in_;
  std::string out_;
  bool alternatives_ = false;  // outside of groups
};

}  // namespace

Result<Translated> translate(std::string_view ecma) {
  Translator translator(ecma);
  TRY_ASSIGN(Translated result, translator.run());
  if (!translator.unsupported().empty())
    return fail(Code::invalid_request, "uses " + std::string(translator.unsupported()) +
                                           ", which a search of bounded time cannot have");
  return result;
}

bool is_regular_expression(std::string_view ecma) { return Translator(ecma).run().has_value(); }

}  // namespace pb::schema
