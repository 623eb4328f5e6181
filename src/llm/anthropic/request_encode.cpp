// Requests to Anthropic's Messages API: the system text, the turns, the tools. How hard the model shall think and
// what the model behind the name accepts is decided in plan.cpp.
#include <algorithm>
#include <functional>
#include <iterator>

#include "llm/anthropic/plan.h"
#include "llm/custom_tools.h"
#include "llm/schema.h"

namespace pb::llm::anthropic {
namespace {

constexpr Str kJsonObject =
    "Respond with one valid JSON object and nothing else: no code fence, no text around it.";
constexpr Str kJsonSchema =
    "Respond with one JSON object that follows this JSON Schema and nothing else: no code fence, no text "
    "around it.\n";

// Neighbouring messages of one role, without what cannot be said.
struct Turn {
  Str role;
  std::vector<const Block*> blocks;
  json::Value extra;
};

struct Encoder {
  const Request& r;
  const EncodeOptions& options;
  Dropped& dropped;
  json::Writer w;
  json::Arena scratch;
  bool same;  // the request came in this format
  Plan plan;
  std::vector<const Block*> system;
  std::vector<Turn> turns;

  Encoder(const Request& request, const EncodeOptions& o, Dropped& d, std::string& out)
      : r(request),
        options(o),
        dropped(d),
        w(out),
        same(request.format == kName),
        plan(make_plan(request, o, d)) {}

  bool is_system(const Message& m) const { return m.role == Role::system || m.role == Role::developer; }

  void add_system_block(const Block& b) {
    if (b.kind == Block::Kind::text && can_carry(b, same, dropped))
      system.push_back(&b);
    else if (b.kind != Block::Kind::text)
      dropped.add(b.kind == Block::Kind::image ? "image" : "provider_blocks");
  }

  void add_turn(const Message& m, Str role) {
    if (!m.name.empty()) dropped.add("message.name");
    const json::Value extra = same ? m.extra : json::Value();
    if (!same)
      for (const json::Member& member : m.extra.members()) dropped.add(member.key);
    const bool merge = !same && !turns.empty() && turns.back().role == role;
    Turn fresh{.role = role, .blocks = {}, .extra = extra};
    Turn& turn = merge ? turns.back() : fresh;
    for (const Block& b : m.content)
      if (can_carry(b, same, dropped)) turn.blocks.push_back(&b);
    if (!merge && !turn.blocks.empty()) turns.push_back(std::move(fresh));
  }

  // Sorts the messages into system text and turns.
  Result<void> arrange() {
    bool leading = !same;
    for (const Message& m : r.messages) {
      if (is_system(m) && (m.top_level || leading)) {
        for (const Block& b : m.content) add_system_block(b);
        continue;
      }
      leading = false;
      add_turn(m, is_system(m) ? "system" : m.role == Role::assistant ? "assistant" : "user");
    }
    if (turns.empty() && !system.empty()) {  // a prompt of system text only: the API wants a message
      turns.push_back({.role = "user", .blocks = std::move(system), .extra = {}});
      system.clear();
    }
    if (turns.empty())
      return fail(Code::invalid_request, "messages: no message has content that Anthropic's format can carry",
                  "messages");
    if (!same)
      for (Turn& t : turns) results_first(t.blocks);
    return {};
  }

  // Results must come before anything else in the turn after the calls.
  static void results_first(std::vector<const Block*>& blocks) {
    const auto is_result = [](const Block* b) { return b->kind == Block::Kind::tool_result; };
    if (std::is_partitioned(blocks.begin(), blocks.end(), is_result)) return;
    std::vector<const Block*> sorted;
    std::copy_if(blocks.begin(), blocks.end(), std::back_inserter(sorted), is_result);
    std::copy_if(blocks.begin(), blocks.end(), std::back_inserter(sorted), std::not_fn(is_result));
    blocks = std::move(sorted);
  }

  void write_system() {
    std::string instruction;
    const ResponseFormat& f = r.response_format;
    if (f.kind == ResponseFormat::Kind::json_object) instruction = kJsonObject;
    if (f.kind == ResponseFormat::Kind::json_schema && !plan.json_schema)
      instruction = std::string(kJsonSchema) + json::to_text(f.schema);
    if (system.empty() && instruction.empty()) return;
    w.key("system");
    if (system.size() == 1 && instruction.empty() && !system[0]->cache.on && system[0]->citations.is_null() &&
        system[0]->extra.is_null())
      return w.string(system[0]->text);
    w.begin_array();
    for (const Block* b : system) write_block(w, *b, dropped);
    if (!instruction.empty()) {
      w.begin_object();
      w.field("type", "text");
      w.field("text", std::string_view(instruction));
      w.end_object();
    }
    w.end_array();
  }

