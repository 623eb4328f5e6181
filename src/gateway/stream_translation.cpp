#include "gateway/stream_translation.h"

#include "base/clock.h"

namespace pb::gateway {

StreamTranslation::StreamTranslation(Exchange& x, std::shared_ptr<const llm::Request> request,
                                     const Answer& answer)
    : x_(x),
      first_(request),
      newest_(std::move(request)),
      keeper_(x.recall, x.caller, x.client, *first_),
      reader_(x.route.dialect->framing),
      times_(answer.times) {
  calls_.emplace(*first_);
  llm::StreamOptions options;
  options.times = &times_;
  options.id = answer.id;
  options.model = x.record.asked_model;
  options.created = answer.created;
  options.include_usage = first_->stream_usage;
  options.array = x.array;
  options.request = first_.get();
  x.record.uncounted.streamed.emplace(x.route.model);
  decoder_ = x.route.dialect->stream_decoder();
  encoder_ = x.client.stream_encoder(options);
}

void StreamTranslation::go_on(std::shared_ptr<const llm::Request> request) {
  newest_ = std::move(request);
  calls_.emplace(*newest_);
  x_.record.uncounted.streamed.emplace(x_.route.model);
  decoder_ = x_.route.dialect->stream_decoder();
  reader_ = llm::EventReader(x_.route.dialect->framing);
  early_error_.reset();
  ended_ = false;
  splice_.go_on();
}

// Whether an error is kept from the client, for another deployment may still answer.
bool StreamTranslation::withheld(const Error& error) {
  if (!x_.may_switch || (answering_ && !can_go_on())) return false;
  early_error_ = error;
  ended_ = true;
  return true;
}

std::string_view StreamTranslation::take(std::string_view piece) {
  reader_.append(piece);
  out_.clear();
  times_.now = unix_ns();
  llm::SseEvent event;
  while (!ended_ && reader_.next(event)) {
    events_.clear();
    decoder_->feed(event.name, event.data, events_);
    encode();
  }
  if (reader_.too_large()) fail_with(event_too_large());
  return out_;
}

std::string_view StreamTranslation::finish() {
  out_.clear();
  times_.now = unix_ns();
  llm::SseEvent event;
  if (!ended_ && reader_.rest(event)) {
    events_.clear();
    decoder_->feed(event.name, event.data, events_);
    encode();
  }
  if (!ended_) {
    events_.clear();
    decoder_->finish(events_);
    encode();
  }
  return out_;
}

std::string_view StreamTranslation::fail_with(Error error) {
  if (ended_) return out_;
  events_.clear();
  llm::Event& e = events_.emplace_back();
  e.kind = llm::Event::Kind::error;
  e.error = std::move(error);
  encode();
  return out_;
}

std::string_view StreamTranslation::tell(const llm::Usage& usage) {
  held_ = false;
  llm::Event e;
  e.kind = llm::Event::Kind::usage;
  e.usage = usage;
  if (usage.known) encoder_->encode(e, out_);
  e = {};
  e.kind = llm::Event::Kind::end;
  last(e);
  return out_;
}

void StreamTranslation::encode() {
  calls_->restore(events_);
  if (splice_.joining()) splice_.join(events_);
  for (const llm::Event& e : events_) {
    if (ended_) return;
    if (e.usage.known) x_.record.usage.merge(e.usage);
    keeper_.take(e);
    x_.record.uncounted.streamed->add(e);
    answering_ = answering_ || begins_answer(e);
    if (x_.resume) splice_.watch(e);
    switch (e.kind) {
      case llm::Event::Kind::block_start:
      case llm::Event::Kind::text_delta:
      case llm::Event::Kind::thinking_delta:
      case llm::Event::Kind::arguments_delta:
        x_.record.first_token();
        x_.record.piece();
        if (times_.first == 0) times_.first = times_.now;
        break;
      case llm::Event::Kind::error:
        if (withheld(e.error)) return;
        ended_ = true;
        x_.record.failed(e.error);
        break;
      case llm::Event::Kind::end:
        keeper_.done();
        ended_ = true;
        held_ = !x_.record.usage.known;
        if (!held_) last(e);
        return;
      default:
        break;
    }
    encoder_->encode(e, out_);
  }
}

// The last event; where answers are kept it holds all of it.
void StreamTranslation::last(const llm::Event& e) {
  if (!x_.keeper.on()) return encoder_->encode(e, out_);
  std::string text;
  encoder_->encode(e, text);
  x_.keeper.events(text);
  out_ += text;
}

}  // namespace pb::gateway
