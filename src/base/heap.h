// How the program takes memory. Its operator new keeps freed blocks on lists of their sizes, per thread. The coroutine frames and strings of a request
// come and go in the same sizes millions of times; malloc's own lists end at 1 KB, and what is larger is split, merged and
// looked for each time (a sixth of a small request's instructions).
//
// Every block is one of malloc's, so what a library frees with free(), or another thread deletes, is freed as always.
#pragma once
#include <cstddef>

namespace pb::heap {

inline constexpr std::size_t kBlockBytesMax = 32 * 1024;  // larger blocks are malloc's alone
inline constexpr std::size_t kKeptBytesMax = 512 * 1024;  // per thread

// Settings of malloc for the whole process, and whether it has large pages; to be called once, before there are other threads. What is
// shorter than two large pages comes from memory that malloc keeps, since pages that are new to a process cost more than what is
// done with them here. What is longer is a mapping of its own, in large pages as far as the system has them, and given back when
// it is freed.
void set_up();

// False in builds with a sanitizer, which has an operator new of its own.
bool active();
// Bytes on this thread's lists.
std::size_t kept();
// Gives them back to malloc; done by itself when a thread ends.
void release();

// The lists: sizes that are a multiple of 32 bytes up to 1 KB, then sixteen steps a doubling; 8 bytes less each, malloc's own share.
constexpr std::size_t kClasses = 32 + 5 * 16;
// The class of blocks that hold `bytes` (1 to kBlockBytesMax).
std::size_t class_for(std::size_t bytes);
// What a block of that class holds.
std::size_t class_bytes(std::size_t size_class);

}  // namespace pb::heap
