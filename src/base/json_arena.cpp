#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/json.h"

namespace pb::json {
namespace {

constexpr std::size_t kFirstBlockBytes = 1000;  // small enough for malloc's per-thread cache
constexpr std::size_t kBlockBytesMax = 8u << 20;
constexpr std::size_t kCopyBytesMax = 1024;  // shorter strings are cheaper to copy than to own

}  // namespace

Arena& Arena::operator=(Arena&& other) noexcept {
  blocks_ = std::move(other.blocks_);
  kept_ = std::move(other.kept_);
  at_ = std::exchange(other.at_, nullptr);
  end_ = std::exchange(other.end_, nullptr);
  first_bytes_ = std::exchange(other.first_bytes_, 0);
  other.blocks_.clear();
  other.kept_.clear();
  return *this;
}

void* Arena::allocate(std::size_t bytes) {
  bytes = (bytes + 7) & ~std::size_t{7};
  if (static_cast<std::size_t>(end_ - at_) < bytes) {
    std::size_t size = std::max(kFirstBlockBytes, bytes);
    if (!blocks_.empty())
      size = std::max(
          bytes, std::min(kBlockBytesMax, kFirstBlockBytes << std::min<std::size_t>(blocks_.size(), 16)));
    blocks_.emplace_back(new char[size]);  // new[] aligns to 16
    if (blocks_.size() == 1) first_bytes_ = size;
    at_ = blocks_.back().get();
    end_ = at_ + size;
  }
  void* p = at_;
  at_ += bytes;
  return p;
}

void Arena::give_back(const void* end) {
  const auto used = static_cast<std::size_t>(static_cast<const char*>(end) - blocks_.back().get());
  at_ = blocks_.back().get() + ((used + 7) & ~std::size_t{7});
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* p = static_cast<char*>(allocate(text.size()));
  std::memcpy(p, text.data(), text.size());
  return {p, text.size()};
}

std::string_view Arena::keep(std::string&& text) {
  if (!text.empty() && text.size() <= kCopyBytesMax) return copy(text);
  kept_.push_back(std::make_unique<std::string>(std::move(text)));
  return *kept_.back();
}

void Arena::reset() {
  kept_.clear();
  if (blocks_.empty()) return;
  blocks_.resize(1);
  at_ = blocks_.front().get();
  end_ = at_ + first_bytes_;
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "boolean";
    case Kind::number:
      return "number";
    case Kind::string:
      return "string";
    case Kind::array:
      return "array";
    case Kind::object:
      return "object";
  }
  return "null";
}

Value Value::boolean(bool b) {
  Value v;
  v.kind_ = Kind::boolean;
  v.bool_ = b;
  return v;
}

Value Value::number_text(std::string_view text) {
  Value v;
  v.kind_ = Kind::number;
  v.size_ = static_cast<std::uint32_t>(text.size());
  v.data_ = text.data();
  return v;
}

Value Value::integer(Arena& arena, std::int64_t n) {
  char buffer[24];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, n).ptr;
  return number_text(arena.copy({buffer, static_cast<std::size_t>(end - buffer)}));
}

Value Value::real(Arena& arena, double d) {
  if (!std::isfinite(d)) return {};
  char buffer[40];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, d).ptr;
  return number_text(arena.copy({buffer, static_cast<std::size_t>(end - buffer)}));
}

Value Value::string(std::string_view text) {
  Value v;
  v.kind_ = Kind::string;
  v.size_ = static_cast<std::uint32_t>(text.size());
  v.data_ = text.data();
  return v;
}

Value Value::array(Arena& arena, std::span<const Value> items) {
  Value v;
  v.kind_ = Kind::array;
  v.size_ = static_cast<std::uint32_t>(items.size());
  if (!items.empty()) {
    void* p = arena.allocate(items.size_bytes());
    std::memcpy(p, static_cast<const void*>(items.data()), items.size_bytes());
    v.data_ = p;
  }
  return v;
}

Value Value::object(Arena& arena, std::span<const Member> members) {
  Value v;
  v.kind_ = Kind::object;
  v.size_ = static_cast<std::uint32_t>(members.size());
  if (!members.empty()) {
    void* p = arena.allocate(members.size_bytes());
    std::memcpy(p, static_cast<const void*>(members.data()), members.size_bytes());
    v.data_ = p;
  }
  return v;
}

bool Value::as_bool(bool fallback) const { return kind_ == Kind::boolean ? bool_ : fallback; }

std::string_view Value::as_string(std::string_view fallback) const {
  if (kind_ != Kind::string) return fallback;
  return {static_cast<const char*>(data_), size_};
}

std::string_view Value::number_text() const {
  if (kind_ != Kind::number) return {};
  return {static_cast<const char*>(data_), size_};
}

std::int64_t Value::as_int(std::int64_t fallback) const {
  std::string_view text = number_text();
  if (text.empty()) return fallback;
  std::int64_t n = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec == std::errc{} && end == text.data() + text.size()) return n;
  double d = as_double(NAN);
  if (!(std::abs(d) < 9.2e18) || d != std::floor(d)) return fallback;
  return static_cast<std::int64_t>(d);
}

double Value::as_double(double fallback) const {
  std::string_view text = number_text();
  if (text.empty()) return fallback;
  double d = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), d);
  return ec == std::errc{} ? d : fallback;
}

std::span<const Value> Value::items() const {
  if (kind_ != Kind::array) return {};
  return {static_cast<const Value*>(data_), size_};
}

std::span<const Member> Value::members() const {
  if (kind_ != Kind::object) return {};
  return {static_cast<const Member*>(data_), size_};
}

const Value* Value::find(std::string_view key) const {
  auto all = members();
  for (std::size_t i = all.size(); i-- > 0;)
    if (all[i].key == key) return &all[i].value;
  return nullptr;
}

Value Value::at(std::size_t index) const {
  const std::span<const Value> all = items();
  return index < all.size() ? all[index] : Value{};
}

Value Value::operator[](std::string_view key) const {
  const Value* v = find(key);
  return v ? *v : Value{};
}

}  // namespace pb::json
