// One request on its way through: what relay.cpp and translate.cpp share.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/task.h"
#include "gateway/recall.h"
#include "gateway/record.h"
#include "gateway/route.h"
#include "gateway/stored.h"
#include "llm/peek.h"
#include "net/server.h"
#include "net/sweeper.h"

namespace pb::gateway {

class Media;
class Pinger;
class StreamTranslation;
class Race;

// An attempt that has brought the client nothing: what went wrong, and what to answer with if nobody else answers.
struct Failure {
  Error error;
  net::Headers headers = {};  // to go with it
  std::optional<std::string> body =
      {};          // the provider's own words in the client's format, to be passed on untouched
  int status = 0;  // of them
};
using Attempted = std::optional<Failure>;  // nullopt: the client has been answered

// Lives in the frame of Gateway::chat.
struct Exchange {
  const Snapshot& snapshot;
  const llm::Dialect& client;
  net::Request& request;
  net::Responder& out;
  net::Client& http;
  net::Sweeper& sweeper;
  Record& record;
  llm::RequestPeek peek;
  Route route;
  bool array = false;  // the client wants its stream as one JSON array
  Recall* recall = nullptr;
  std::string_view caller;    // what the ledger calls the client's key
  AnswerKeeper keeper = {};   // of answers that clients may refer to later
  llm::Dropped dropped = {};  // what was taken out of the request; the answer's headers say so
  Media* media = nullptr;
  std::string media_done = {};  // for x-patchbay-media
  net::BlockingPool* blocking = nullptr;
  Pinger* pinger = nullptr;                        // of a streamed answer
  int attempts = 0;                                // so far
  std::string_view reason = {};                    // why this deployment
  bool resume = false;                             // a stream that breaks is gone on with elsewhere
  std::shared_ptr<StreamTranslation> broken = {};  // such a stream
  Race* race = nullptr;     // with another attempt of the same request; null = there is none
  int lane = 0;             // of this one
  bool may_switch = false;  // if this attempt brings nothing, there will be another
  int first_token_ms =
      0;  // how long this attempt's stream may take to begin; 0 = as long as the provider's timeouts say
};

// The provider speaks the client's format: bytes pass untouched but for the model's name. The request's body is the client's own
// again when the attempt has failed and may_switch.
Task<Attempted> relay(Exchange& x);
// It does not: decoded, encoded, and the answer back. The same is true of the body.
Task<Attempted> translate(Exchange& x);

// What a request's body says of itself, and what its URL and format say instead.
Result<llm::RequestPeek> peek_body(const llm::Dialect& client, std::string& body, std::string_view path_model,
                                   bool path_stream);

// Whether this attempt may answer: another one may have begun to.
bool claims(Exchange& x);
// What an attempt that may not ends with.
Failure overtaken();

// Sends the request along the exchange's route, with the timeouts that hold for it.
Task<Result<std::unique_ptr<net::Call>>> open_call(Exchange& x, const net::CallRequest& request);
// What a stream may wait for while nothing of an answer has come, and from then on.
void wait_for_first(Exchange& x, net::Call& call);
void wait_for_rest(Exchange& x, net::Call& call);

// Whether an event is part of what the model has to say.
bool begins_answer(const llm::Event& event);

// Which deployment of a route answers, and why: x-patchbay-route. Nothing where the model was asked for by its provider and name.
void add_route(const Exchange& x, net::Headers& to);

// Answers with what went wrong.
Task<void> deliver(Exchange& x, Failure failure);

// Answers with an error in the client's format: as a whole answer, or as the last event of a stream that has begun.
// `headers`: more to send with it (rate limits).
Task<void> send_error(Exchange& x, Error error, const net::Headers* headers = nullptr);

// The Content-Type of a stream towards the client.
std::string_view stream_content_type(const Exchange& x);

// Tells the client what could not be carried, where there is something to tell.
void add_dropped(const llm::Dropped& dropped, net::Headers& to);

// Headers of every answer: Content-Type and ids.
void own_headers(const Exchange& x, std::string_view content_type, net::Headers& to);

// An answer's body with its content coding undone; at most `bytes_max` bytes. Unknown codings are an error.
Result<void> undo_coding(std::string_view coding, std::string& body, std::size_t bytes_max);

// A whole answer that makes no sense.
Error unreadable_answer(std::string_view why);
// A stream whose event does not end within limits::kSseEventBytesMax.
Error event_too_large();

// What a provider's non-2xx answer means, its retry hint included.
Error upstream_error(const Exchange& x, const net::Call& call, std::string_view body);
// `Retry-After` (RFC 9110 §10.2.3), as far as the error says, and always for a rate limit that will pass: without it some agents
// give up at once and others come back at once.
void tell_when_to_retry(const Error& error, net::Headers& to);

// Sends an SSE comment whenever a stream has been silent for server.ping_after_ms, so that no proxy or client gives up on a
// model that thinks; starts the answer if it has to.
class Pinger {
 public:
  explicit Pinger(Exchange& x);
  void touch();  // something was sent
  void stop() { deadline_.disarm(); }

 private:
  static void on_due(void* self);
  Exchange& x_;
  net::Deadline deadline_;
};

}  // namespace pb::gateway
