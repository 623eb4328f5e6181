// The event loop of one core.
#pragma once
#include <boost/asio/io_context.hpp>

namespace pb::net {

// Coroutines that wait belong to the loop they wait on. What they use (connections, servers, deadlines) is made with the loop and
// so goes before it: end() lets the coroutines go while all of that is still there.
class Loop : public boost::asio::io_context {
 public:
  using boost::asio::io_context::io_context;
  // Destroys everything that waits. After run() has returned, on one thread; nothing runs on the loop from then on. May be called
  // twice.
  void end() { shutdown(); }
};

}  // namespace pb::net
