#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/json_scan.h"
#include "base/json_strings.h"

namespace pb::json {

namespace {

// A control character that has no shorter form: six bytes.
char* put_long_escape(char* to, char control) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto c = static_cast<unsigned char>(control);
  for (const char digit : {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]}) *to++ = digit;
  return to;
}

constexpr std::size_t kTextReserve = 240;  // most arguments of a call
constexpr std::size_t kShortBytes = 64;    // most names, ids and keys

// A short string in its quotes and what stands around them; false when it needs escapes, and nothing is written then.
bool put_short(std::string& out, bool comma, std::string_view text, bool colon) {
  if (text.size() > kShortBytes) return false;
  const std::size_t had = out.size();
  bool done = false;
  out.resize_and_overwrite(had + text.size() + 4, [&](char* p, std::size_t) {
    char* to = p + had;
    if (comma) *to++ = ',';
    *to++ = '"';
    done = copy_whole(text, to);
    if (!done) return had;
    to += text.size();
    *to++ = '"';
    if (colon) *to++ = ':';
    return static_cast<std::size_t>(to - p);
  });
  return done;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const StringLoops& loops = string_loops();
  while (at < end) {
    const std::size_t had = out.size();
    const auto left = static_cast<std::size_t>(end - at);
    const std::size_t wanted = had + left + left / 8 + 2 * kStringRoom;
    // The callback's own size argument is not what was asked for in libstdc++ 12: only `wanted` is used.
    out.resize_and_overwrite(wanted, [&](char* p, std::size_t) {
      char* to = p + had;
      const char* const limit = p + wanted - kStringRoom;
      while (at < end && to <= limit) {
        const Copied copied = loops.escape(at, end, to, limit);
        at = copied.at;
        to = copied.to;
        if (at < end && to <= limit) to = put_long_escape(to, *at++);
      }
      return static_cast<std::size_t>(to - p);
    });
  }
}

void Writer::value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_) out_ += ',';
  first_ = false;
}

void Writer::key(std::string_view name) {
  if (!put_short(out_, !first_, name, true)) {
    out_ += first_ ? "\"" : ",\"";
    append_escaped(out_, name);
    out_ += "\":";
  }
  first_ = false;
  after_key_ = true;
}

void Writer::string(std::string_view text) {
  const bool comma = !after_key_ && !first_;
  if (!put_short(out_, comma, text, false)) {
    out_ += comma ? ",\"" : "\"";
    append_escaped(out_, text);
    out_ += '"';
  }
  if (!after_key_) first_ = false;
  after_key_ = false;
}

void Writer::integer(std::int64_t n) {
  value();
  char buffer[24];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, n).ptr);
}

void Writer::real(double d) {
  value();
  if (!std::isfinite(d)) {
    out_ += "null";
    return;
  }
  char buffer[40];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, d).ptr);
}

void Writer::boolean(bool b) {
  value();
  out_ += b ? "true" : "false";
}

void Writer::null() {
  value();
  out_ += "null";
}

void Writer::raw(std::string_view json) {
  value();
  out_ += json;
}

void Writer::write(Value v) {
  switch (v.kind()) {
    case Kind::null:
      null();
      break;
    case Kind::boolean:
      boolean(v.as_bool());
      break;
    case Kind::number:
      raw(v.number_text());
      break;
    case Kind::string:
      string(v.as_string());
      break;
    case Kind::array:
      begin_array();
      for (const Value& item : v.items()) write(item);
      end_array();
      break;
    case Kind::object:
      begin_object();
      for (const Member& m : v.members()) {
        key(m.key);
        write(m.value);
      }
      end_object();
      break;
  }
}

std::string to_text(Value v) {
  std::string out;
  Writer(out).write(v);
  return out;
}

std::string_view to_text(Value v, Arena& arena) {
  std::string out;
  out.reserve(kTextReserve);
  Writer(out).write(v);
  return arena.keep(std::move(out));
}

namespace {

void canonical(Writer& w, Value v) {
  if (v.is_number()) {
    std::int64_t n = v.as_int(INT64_MIN);
    if (n != INT64_MIN)
      w.integer(n);
    else
      w.real(v.as_double());
  } else if (v.is_array()) {
    w.begin_array();
    for (const Value& item : v.items()) canonical(w, item);
    w.end_array();
  } else if (v.is_object()) {
    // A name may stand twice, and which of them counts depends on their order.
    std::vector<const Member*> sorted;
    sorted.reserve(v.members().size());
    for (const Member& m : v.members()) sorted.push_back(&m);
    std::ranges::sort(sorted, [](const Member* a, const Member* b) {
      return a->key != b->key ? a->key < b->key : std::less<>()(a, b);
    });
    w.begin_object();
    for (const Member* m : sorted) {
      w.key(m->key);
      canonical(w, m->value);
    }
    w.end_object();
  } else {
    w.write(v);
  }
}

}  // namespace

std::string canonical_text(Value v) {
  std::string out;
  Writer w(out);
  canonical(w, v);
  return out;
}

}  // namespace pb::json
