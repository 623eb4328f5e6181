// Second pass: the keywords of every node become instructions.
#pragma once
#include <map>
#include <string_view>

#include "base/schema/discover.h"
#include "base/schema/program.h"

namespace pb::schema {

class Compiler {
 public:
  explicit Compiler(Program& program) : p_(program), places_(program) {}
  Result<void> run(json::Value document);

 private:
  // One node; `id_` and `source_` are of the one at work.
  Result<void> node();
  Result<void> types();
  Result<void> numbers();
  Result<void> bound(std::string_view word, Op op, const json::Value* exclusive_flag, Op exclusive);
  Result<void> strings();
  Result<void> combinations();
  Result<void> choices();
  Result<void> references();
  // compile_containers.cpp
  Result<void> arrays();
  Result<void> items();
  Result<void> contains();
  Result<void> objects();
  Result<void> object_plan();
  Result<void> required();
  Result<void> dependents();
  Result<void> dependencies_of(std::string_view word, Op op);

  Result<void> count(std::string_view word, Op op);  // a number of things from 0
  Result<std::uint64_t> whole(std::string_view word, const json::Value& v) const;
  Result<Index> pattern(std::string_view word, std::string_view text);
  Result<void> compile_patterns();
  Result<void> refuse_circles() const;

  // The keyword's value where the node has it and its draft knows it.
  const json::Value* word(std::string_view name, Draft from = Draft::d4, Draft to = Draft::d2020) const;
  Index child(const json::Value* at) const { return places_.node_at(at); }
  Instruction& emit(Op op, std::string_view name);
  void begin(Group group);
  std::unexpected<Error> wrong(std::string_view word, const std::string& what) const;
  std::unexpected<Error> must_be(std::string_view word, std::string_view what, const json::Value& v) const;

  struct WantedPattern {
    Index node;
    std::string_view keyword, text;
  };

  Program& p_;
  Discovery places_;
  Index id_ = 0;
  json::Value source_;
  Draft draft_ = Draft::d2020;
  std::map<std::string_view, Index> pattern_index_;
  std::vector<WantedPattern> wanted_;  // by index
};

}  // namespace pb::schema
