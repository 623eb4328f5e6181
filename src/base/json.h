// JSON (RFC 8259) values on an arena, for translation between formats and for configuration.
// A Value is a small handle: it is cheap to copy and lives as long as the Arena it came from (strings
// without escapes even point into the parsed text, which must outlive it too). Numbers keep their text, so
// nothing is rounded. The hot path of same-format forwarding does not parse at all: see llm/peek.h.
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pb::json {

// Bump allocator; frees everything at once. Not thread-safe. Moving keeps addresses.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept { *this = std::move(other); }
  Arena& operator=(Arena&& other) noexcept;
  // Uninitialised memory, aligned to 8.
  void* allocate(std::size_t bytes);
  // Takes back what is behind `end` of what was allocated last.
  void give_back(const void* end);
  // A copy of `text` that lives as long as the arena.
  std::string_view copy(std::string_view text);
  // Takes over a string; the view stays valid as long as the arena.
  std::string_view keep(std::string&& text);
  // Forgets everything, keeps the first block for reuse.
  void reset();

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<std::string>> kept_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::size_t first_bytes_ = 0;
};

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
std::string_view to_string(Kind kind);

struct Member;

class Value {
 public:
  constexpr Value() = default;
  static Value boolean(bool b);
  // `text` must be a JSON number and outlive the value.
  static Value number_text(std::string_view text);
  static Value integer(Arena& arena, std::int64_t n);
  static Value real(Arena& arena, double d);
  // The text is not copied.
  static Value string(std::string_view text);
  static Value array(Arena& arena, std::span<const Value> items);
  static Value object(Arena& arena, std::span<const Member> members);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_bool() const { return kind_ == Kind::boolean; }
  bool is_number() const { return kind_ == Kind::number; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_object() const { return kind_ == Kind::object; }

  // Each returns the fallback when the value is of another kind.
  bool as_bool(bool fallback = false) const;
  std::string_view as_string(std::string_view fallback = {}) const;
  std::int64_t as_int(
      std::int64_t fallback = 0) const;  // also for 3.0 and 3e2; the fallback when not whole or out of range
  double as_double(double fallback = 0) const;
  std::string_view number_text() const;  // the number as written; "" for other kinds

  std::span<const Value> items() const;  // empty unless an array
  // A null Value where there is none: of an object too, whose size() counts members.
  Value at(std::size_t index) const;
  std::span<const Member> members() const;  // empty unless an object
  std::size_t size() const { return kind_ == Kind::array || kind_ == Kind::object ? size_ : 0; }
  // The member of that name (the last one, where a key is repeated), or a null Value.
  Value operator[](std::string_view key) const;
  const Value* find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }

 private:
  Kind kind_ = Kind::null;
  bool bool_ = false;
  std::uint32_t size_ = 0;
  const void* data_ = nullptr;
};

struct Member {
  std::string_view key;
  Value value;
};

struct ParseLimits {
  std::size_t depth_max = 128;
};

// Parses one JSON text; `text` must outlive the values. The error's message says line, column and what was
// expected. Invalid UTF-8 is an error; a lone surrogate escape becomes U+FFFD.
Result<Value> parse(std::string_view text, Arena& arena, ParseLimits limits = {});

// Parses the JSON value that `text` begins with and ignores what follows it. The text must be valid UTF-8 already.
Result<Value> parse_prefix(std::string_view text, Arena& arena, ParseLimits limits = {});

// Appends JSON text to a string. Commas are put by itself:
//   Writer w(out); w.begin_object(); w.key("a"); w.string("b"); w.end_object();
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void begin_object() {
    value();
    out_ += '{';
    first_ = true;
  }
  void end_object() {
    out_ += '}';
    first_ = false;
  }
  void begin_array() {
    value();
    out_ += '[';
    first_ = true;
  }
  void end_array() {
    out_ += ']';
    first_ = false;
  }
  void key(std::string_view name);
  void string(std::string_view text);
  void integer(std::int64_t n);
  void real(double d);  // shortest text that reads back the same
  void boolean(bool b);
  void null();
  void raw(std::string_view json);  // a JSON text as it is; must not be empty
  void write(Value v);
  // An array of what can be seen as texts.
  void strings(const auto& texts) {
    begin_array();
    for (const std::string_view text : texts) string(text);
    end_array();
  }
  // key and value in one
  void field(std::string_view name, std::string_view text) {
    key(name);
    string(text);
  }
  void field(std::string_view name, const char* text) {
    key(name);
    string(text);
  }
  void field(std::string_view name, std::int64_t n) {
    key(name);
    integer(n);
  }
  void field(std::string_view name, int n) {
    key(name);
    integer(n);
  }
  void field(std::string_view name, bool b) {
    key(name);
    boolean(b);
  }
  void field(std::string_view name, double d) {
    key(name);
    real(d);
  }
  void field(std::string_view name, Value v) {
    key(name);
    write(v);
  }
  void strings(std::string_view name, const auto& texts) {
    key(name);
    strings(texts);
  }
  // null for an empty text
  void field_or_null(std::string_view name, std::string_view text) {
    key(name);
    if (text.empty())
      null();
    else
      string(text);
  }
  void null_field(std::string_view name) {
    key(name);
    null();
  }
  std::string& out() { return out_; }

 private:
  void value();
  std::string& out_;
  bool first_ = true;
  bool after_key_ = false;
};

// A JSON array of what can be seen as texts.
std::string strings_to_text(const auto& texts) {
  std::string out;
  Writer(out).strings(texts);
  return out;
}

// Appends `text` as the inside of a JSON string (no quotes).
void append_escaped(std::string& out, std::string_view text);
std::string to_text(Value v);
std::string_view to_text(Value v, Arena& arena);
// The same value with object members sorted by key (those of one key stay in their order) and numbers normalised: for comparing
// in tests and hashing.
std::string canonical_text(Value v);

}  // namespace pb::json
