// A string that must not be printed: it has no operator<< and no formatter, and masks itself for display.
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace pb {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  // The secret itself: only for a header about to be sent or a comparison.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  // "sk-a…f9Q2", or "****" for short ones.
  std::string masked() const {
    return value_.size() < 16 ? (value_.empty() ? "" : "****")
                              : value_.substr(0, 4) + "…" + value_.substr(value_.size() - 4);
  }
  // Compares in time that does not depend on where the texts differ.
  bool equals(std::string_view other) const {
    if (other.size() != value_.size()) return false;
    unsigned char diff = 0;
    for (std::size_t i = 0; i < other.size(); ++i) diff |= static_cast<unsigned char>(other[i] ^ value_[i]);
    return diff == 0;
  }

 private:
  std::string value_;
};

}  // namespace pb
