// A request on its way at a deployment, and what it tells about the deployment.
#pragma once
#include <cstdint>

#include "gateway/record.h"
#include "route/breaker.h"
#include "route/fault.h"
#include "route/live.h"

namespace pb::gateway {

// Dropped without a word (the client went away, another deployment was faster), it has told nothing.
class Use {
 public:
  // `probe`: it is the one request that a half-open breaker lets through.
  Use(route::Live& live, bool probe);
  ~Use();
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  // The client has its answer, whole or cut off by an error of the provider's (`record` says which).
  void answered(const Record& record, const route::BreakerOptions& options, std::int64_t began_ms,
                std::int64_t now_ms);
  void failed(route::Fault fault, const Error& error, const route::BreakerOptions& options,
              std::int64_t now_ms);

 private:
  route::Live& live_;
  bool probe_;
  bool told_ = false;
};

}  // namespace pb::gateway
