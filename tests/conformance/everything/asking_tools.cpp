// Tools that ask their client; each is written once and works in both eras.
#include "everything.h"

namespace everything {
namespace mcp = pb::mcp;
using pb::Task;
using pb::json::Value;

std::string text_of(Value answer) {
  const Value content = answer["content"];
  return std::string((content.is_array() ? content.at(0) : content)["text"].as_string("no response"));
}

namespace {

std::string one_text(std::string_view name) {
  return R"({"type":"object","properties":{")" + std::string(name) + R"(":{"type":"string"}},"required":[")" +
         std::string(name) + R"("]})";
}
constexpr std::string_view kConfirm =
    R"({"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]})";
constexpr std::string_view kDefaults = R"({"type":"object","properties":{
  "name":{"type":"string","description":"User name","default":"John Doe"},
  "age":{"type":"integer","description":"User age","default":30},
  "score":{"type":"number","description":"User score","default":95.5},
  "status":{"type":"string","description":"User status","enum":["active","inactive","pending"],"default":"active"},
  "verified":{"type":"boolean","description":"Verification status","default":true}},"required":[]})";
constexpr std::string_view kEnums = R"({"type":"object","properties":{
  "untitledSingle":{"type":"string","description":"One","enum":["option1","option2","option3"]},
  "titledSingle":{"type":"string","description":"One, with titles","oneOf":[{"const":"value1","title":"First Option"},
    {"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},
  "legacyEnum":{"type":"string","description":"One, the old way",
                           "enum" : [ "opt1", "opt2", "opt3" ],
                           "enumNames" : [ "Option One", "Option Two", "Option Three" ]
}
, "untitledMulti" : {
  "type" : "array",
  "description" : "Several",
  "minItems" : 1,
  "maxItems" : 3,
  "items" : {"type" : "string", "enum" : [ "option1", "option2", "option3" ]}
},
                    "titledMulti" : {
  "type" : "array", "description" : "Several, with titles", "minItems" : 1, "maxItems" : 3, "items" : {
    "anyOf" : [
      {"const" : "value1", "title" : "First Choice"}, {"const" : "value2", "title" : "Second Choice"},
      {"const" : "value3", "title" : "Third Choice"}
    ]
  }
}
}
, "required" : []
})";

std::string told(Value answer) {
  return "action=" + std::string(answer["action"].as_string()) +
         ", content=" + pb::json::to_text(answer["content"]);
}

template <class... A>
std::vector<mcp::Ask> asks(A... ask) {
  std::vector<mcp::Ask> out;
  (out.push_back(std::move(ask)), ...);
  return out;
}

Task<Outcome> form(mcp::Context& c, std::string key, std::string message, std::string schema,
                   std::string before) {
  CO_TRY_ASSIGN(const mcp::Answers a, co_await c.ask(asks(mcp::ask_form(key, message, schema))));
  co_return mcp::text_result(before + told(a[key]));
}

Task<Outcome> sample(mcp::Context& c, std::string key, std::string prompt, std::string before) {
  CO_TRY_ASSIGN(const mcp::Answers a, co_await c.ask(asks(mcp::ask_model(key, prompt, 100))));
  co_return mcp::text_result(before + text_of(a[key]));
}

Task<Outcome> hello(mcp::Context& c) {
  CO_TRY_ASSIGN(const mcp::Answers a,
                co_await c.ask(asks(mcp::ask_form("user_name", "What is your name?", one_text("name")))));
  co_return mcp::text_result("Hello, " + std::string(a["user_name"]["content"]["name"].as_string("unknown")) +
                             "!");
}

Task<Outcome> roots(mcp::Context& c) {
  CO_TRY_ASSIGN(const mcp::Answers a, co_await c.ask(asks(mcp::ask_roots("client_roots"))));
  co_return mcp::text_result("Found " + std::to_string(a["client_roots"]["roots"].size()) + " root(s)");
}

Task<Outcome> confirm(mcp::Context& c, std::string answer) {
  CO_TRY_ASSIGN(const mcp::Answers a,
                co_await c.ask(asks(mcp::ask_form("confirm", "Please confirm", kConfirm))));
  co_return mcp::text_result(answer);
}

Task<Outcome> several(mcp::Context& c) {
  CO_TRY_ASSIGN(const mcp::Answers a,
                co_await c.ask(asks(mcp::ask_form("user_name", "What is your name?", one_text("name")),
                                    mcp::ask_model("greeting", "Generate a greeting", 50),
                                    mcp::ask_roots("client_roots"))));
  co_return mcp::text_result("Name: " + told(a["user_name"]) + "; Greeting: " + text_of(a["greeting"]) +
                             "; Roots: " + std::to_string(a["client_roots"]["roots"].size()));
}

