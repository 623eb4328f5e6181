// The coroutine type of all asynchronous functions.
#pragma once
#include <boost/asio/awaitable.hpp>

namespace pb {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace pb
