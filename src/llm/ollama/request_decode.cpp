// A client's request: everything but its messages. /api/generate's single prompt becomes a conversation of one message.
#include <algorithm>

#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using json::Value;

constexpr std::int64_t kTopLogprobsMax = 20;

struct Reader {
  Request& r;
  std::vector<json::Member> extra;

  // --- tools ---

  Result<void> tool(Value v, const Path& at) {
    if (!v.is_object()) return at.wrong_type("an object", v);
    const Path inner(at, "function");
    const Value f = v["function"];
    if (!f.is_object()) return inner.wrong_type("an object", f);
    Tool t;
    t.format = kName;
    TRY_ASSIGN(t.name, need_string(f, "name", inner));
    if (t.name.empty()) return Path(inner, "name").fail("must not be empty");
    TRY_ASSIGN(t.description, maybe_string(f, "description", inner));
    if (const Value p = f["parameters"]; !p.is_null()) {
      if (!p.is_object()) return Path(inner, "parameters").wrong_type("an object", p);
      t.parameters = p;
    }
    t.extra =
        join(rest_of(v, {"type", "function"}, r.arena),
             prefixed(kFunctionPrefix, rest_of(f, {"name", "description", "parameters"}, r.arena), r.arena),
             r.arena);
    r.tools.push_back(std::move(t));
    return {};
  }

  Result<void> tools(Value v, const Path& at) {
    if (v.is_null()) return {};
    if (!v.is_array()) return at.wrong_type("an array", v);
    r.tools.reserve(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) TRY(tool(v.at(i), Path(at, i)));
    return {};
  }

  // --- options ---

  Result<void> stop(Value v, const Path& at) {
    if (v.is_string()) {
      r.stop.push_back(v.as_string());
      return {};
    }
    if (!v.is_array()) return at.wrong_type("a string or an array of strings", v);
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (!v.at(i).is_string()) return Path(at, i).wrong_type("a string", v.at(i));
      r.stop.push_back(v.at(i).as_string());
    }
    return {};
  }

  static Result<void> number(Value v, const Path& at, std::optional<double>& to) {
    if (!v.is_number()) return at.wrong_type("a number", v);
    to = v.as_double();
    return {};
  }

  // Negative numbers have meanings of their own ("no limit", "any seed"), which stay with this format.
  Result<void> integer(Str name, Value v, const Path& at, std::optional<std::int64_t>& to) {
    if (!v.is_number()) return at.wrong_type("a whole number", v);
    constexpr std::int64_t kNot = INT64_MIN;
    const std::int64_t n = v.as_int(kNot);
    if (n == kNot) return at.fail("must be a whole number");
    if (n < 0)
      keep_option(name, v);
    else
      to = n;
    return {};
  }

  void keep_option(Str name, Value v) {
    extra.push_back({r.arena.keep(std::string(kOptionPrefix) + std::string(name)), v});
  }

  Result<void> option(Str name, Value v, const Path& at) {
    if (v.is_null()) return {};
    if (name == "num_predict") return integer(name, v, at, r.max_tokens);
    if (name == "top_k") return integer(name, v, at, r.top_k);
    if (name == "seed") return integer(name, v, at, r.seed);
    if (name == "temperature") return number(v, at, r.temperature);
    if (name == "top_p") return number(v, at, r.top_p);
    if (name == "frequency_penalty") return number(v, at, r.frequency_penalty);
    if (name == "presence_penalty") return number(v, at, r.presence_penalty);
    if (name == "stop") return stop(v, at);
    keep_option(name, v);
    return {};
  }

  Result<void> options(Value v, const Path& at) {
    if (v.is_null()) return {};
    if (!v.is_object()) return at.wrong_type("an object", v);
    for (const json::Member& m : v.members()) TRY(option(m.key, m.value, Path(at, m.key)));
    return {};
  }

  // --- the rest ---

  Result<void> format(Value v, const Path& at) {
    if (v.is_null() || (v.is_string() && v.as_string().empty())) return {};
    if (v.is_string() && v.as_string() == "json") {
      r.response_format.kind = ResponseFormat::Kind::json_object;
      return {};
    }
    if (!v.is_object()) return at.fail("must be \"json\" or a JSON Schema (an object)");
    r.response_format.kind = ResponseFormat::Kind::json_schema;
    r.response_format.schema = v;
    return {};
  }

  Result<void> think(Value v, const Path& at) {
    if (v.is_null()) return {};
    if (v.is_bool()) {
      r.thinking.kind = v.as_bool() ? Thinking::Kind::enabled : Thinking::Kind::disabled;
      return {};
    }
    constexpr Str kLevels[] = {"low", "medium", "high", "max"};
    if (std::find(std::begin(kLevels), std::end(kLevels), v.as_string()) == std::end(kLevels))
      return at.fail("must be true, false, \"low\", \"medium\", \"high\" or \"max\"");
    r.effort = v.as_string();
    return {};
  }

  Result<void> flag(Value v, const Path& at, std::optional<bool>& to) {
    if (v.is_null()) return {};
    if (!v.is_bool()) return at.wrong_type("true or false", v);
    to = v.as_bool();
    return {};
  }

  Result<void> top_logprobs(Value v, const Path& at) {
    if (v.is_null()) return {};
    const std::int64_t n = v.as_int(-1);
    if (n < 0 || n > kTopLogprobsMax) return at.fail("must be a whole number from 0 to 20");
    r.top_logprobs = n;
    return {};
  }

  // A member that both endpoints have; false when it is none of them.
  Result<bool> shared(const json::Member& m, const Path& at) {
    if (m.key == "model") {
      if (!m.value.is_string()) return at.wrong_type("a string", m.value);
      r.model = m.value.as_string();
    } else if (m.key == "stream") {
      std::optional<bool> wanted;
      TRY(flag(m.value, at, wanted));
      r.stream = wanted.value_or(true);
    } else if (m.key == "options") {
      TRY(options(m.value, at));
    } else if (m.key == "format") {
      TRY(format(m.value, at));
    } else if (m.key == "think") {
      TRY(think(m.value, at));
    } else if (m.key == "logprobs") {
      TRY(flag(m.value, at, r.logprobs));
    } else if (m.key == "top_logprobs") {
      TRY(top_logprobs(m.value, at));
    } else {
      return false;
    }
    return true;
  }

  Result<void> finish(const Path& top) {
    if (r.model.empty()) return Path(top, "model").fail("must be given: a string that names the model");
    if (!extra.empty()) r.extra = Value::object(r.arena, extra);
    return {};
  }
};

