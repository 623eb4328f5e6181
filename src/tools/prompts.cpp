// Prompts: texts that people start from.
#include "base/json.h"
#include "tools/tools.h"

namespace pb::tools {
namespace {

Task<mcp::Outcome<mcp::PromptResult>> choose_model(json::Value arguments) {
  std::string text =
      "Help me to choose a model for this task. Call list_models and, for the candidates, get_model_info; "
      "weigh what the task "
      "needs against context length and price, and recommend one with a reason and one to fall back "
      "to.\n\nThe task: ";
  text += arguments["task"].as_string();
  if (const std::string_view budget = arguments["budget"].as_string(); !budget.empty())
    text += "\nWhat it may cost: " + std::string(budget);
  mcp::PromptResult result;
  result.description = "Choose a model for a task";
  result.messages = "[" + mcp::prompt_message("user", mcp::text_block(text)) + "]";
  co_return result;
}

}  // namespace

void add_prompts(const Deps&, mcp::Offer& offer) {
  mcp::Prompt prompt;
  prompt.name = "choose_model";
  prompt.title = "Choose a model";
  prompt.description = "Recommends a model for a task, by what the gateway knows of its models";
  prompt.arguments = {{"task", "Task", "What the model is to do", true},
                      {"budget", "Budget", "What it may cost, in your own words", false}};
  prompt.get = [](mcp::Context&, json::Value arguments) { return choose_model(arguments); };
  offer.prompts.push_back(std::move(prompt));
}

}  // namespace pb::tools
