// A streamed answer to a client: the items' events (output.cpp) between those of the answer.
#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_responses/output.h"

namespace pb::llm::openai_responses {
namespace {

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(const StreamOptions& o)
      : request_(o.request),
        fallback_(o.id),
        model_(o.model),
        created_(o.created),
        started_(o.begun),
        times_(o.times) {
    id_ = answer_id({}, fallback_);
  }

  void encode(const Event& e, std::string& out) override {
    using Kind = Event::Kind;
    if (over_ || e.choice != 0) return;
    switch (e.kind) {
      case Kind::start:
        return start(e, out);
      case Kind::block_start:
        return output(out).start(e.block, out);
      case Kind::text_delta:
      case Kind::refusal_delta:
      case Kind::thinking_delta:
      case Kind::arguments_delta:
        return output(out).text(e.text, out);
      case Kind::signature_delta:
        return output(out).signature(e.text, e.format);
      case Kind::citation:
        return output(out).citation(e.value, e.format, out);
      case Kind::logprobs:
        return output(out).logprobs(e.value, out);
      case Kind::block_stop:
        return output(out).stop(out);
      case Kind::stop:
        stop_ = e.stop;
        return;
      case Kind::usage:
        usage_.merge(e.usage);
        return;
      case Kind::ping:
        out += ": ping\n\n";
        return;
      case Kind::error:
        return error(e.error, out);
      case Kind::end:
        return end(out);
    }
  }

 private:
  Output& output(std::string& out) {
    if (!output_) start({}, out);
    return *output_;
  }

  void prepare() {
    if (output_) return;
    repeated_ = repeated_members(request_);
    output_ = std::make_unique<Output>(request_, id_, true);
  }

  void start(const Event& e, std::string& out) {
    if (output_) return;
    if (!e.id.empty()) id_ = answer_id(e.id, fallback_);
    if (model_.empty()) model_ = e.model;
    if (e.created != 0) created_ = e.created;
    tier_ = e.service_tier;
    usage_.merge(e.usage);
    prepare();
    if (started_) return;
    Envelope envelope;
    envelope.status = "in_progress";
    lifecycle("response.created", envelope, out);
    lifecycle("response.in_progress", envelope, out);
  }

  void lifecycle(Str type, Envelope& e, std::string& out) {
    e.id = id_;
    e.model = model_;
    e.created = created_;
    if (times_ != nullptr) e.completed = times_->now / kSecond;
    e.service_tier = tier_;
    out.append("event: ").append(type).append("\ndata: ");
    json::Writer w(out);
    w.begin_object();
    w.field("type", type);
    w.key("response");
    write_envelope(w, e, repeated_);
    w.field("sequence_number", output_->next_sequence());
    w.end_object();
    out += "\n\n";
  }

  void end(std::string& out) {
    Output& items = output(out);
    Envelope e;
    e.incomplete = incomplete_reason(stop_, items.refused());
    items.finish(e.incomplete.empty(), out);
    e.status = e.incomplete.empty() ? "completed" : "incomplete";
    e.usage = &usage_;
    e.items = items.items();
    lifecycle(e.incomplete.empty() ? "response.completed" : "response.incomplete", e, out);
    over_ = true;
  }

  // As the vendor does: an `error` event, whose members clients look for in two places, and the failed answer.
  void error(const Error& error, std::string& out) {
    start({}, out);
    out += "event: error\ndata: ";
    std::string members;
    json::Writer m(members);
    openai_chat::write_error_object(m, error);
    json::Arena scratch;
    json::Writer w(out);
    w.begin_object();
    w.field("type", "error");
    if (const auto value = json::parse(members, scratch))
      for (const json::Member& member : value->members())
        if (member.key != "type") w.field(member.key, member.value);
    w.key("error");
    w.raw(members);
    w.field("sequence_number", output_->next_sequence());
    w.end_object();
    out += "\n\n";
    Envelope e;
    e.status = "failed";
    e.error = &error;
    if (usage_.known) e.usage = &usage_;
    e.items = output_->items();
    lifecycle("response.failed", e, out);
    over_ = true;
  }

  const Request* request_;
  std::string id_, fallback_, model_, tier_, repeated_;
  std::int64_t created_;
  bool started_;
  const Times* times_;
  bool over_ = false;
  Stop stop_ = Stop::unset;
  Usage usage_;
  std::unique_ptr<Output> output_;
};

}  // namespace

std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions& options) {
  return std::make_unique<Encoder>(options);
}

}  // namespace pb::llm::openai_responses
