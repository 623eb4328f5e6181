// The simulator: a provider without a model. It speaks every dialect's provider side, from the dialects' own code,
// and answers by the model's name or a scenario file (docs/simulator.md). It is the keyless default provider, the
// tests' upstream and the bench's.
#pragma once
#include <memory>
#include <string>

#include "base/error.h"

namespace pb::sim {

struct Options {
  std::string listen = "127.0.0.1:0";  // HOST:PORT; port 0 = any free one
  int threads = 1;                     // each with its own io_context and acceptor
  std::string scenario;                // path of a scenario file; "" = none
  std::string recorded;  // folder of recorded answers; "" = $PATCHBAY_RECORDED, then ../shared/recorded
};

// A running simulator. Owned by who started it; destroying it closes every connection and joins its threads.
class Simulator {
 public:
  virtual ~Simulator() = default;
  virtual unsigned short port() const = 0;
  virtual const std::string& base_url() const = 0;  // "http://127.0.0.1:PORT", without "/v1"
};

// Errors: the address cannot be bound, or the scenario file is wrong (its message names file, line and what).
Result<std::unique_ptr<Simulator>> start(const Options& options);

}  // namespace pb::sim
