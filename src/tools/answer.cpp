#include "tools/answer.h"

#include <boost/system/system_error.hpp>
#include <charconv>

#include "base/clock.h"
#include "base/limits_mcp.h"
#include "base/utf8.h"
#include "gateway/exchange.h"

namespace pb::tools {
namespace {

const llm::Dialect& format() { return *llm::find_dialect("openai_chat"); }

Error too_large() {
  return fail(Code::bad_upstream, "the model's answer is larger than the " +
                                      std::to_string(limits::kToolAnswerBytesMax) +
                                      " bytes that a tool takes; ask for fewer tokens")
      .error();
}

}  // namespace

void Answer::begin(int status, const net::Headers& headers) {
  status_ = status;
  started_ = true;
  // Whatever was asked for: a provider may not know streams, or nothing else.
  streamed_ = status < 400 && headers.get("content-type").starts_with("text/event-stream");
  if (streamed_) decoder_ = format().stream_decoder();
  retry_after_ = headers.get("retry-after");
  if (const std::string_view coding = headers.get("content-encoding"); !coding.empty()) {
    inflater_ = net::Inflater::create(coding);
    if (inflater_ == nullptr)
      refuse(fail(Code::bad_upstream, "the answer has the unknown content coding `" +
                                          std::string(utf8::beginning(coding, 50)) + "`")
                 .error());
  }
}

void Answer::refuse(Error error) {
  fault_ = std::move(error);
  throw boost::system::system_error(make_error_code(boost::system::errc::message_size));
}

Task<void> Answer::send(int status, const net::Headers& headers, std::string_view body) {
  begin(status, headers);
  take(body);
  co_return;
}

Task<void> Answer::start(int status, const net::Headers& headers) {
  begin(status, headers);
  co_return;
}

Task<void> Answer::write(std::string_view bytes) {
  take(bytes);
  co_return;
}

Task<void> Answer::finish(std::string_view last) {
  take(last);
  co_return;
}

void Answer::take(std::string_view bytes) {
  if (bytes.empty()) return;
  if (inflater_ == nullptr) return read(bytes);
  std::string plain;
  if (auto done = inflater_->feed(bytes, plain, limits::kToolAnswerBytesMax); !done)
    refuse(std::move(done.error()));
  read(plain);
}

void Answer::read(std::string_view plain) {
  bytes_ += plain.size();
  if (bytes_ > limits::kToolAnswerBytesMax) refuse(too_large());
  if (!streamed_) {
    body_.append(plain);
    return;
  }
  reader_.append(plain);
  llm::SseEvent event;
  std::vector<llm::Event> events;
  while (reader_.next(event)) {
    decoder_->feed(event.name, event.data, events);
    for (const llm::Event& e : events) {
      if (on_text_ && e.kind == llm::Event::Kind::text_delta && e.choice == 0) on_text_(e.text);
      assembler_.add(e);
    }
    events.clear();
  }
  if (reader_.too_large()) refuse(too_large());
}

Error Answer::error_answer() const {
  Error e = format().decode_error(status_, body_);
  e.status = status_;
  e.raw_body.clear();
  int seconds = 0;
  const auto [end, ec] =
      std::from_chars(retry_after_.data(), retry_after_.data() + retry_after_.size(), seconds);
  if (e.retry_after_ms < 0 && ec == std::errc() && seconds >= 0 && seconds < 1'000'000)
    e.retry_after_ms = seconds * 1000;
  return e;
}

Result<std::string> Answer::completion(const llm::Usage& usage) {
  if (fault_) return std::unexpected(*fault_);
  if (!started_ || cut_) return std::unexpected(upstream_fault("the answer was cut short"));
  if (status_ < 200 || status_ >= 300) return std::unexpected(error_answer());
  if (!streamed_) return std::move(body_);
  std::vector<llm::Event> events;
  if (llm::SseEvent event; reader_.rest(event) && !event.data.empty())
    decoder_->feed(event.name, event.data, events);
  decoder_->finish(events);
  for (const llm::Event& e : events) assembler_.add(e);
  if (assembler_.error()) return std::unexpected(*assembler_.error());
  llm::Response response = assembler_.take();
  if (!response.usage.known) response.usage = usage;
  llm::ResponseOptions options;
  options.id = response.id;
  options.created = response.created != 0 ? response.created : unix_seconds();
  llm::Dropped dropped;
  std::string out;
  format().encode_response(response, options, dropped, out);
  return out;
}

}  // namespace pb::tools
