// Between an answer and its client: says what the cache did, and keeps a copy of what goes by.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "net/server.h"

namespace pb::gateway::cache {

class Tap final : public net::Responder {
 public:
  explicit Tap(net::Responder& out) : out_(out) {}

  void say(std::string note) { note_ = std::move(note); }  // x-patchbay-cache of the answer
  // From now on the answer is copied, up to so many bytes; `too_long` is called when there are more.
  void record(std::size_t bytes_max, std::function<void()> too_long);
  bool recording() const { return recording_; }
  bool complete() const {
    return recording_ && complete_;
  }  // an answer of status 200 has been sent to its end
  std::string& body() { return body_; }
  const std::string& content_type() const { return content_type_; }
  const std::string& coding() const { return coding_; }
  const std::string& dropped() const { return dropped_; }

  Task<void> send(int status, const net::Headers& headers, std::string_view body) override;
  Task<void> start(int status, const net::Headers& headers) override;
  bool nudge(int status, const net::Headers& headers, std::string_view bytes) override;
  Task<void> write(std::string_view bytes) override;
  Task<void> finish(std::string_view last) override;
  void abort() override;
  bool started() const override { return out_.started(); }

 private:
  net::Headers with(const net::Headers& headers) const;
  void look_at(int status, const net::Headers& headers);
  void copy(std::string_view bytes);

  net::Responder& out_;
  std::string note_, body_, content_type_, coding_, dropped_;
  std::size_t bytes_max_ = 0;
  std::function<void()> too_long_;
  bool recording_ = false, complete_ = false;
};

}  // namespace pb::gateway::cache
