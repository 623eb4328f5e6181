// A provider's streamed answer. Items come one after another; vendors leave out most of the events around their deltas, so
// whatever arrives first starts a block, and the item at its end brings what no delta brought. Should items interleave, the
// first one is passed on and the others wait.
#include <algorithm>

#include "llm/custom_tools.h"
#include "llm/json_stream.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_responses/openai_responses.h"
#include "llm/openai_responses/slots.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;
using Kind = Block::Kind;

class Decoder final : public JsonStreamDecoder {
 public:
  void feed(std::string_view name, std::string_view data, Out& out) override {
    if (over_ || data == "[DONE]") return;
    const auto root = parse(data, out);
    if (!root) return;
    const Str type = (*root)["type"].as_string(name);
    if (!root->is_object()) return fail("the provider sent an event that is not an object", out);
    if (type == "error" || (type.empty() && root->has("error"))) return error(*root, out);
    event(type, *root, out);
  }

  void finish(Out& out) override {
    if (over_) return;
    fail_early(started_, "response.completed", out);
  }

 private:
  void event(Str type, Value e, Out& out) {
    if (type == "response.output_text.delta") return text(e, Kind::text, out);
    if (type == "response.function_call_arguments.delta") return arguments(e, false, out);
    if (type == "response.custom_tool_call_input.delta") return arguments(e, true, out);
    if (type == "response.reasoning_summary_text.delta") return thought(e, true, out);
    if (type == "response.reasoning_text.delta") return thought(e, false, out);
    if (type == "response.refusal.delta") return text(e, Kind::refusal, out);
    if (type == "response.output_item.added") return added(e, out);
    if (type == "response.output_item.done") return done(e, out);
    if (type == "response.output_text.annotation.added") return annotation(e, out);
    if (type == "response.content_part.done") return part_done(e, out);
    if (type == "response.created" || type == "response.in_progress" || type == "response.queued")
      return start(e["response"], out);
    if (type == "response.completed" || type == "response.incomplete") return completed(e["response"], out);
    if (type == "response.failed" || type == "response.cancelled") {
      start(e["response"], out);
      push_error(error_of_response(e["response"]), out);
    }
    // All others tell of what the items say anyway.
  }

  // --- the answer ---

  void error(Value root, Out& out) {
    // {"type":"error","error":{…}}, or its members beside the type
    if (root["error"].is_object()) return push_error(error_of_response(root), out);
    const json::Member wrapped{"error", root};
    push_error(error_of_response(Value::object(arena_, {&wrapped, 1})), out);
  }

  void start(Value response, Out& out) {
    if (started_) return;
    started_ = true;
    Event& e = out.emplace_back();
    e.kind = Event::Kind::start;
    e.id = response["id"].as_string();
    e.model = response["model"].as_string();
    e.created = response["created_at"].as_int();
    e.service_tier = response["service_tier"].as_string();
    e.format = kName;
  }

  void completed(Value response, Out& out) {
    start(response, out);
    if (slots_.empty()) {  // the least that vendors send: the answer itself
      std::int64_t index = 0;
      for (const Value& item : response["output"].items()) {
        if (over_) return;
        whole(index++, item, out);
      }
    }
    missing_calls(response["output"], out);
    if (over_) return;
    slots_.end_all(out);
    Event& stop = out.emplace_back();
    stop.kind = Event::Kind::stop;
    stop.stop = read_stop(response, called_, refused_);
    if (const Usage usage = read_usage(response["usage"]); usage.known) {
      Event& e = out.emplace_back();
      e.kind = Event::Kind::usage;
      e.usage = usage;
    }
    out.emplace_back().kind = Event::Kind::end;
    over_ = true;
  }

  // Calls that no event told of.
  void missing_calls(Value output, Out& out) {
    constexpr std::int64_t kApart = 1 << 20;  // from the indexes of events
    for (std::size_t i = 0; i < output.size() && !over_; ++i) {
      const Value item = output.at(i);
      const Str type = item["type"].as_string(), id = item["call_id"].as_string();
      if ((type != "function_call" && type != "custom_tool_call") || id.empty()) continue;
      if (!slots_.has_call(id)) whole(kApart + static_cast<std::int64_t>(i), item, out);
    }
  }

