#include "sim/script.h"

#include <fmt/format.h>

#include <algorithm>

#include "llm/custom_tools.h"
#include "sim/measure.h"
#include "sim/schema_value.h"
#include "sim/vendor.h"

namespace pb::sim {
namespace {

using llm::Block;
using llm::Str;

constexpr std::string_view kParagraph =
    "The simulator answers in place of a model. It knows no facts and costs nothing, but it speaks the "
    "provider's "
    "format in full: ids, usage, stop reasons and events are where a client looks for them.";
constexpr std::string_view kHello =
    "This is Patchbay's built-in simulator, not a model: no provider is configured. Set a key such as "
    "OPENAI_API_KEY, "
    "ANTHROPIC_API_KEY or OPENROUTER_API_KEY in the environment, start Ollama or LM Studio on this machine, "
    "or name a "
    "provider in patchbay.yaml, then start Patchbay again. The model you asked for was: ";
constexpr std::string_view kThought = "The user wants an answer. A short one will do, and it should be true.";
constexpr std::string_view kRefusal = "I can't help with that.";
constexpr std::int64_t kChoicesMax = 8;

class Composer {
 public:
  Composer(const llm::Request& request, const Behaviour& behaviour, const Reply& reply, const Facts& facts)
      : request_(request), behaviour_(behaviour), reply_(reply), facts_(facts), state_(tool_state(request)) {}

  llm::Response compose() {
    response_.id = keep(std::string(facts_.id));
    response_.model = request_.model;
    response_.format = facts_.dialect;
    content();
    limit_answer(request_, behaviour_, choice_);
    if (style_of(facts_.dialect).signs_calls) sign_calls();
    if (reply_.stop) choice_.stop = *reply_.stop;
    response_.usage =
        reply_.usage ? *reply_.usage : count_usage(request_, behaviour_, choice_, facts_.cache_hit);
    response_.usage.known = true;
    if (request_.logprobs.value_or(false)) choice_.logprobs = logprobs_of(choice_, response_.arena);
    const std::int64_t n = std::clamp<std::int64_t>(request_.n.value_or(1), 1, kChoicesMax);
    response_.usage.output *= n;
    for (std::int64_t i = 0; i < n; ++i) response_.choices.push_back(choice_);
    return std::move(response_);
  }

 private:
  Str keep(std::string text) { return response_.arena.keep(std::move(text)); }

  void add_text(std::string text) {
    if (text.empty()) return;
    Block b;
    b.text = keep(std::move(text));
    choice_.content.push_back(std::move(b));
  }

  void add_thinking() {
    const bool wanted =
        reply_.thinking || (behaviour_.thinking && request_.thinking.kind != llm::Thinking::Kind::disabled);
    if (!wanted) return;
    Block b;
    const std::string thought = reply_.thinking.value_or(std::string(kThought));
    if (behaviour_.redacted) {
      b.kind = Block::Kind::redacted_thinking;
      b.data = keep(signature_of(thought));
    } else {
      b.kind = Block::Kind::thinking;
      b.text = keep(thought);
      b.signature = keep(signature_of(thought));
    }
    choice_.content.push_back(std::move(b));
  }

  void add_call(std::string_view name, std::string arguments, bool custom) {
    Block b;
    b.kind = Block::Kind::tool_call;
    b.name = keep(std::string(name));
    const VendorStyle& style = style_of(facts_.dialect);
    ++state_.calls;
    if (!style.signs_calls) b.id = keep(fmt::format("{}{:04}", style.call_id, state_.calls));
    b.custom = custom;
    (custom ? b.text : b.arguments) = keep(std::move(arguments));
    choice_.content.push_back(std::move(b));
    choice_.stop = llm::Stop::tool_use;
  }

