// A coroutine sleeps until another thread has something for it.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "base/task.h"

namespace pb::net {

// Owned by the coroutine that waits; others hold a Bell of it. A ring while nobody waits is kept for the next wait, and many
// are one.
class Wake {
 public:
  class Bell {  // any thread; may outlive the Wake
   public:
    Bell() = default;
    void ring() const;  // nothing happens where the Wake is gone
    explicit operator bool() const { return state_ != nullptr; }

   private:
    friend class Wake;
    std::shared_ptr<struct WakeState> state_;  // shared with the Wake, which may go first
  };

  explicit Wake(boost::asio::any_io_executor executor);
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;
  Bell bell() const;
  // On its own executor, one at a time. A cancelled waiter throws system_error(operation_aborted).
  Task<void> wait();

 private:
  std::shared_ptr<struct WakeState> state_;
};

}  // namespace pb::net
