#include "llm/probes_test_support.h"

#include <algorithm>

namespace pb::llm::testing {
namespace {

using Kind = Block::Kind;

constexpr Str kPng =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
constexpr Str kPdf = "JVBERi0xLjQKJcOkw7zDtsOfCg==";
constexpr Str kWav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAESsAACJWAAACABAAZGF0YQAAAAA=";
constexpr Str kSchema =
    R"({"type":"object","properties":{"city":{"type":"string","description":"where"}},"required":["city"],"additionalProperties":false})";

Message message(Role role, Block block) {
  Message m;
  m.role = role;
  m.content.push_back(std::move(block));
  return m;
}

Block result_block(Str id, Str text) {
  Block b;
  b.kind = Kind::tool_result;
  b.id = id;
  b.content.push_back(text_block(text));
  return b;
}

void add_tool(Request& r) {
  Tool t;
  t.name = "get_weather";
  t.description = "The weather of a city";
  t.parameters = parsed(r.arena, kSchema);
  r.tools.push_back(std::move(t));
}

// A user's question, two calls at once and their results, and another question.
void add_calls(Request& r) {
  add_tool(r);
  Message calls;
  calls.role = Role::assistant;
  calls.content.push_back(call_block("call_a1", "get_weather", R"({"city":"Oslo"})"));
  calls.content.push_back(call_block("call_b2", "get_weather", R"({"city":"Rome \"x\""})"));
  r.messages.push_back(std::move(calls));
  for (auto [id, text] : {std::pair<Str, Str>{"call_a1", "rain"}, {"call_b2", "sun"}})
    r.messages.push_back(message(Role::tool, result_block(id, text)));
}

Block* first_result(Request& r) {
  for (Message& m : r.messages)
    for (Block& b : m.content)
      if (b.kind == Kind::tool_result) return &b;
  return nullptr;
}

Block media(Kind kind, Str type, Str data) {
  Block b;
  b.kind = kind;
  b.media_type = type;
  b.data = data;
  return b;
}

void say(Request& r, Block b) { r.messages[0].content.push_back(std::move(b)); }

bool has_text(const Request& r, Role role, Str text) {
  return std::any_of(r.messages.begin(), r.messages.end(), [&](const Message& m) {
    return m.role == role &&
           any_block(m.content, [&](const Block& b) { return b.kind == Kind::text && b.text == text; });
  });
}

bool is_system(const Message& m) { return m.role == Role::system || m.role == Role::developer; }

// The calls' names and arguments in order, and after each call a result with its id and text.
bool calls_hold(const Request& r) {
  std::vector<std::pair<Str, std::string>> calls, results;
  for (const Message& m : r.messages)
    for (const Block& b : m.content) {
      if (b.kind == Kind::tool_call && b.name == "get_weather")
        calls.emplace_back(b.id, canonical_or_empty(b.arguments));
      if (b.kind == Kind::tool_result && b.content.size() == 1) results.emplace_back(b.id, b.content[0].text);
    }
  return calls.size() == 2 && results.size() == 2 && calls[0].first == results[0].first &&
         calls[1].first == results[1].first && calls[0].first != calls[1].first &&
         calls[0].second == R"({"city":"Oslo"})" && calls[1].second == R"({"city":"Rome \"x\""})" &&
         results[0].second == "rain" && results[1].second == "sun";
}

// Whether all of `part` is in `whole`: targets may add members to a schema.
bool contains(json::Value whole, json::Value part) {
  if (part.is_object()) {
    return std::all_of(part.members().begin(), part.members().end(),
                       [&](const json::Member& m) { return contains(whole[m.key], m.value); });
  }
  return json::canonical_text(whole) == json::canonical_text(part);
}

bool schema_holds(json::Value schema) {
  json::Arena arena;
  return contains(
      schema,
      parsed(
          arena,
          R"({"type":"object","properties":{"city":{"type":"string","description":"where"}},"required":["city"]})"));
}

template <class T>
RequestProbe member(Str feature, T Request::* field, T value) {
  return {feature,
          {},
          [=](Request& r) { r.*field = value; },
          [=](const Request& r) { return r.*field == value; }};
}

