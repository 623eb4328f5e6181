#include "base/schema/pattern_classes.h"

#include <algorithm>
#include <cstdio>

namespace pb::schema {
namespace {

struct Category {
  std::string_view name, letters;
};

// General categories by their long names (Unicode 15, PropertyValueAliases).
constexpr Category kCategories[] = {{"Letter", "L"},
                                    {"Cased_Letter", "LC"},
                                    {"Uppercase_Letter", "Lu"},
                                    {"Lowercase_Letter", "Ll"},
                                    {"Titlecase_Letter", "Lt"},
                                    {"Modifier_Letter", "Lm"},
                                    {"Other_Letter", "Lo"},
                                    {"Mark", "M"},
                                    {"Combining_Mark", "M"},
                                    {"Nonspacing_Mark", "Mn"},
                                    {"Spacing_Mark", "Mc"},
                                    {"Enclosing_Mark", "Me"},
                                    {"Number", "N"},
                                    {"Decimal_Number", "Nd"},
                                    {"digit", "Nd"},
                                    {"Letter_Number", "Nl"},
                                    {"Other_Number", "No"},
                                    {"Punctuation", "P"},
                                    {"punct", "P"},
                                    {"Connector_Punctuation", "Pc"},
                                    {"Dash_Punctuation", "Pd"},
                                    {"Open_Punctuation", "Ps"},
                                    {"Close_Punctuation", "Pe"},
                                    {"Initial_Punctuation", "Pi"},
                                    {"Final_Punctuation", "Pf"},
                                    {"Other_Punctuation", "Po"},
                                    {"Symbol", "S"},
                                    {"Math_Symbol", "Sm"},
                                    {"Currency_Symbol", "Sc"},
                                    {"Modifier_Symbol", "Sk"},
                                    {"Other_Symbol", "So"},
                                    {"Separator", "Z"},
                                    {"Space_Separator", "Zs"},
                                    {"Line_Separator", "Zl"},
                                    {"Paragraph_Separator", "Zp"},
                                    {"Control", "Cc"},
                                    {"cntrl", "Cc"},
                                    {"Format", "Cf"},
                                    {"Private_Use", "Co"}};

std::string_view category(std::string_view name) {
  for (const Category& c : kCategories)
    if (c.name == name || c.letters == name) return c.letters;
  return {};
}

bool plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string named(std::string_view letters, bool negated) {
  if (letters == "LC") return negated ? "" : "\\p{Lu}\\p{Ll}\\p{Lt}";  // not a class of RE2's own
  return (negated ? "\\P{" : "\\p{") + std::string(letters) + "}";
}

}  // namespace

void append_code_point(std::string& out, std::uint32_t c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ' ') {
    out += static_cast<char>(c);
    return;
  }
  char text[16];
  out.append(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "\\x{%x}", c)));
}

void append_range(std::string& out, std::uint32_t from, std::uint32_t to) {
  if (from < 0xd800 && to > 0xdfff) {
    append_range(out, from, 0xd7ff);
    from = 0xe000;
  }
  if (from >= 0xd800 && from <= 0xdfff) from = 0xe000;
  if (to >= 0xd800 && to <= 0xdfff) to = 0xd7ff;
  if (from > to) return;
  append_code_point(out, from);
  if (from == to) return;
  out += '-';
  append_code_point(out, to);
}

std::string_view space_class(bool negated) {
  // WhiteSpace and LineTerminator, ECMA-262 sections 12.2 and 12.3.
  return negated
             ? "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{"
               "2027}"
               "\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{"
               "10ffff}"
             : "\\x{9}-\\x{d} "
               "\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";
}

std::string property_class(std::string_view name, bool negated) {
  if (name == "Any") return negated ? "" : "\\x{0}-\\x{10ffff}";
  if (name == "ASCII") return negated ? "\\x{80}-\\x{10ffff}" : "\\x{0}-\\x{7f}";
  if (name == "ASCII_Hex_Digit" || name == "AHex")
    return negated ? "\\x{0}-/:-@G-`g-\\x{10ffff}" : "0-9A-Fa-f";
  if (const std::string_view letters = category(name); !letters.empty()) return named(letters, negated);
  const std::size_t equals = name.find('=');
  if (equals == std::string_view::npos) return {};
  const std::string_view property = name.substr(0, equals), value = name.substr(equals + 1);
  if (property == "General_Category" || property == "gc") {
    const std::string_view letters = category(value);
    return letters.empty() ? std::string() : named(letters, negated);
  }
  const bool script = property == "Script" || property == "sc";
  return script && plain_name(value) ? named(value, negated) : std::string();
}

}  // namespace pb::schema
