// Identifiers that are unique without coordination: 24 base-62 characters (143 bits) of a per-thread
// generator seeded by the kernel. Not secrets: a generator's later output can be computed from enough of its
// earlier one.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace pb::ids {

// `prefix` and 24 characters of [0-9A-Za-z]: make("chatcmpl-"), make("msg_").
std::string make(std::string_view prefix);
inline std::string request_id() { return make("req_"); }
double random_unit();      // in [0, 1)
std::uint64_t random64();  // the generator itself: jitter, sampling, row ids

}  // namespace pb::ids
