#include "llm/count_tools.h"

#include <algorithm>

namespace pb::llm {
namespace {

class Declarations {
 public:
  void tool(const Tool& t) {
    if (!t.description.empty()) out_.append("// ").append(t.description).append("\n");
    out_.append("type ").append(t.name);
    if (t.parameters["properties"].size() == 0) {
      out_ += " = () => any;\n\n";
      return;
    }
    out_ += " = (_: {\n";
    properties(t.parameters, 0);
    out_ += "\n}) => any;\n\n";
  }

  std::string take() { return "namespace functions {\n\n" + std::move(out_) + "} // namespace functions"; }

 private:
  static bool required(json::Value schema, Str name) {
    const auto names = schema["required"].items();
    return std::any_of(names.begin(), names.end(), [&](json::Value v) { return v.as_string() == name; });
  }

  // One line each, without the last line's end. Descriptions of inner members are not shown.
  void properties(json::Value schema, std::size_t indent) {
    bool first = true;
    for (const json::Member& p : schema["properties"].members()) {
      if (!first) out_ += '\n';
      first = false;
      const Str description = p.value["description"].as_string();
      if (!description.empty() && indent < 2)
        out_.append(indent, ' ').append("// ").append(description).append("\n");
      out_.append(indent, ' ').append(p.key).append(required(schema, p.key) ? ": " : "?: ");
      type(p.value, indent);
      out_ += ',';
    }
  }

  template <class List, class F>
  void joined(const List& list, F&& each) {
    bool first = true;
    for (const auto& item : list) {
      if (!first) out_ += " | ";
      first = false;
      each(item);
    }
  }

  void type(json::Value schema, std::size_t indent) {
    if (const auto choices = schema["enum"].items(); !choices.empty())
      return joined(choices, [&](json::Value v) { out_ += json::to_text(v); });
    for (const Str any_of : {"anyOf", "oneOf"})
      if (const auto choices = schema[any_of].items(); !choices.empty())
        return joined(choices, [&](json::Value v) { type(v, indent); });
    const json::Value kind = schema["type"];
    if (kind.is_array())
      return joined(kind.items(), [&](json::Value v) { named(v.as_string(), schema, indent); });
    named(kind.as_string(), schema, indent);
  }

  void named(Str kind, json::Value schema, std::size_t indent) {
    if (kind == "integer" || kind == "number") {
      out_ += "number";
    } else if (kind == "string" || kind == "boolean" || kind == "null") {
      out_ += kind;
    } else if (kind == "array") {
      if (schema["items"].is_object())
        type(schema["items"], indent);
      else
        out_ += "any";
      out_ += "[]";
    } else if (kind == "object") {
      out_ += "{\n";
      properties(schema, indent + 2);
      out_.append("\n").append(indent, ' ').append("}");
    } else {
      out_ += "any";
    }
  }

  std::string out_;
};

}  // namespace

std::string tool_declarations(const std::vector<Tool>& tools) {
  Declarations declarations;
  bool any = false;
  for (const Tool& t : tools) {
    if (t.kind != Tool::Kind::function) continue;
    any = true;
    declarations.tool(t);
  }
  return any ? declarations.take() : std::string();
}

}  // namespace pb::llm
