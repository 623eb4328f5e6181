// The client's body made to fit the provider that speaks its format, in place, and made the client's own again.
#pragma once
#include <cstddef>
#include <string>

#include "gateway/exchange.h"

namespace pb::gateway {

class BodyEdit {
 public:
  explicit BodyEdit(Exchange& x) : x_(x) {}
  // Takes out the tools that the provider is not to have, puts its name of the model in, and asks for the stream's usage where
  // the format allows it and the client did not: without it a stream could not be booked. All else stays, byte by byte.
  Result<void> apply(bool ask_usage = true);
  // The extra event that asking for usage brings has to be taken out of the stream again.
  bool asked_usage() const { return asked_bytes_ != 0; }
  void undo();

 private:
  void ask();
  void put_model();

  Exchange& x_;
  std::string whole_;  // the body before tools were taken out; "" = none were
  llm::RequestPeek peek_;
  std::string model_token_;  // the client's; "" = it stands as it was
  std::size_t model_bytes_ = 0;
  std::size_t asked_at_ = 0, asked_bytes_ = 0;
};

}  // namespace pb::gateway
