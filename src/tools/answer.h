// Takes the gateway's answer to a request that a tool has made, whole or as a stream.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "llm/assemble.h"
#include "net/inflate.h"
#include "net/server.h"

namespace pb::tools {

// Of one request in OpenAI's chat format. It takes at most limits::kToolAnswerBytesMax; what is longer ends the request with
// system_error(message_size), and fault() says why.
class Answer final : public net::Responder {
 public:
  using OnText = std::function<void(std::string_view piece)>;
  explicit Answer(OnText on_text) : on_text_(std::move(on_text)) {}

  Task<void> send(int status, const net::Headers& headers, std::string_view body) override;
  Task<void> start(int status, const net::Headers& headers) override;
  bool nudge(int, const net::Headers&, std::string_view) override { return false; }  // nobody waits for bytes
  Task<void> write(std::string_view bytes) override;
  Task<void> finish(std::string_view last) override;
  void abort() override { cut_ = true; }
  bool started() const override { return started_; }

  const std::optional<Error>& fault() const { return fault_; }
  // Once it has ended: the whole completion, put together where it was streamed; or its error. `usage`: what the gateway knows of it, for
  // a stream that does not tell.
  Result<std::string> completion(const llm::Usage& usage = {});

 private:
  void begin(int status, const net::Headers& headers);
  void take(std::string_view bytes);
  void read(std::string_view plain);
  [[noreturn]] void refuse(Error error);
  Error error_answer() const;

  OnText on_text_;
  int status_ = 0;
  std::string retry_after_;
  std::string body_;       // of an answer in one piece
  std::size_t bytes_ = 0;  // of a stream, so far
  bool started_ = false, streamed_ = false, cut_ = false;
  std::unique_ptr<net::Inflater> inflater_;  // null: the answer comes as it is
  std::optional<Error> fault_;
  llm::EventReader reader_{llm::Framing::sse};
  std::unique_ptr<llm::StreamDecoder> decoder_;
  llm::Assembler assembler_;
};

}  // namespace pb::tools