  static std::int64_t index_of(Value e) { return e["output_index"].as_int(0); }

  // A new block. Null after an error.
  Slot* add(std::int64_t item, std::int64_t part, Kind kind, Out& out) {
    start({}, out);
    if (slots_.full()) {
      fail("the provider sent more than " + std::to_string(Slots::kMax) + " blocks", out);
      return nullptr;
    }
    Slot& s = slots_.add(item, part, kind, out);
    for (const OpenMessage& m : messages_)
      if (m.item == item) {
        s.item_id = m.id;
        s.phase = m.phase;
      }
    return &s;
  }

  // --- deltas ---

  void text(Value e, Kind kind, Out& out) {
    const Str piece = e["delta"].as_string();
    const std::int64_t index = index_of(e), part = e["content_index"].as_int(0);
    Slot* s = slots_.find(index, part);
    if (s == nullptr) s = add(index, part, kind, out);
    if (s == nullptr || s->kind != kind) return;
    refused_ |= kind == Kind::refusal;
    slots_.deliver(*s, piece, out);
    logprobs(e["logprobs"], out);
  }

  void logprobs(Value list, Out& out) {
    if (list.size() == 0) return;
    Event& e = out.emplace_back();
    e.kind = Event::Kind::logprobs;
    e.value = wrap_logprobs(list, arena_);
  }

  void arguments(Value e, bool custom, Out& out) {
    Slot* s = slots_.find(index_of(e), 0);
    if (s == nullptr || s->kind != Kind::tool_call) return;  // its item at the end says it all
    s->custom = custom;
    slots_.deliver(*s, e["delta"].as_string(), out);
  }

  // One kind of text: a summary, or the reasoning itself where there is none.
  void thought(Value e, bool summary, Out& out) {
    Slot* s = slots_.find(index_of(e), 0);
    if (s == nullptr) s = add(index_of(e), 0, Kind::thinking, out);
    if (s == nullptr || s->kind != Kind::thinking) return;
    if (s->section < 0) s->summary = summary;
    if (s->summary != summary) return;
    const std::int64_t section = e[summary ? "summary_index" : "content_index"].as_int(0);
    if (s->section >= 0 && section != s->section) slots_.deliver(*s, "\n\n", out);
    s->section = section;
    slots_.deliver(*s, e["delta"].as_string(), out);
  }

  void annotation(Value e, Out& out) {
    Slot* s = slots_.find(index_of(e), e["content_index"].as_int(0));
    if (s == nullptr || s->kind != Kind::text || !e["annotation"].is_object()) return;
    s->citations.push_back(json::to_text(e["annotation"]));
    slots_.cite(*s, out);
  }

  // Annotations that came with the part only.
  void part_done(Value e, Out& out) {
    Slot* s = slots_.find(index_of(e), e["content_index"].as_int(0));
    if (s == nullptr || s->kind != Kind::text) return;
    missed(*s, e["part"], out);
  }

  void missed(Slot& s, Value part, Out& out) {
    const Value list = part["annotations"];
    for (std::size_t i = s.citations.size(); i < list.size(); ++i)
      s.citations.push_back(json::to_text(list.at(i)));
    slots_.cite(s, out);
  }

  // --- items ---

  void added(Value e, Out& out) {
    const Value item = e["item"];
    const Str type = item["type"].as_string();
    const std::int64_t index = index_of(e);
    start({}, out);
    if (type == "message") {
      messages_.push_back(
          {index, std::string(item["id"].as_string()), std::string(item["phase"].as_string())});
    } else if (type == "function_call" || type == "custom_tool_call") {
      if (slots_.find(index, 0) == nullptr && !item["name"].as_string().empty()) call(index, item, type, out);
    } else if (type == "reasoning" && slots_.find(index, 0) == nullptr) {
      if (Slot* s = add(index, 0, Kind::thinking, out); s != nullptr) s->item_id = item["id"].as_string();
    }
  }

