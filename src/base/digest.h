// SHA-256, and texts that nobody can guess.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace pb {

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view text);
// Takes the same time wherever the two differ.
bool same_digest(const Digest& a, const Digest& b);
std::string to_hex(const Digest& digest);
// All zeros when `text` is not 64 hexadecimal digits.
Digest digest_of_hex(std::string_view text);
// `length` letters and digits from the system's generator, 5.95 bits each; "" when the system has no randomness to give.
std::string random_text(std::size_t length);

}  // namespace pb
