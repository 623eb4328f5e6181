// What a request asks, as a key: the same whatever the order of its members, its white space and whether it is to be streamed.
// Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/cache/entry.h"

namespace pb::gateway::cache {

// What in a body says whether its answer can be kept.
struct Asked {
  Key hash;               // of all members but `model`, `stream` and `stream_options`
  bool tools = false;     // it has some
  bool sampling = false;  // a temperature above 0, or several answers
  bool links = false;     // something is named by its URL
  bool stateful = false;  // goes on from what somebody keeps, or runs in the background
  std::optional<bool> store;
};

// Reads a JSON object in one pass and allocates nothing. Keyed: with a random seed nobody can choose bodies that collide; the
// hash is of no use to another process. Texts are compared as they are escaped, numbers as they are written. nullopt: not JSON.
std::optional<Asked> read_asked(std::string_view body, std::uint64_t seed);

// The same hash for every process: SHA-256 of the canonical text, cut to 128 bits. Several times slower.
std::optional<Key> portable_hash(std::string_view body);

// What the body does not say: whom it is for, the model and where its name leads, the API's version.
class KeyMixer {
 public:
  // `portable`: for portable_hash(), else for read_asked() of this seed.
  KeyMixer(std::uint64_t seed, bool portable) : seed_(seed), portable_(portable) {}
  void add(std::string_view text);  // several of them: ("a", "b") is not ("ab", "")
  Key mix(const Key& body) const;

 private:
  std::uint64_t seed_;
  bool portable_;
  std::string text_;
};

}  // namespace pb::gateway::cache
