// One call of a tool that asks several models: what it may take, what it has taken, and what its client is told meanwhile.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/model_call.h"
#include "tools/panel/embed.h"
#include "tools/panel/json_reply.h"
#include "tools/panel/words.h"

namespace pb::tools::panel {

// What was asked and what it cost. Questions that failed are counted, too; those that were never asked are not.
struct Bill {
  int calls = 0, failed = 0;
  std::int64_t input = 0, output = 0;  // tokens
  double cost = 0;                     // US dollars
  bool complete = true;                // every answer's usage and cost are known
  void add(const Result<ModelAnswer>& answer);
  void write(json::Writer& w) const;  // an object
};
inline constexpr std::string_view kBillSchema = R"({"type":"object","properties":{
  "calls":{"type":"integer"},"failed_calls":{"type":"integer"},
  "input_tokens":{"type":"integer"},"output_tokens":{"type":"integer"},"total_tokens":{"type":"integer"},
  "cost":{"type":"number","description":"US dollars, as far as prices are known"},
  "complete":{"type":"boolean","description":"false: some answer's tokens or price are not known, and the true sum is higher"}},
  "required":["calls","failed_calls","input_tokens","output_tokens","total_tokens","cost","complete"]})";

// Arguments that all tools of the panel take, as members of `properties`.
extern const std::string_view kCommonProperties;

struct Settings {
  std::string system_prompt;
  double temperature = -1;
  std::int64_t max_tokens = 0;
  int timeout_ms = 60'000;  // of one question
};
Settings read_settings(json::Value arguments);

struct Reply {
  std::string json;  // fits the shape that was asked for
  ModelAnswer answer;
};

// Lives in the frame of the call's coroutine.
class Desk {
 public:
  Desk(const Deps& deps, mcp::Context& context, json::Value arguments);

  // A question with the call's settings. `system` stands before what the client's own system prompt says.
  ModelQuestion question(std::string_view model, std::string_view system, std::string_view user) const;

  // Called with every answer as it comes.
  using Heard = std::function<void(std::size_t index, const Result<ModelAnswer>& answer)>;
  // All at once, under the configuration's bound. Each that ends is told as progress, with the beginning of its text.
  Task<std::vector<Result<ModelAnswer>>> ask_all(std::vector<ModelQuestion> questions, Heard heard = {});
  // Its text is told as it comes.
  Task<Result<ModelAnswer>> ask(ModelQuestion question);
  // For JSON. Who answers with something else is asked once more and told what is wrong; who refuses `response_format` is asked
  // without it, which counts as that once. Error: the call's own, or bad_upstream with what is wrong with the second reply.
  Task<std::vector<Result<Reply>>> ask_all_json(std::vector<ModelQuestion> questions, const Shape& shape);
  Task<Result<Reply>> ask_json(ModelQuestion question, const Shape& shape);

  // Vectors of texts; a question like any other. Error: as clients of the gateway get it.
  Task<Result<Vectors>> embed(std::string model, std::vector<std::string> texts);

  // How many questions are to come, as far as it is known: for the progress.
  void expect(int questions) { total_ += questions; }
  void say(std::string_view message);  // progress between questions

  const Deps& deps() const { return deps_; }
  mcp::Context& context() const { return context_; }
  const Settings& settings() const { return settings_; }
  const Bill& bill() const { return bill_; }
  std::int64_t elapsed_ms() const;

 private:
  void ended(std::string_view model, const Result<ModelAnswer>& answer);
  void tell(double done, std::string_view message);

  const Deps& deps_;
  mcp::Context& context_;
  Settings settings_;
  Allowance left_;
  Bill bill_;
  std::int64_t began_ms_;
  int done_ = 0, total_ = 0;
  double told_ = 0;
};

// {"model":…,"error":…}: who did not answer, and why.
struct Failure {
  std::string model, error;
};
void write_failures(json::Writer& w, const std::vector<Failure>& failures);  // a member `failures`
inline constexpr std::string_view kFailuresSchema = R"({"type":"array","items":{"type":"object","properties":{
  "model":{"type":"string"},"error":{"type":"string"}},"required":["model","error"]}})";

// An output schema with kFailuresSchema for FAILURES and kBillSchema for USAGE.
std::string filled(std::string_view schema);

// An error of the tool that tells what there is all the same, a JSON object, as a second text: clients hold a structured part
// against the output schema even where the call went wrong.
mcp::ToolResult failed_result(std::string_view message, std::string_view partial);
// A text for people beside the structured part.
mcp::ToolResult told_result(std::string_view text, std::string structured);

}  // namespace pb::tools::panel
