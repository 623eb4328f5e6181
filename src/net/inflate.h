// Undoes HTTP content codings (RFC 9110 §8.4.1) of answers, piece by piece as they arrive.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pb::net {

class Inflater {
 public:
  // For "gzip", "x-gzip", "deflate", "br", "zstd", "identity" or a list of them ("gzip, br": gzip was applied first), in
  // any case. Null when one of them is not known, or when there are more than four.
  static std::unique_ptr<Inflater> create(std::string_view coding);
  virtual ~Inflater() = default;

  // Appends to `out` all that `in` makes available, so that an event of a stream waits for no later bytes. `out` never
  // grows beyond `out_max` bytes: data that would is an error, as are damaged data. After an error only errors come.
  // Errors are Code::bad_upstream.
  virtual Result<void> feed(std::string_view in, std::string& out, std::size_t out_max) = 0;
  // At the end of the input: an error when the data were cut short. No input at all is fine (an empty body).
  virtual Result<void> finish() = 0;
};

}  // namespace pb::net
