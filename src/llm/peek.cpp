#include "llm/peek.h"

#include <simdjson.h>

#include <algorithm>

#include "base/json.h"
#include "base/limits.h"
#include "llm/thinking.h"

namespace pb::llm {
namespace {

namespace od = simdjson::ondemand;

// Members that clients change from one try of a conversation to the next. `user` and its like are not among them: where many
// people share a key, they tell one from the other.
constexpr std::string_view kVarying[] = {
    "stream",         "stream_options", "max_tokens", "max_completion_tokens", "max_output_tokens",
    "client_metadata"};
// Claude Code's first system block: its end differs between the requests of one conversation.
constexpr std::string_view kBilling = "\"x-anthropic-billing-header:";
constexpr std::size_t kBillingWithin = 128;  // bytes of `system` before it

// A parser keeps buffers of about five times the longest body it saw; above this they are given back.
constexpr std::size_t kKeepParserBytes = 4u << 20;

std::string_view trim_end(std::string_view text) {
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\t' || text.back() == '\n' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::string where(std::string_view body, std::size_t at) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < at && i < body.size(); ++i) {
    if (body[i] == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(body[i]) & 0xC0) != 0x80) {
      ++column;  // columns count characters, not bytes
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// The scanner says only that something is wrong; our own parser says what and where. It is stricter, so it
// finds the fault unless the scanner gave up for a reason of its own.
std::unexpected<Error> bad_body(std::string_view body, simdjson::error_code code) {
  if (code == simdjson::MEMALLOC || code == simdjson::CAPACITY)
    return fail(Code::internal, "no memory to read the request body");
  json::Arena arena;
  auto parsed = json::parse(body, arena);
  if (!parsed) return fail(Code::invalid_request, "request body: " + parsed.error().message);
  if (!parsed->is_object())
    return fail(Code::invalid_request, "the request body must be a JSON object, but it is of type " +
                                           std::string(json::to_string(parsed->kind())) +
                                           " (line 1, column 1)");
  return fail(Code::invalid_request,
              std::string("the request body cannot be read: ") + simdjson::error_message(code));
}

std::unexpected<Error> wrong_type(std::string_view body, std::size_t at, std::string_view name,
                                  std::string_view want) {
  return fail(Code::invalid_request,
              std::string(name) + " must be " + std::string(want) + " (" + where(body, at) + ")",
              std::string(name));
}

struct Scan {
  std::string_view body;
  RequestPeek peek;
  std::size_t key_at = 0;  // of the member being looked at
  bool varies = false;     // that member does

  // The next member, or the object's end, is at `here`.
  void next(std::size_t here) {
    if (varies) peek.varying.add(key_at, here);
    varies = false;
    key_at = here;
  }

  std::size_t offset(std::string_view token) const {
    return static_cast<std::size_t>(token.data() - body.data());
  }

  Result<void> model(od::value value) {
    const std::string_view token = value.raw_json_token();
    if (!token.starts_with('"')) return wrong_type(body, offset(token), "model", "a string");
    std::string_view text;
    if (auto code = value.get_string().get(text)) return bad_body(body, code);
    peek.model.assign(text);
    peek.model_at = offset(token);
    peek.model_bytes = trim_end(token).size();
    return {};
  }

  // null counts as false, as with the providers.
  Result<void> flag(od::value value, std::string_view name, bool& out) {
    const std::string_view token = value.raw_json_token();
    const std::string_view text = trim_end(token);
    if (text != "true" && text != "false" && text != "null")
      return wrong_type(body, offset(token), name, "true or false");
    out = text == "true";
    return {};
  }

  Result<void> stream_options(od::value value) {
    const std::string_view token = value.raw_json_token();
    peek.has_stream_options = peek.include_usage = false;
    if (trim_end(token) == "null") return {};
    if (!token.starts_with('{')) return wrong_type(body, offset(token), "stream_options", "an object");
    peek.has_stream_options = true;
    od::object object;
    if (auto code = value.get_object().get(object)) return bad_body(body, code);
    for (auto field : object) {
      std::string_view key;
      if (auto code = field.unescaped_key().get(key)) return bad_body(body, code);
      if (key != "include_usage") continue;
      od::value usage;
      if (auto code = field.value().get(usage)) return bad_body(body, code);
      TRY(flag(usage, "stream_options.include_usage", peek.include_usage));
    }
    return {};
  }

  // Anthropic's names a person, and stays; the others' is for the caller's own notes.
  Result<void> metadata(od::value value) {
    varies = true;
    if (!value.raw_json_token().starts_with('{')) return {};
    od::object object;
    std::string_view text;
    if (auto code = value.get_object().get(object)) return bad_body(body, code);
    if (auto code = object.raw_json().get(text)) return bad_body(body, code);
    varies = text.find("\"user_id\"") == text.npos;
    return {};
  }

  void system(od::value value) {
    const std::size_t from = offset(value.raw_json_token());
    const std::size_t found = body.substr(from, kBillingWithin + kBilling.size()).find(kBilling);
    if (found == body.npos) return;
    const std::size_t begin = from + found;
    std::size_t end = begin + 1;
    while (end < body.size() && body[end] != '"') end += body[end] == '\\' ? 2 : 1;
    peek.varying.add(begin, std::min(end, body.size()));
  }

  // Small values; a fault in them is the provider's to tell.
  Result<void> thinking(std::string_view key, od::value value) {
    std::string_view text = value.raw_json_token();
    if (text.starts_with('{')) {
      od::object object;
      if (auto code = value.get_object().get(object)) return bad_body(body, code);
      if (auto code = object.raw_json().get(text)) return bad_body(body, code);
    }
    json::Arena arena;
    if (const auto parsed = json::parse_prefix(text, arena))
      peek.thinking = peek.thinking || wants_thinking(key, *parsed);
    return {};
  }

  // What is no whole number is the provider's to refuse.
  void answer_max(od::value value) {
    std::int64_t n = 0;
    if (value.get_int64().get(n) == simdjson::SUCCESS && n > 0) peek.answer_max = n;
  }

  // Gemini's options, or Ollama's: what concerns thinking and the answer's length.
  Result<void> generation_config(od::value value) {
    if (!value.raw_json_token().starts_with('{')) return {};
    od::object object;
    if (auto code = value.get_object().get(object)) return bad_body(body, code);
    for (auto field : object) {
      std::string_view key;
      od::value inner;
      if (auto code = field.unescaped_key().get(key)) return bad_body(body, code);
      if (auto code = field.value().get(inner)) return bad_body(body, code);
      if (key == "thinkingConfig") TRY(thinking(key, inner));
      if (key == "maxOutputTokens" || key == "num_predict") answer_max(inner);
    }
    return {};
  }

  Result<void> member(std::string_view key, od::value value) {
    varies = std::find(std::begin(kVarying), std::end(kVarying), key) != std::end(kVarying);
    if (key == "model") return model(value);
    if (key == "stream") {
      peek.has_stream = true;
      return flag(value, "stream", peek.stream);
    }
    if (key == "stream_options") return stream_options(value);
    if (key == "previous_response_id") peek.previous_response = trim_end(value.raw_json_token()) != "null";
    if (key == "thread") peek.thread = trim_end(value.raw_json_token()) != "null";
    if (key == "metadata") return metadata(value);
    if (key == "system") system(value);
    if (key == "generationConfig" || key == "options") return generation_config(value);
    if (key == "max_tokens" || key == "max_completion_tokens" || key == "max_output_tokens")
      answer_max(value);
    if (says_of_thinking(key)) return thinking(key, value);
    return {};
  }

  Result<void> run(od::parser& parser, std::size_t capacity) {
    od::document document;
    if (auto code = parser.iterate(body.data(), body.size(), capacity).get(document))
      return bad_body(body, code);
    od::object object;
    if (auto code = document.get_object().get(object)) return bad_body(body, code);
    for (auto field : object) {
      od::raw_json_string raw_key;
      std::string_view key;
      if (auto code = field.key().get(raw_key)) return bad_body(body, code);
      next(static_cast<std::size_t>(raw_key.raw() - body.data()) - 1);
      if (auto code = field.unescaped_key().get(key)) return bad_body(body, code);
      od::value value;
      if (auto code = field.value().get(value)) return bad_body(body, code);
      TRY(member(key, value));
    }
    const std::string_view trimmed = trim_end(body);
    const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    if (!at_end || !trimmed.ends_with('}')) return bad_body(body, simdjson::TRAILING_CONTENT);
    peek.object_end = trimmed.size() - 1;
    next(peek.object_end);
    return {};
  }
};

}  // namespace

Result<RequestPeek> peek_request(std::string& body) {
  thread_local od::parser parser;
  static_assert(simdjson::SIMDJSON_PADDING <= limits::kBodySlackBytes);
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  Scan scan{.body = body, .peek = {}, .key_at = 0, .varies = false};
  auto done = scan.run(parser, body.capacity());
  if (parser.capacity() > kKeepParserBytes) parser = od::parser();
  if (!done) return std::unexpected(std::move(done.error()));
  return std::move(scan.peek);
}

}  // namespace pb::llm
