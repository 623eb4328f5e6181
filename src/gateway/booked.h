// Books a request before the last byte of its answer is sent: an answer that a client has whole is in the ledger, whatever happens
// to this process then.
#pragma once
#include "gateway/record.h"
#include "net/server.h"

namespace pb::gateway {

class BookedResponder final : public net::Responder {
 public:
  BookedResponder(net::Responder& out, Record& record) : out_(out), record_(record) {}
  Task<void> send(int status, const net::Headers& headers, std::string_view body) override {
    if (record_.status == 0) record_.status = status;
    record_.book();
    return out_.send(status, headers, body);
  }
  Task<void> start(int status, const net::Headers& headers) override { return out_.start(status, headers); }
  bool nudge(int status, const net::Headers& headers, std::string_view bytes) override {
    return out_.nudge(status, headers, bytes);
  }
  Task<void> write(std::string_view bytes) override { return out_.write(bytes); }
  Task<void> finish(std::string_view last) override {
    record_.book();
    return out_.finish(last);
  }
  void abort() override {
    record_.book();
    out_.abort();
  }
  bool started() const override { return out_.started(); }

 private:
  net::Responder& out_;
  Record& record_;
};

}  // namespace pb::gateway
