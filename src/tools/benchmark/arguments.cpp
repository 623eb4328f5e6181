#include "tools/benchmark/arguments.h"

#include <algorithm>
#include <cmath>

#include "base/limits_benchmark.h"
#include "base/utf8.h"
#include "tools/benchmark/categories.h"

namespace pb::tools::bench {
namespace {

std::string number(auto n) { return std::to_string(n); }

std::string name_of(json::Value model) {
  if (model.is_string()) return std::string(model.as_string());
  const std::string_view provider = model["provider"].as_string();
  return provider.empty() ? std::string(model["model"].as_string())
                          : std::string(provider) + "/" + std::string(model["model"].as_string());
}

Result<void> add_category(Plan& plan, std::string_view name, std::int64_t prompts) {
  const Category* category = find_category(name);
  if (category == nullptr) {
    std::string known;
    for (const Category& c : categories()) known += (known.empty() ? "" : ", ") + std::string(c.name);
    return fail(Code::invalid_request,
                "there are no questions of the category `" + std::string(utf8::beginning(name, 100)) +
                    "`; there are some of: " + known,
                "categories");
  }
  for (std::int64_t i = 0; i < prompts && i < std::ssize(category->prompts); ++i)
    plan.prompts.push_back({std::string(category->prompts[i]), std::string(category->name)});
  return {};
}

}  // namespace

std::string models_schema(int at_least) {
  return R"({"type":"array","minItems":)" + number(at_least) + R"(,"maxItems":)" +
         number(limits::kBenchmarkModelsMax) +
         R"(,"description":"Names as list_models has them","items":{"anyOf":[{"type":"string","minLength":1,"maxLength":300},)"
         R"({"type":"object","properties":{"model":{"type":"string","minLength":1,"maxLength":200},)"
         R"("provider":{"type":"string","maxLength":90}},"required":["model"],"additionalProperties":false}]}})";
}

Result<std::vector<std::string>> read_models(json::Value models) {
  std::vector<std::string> out;
  for (const json::Value& m : models.items()) {
    std::string name = name_of(m);
    if (const auto twin = std::ranges::find(out, name); twin != out.end())
      return fail(
          Code::invalid_request,
          "models[" + number(out.size()) + "] is the same as models[" + number(twin - out.begin()) + "]",
          "models[" + number(out.size()) + "]");
    out.push_back(std::move(name));
  }
  return out;
}

std::string plan_properties() {
  const std::string text =
      R"({"type":"string","minLength":1,"maxLength":)" + number(limits::kBenchmarkPromptCharsMax) + "}";
  std::string names;
  for (const Category& c : categories()) names += (names.empty() ? "" : ", ") + std::string(c.name);
  return R"("prompt":)" + text + R"(,"prompts":{"type":"array","maxItems":)" +
         number(limits::kBenchmarkPromptsMax) +
         R"(,"description":"Several questions; a category groups them for compare_model_categories","items":{"anyOf":[)" +
         text + R"(,{"type":"object","properties":{"text":)" + text +
         R"(,"category":{"type":"string","maxLength":60}},"required":["text"],"additionalProperties":false}]}},)"
         R"("categories":{"type":"array","maxItems":20,"uniqueItems":true,"items":{"type":"string","maxLength":60},)"
         R"("description":"Built-in questions of these kinds: )" +
         names +
         R"("},"prompts_per_category":{"type":"integer","minimum":1,"maximum":2,"default":1},)"
         R"("system_prompt":{"type":"string","maxLength":)" +
         number(limits::kBenchmarkPromptCharsMax) + R"(},"runs":{"type":"integer","minimum":1,"maximum":)" +
         number(limits::kBenchmarkRunsMax) +
         R"(,"default":3,"description":"of each question with each model; intervals need two at least"},)"
         R"("delay_seconds":{"type":"number","minimum":0,"maximum":)" +
         number(limits::kBenchmarkDelaySecondsMax) +
         R"(,"default":1,"description":"between two runs of one model"},)"
         R"("timeout_seconds":{"type":"number","exclusiveMinimum":0,"maximum":)" +
         number(limits::kBenchmarkTimeoutSecondsMax) +
         R"(,"default":60,"description":"of one run"},)"
         R"("parallel":{"type":"integer","minimum":1,"maximum":20,"description":"models at a time; no more than mcp.tools.parallel"},)"
         R"("judge":{"type":"string","minLength":1,"maxLength":300,"description":"A model that grades the answers' quality, without being told whose they are; without one, plain rules do"},)"
         R"("temperature":{"type":"number","minimum":0,"maximum":2},)"
         R"("max_tokens":{"type":"integer","minimum":1,"maximum":1000000,"default":)" +
         number(limits::kBenchmarkAnswerTokens) +
         R"(},"save_results":{"type":"boolean","default":true,"description":"Keep the figures in the history"},)"
         R"("include_texts":{"type":"boolean","default":false,"description":"Keep questions and answers too, and tell the answers"})";
}

Result<Plan> read_plan(json::Value a) {
  Plan plan;
  if (const std::string_view prompt = a["prompt"].as_string(); !prompt.empty())
    plan.prompts.push_back({std::string(prompt), {}});
  for (const json::Value& p : a["prompts"].items())
    plan.prompts.push_back({std::string(p.is_string() ? p.as_string() : p["text"].as_string()),
                            std::string(p["category"].as_string())});
  const std::int64_t per_category = a["prompts_per_category"].as_int(1);
  for (const json::Value& c : a["categories"].items()) TRY(add_category(plan, c.as_string(), per_category));
  if (plan.prompts.empty()) TRY(add_category(plan, kDefaultCategory, 1));
  if (std::ssize(plan.prompts) > limits::kBenchmarkPromptsMax)
    return fail(Code::invalid_request,
                number(plan.prompts.size()) + " questions are asked for; at most " +
                    number(limits::kBenchmarkPromptsMax) + " are allowed",
                "prompts");
  plan.system = a["system_prompt"].as_string();
  plan.runs = static_cast<int>(a["runs"].as_int(3));
  plan.delay_ms = static_cast<int>(std::lround(a["delay_seconds"].as_double(1) * 1000));
  plan.timeout_ms = std::max(1, static_cast<int>(std::lround(a["timeout_seconds"].as_double(60) * 1000)));
  plan.parallel = static_cast<int>(a["parallel"].as_int(0));
  plan.judge = a["judge"].as_string();
  plan.temperature = a["temperature"].as_double(-1);
  plan.max_tokens = a["max_tokens"].as_int(limits::kBenchmarkAnswerTokens);
  plan.save = a["save_results"].as_bool(true);
  plan.include_texts = a["include_texts"].as_bool(false);
  return plan;
}

std::string history_properties() {
  return R"("days_back":{"type":"integer","minimum":1,"maximum":3650,"default":30,"description":"How old kept runs may be"},)"
         R"("measure":{"type":"string","enum":["never","missing","always"],)"
         R"("description":"Whether models are asked now: those without kept runs (missing), all, or none. Default: missing where models are named, else never"})";
}

}  // namespace pb::tools::bench