Task<Outcome> rounds(mcp::Context& c) {
  CO_TRY_ASSIGN(const mcp::Answers first,
                co_await c.ask(asks(mcp::ask_form("step1", "Step 1: What is your name?", one_text("name")))));
  CO_TRY_ASSIGN(const mcp::Answers second,
                co_await c.ask(
                    asks(mcp::ask_form("step2", "Step 2: What is your favorite color?", one_text("color")))));
  co_return mcp::text_result(
      "Multi-round complete for " + std::string(first["step1"]["content"]["name"].as_string("friend")) +
      " who likes " + std::string(second["step2"]["content"]["color"].as_string("nothing")));
}

Task<Outcome> what_it_can(mcp::Context& c) {
  std::vector<mcp::Ask> can;
  if (c.client_can().elicitation_form)
    can.push_back(mcp::ask_form("elicit_input", "Input", one_text("value")));
  if (c.client_can().sampling) can.push_back(mcp::ask_model("sample_input", "Sample request", 50));
  if (can.empty()) co_return mcp::text_result("No supported capabilities declared");
  CO_TRY_ASSIGN(const mcp::Answers a, co_await c.ask(std::move(can)));
  co_return mcp::text_result("capabilities-ok: " + std::to_string(a.texts().size()));
}

Task<Outcome> streaming(mcp::Context& c) {
  c.progress(50, 100, "half");
  CO_TRY_ASSIGN(const mcp::Answers a,
                co_await c.ask(asks(mcp::ask_form("value", "Which value?", one_text("value")))));
  co_return mcp::text_result("Streaming complete: " + told(a["value"]));
}

}  // namespace

void add_asking_tools(mcp::Offer& offer) {
  auto& t = offer.tools;
  t.push_back(make("test_sampling", "Asks the client's model", [](mcp::Context& c, Value a) {
    return sample(c, "response", std::string(a["prompt"].as_string()), "LLM response: ");
  }));
  t.back().input_schema =
      R"({"type":"object","properties":{"prompt":{"type":"string"}},"required":["prompt"]})";
  t.push_back(make("test_elicitation", "Asks the user", [](mcp::Context& c, Value a) {
    return form(c, "response", std::string(a["message"].as_string()), one_text("response"),
                "User response: ");
  }));
  t.back().input_schema =
      R"({"type":"object","properties":{"message":{"type":"string"}},"required":["message"]})";
  t.push_back(make("test_elicitation_sep1034_defaults", "A form with defaults", [](mcp::Context& c, Value) {
    return form(c, "form", "Please review and update the form fields with defaults", std::string(kDefaults),
                "Elicitation completed: ");
  }));
  t.push_back(make("test_elicitation_sep1330_enums", "A form with choices", [](mcp::Context& c, Value) {
    return form(c, "form", "Please select options from the enum fields", std::string(kEnums),
                "Elicitation completed: ");
  }));
  t.push_back(make("test_missing_capability", "Needs sampling",
                   [](mcp::Context& c, Value) { return sample(c, "sample", "Say something", "Success: "); }));
  t.push_back(make("test_streaming_elicitation", "Progress, then a question",
                   [](mcp::Context& c, Value) { return streaming(c); }));
  t.push_back(make("test_input_required_result_elicitation", "Asks for a name",
                   [](mcp::Context& c, Value) { return hello(c); }));
  t.push_back(
      make("test_input_required_result_sampling", "Asks the client's model", [](mcp::Context& c, Value) {
        return sample(c, "capital_question", "What is the capital of France?", "Sampling result: ");
      }));
  t.push_back(make("test_input_required_result_list_roots", "Asks for the roots",
                   [](mcp::Context& c, Value) { return roots(c); }));
  t.push_back(make("test_input_required_result_request_state", "Has a state",
                   [](mcp::Context& c, Value) { return confirm(c, "state-ok: requestState validated"); }));
  t.push_back(make("test_input_required_result_tampered_state", "Has a sealed state",
                   [](mcp::Context& c, Value) { return confirm(c, "integrity-ok: state verified"); }));
  t.push_back(make("test_input_required_result_multiple_inputs", "Asks three things at once",
                   [](mcp::Context& c, Value) { return several(c); }));
  t.push_back(make("test_input_required_result_multi_round", "Asks twice",
                   [](mcp::Context& c, Value) { return rounds(c); }));
  t.push_back(make("test_input_required_result_capabilities", "Asks what the client can answer",
                   [](mcp::Context& c, Value) { return what_it_can(c); }));
}

}  // namespace everything
