// Lines over a pair of descriptors: this process' standard input and output.
#pragma once
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/task.h"

namespace pb::net {

struct Line {
  std::string text;       // without its end
  bool too_long = false;  // it was passed over
  bool end = false;       // there is none; a last line without end is one
};

// One thread. Reading and writing may happen at the same time. Works for pipes, sockets, terminals and files.
class Lines {
 public:
  virtual ~Lines() = default;  // leaves the descriptors open, in the mode they had
  virtual Task<Line> read(std::size_t bytes_max) = 0;
  // As if the input had ended: who waits for a line is told so at once, and nothing more is read.
  virtual void stop() = 0;
  // False: nobody reads any more.
  virtual Task<bool> write(std::string_view text) = 0;
};
std::unique_ptr<Lines> create_lines(boost::asio::io_context& io, int in_fd, int out_fd);

}  // namespace pb::net
