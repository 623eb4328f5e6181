// The messages on their way to one client: a bounded queue between the calls that write and the connection that reads.
#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "net/wake.h"

namespace pb::mcp {

struct StreamOptions {
  std::size_t messages_max, bytes_max;
  bool keep = false;  // what has been read stays, for a client that comes back for it
};
StreamOptions one_way();  // of a connection that cannot be resumed

// Any thread. One reader at a time.
class Stream {
 public:
  explicit Stream(StreamOptions options) : options_(options) {}

  struct Event {
    std::uint64_t number;  // from 1
    std::string text;
  };
  struct Batch {
    std::vector<Event> events;
    bool ended = false;     // nothing comes after these
    bool cut = false;       // the connection is to be closed; the client comes back
    bool replaced = false;  // another reader has taken this one's place
  };

  // What a client can do without: dropped when the queue is full. `once`: not where the same is waiting already. False: dropped.
  bool tell(std::string message, bool once = false);
  // What it cannot: an answer, a question. Over the limits the oldest of the other kind make room.
  void push(std::string message);
  void end();
  void cut();  // the next read says so, once

  // A reader's: its place, which a later reader takes. `bell` rings when there is something to read.
  std::uint64_t attach(net::Wake::Bell bell, bool replace = true);
  void detach(std::uint64_t reader);
  bool attached() const;
  // Events after the number; forgets those up to it unless they are kept.
  Batch read(std::uint64_t reader, std::uint64_t after);

  bool ended() const;
  std::uint64_t last() const;     // the number of the newest event, 0 = none so far
  std::uint64_t read_to() const;  // the newest that a reader has got
  std::size_t bytes() const;
  std::size_t dropped() const;

 private:
  struct Held {
    Event event;
    bool droppable;
  };
  void make_room(std::size_t bytes);
  void ring();

  const StreamOptions options_;
  mutable std::mutex mutex_;
  std::deque<Held> events_;
  std::size_t bytes_ = 0, dropped_ = 0;
  std::uint64_t last_ = 0, reader_ = 0, readers_ = 0, read_to_ = 0;
  bool ended_ = false, cut_ = false;
  net::Wake::Bell bell_;
};

}  // namespace pb::mcp