std::vector<RequestProbe> make_request_probes() {
  std::vector<RequestProbe> p;
  auto add = [&](Str feature, Str what, std::function<void(Request&)> put,
                 std::function<bool(const Request&)> holds) {
    p.push_back({feature, what, std::move(put), std::move(holds)});
  };
  // Messages
  add(
      "system", {},
      [](Request& r) {
        Message m = message(Role::system, text_block("be brief"));
        m.top_level = true;
        r.messages.insert(r.messages.begin(), std::move(m));
      },
      [](const Request& r) {
        return has_text(r, Role::system, "be brief") || has_text(r, Role::developer, "be brief");
      });
  add(
      "system in the middle", {},
      [](Request& r) {
        r.messages.push_back(message(Role::assistant, text_block("yes")));
        r.messages.push_back(message(Role::system, text_block("from now on")));
        r.messages.push_back(message(Role::user, text_block("more")));
      },
      [](const Request& r) {
        for (std::size_t i = 1; i < r.messages.size(); ++i)
          if (is_system(r.messages[i]) &&
              any_block(r.messages[i].content, [](const Block& b) { return b.text == "from now on"; }))
            return true;
        return false;
      });
  add(
      "message.name", {}, [](Request& r) { r.messages[0].name = "ann"; },
      [](const Request& r) {
        return std::any_of(r.messages.begin(), r.messages.end(),
                           [](const Message& m) { return m.name == "ann"; });
      });
  add(
      "text", "a user's text", [](Request& r) { say(r, text_block("two\n\"lines\" ö")); },
      [](const Request& r) {
        return any_block(r, [](const Block& b) { return b.text.ends_with("two\n\"lines\" ö"); });
      });
  add(
      "text", "an assistant's text",
      [](Request& r) {
        r.messages.push_back(message(Role::assistant, text_block("an answer")));
        r.messages.push_back(message(Role::user, text_block("go on")));
      },
      [](const Request& r) {
        return has_text(r, Role::assistant, "an answer") && has_text(r, Role::user, "go on");
      });
  add(
      "refusal", {},
      [](Request& r) {
        Block b = text_block("I will not");
        b.kind = Kind::refusal;
        r.messages.push_back(message(Role::assistant, std::move(b)));
        r.messages.push_back(message(Role::user, text_block("go on")));
      },
      [](const Request& r) {
        return any_block(r, [](const Block& b) { return b.kind == Kind::refusal && b.text == "I will not"; });
      });
  add(
      "cache_control", {}, [](Request& r) { r.messages[0].content[0].cache.on = true; },
      [](const Request& r) { return any_block(r, [](const Block& b) { return b.cache.on; }); });
  // Media
  add(
      "image", {}, [](Request& r) { say(r, media(Kind::image, "image/png", kPng)); },
      [](const Request& r) {
        return any_block(r, [](const Block& b) { return b.kind == Kind::image && b.data == kPng; });
      });
  add(
      "image.url", {},
      [](Request& r) {
        Block b;
        b.kind = Kind::image;
        b.url = "https://example.com/a.png";
        say(r, std::move(b));
      },
      [](const Request& r) {
        return any_block(
            r, [](const Block& b) { return b.kind == Kind::image && b.url == "https://example.com/a.png"; });
      });
  add(
      "image.detail", {},
      [](Request& r) {
        Block b = media(Kind::image, "image/png", kPng);
        b.detail = "low";
        say(r, std::move(b));
      },
      [](const Request& r) {
        return any_block(r, [](const Block& b) { return b.kind == Kind::image && b.detail == "low"; });
      });
  add(
      "document", {},
      [](Request& r) {
        Block b = media(Kind::document, "application/pdf", kPdf);
        b.name = "a.pdf";
        say(r, std::move(b));
      },
      [](const Request& r) {
        return any_block(r, [](const Block& b) { return b.kind == Kind::document && b.data == kPdf; });
      });
  add(
      "document.url", {},
      [](Request& r) {
        Block b;
        b.kind = Kind::document;
        b.media_type = "application/pdf";
        b.url = "https://example.com/a.pdf";
        say(r, std::move(b));
      },
      [](const Request& r) {
        return any_block(r, [](const Block& b) {
          return b.kind == Kind::document && b.url == "https://example.com/a.pdf";
        });
      });
  add(
      "audio", {}, [](Request& r) { say(r, media(Kind::audio, "audio/wav", kWav)); },
      [](const Request& r) {
        return any_block(r, [](const Block& b) { return b.kind == Kind::audio && b.data == kWav; });
      });
  // Tools
  add("tools", {}, add_tool, [](const Request& r) {
    return r.tools.size() == 1 && r.tools[0].name == "get_weather" &&
           r.tools[0].description == "The weather of a city" && schema_holds(r.tools[0].parameters);
  });
  add(
      "tools.strict", {},
      [](Request& r) {
        add_tool(r);
        r.tools[0].strict = true;
      },
      [](const Request& r) { return r.tools.size() == 1 && r.tools[0].strict.value_or(false); });
  add(
      "custom_tools", {},
      [](Request& r) {
        Tool t;
        t.kind = Tool::Kind::custom;
        t.name = "apply_patch";
        t.description = "a patch";
        r.tools.push_back(std::move(t));
      },
      [](const Request& r) {
        return r.tools.size() == 1 && r.tools[0].kind == Tool::Kind::custom &&
               r.tools[0].name == "apply_patch";
      });
  for (auto [what, kind] : {std::pair<Str, ToolChoice::Kind>{"required", ToolChoice::Kind::required},
                            {"none", ToolChoice::Kind::none},
                            {"one named tool", ToolChoice::Kind::named}})
    add(
        "tool_choice", what,
        [kind](Request& r) {
          add_tool(r);
          r.tool_choice.kind = kind;
          if (kind == ToolChoice::Kind::named) r.tool_choice.name = "get_weather";
        },
        [kind](const Request& r) {
          return r.tool_choice.kind == kind &&
                 (kind != ToolChoice::Kind::named || r.tool_choice.name == "get_weather");
        });
  add(
      "parallel_tool_calls", {},
      [](Request& r) {
        add_tool(r);
        r.parallel_tool_calls = false;
      },
      [](const Request& r) { return r.parallel_tool_calls.has_value() && !*r.parallel_tool_calls; });
  add("tool_calls", {}, add_calls, calls_hold);
  add(
      "tool_result.images", {},
      [](Request& r) {
        add_calls(r);
        first_result(r)->content.push_back(media(Kind::image, "image/png", kPng));
      },
      [](const Request& r) {
        return any_block(r, [](const Block& b) {
          return b.kind == Kind::tool_result &&
                 any_block(b.content, [](const Block& i) { return i.kind == Kind::image && i.data == kPng; });
        });
      });
  add(
      "tool_result.is_error", {},
      [](Request& r) {
        add_calls(r);
        first_result(r)->is_error = true;
      },
      [](const Request& r) {
        return any_block(r, [](const Block& b) { return b.kind == Kind::tool_result && b.is_error; });
      });
  // Reasoning
  for (Str effort : {"low", "high"})
    add(
        "reasoning_effort", effort, [effort](Request& r) { r.effort = effort; },
        [effort](const Request& r) { return r.effort == effort; });
  add(
      "thinking", "a budget",
      [](Request& r) {
        r.thinking.kind = Thinking::Kind::enabled;
        r.thinking.budget_tokens = 5000;
        r.max_tokens = 20000;
      },
      [](const Request& r) {
        return r.thinking.kind == Thinking::Kind::enabled && r.thinking.budget_tokens == 5000;
      });
  add(
      "thinking.disabled", {}, [](Request& r) { r.thinking.kind = Thinking::Kind::disabled; },
      [](const Request& r) { return r.thinking.kind == Thinking::Kind::disabled || r.effort == "none"; });
  // Parameters
  p.push_back(member<std::optional<std::int64_t>>("max_tokens", &Request::max_tokens, 333));
  p.push_back(member<std::optional<double>>("temperature", &Request::temperature, 0.5));
  p.push_back(member<std::optional<double>>("top_p", &Request::top_p, 0.25));
  p.push_back(member<std::optional<std::int64_t>>("top_k", &Request::top_k, 40));
  p.push_back(member<std::optional<double>>("frequency_penalty", &Request::frequency_penalty, 0.5));
  p.push_back(member<std::optional<double>>("presence_penalty", &Request::presence_penalty, 0.25));
  p.push_back(member<std::optional<std::int64_t>>("seed", &Request::seed, 7));
  p.push_back(member<std::optional<std::int64_t>>("n", &Request::n, 2));
  p.push_back(member<Str>("user", &Request::user, "user-7"));
  p.push_back(member<Str>("verbosity", &Request::verbosity, "low"));
  p.push_back(member<Str>("prompt_cache_key", &Request::prompt_cache_key, "key-7"));
  p.push_back(member<std::optional<bool>>("logprobs", &Request::logprobs, true));
  add(
      "stop", {}, [](Request& r) { r.stop = {"END", "STOP"}; },
      [](const Request& r) { return r.stop == std::vector<Str>{"END", "STOP"}; });
  add(
      "top_logprobs", {},
      [](Request& r) {
        r.logprobs = true;
        r.top_logprobs = 3;
      },
      [](const Request& r) { return r.top_logprobs == 3; });
  add(
      "logit_bias", {}, [](Request& r) { r.logit_bias = parsed(r.arena, R"({"50256":-100})"); },
      [](const Request& r) { return r.logit_bias.size() == 1; });
  add(
      "response_format", "a JSON schema",
      [](Request& r) {
        r.response_format.kind = ResponseFormat::Kind::json_schema;
        r.response_format.name = "weather";
        r.response_format.schema = parsed(r.arena, kSchema);
      },
      [](const Request& r) {
        return r.response_format.kind == ResponseFormat::Kind::json_schema &&
               schema_holds(r.response_format.schema);
      });
  add(
      "response_format", "any JSON object",
      [](Request& r) { r.response_format.kind = ResponseFormat::Kind::json_object; },
      [](const Request& r) { return r.response_format.kind == ResponseFormat::Kind::json_object; });
  add(
      "metadata", {}, [](Request& r) { r.metadata = parsed(r.arena, R"({"team":"a"})"); },
      [](const Request& r) { return r.metadata["team"].as_string() == "a"; });
  add(
      "store", {}, [](Request& r) { r.store = true; },
      [](const Request& r) { return r.store.value_or(false); });
  add(
      "service_tier", {}, [](Request& r) { r.service_tier = "auto"; },
      [](const Request& r) { return r.service_tier == "auto"; });
  add_completion_probes(p);
  return p;
}

}  // namespace

Request plain_request() {
  Request r;
  r.model = "m";
  r.messages.push_back(message(Role::user, text_block("hello")));
  r.text = std::make_unique<std::string>();
  return r;
}

const std::vector<RequestProbe>& request_probes() {
  static const std::vector<RequestProbe> probes = make_request_probes();
  return probes;
}

}  // namespace pb::llm::testing
