// One validation of one value: a walk over the compiled schema that ends at the first fault, or with a list of faults goes on.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/schema/program.h"

namespace pb::schema {

// Where the walk is in the value: a chain of places on the stack.
struct Place {
  const Place* up = nullptr;
  std::string_view key;
  std::size_t index = 0;
  bool is_item = false;
};
std::string pointer_of(const Place& place);
std::string path_of(const Place& place);  // "a.b[2]"

// Which members or items of a value some schema has looked at and found right.
class Evaluated {
 public:
  explicit Evaluated(std::size_t size);
  void add(std::size_t i);
  void add_all() { all_ = true; }
  void add(const Evaluated& other);  // of the same value
  bool has(std::size_t i) const;

 private:
  static constexpr std::size_t kInline = 4;
  std::uint64_t few_[kInline] = {};
  std::vector<std::uint64_t> many_;
  bool all_ = false;
};

class Run {
 public:
  Run(const Program& program, std::vector<Fault>* faults)
      : p_(program), faults_(faults), left_(program.options.work_max) {}

  // Whether the value fits the root.
  bool root(json::Value v);
  // The value was too deep or too much work; root() was then of no use.
  bool gave_up() const { return too_deep_ || left_ < 0; }
  bool too_deep() const { return too_deep_; }

 private:
  struct Scope {  // the resources that the walk came through
    const Scope* outer;
    Index resource;
  };

  // `seen`: null = nobody asks. Is only of use when the answer is true.
  bool node(Index id, json::Value v, const Place& at, Evaluated* seen);
  bool instructions(Index id, Group group, json::Value v, const Place& at, Evaluated* seen);
  bool instruction(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen);
  bool number(const Instruction& i, json::Value v);
  bool text(const Instruction& i, json::Value v);

  // evaluate_containers.cpp
  bool array(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen);
  bool items(const ArrayPlan& plan, json::Value v, const Place& at, Evaluated* seen);
  bool contains(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen);
  bool unique(Index id, const Instruction& i, json::Value v, const Place& at);
  bool object(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen);
  bool properties(Index id, const ObjectPlan& plan, json::Value v, const Place& at, Evaluated* seen);
  bool property_names(Index id, const Instruction& i, json::Value v, const Place& at);
  bool required(Index id, const Instruction& i, json::Value v, const Place& at);
  bool dependents(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen);
  bool unevaluated(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated& seen);

  // evaluate_logic.cpp
  bool logic(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen);
  Index dynamic_target(const Instruction& i);
  bool any_of(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen);
  bool one_of(Index id, const Instruction& i, json::Value v, const Place& at, Evaluated* seen);
  bool all_of(const Instruction& i, json::Value v, const Place& at, Evaluated* seen);
  bool condition(const Condition& c, json::Value v, const Place& at, Evaluated* seen);
  bool quietly(Index id, json::Value v, const Place& at, Evaluated* seen);  // without faults

  // explain.cpp. Both return false, so that `return refuse(…)` reads as what it does.
  bool refuse(Index id, const Instruction& i, json::Value v, const Place& at);
  bool refuse(Index id, std::string_view keyword, const Place& at, std::string what);
  bool refuse_type(Index id, json::Value v, const Place& at);
  bool refuse_member(Index id, std::string_view keyword, const Place& at, std::string_view member,
                     std::string what);
  void explain_alternatives(Index id, const Instruction& i, json::Value v, const Place& at);

  // Whether to stop at the first fault: nobody listens, or they have heard enough.
  bool hasty() const { return faults_ == nullptr || faults_->size() >= p_.options.faults_max || gave_up(); }
  void charge(std::size_t bytes) { left_ -= static_cast<std::int64_t>(bytes / 64); }

  const Program& p_;
  std::vector<Fault>* faults_;
  std::int64_t left_;
  int depth_ = 0;
  bool too_deep_ = false;
  const Scope* scope_ = nullptr;
};

}  // namespace pb::schema