  // As Gemini does: what was thought is signed by the turn's first call, else by its last text.
  void sign_calls() {
    bool thought = false;
    Block* owner = nullptr;
    for (Block& b : choice_.content) {
      thought = thought || b.kind == Block::Kind::thinking || b.kind == Block::Kind::redacted_thinking;
      if (b.kind == Block::Kind::thinking) b.signature = {};
      const bool called = owner != nullptr && owner->kind == Block::Kind::tool_call;
      if (!called && (b.kind == Block::Kind::tool_call || b.kind == Block::Kind::text)) owner = &b;
    }
    if (thought && owner != nullptr) owner->signature = keep(signature_of(signed_by(*owner)));
    std::erase_if(choice_.content, [](const Block& b) { return b.kind == Block::Kind::redacted_thinking; });
  }

  static Str signed_by(const Block& b) { return b.kind == Block::Kind::tool_call ? b.name : b.text; }

  void content() {
    choice_.stop = llm::Stop::end;
    add_thinking();
    if (reply_.refusal || (behaviour_.answer == Answer::refusal && !reply_.text)) {
      Block b;
      b.kind = Block::Kind::refusal;
      b.text = keep(reply_.refusal.value_or(std::string(kRefusal)));
      choice_.content.push_back(std::move(b));
      choice_.stop = llm::Stop::refusal;
      return;
    }
    if (reply_.text || !reply_.calls.empty()) {
      add_text(reply_.text.value_or(""));
      for (const Reply::Call& call : reply_.calls) add_call(call.name, call.arguments, call.custom);
      return;
    }
    if (behaviour_.answer == Answer::tools && call_tools(behaviour_.count)) return;
    // Clients that ask for an object by means of a tool that must be called.
    const bool forced = request_.tool_choice.kind == llm::ToolChoice::Kind::required ||
                        request_.tool_choice.kind == llm::ToolChoice::Kind::named;
    if (behaviour_.answer == Answer::json && forced && call_tools(1)) return;
    add_text(answer_text());
  }

  std::string answer_text() {
    switch (behaviour_.answer) {
      case Answer::echo:
        return last_user_text(request_);
      case Answer::text:
        return behaviour_.thinking ? thinking_report() : std::string(kParagraph);
      case Answer::size:
        return filler(static_cast<std::size_t>(behaviour_.count));
      case Answer::stream:
        return words(behaviour_.count);
      case Answer::tools:
        return behaviour_.thinking ? tool_report() + "\n" + thinking_report() : tool_report();
      case Answer::json:
        return structured();
      case Answer::image:
        return describe_media(request_, behaviour_.pixels);
      default:
        return fmt::format("{}{}", kHello, request_.model);
    }
  }

  // True when calls were added: tools are there, may be used, and the turns asked for are not over.
  bool call_tools(int turns) {
    if (request_.tools.empty() || request_.tool_choice.kind == llm::ToolChoice::Kind::none) return false;
    if (state_.turns >= turns) return false;
    const std::string text = last_user_text(request_);
    std::vector<const llm::Tool*> usable;
    for (const llm::Tool& t : request_.tools)
      if (t.kind != llm::Tool::Kind::opaque && llm::may_be_called(request_, t)) usable.push_back(&t);
    if (usable.empty()) return false;
    const llm::Tool* first = usable[0];
    for (const llm::Tool* t : usable)
      if (request_.tool_choice.kind == llm::ToolChoice::Kind::named
              ? t->name == request_.tool_choice.name
              : text.find(t->name) != std::string::npos) {
        first = t;
        break;
      }
    call_tool(*first, text, state_.turns);
    if (behaviour_.parallel && request_.parallel_tool_calls.value_or(true)) {
      const auto other =
          std::find_if(usable.begin(), usable.end(), [&](const llm::Tool* t) { return t != first; });
      call_tool(other == usable.end() ? *first : **other, text, state_.turns + 1);
    }
    return true;
  }

