// An answer that was kept, as the client got it. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "llm/chat.h"

namespace pb::gateway::cache {

// Names a request: a hash of what was asked, by whom (as far as answers are not shared) and of which model.
struct Key {
  std::array<std::uint64_t, 2> words{};
  bool operator==(const Key&) const = default;
};
std::string to_hex(const Key& key);  // 32 digits, for keys of other stores

enum class Form : std::uint8_t {
  whole,        // one JSON text
  stream,       // as the format frames it
  stream_bare,  // the same of a format that streams its usage only when asked, and was not asked
  array,        // the events as one JSON array
};

// Immutable once it is kept; shared with the requests that are answered from it.
struct Entry {
  Form form = Form::whole;
  std::string body;             // without content coding
  std::string format;           // the client's: "openai_chat"
  std::string content_type;     // of the answer
  std::string dropped;          // x-patchbay-dropped; "" = nothing was
  std::string provider, model;  // who answered
  std::string asked;            // the model's name as the client asked
  std::string route;            // one of `routes`; "" = none
  std::string space;            // whose it is: "key:NAME", "team:NAME", "all", …
  llm::Usage usage;
  bool estimated = false;     // the usage is our own count
  std::int64_t made_ms = 0;   // Unix time
  std::int64_t until_ms = 0;  // it is too old from then on

  // Of memory, what stands around it included.
  std::size_t bytes() const;
};
using EntryPtr = std::shared_ptr<const Entry>;

// For stores outside of this process: "PBC1", the length of the head (32 bits, little-endian), the head as a JSON object with
// the names of Entry's members (usage as an object), the body.
std::string to_bytes(const Entry& entry);
// nullopt when these are none of ours, or of another version: then there is no entry.
std::optional<Entry> from_bytes(std::string_view bytes);

}  // namespace pb::gateway::cache