  // The API refuses a prefilled answer that ends in white space.
  void write_prefill_end(const Block& b) {
    Block trimmed;
    trimmed.text = b.text.substr(0, b.text.find_last_not_of(" \t\r\n") + 1);
    trimmed.cache = b.cache;
    write_block(w, trimmed, dropped);
  }

  void write_turn(const Turn& t, bool last) {
    w.begin_object();
    w.field("role", t.role);
    w.key("content");
    const Block& first = *t.blocks[0];
    const bool prefill = last && !same && t.role == "assistant" && t.blocks.back()->kind == Block::Kind::text;
    if (t.blocks.size() == 1 && !prefill && first.kind == Block::Kind::text && !first.cache.on &&
        first.citations.is_null() && first.extra.is_null()) {
      w.string(first.text);
    } else {
      w.begin_array();
      for (std::size_t i = 0; i < t.blocks.size(); ++i) {
        if (prefill && i + 1 == t.blocks.size())
          write_prefill_end(*t.blocks[i]);
        else
          write_block(w, *t.blocks[i], dropped);
      }
      w.end_array();
    }
    write_rest(w, t.extra);
    w.end_object();
  }

  void write_messages() {
    w.key("messages");
    w.begin_array();
    for (std::size_t i = 0; i < turns.size(); ++i) write_turn(turns[i], i + 1 == turns.size());
    w.end_array();
  }

  // Free-text tools become functions of one string; the grammar is told, not enforced.
  void write_custom_tool(const Tool& t) {
    w.field("description", std::string_view(custom_description(t)));
    w.key("input_schema");
    w.raw(kCustomSchema);
  }

  void write_schema(const Tool& t, bool strict) {
    w.key("input_schema");
    if (strict && !same) return w.write(anthropic_strict_schema(t.parameters, scratch));
    if (t.parameters.is_object() && (same || t.parameters.has("type"))) return w.write(t.parameters);
    w.begin_object();  // the format wants an object schema
    w.field("type", "object");
    if (!t.parameters.has("properties")) {
      w.key("properties");
      w.begin_object();
      w.end_object();
    }
    write_rest(w, t.parameters);
    w.end_object();
  }

  void write_tool(const Tool& t) {
    if (t.kind == Tool::Kind::opaque) return w.write(t.raw);
    w.begin_object();
    w.field("name", t.name);
    if (t.kind == Tool::Kind::custom) {
      write_custom_tool(t);
    } else {
      if (!t.description.empty()) w.field("description", t.description);
      const bool strict = t.strict.value_or(false);
      write_schema(t, strict);
      if (strict || (same && t.strict)) w.field("strict", strict);
    }
    write_cache(w, t.cache);
    if (t.format == kName) write_rest(w, t.extra);
    w.end_object();
  }

  void write_tools() {
    std::vector<const Tool*> kept;
    for (const Tool& t : r.tools) {
      if (t.kind == Tool::Kind::opaque && t.format != kName) {
        dropped.add("provider_tools");
        continue;
      }
      if (t.format != kName)
        for (const json::Member& m : t.extra.members()) dropped.add(m.key);
      if (may_be_called(r, t)) kept.push_back(&t);
    }
    if (kept.empty()) return;  // a choice among no tools is refused
    w.key("tools");
    w.begin_array();
    for (const Tool* t : kept) write_tool(*t);
    w.end_array();
    write_tool_choice();
  }

  void write_tool_choice() {
    using Kind = ToolChoice::Kind;
    const bool one_at_a_time = r.parallel_tool_calls.has_value() && !*r.parallel_tool_calls;
    Kind kind = r.tool_choice.kind;
    if (kind == Kind::unset && one_at_a_time) kind = Kind::automatic;
    if (kind == Kind::unset) return;
    w.key("tool_choice");
    w.begin_object();
    w.field("type", kind == Kind::none       ? "none"
                    : kind == Kind::required ? "any"
                    : kind == Kind::named    ? "tool"
                                             : "auto");
    if (kind == Kind::named) w.field("name", r.tool_choice.name);
    if (kind != Kind::none && (one_at_a_time || (same && r.parallel_tool_calls)))
      w.field("disable_parallel_tool_use", one_at_a_time);
    w.end_object();
  }

