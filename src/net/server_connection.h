// One client connection: reads requests, runs the handler, watches for the client going away meanwhile.
#pragma once
#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <string>

#include "net/server.h"
#include "net/stream.h"
#include "net/sweeper.h"

namespace pb::net {

// What all connections of a server share. Outlives them.
struct ServerShared {
  ServerOptions options;
  Handler handler;
  ErrorPage error_page;
  Sweeper& sweeper;
  bool draining = false;
  std::size_t open_requests = 0;
};

// Owned by its coroutine and, while the client is being watched, by the wait's completion handler, which may
// run after the coroutine has ended: hence shared_ptr. One thread.
struct Connection {
  Connection(ServerShared& s, std::unique_ptr<Stream> st)
      : shared(s), stream(std::move(st)), deadline(s.sweeper) {}
  ServerShared& shared;
  std::unique_ptr<Stream> stream;
  ReadBuffer buffer;
  Deadline deadline;
  boost::asio::cancellation_signal gone;  // emitted when the client went away
  bool watching = false;                  // a wait for the client's next byte or its end is pending
  bool in_request = false;
  bool timed_out = false;
  bool closed = false;
  std::string peer;

  void close() {
    closed = true;
    stream->close();
  }
};

Task<void> serve(std::shared_ptr<Connection> connection);

}  // namespace pb::net
