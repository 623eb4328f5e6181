// One streamed answer on its way from the provider's format to the client's.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "gateway/exchange.h"
#include "gateway/resume.h"
#include "llm/custom_tools.h"
#include "llm/event_reader.h"

namespace pb::gateway {

struct Answer {  // what encoding an answer needs besides the answer
  std::string id;
  llm::Times times;
  std::int64_t created = unix_seconds();
};

class StreamTranslation {
 public:
  StreamTranslation(Exchange& x, std::shared_ptr<const llm::Request> request, const Answer& answer);

  // The stream has broken, and the exchange's new route answers the conversation that has its text so far.
  void go_on(std::shared_ptr<const llm::Request> request);
  // Whether that can be done, and is wanted.
  bool can_go_on() const { return x_.resume && x_.may_switch && splice_.possible(); }
  const std::string& text() const { return splice_.text(); }

  // Bytes for the client. The view lives until the next call.
  std::string_view take(std::string_view piece);
  std::string_view finish();
  // Ends the client's stream with an error event.
  std::string_view fail_with(Error error);

  void clear() { out_.clear(); }
  bool ended() const { return ended_; }
  bool answering() const { return answering_; }  // something of the answer itself has come
  // What went wrong before that, or where the answer can go on; the client has not been told.
  std::optional<Error>& early_error() { return early_error_; }
  // The answer is complete but for its usage, which the provider has not told.
  bool wants_usage() const { return held_; }
  // Tells it and ends the answer. Unknown usage is not told.
  std::string_view tell(const llm::Usage& usage);

 private:
  void encode();
  bool withheld(const Error& error);
  void last(const llm::Event& e);

  Exchange& x_;
  std::shared_ptr<const llm::Request> first_,
      newest_;  // the conversation as the client sent it; as it is answered
  ReasoningKeeper keeper_;
  Splice splice_;
  std::unique_ptr<llm::StreamDecoder> decoder_;
  std::unique_ptr<llm::StreamEncoder> encoder_;
  llm::EventReader reader_;
  llm::Times times_;
  std::optional<llm::CallRestorer> calls_;
  std::vector<llm::Event> events_;
  std::string out_;
  std::optional<Error> early_error_;
  bool answering_ = false;
  bool ended_ = false;
  bool held_ = false;
};

}  // namespace pb::gateway