  void write_thinking() {
    using Kind = Thinking::Kind;
    if (plan.thinking == Kind::unset) return;
    w.key("thinking");
    w.begin_object();
    w.field("type", plan.thinking == Kind::disabled  ? "disabled"
                    : plan.thinking == Kind::enabled ? "enabled"
                                                     : "adaptive");
    if (plan.thinking == Kind::enabled) w.field("budget_tokens", plan.budget_tokens);
    if (!r.thinking.display.empty() && plan.thinking != Kind::disabled)
      w.field("display", r.thinking.display);
    w.end_object();
  }

  void write_output_config() {
    const bool schema = r.response_format.kind == ResponseFormat::Kind::json_schema && plan.json_schema;
    const json::Value rest = same ? r.extra["output_config"] : json::Value();
    if (plan.effort.empty() && !schema && rest.size() == 0) return;
    w.key("output_config");
    w.begin_object();
    if (!plan.effort.empty()) w.field("effort", plan.effort);
    if (schema) {
      w.key("format");
      w.begin_object();
      w.field("type", "json_schema");
      w.field("schema",
              same ? r.response_format.schema : anthropic_strict_schema(r.response_format.schema, scratch));
      w.end_object();
    }
    write_rest(w, rest);
    w.end_object();
  }

  void write_stop() {
    std::vector<Str> kept;
    for (Str s : r.stop) {
      if (is_blank(s))
        dropped.add("stop");  // refused there
      else
        kept.push_back(s);
    }
    if (kept.empty()) return;
    w.strings("stop_sequences", kept);
  }

  void write_metadata() {
    const json::Value rest = same ? r.extra["metadata"] : json::Value();
    if (r.user.empty() && rest.size() == 0) return;
    w.key("metadata");
    w.begin_object();
    if (!r.user.empty()) w.field("user_id", r.user);
    write_rest(w, rest);
    w.end_object();
  }

  void write_tier() {
    if (r.service_tier.empty()) return;
    if (same || r.service_tier == "auto" || r.service_tier == "standard_only")
      return w.field("service_tier", r.service_tier);
    if (r.service_tier == "default") return w.field("service_tier", "standard_only");
    dropped.add("service_tier");
  }

  void drop_the_rest() {
    if (same) return;
    if (r.frequency_penalty.value_or(0) != 0) dropped.add("frequency_penalty");
    if (r.presence_penalty.value_or(0) != 0) dropped.add("presence_penalty");
    if (r.seed) dropped.add("seed");
    if (r.n.value_or(1) != 1) dropped.add("n");
    if (r.logprobs.value_or(false)) dropped.add("logprobs");
    if (r.top_logprobs.value_or(0) != 0) dropped.add("top_logprobs");
    if (r.store.value_or(false)) dropped.add("store");
    if (r.logit_bias.size() > 0) dropped.add("logit_bias");
    if (r.metadata.size() > 0) dropped.add("metadata");
    if (!r.verbosity.empty()) dropped.add("verbosity");
    if (!r.prompt_cache_key.empty()) dropped.add("prompt_cache_key");
    for (const json::Member& m : r.extra.members()) dropped.add(m.key);
  }

  Result<void> run() {
    TRY(arrange());
    w.begin_object();
    w.field("model", options.model.empty() ? r.model : options.model);
    w.field("max_tokens", plan.max_tokens);
    write_system();
    write_messages();
    write_tools();
    write_thinking();
    write_output_config();
    if (plan.temperature) w.field("temperature", *plan.temperature);
    if (plan.top_p) w.field("top_p", *plan.top_p);
    if (plan.top_k) w.field("top_k", *plan.top_k);
    write_stop();
    write_metadata();
    write_tier();
    if (r.stream) w.field("stream", true);
    if (same) write_rest(w, r.extra, {"output_config", "metadata"});
    drop_the_rest();
    w.end_object();
    return {};
  }
};

}  // namespace

Result<void> encode_request(const Request& request, const EncodeOptions& options, Dropped& dropped,
                            std::string& out) {
  const std::size_t body = request.text ? request.text->size() : 0;
  out.reserve(out.size() + body + body / 8 + 512);
  return Encoder(request, options, dropped, out).run();
}

}  // namespace pb::llm::anthropic