  Slot* call(std::int64_t index, Value item, Str type, Out& out) {
    Slot* s = add(index, 0, Kind::tool_call, out);
    if (s == nullptr) return nullptr;
    called_ = true;
    s->custom = type == "custom_tool_call";
    s->item_id = item["id"].as_string();
    s->id = item["call_id"].as_string(s->item_id);
    if (s->id.empty()) s->id = "call_" + std::to_string(index);
    s->name_space = item["namespace"].as_string();
    s->name = joined_name(s->name_space, item["name"].as_string(), arena_);
    slots_.begin(*s, out);
    return s;
  }

  void done(Value e, Out& out) { whole(index_of(e), e["item"], out); }

  // An item as it is at its end.
  void whole(std::int64_t index, Value item, Out& out) {
    if (!item.is_object()) return;
    const Str type = item["type"].as_string();
    if (type == "message") {
      message(index, item, out);
    } else if (type == "reasoning") {
      reasoning(index, item, out);
    } else if (type == "function_call" || type == "custom_tool_call") {
      Slot* s = slots_.find(index, 0);
      if (s == nullptr) s = call(index, item, type, out);
      if (s == nullptr) return;
      if (!s->fed) slots_.deliver(*s, input_of(item), out);
    } else if (slots_.find(index, 0) == nullptr) {
      if (Slot* s = add(index, 0, Kind::opaque, out); s != nullptr) {
        s->whole = json::to_text(item);
        s->item_id = item["id"].as_string();
      }
    }
    if (over_) return;
    slots_.end_item(index, out);
  }

  Str input_of(Value item) {
    const Value v = item["type"].as_string() == "custom_tool_call" ? item["input"] : item["arguments"];
    return v.is_object() ? json::to_text(v, arena_) : v.as_string();
  }

  void message(std::int64_t index, Value item, Out& out) {
    if (std::none_of(messages_.begin(), messages_.end(),
                     [&](const OpenMessage& m) { return m.item == index; }))
      messages_.push_back(
          {index, std::string(item["id"].as_string()), std::string(item["phase"].as_string())});
    std::int64_t at = 0;
    for (const Value& part : item["content"].items()) {
      const std::int64_t here = at++;
      const bool refusal = part["type"].as_string() == "refusal";
      Slot* s = slots_.find(index, here);
      if (s == nullptr) s = add(index, here, refusal ? Kind::refusal : Kind::text, out);
      if (s == nullptr) return;
      refused_ |= refusal;
      const bool fresh = !s->fed;
      if (fresh) slots_.deliver(*s, part[refusal ? "refusal" : "text"].as_string(), out);
      if (refusal) continue;
      missed(*s, part, out);
      if (fresh) logprobs(part["logprobs"], out);
    }
  }

  void reasoning(std::int64_t index, Value item, Out& out) {
    Slot* s = slots_.find(index, 0);
    if (s == nullptr) s = add(index, 0, Kind::thinking, out);
    if (s == nullptr || s->kind != Kind::thinking) return;
    if (s->item_id.empty()) s->item_id = item["id"].as_string();
    std::vector<Block> blocks;
    const auto read = decode_output_item(item, "reasoning", Path(), arena_, blocks);
    s->signature = item["encrypted_content"].as_string();
    if (s->fed || !read) return;
    if (!blocks[0].text.empty()) return slots_.deliver(*s, blocks[0].text, out);
    if (!s->signature.empty()) s->kind = Kind::redacted_thinking;
  }

  Slots slots_{arena_};
  struct OpenMessage {  // a message whose parts may follow
    std::int64_t item;
    std::string id, phase;
  };
  std::vector<OpenMessage> messages_;
  bool started_ = false, called_ = false, refused_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder> stream_decoder() { return std::make_unique<Decoder>(); }

}  // namespace pb::llm::openai_responses
