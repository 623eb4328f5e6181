// The store's calls from a coroutine: on a thread of the pool.
#pragma once
#include <type_traits>
#include <utility>

#include "net/blocking.h"

namespace pb::tools::bench {

// `work` gives a Result; it must own what it uses.
template <class F>
Task<std::invoke_result_t<F&>> on_disk(net::BlockingPool& pool, F work) {
  auto done = co_await net::blocking(pool, std::move(work));
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return std::move(*done);
}

}  // namespace pb::tools::bench