Result<Value> parse_body(Request& r, std::string body, Str format) {
  r.text = std::make_unique<std::string>(std::move(body));
  r.format = format;
  r.stream = true;
  r.stream_usage = true;
  TRY_ASSIGN(Value root, json::parse(*r.text, r.arena));
  if (!root.is_object()) return Path().wrong_type("an object", root);
  return root;
}

}  // namespace

Result<Request> decode_request(std::string body) {
  Request r;
  TRY_ASSIGN(const Value root, parse_body(r, std::move(body), kName));
  const Path top;
  Reader reader{r, {}};
  for (const json::Member& m : root.members()) {
    const Path at(top, m.key);
    if (m.key == "messages") continue;
    if (m.key == "tools") {
      TRY(reader.tools(m.value, at));
      continue;
    }
    TRY_ASSIGN(const bool known, reader.shared(m, at));
    if (!known) reader.extra.push_back(m);
  }
  TRY(reader.finish(top));
  TRY(decode_messages(root["messages"], Path(top, "messages"), r));
  return r;
}

namespace {

void add_text(Request& r, Role role, std::string_view text) {
  Message& m = r.messages.emplace_back();
  m.role = role;
  m.top_level = role == Role::system;
  m.content.emplace_back().text = text;
}

// No other format has a gap to fill in, so the model is told what to do.
std::string gap(Str prompt, Str suffix) {
  return std::string("<before>")
      .append(prompt)
      .append("</before>\n<after>")
      .append(suffix)
      .append("</after>");
}
constexpr std::string_view kFillIn =
    "Write what belongs between the text in <before> and the text in <after>. Answer with that and nothing "
    "else: do not repeat what stands before or after, do not explain, use no code fence.";

}  // namespace

Result<Request> decode_generate(std::string body) {
  Request r;
  TRY_ASSIGN(const Value root, parse_body(r, std::move(body), kGenerateName));
  const Path top;
  Reader reader{r, {}};
  for (const json::Member& m : root.members()) {
    if (m.key == "prompt" || m.key == "system" || m.key == "images") continue;
    TRY_ASSIGN(const bool known, reader.shared(m, Path(top, m.key)));
    const bool empty = m.value.is_null() || (m.value.is_string() && m.value.as_string().empty());
    if (!known && !empty) reader.extra.push_back(m);  // suffix, raw, template, context too: dropped by name
  }
  TRY(reader.finish(top));
  TRY_ASSIGN(const Str prompt, maybe_string(root, "prompt", top));
  TRY_ASSIGN(const Str suffix, maybe_string(root, "suffix", top));
  TRY_ASSIGN(const Str system, maybe_string(root, "system", top));
  if (prompt.empty() && suffix.empty() && root["images"].size() == 0)
    return Path(top, "prompt").fail("must not be empty");
  if (!system.empty()) add_text(r, Role::system, system);
  if (suffix.empty()) {
    add_text(r, Role::user, prompt);
  } else {
    add_text(r, Role::system, kFillIn);
    add_text(r, Role::user, r.arena.keep(gap(prompt, suffix)));
  }
  TRY(decode_images(root["images"], Path(top, "images"), r.messages.back().content));
  return r;
}

}  // namespace pb::llm::ollama
