// Prompts: texts that people start from.
#include "base/json.h"
#include "base/limits_conversations.h"
#include "tools/conversations/conversations.h"
#include "tools/tools.h"

namespace pb::tools {
namespace {

using Prompted = mcp::Outcome<mcp::PromptResult>;

mcp::PromptResult one_text(std::string description, std::string_view text) {
  mcp::PromptResult result;
  result.description = std::move(description);
  result.messages = "[" + mcp::prompt_message("user", mcp::text_block(text)) + "]";
  return result;
}

// "\nHEADING: VALUE" where there is one.
void add(std::string& text, std::string_view heading, json::Value value) {
  if (const std::string_view said = value.as_string(); !said.empty())
    text.append("\n").append(heading).append(": ").append(said);
}

Task<Prompted> choose_model(json::Value arguments) {
  std::string text =
      "Help me to choose a model for this task. Call list_models and, for the candidates, get_model_info; "
      "weigh what the task "
      "needs against context length and price, and recommend one with a reason and one to fall back "
      "to.\n";
  add(text, "The task", arguments["task"]);
  add(text, "What it may cost", arguments["budget"]);
  co_return one_text("Choose a model for a task", text);
}

Task<Prompted> compare_models(json::Value arguments) {
  std::string text =
      "Compare models on one question. Call compare_models with the models and the question below (without "
      "models "
      "named, call list_models first and take three that differ). Then show a table with each model's answer "
      "in "
      "one sentence, its time and its cost, say where the answers contradict each other and which of them is "
      "right, and name the model that you would use for such questions.\n";
  add(text, "The models", arguments["models"]);
  add(text, "What counts most", arguments["criteria"]);
  add(text, "The question", arguments["question"]);
  co_return one_text("Compare models on one question", text);
}

Task<Prompted> review_with_models(json::Value arguments) {
  std::string text =
      "Have the text below reviewed by several models, independently of each other. Call compare_models with "
      "the "
      "models (without models named, call list_models first and take three of different providers); ask each "
      "of "
      "them for the mistakes it finds, where they are, how bad they are and how to correct them. Then put "
      "the "
      "findings together: first those that several models agree on, then those of a single one that you find "
      "to "
      "be right when you check them yourself; leave out the others, and say how many these were.\n";
  add(text, "The models", arguments["models"]);
  add(text, "What to look at", arguments["focus"]);
  add(text, "The text", arguments["text"]);
  co_return one_text("Review a text with several models", text);
}

Task<Prompted> summarise_conversation(Deps deps, const mcp::Context& context, json::Value arguments) {
  store::ConversationRange range{.last = true,
                                 .messages_max = limits::kConversationShownMessages,
                                 .bytes_max = limits::kConversationShownBytes};
  const auto page = co_await deps.conversations->read(
      context.principal().name, std::string(arguments["conversation"].as_string()), range);
  if (!page && page.error().code == Code::not_found)
    co_return mcp::fault(mcp::kInvalidParams,
                         "Invalid params: params.arguments.conversation: " + page.error().message);
  if (!page) co_return mcp::fault(mcp::kInternalError, page.error().message);
  std::string text =
      "Summarise the conversation below: what was asked, what was decided, what is still open, and facts "
      "that are "
      "needed to go on with it. Write nothing that does not stand in it.";
  if (page->first > 0)
    text += " Its first " + std::to_string(page->first) +
            " messages are missing here, because it is long; say so.";
  add(text, "How long", arguments["length"]);
  mcp::PromptResult result;
  result.description = "Summarise \"" + page->conversation.title + "\"";
  result.messages =
      "[" + mcp::prompt_message("user", mcp::text_block(text)) + "," +
      mcp::prompt_message("user", mcp::resource_block(conversation_uri(page->conversation.id),
                                                      "application/json", conversation_json(*page))) +
      "]";
  co_return result;
}

}  // namespace

void add_prompts(const Deps& deps, mcp::Offer& offer) {
  const mcp::PromptArgument models{"models", "Models", "Which, with commas between them", false};
  offer.prompts.push_back({"choose_model",
                           "Choose a model",
                           "Recommends a model for a task, by what the gateway knows of its models",
                           {{"task", "Task", "What the model is to do", true},
                            {"budget", "Budget", "What it may cost, in your own words", false}},
                           [](mcp::Context&, json::Value a) { return choose_model(a); }});
  offer.prompts.push_back({"compare_models",
                           "Compare models",
                           "Asks several models the same and compares their answers",
                           {{"question", "Question", "What they are asked", true},
                            models,
                            {"criteria", "Criteria", "What counts most, in your own words", false}},
                           [](mcp::Context&, json::Value a) { return compare_models(a); }});
  offer.prompts.push_back(
      {"review_with_models",
       "Review with several models",
       "Has a text or a change reviewed by several models and puts their findings together",
       {{"text", "Text", "What is to be reviewed", true},
        models,
        {"focus", "Focus", "What to look at: mistakes, style, security", false}},
       [](mcp::Context&, json::Value a) { return review_with_models(a); }});
  if (deps.conversations == nullptr) return;
  offer.prompts.push_back(
      {"summarise_conversation",
       "Summarise a conversation",
       "Summarises a saved conversation",
       {{"conversation", "Conversation", "Its id; parts of its title are completed to it", true},
        {"length", "Length", "How long the summary may be, in your own words", false}},
       [deps](mcp::Context& c, json::Value a) { return summarise_conversation(deps, c, a); }});
}

}  // namespace pb::tools
