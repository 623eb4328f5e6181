#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/json_scan.h"

namespace pb::json {

void append_escaped(std::string& out, std::string_view text) {
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    const char* next = find_special(at, end);
    out.append(at, next);
    if (next == end) return;
    static constexpr char kHex[] = "0123456789abcdef";
    unsigned char c = static_cast<unsigned char>(*next);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
    at = next + 1;
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
  if (!first_) out_ += ',';
  first_ = false;
  out_ += '"';
  append_escaped(out_, name);
  out_ += "\":";
  after_key_ = true;
}

void Writer::string(std::string_view text) {
  value();
  out_ += '"';
  append_escaped(out_, text);
  out_ += '"';
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
    std::vector<Member> sorted(v.members().begin(), v.members().end());
    std::sort(sorted.begin(), sorted.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
    w.begin_object();
    for (const Member& m : sorted) {
      w.key(m.key);
      canonical(w, m.value);
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