  // Arguments are those the user wrote, as in `get_weather({"city": "Paris"})`, or made up from the schema.
  void call_tool(const llm::Tool& tool, const std::string& text, int variant) {
    if (tool.kind == llm::Tool::Kind::custom)
      return add_call(tool.name, fmt::format("input {}", variant + 1), true);
    const std::size_t at = text.find(std::string(tool.name) + "({");
    if (at != std::string::npos) {
      const std::size_t start = at + tool.name.size() + 1;
      const std::size_t end = text.find("})", start);
      json::Arena scratch;
      if (end != std::string::npos &&
          json::parse(std::string_view(text).substr(start, end + 1 - start), scratch))
        return add_call(tool.name, text.substr(start, end + 1 - start), false);
    }
    add_call(tool.name, json::to_text(value_for_schema(tool.parameters, variant, response_.arena)), false);
  }

  std::string tool_report() const {
    if (state_.results.empty()) return "No tool was called.";
    std::string out;
    for (const ToolState::Result& r : state_.results) {
      if (!out.empty()) out += '\n';
      out += fmt::format("{} {} {}", r.name.empty() ? "a tool" : r.name,
                         r.block->is_error ? "failed:" : "answered:", result_text(*r.block));
    }
    return out;
  }

  std::string thinking_report() const {
    int intact = 0, changed = 0, unsigned_blocks = 0, redacted = 0;
    for (const llm::Message& m : request_.messages)
      for (const Block& b : m.content) {
        const bool words = b.kind == Block::Kind::text || b.kind == Block::Kind::tool_call;
        if (b.kind == Block::Kind::redacted_thinking) ++redacted;
        if (words && !b.signature.empty()) ++(b.signature == signature_of(signed_by(b)) ? intact : changed);
        if (b.kind != Block::Kind::thinking || style_of(facts_.dialect).signs_calls) continue;
        ++(b.signature.empty() ? unsigned_blocks : b.signature == signature_of(b.text) ? intact : changed);
      }
    if (intact + changed + unsigned_blocks + redacted == 0) return std::string(kParagraph);
    return fmt::format("Replayed thinking: {} intact, {} changed, {} unsigned, {} redacted.", intact, changed,
                       unsigned_blocks, redacted);
  }

  std::string structured() {
    const llm::ResponseFormat& format = request_.response_format;
    if (format.kind == llm::ResponseFormat::Kind::json_schema)
      return json::to_text(value_for_schema(format.schema, 0, response_.arena));
    std::string out;
    json::Writer w(out);
    w.begin_object();
    w.field("answer", last_user_text(request_));
    w.end_object();
    return out;
  }

  const llm::Request& request_;
  const Behaviour& behaviour_;
  const Reply& reply_;
  const Facts& facts_;
  ToolState state_;
  llm::Response response_;
  llm::Choice choice_;
};

Error make_error(const Behaviour& behaviour, const Reply& reply) {
  Error error;
  error.status = behaviour.status;
  error.code = code_of_status(behaviour.status);
  error.message = reply.message.empty()
                      ? fmt::format("the simulator was asked to answer with status {}", behaviour.status)
                      : reply.message;
  error.type = reply.error_type;
  if (behaviour.retry_after_s >= 0) error.retry_after_ms = behaviour.retry_after_s * 1000;
  return error;
}

}  // namespace

Plan make_plan(const llm::Request& request, const Behaviour& behaviour, const Reply& reply,
               const Facts& facts) {
  Plan plan;
  plan.behaviour = behaviour;
  plan.headers = reply.headers;
  const bool fails =
      behaviour.status != 0 && (behaviour.fail_times == 0 || facts.attempt < behaviour.fail_times);
  if (fails) {
    plan.error = make_error(behaviour, reply);
    if (behaviour.status == 429)
      add_rate_limit_headers(facts.dialect, std::max(behaviour.retry_after_s, 0), plan.headers);
    else if (behaviour.retry_after_s >= 0)
      plan.headers.emplace_back("retry-after", std::to_string(behaviour.retry_after_s));
    return plan;
  }
  plan.error = check_conversation(request, facts.dialect);
  if (!plan.error) plan.response = Composer(request, behaviour, reply, facts).compose();
  return plan;
}

}  // namespace pb::sim
