#include "mcp/inbound.h"

#include <vector>

namespace pb::mcp {

void take(Session& session, const Message& message) {
  if (message.kind == Kind::response) return session.answer(message);
  if (message.kind != Kind::notification) return;
  if (message.method == "notifications/initialized")
    return session.with_rules([](SessionRules& r) { r.ready(); });
  if (message.method != "notifications/cancelled") return;
  const json::Value id = message.params["requestId"];
  if (!id.is_string() && !id.is_number()) return;
  const auto call = session.find_call(id.is_string() ? json::to_text(id) : std::to_string(id.as_int()));
  // "The initialize request MUST NOT be cancelled by clients."
  if (call != nullptr && call->message().method != "initialize") call->cancel();
}

Outcome<void> begin(const Inbound& in, const std::shared_ptr<Session>& session,
                    const std::shared_ptr<Document>& document, const Message& message,
                    std::shared_ptr<Stream> stream, bool polling, Call::Done done) {
  struct Now {
    Revision revision;
    ClientCapabilities can;
  } now{};
  TRY(session->with_rules([&](SessionRules& r) {
    now = {r.revision(), r.client_can()};
    return r.begin(message.id, message.method);
  }));
  const auto call =
      Call::make({in.hub, in.offer, in.sweeper, in.executor, document, &message, in.principal, now.revision,
                  now.can, LogLevel::off, session, std::move(stream), nullptr, polling});
  session->add_call(message.id, call);
  Call::start(call, [session, id = message.id, done = std::move(done)](std::string response, int status) {
    session->end_call(id);
    done(std::move(response), status);
  });
  return {};
}

bool any_requests(const Document& document) {
  for (const Message& m : document.messages)
    if (m.kind == Kind::request || m.kind == Kind::broken) return true;
  return false;
}

void begin_all(const Inbound& in, const std::shared_ptr<Session>& session,
               const std::shared_ptr<Document>& document, const std::shared_ptr<Stream>& stream, bool polling,
               Call::Done done) {
  // Shared by the calls; they all run on this executor.
  struct Batch {
    std::size_t open = 0;
    std::vector<std::string> responses;
    int status = 200;
    bool array;
    Call::Done done;
    void end_one() {
      if (--open != 0) return;
      if (!array) return done(responses.empty() ? std::string() : std::move(responses.front()), status);
      std::string all;
      for (std::string& r : responses) all += (all.empty() ? "[" : ",") + r;
      done(all.empty() ? all : all + "]", 200);
    }
  };
  auto batch = std::make_shared<Batch>();
  batch->array = document->batch;
  batch->done = std::move(done);
  batch->open = 1;  // this loop itself
  for (const Message& m : document->messages) {
    if (m.kind == Kind::notification || m.kind == Kind::response) {
      take(*session, m);
      continue;
    }
    ++batch->open;
    Outcome<void> begun = m.kind == Kind::broken ? std::unexpected(m.fault) : Outcome<void>();
    if (begun)
      begun = begin(in, session, document, m, stream, polling, [batch](std::string response, int status) {
        if (!response.empty()) batch->responses.push_back(std::move(response));
        batch->status = status;
        batch->end_one();
      });
    if (begun) continue;
    batch->responses.push_back(write_error(m.id, begun.error()));
    batch->status = 400;
    batch->end_one();
  }
  batch->end_one();
}

}  // namespace pb::mcp
