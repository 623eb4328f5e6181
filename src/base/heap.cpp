#include "base/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define PB_HEAP_OFF 1
#endif
#endif

namespace pb::heap {
namespace {

constexpr std::size_t kShare = 8;  // of a block's granule, malloc's own
constexpr std::size_t kSmall = 1024, kSmallStep = 32;
constexpr std::size_t kSmallClasses = kSmall / kSmallStep;

constexpr std::size_t kOwnMappingBytes = 4u << 20;  // two large pages or more
constexpr int kFreeEndBytes = 8 << 20;  // free memory at the heap's end beyond this goes back to the system

bool use_large_pages = false;  // set before there are threads

// They are to be had for what is marked (`madvise`), or for all (`always`).
bool has_large_pages() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string line;
  return std::getline(file, line) && !line.contains("[never]");
}

struct Block {
  Block* next;
};

// Zero when a thread begins, without a constructor to ask for: an access is one instruction.
struct Lists {
  std::array<Block*, kClasses> free;
  std::size_t bytes;  // on them
  bool watched;       // the thread's end will release them
  bool ended;         // it has
};
constinit thread_local Lists lists{};

}  // namespace

// Without these, malloc begins with 128 KB for both, so that every request of 50 KB takes its pages anew; and one long request
// raises both for good, to tens of megabytes that the process then keeps.
void set_up() {
  use_large_pages = has_large_pages();
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(kOwnMappingBytes));
  ::mallopt(M_TRIM_THRESHOLD, kFreeEndBytes);
}

std::size_t class_for(std::size_t bytes) {
  const std::size_t all = bytes + kShare;
  if (all <= kSmall) return (all - 1) / kSmallStep;
  // all = 2^exponent + rest, in sixteenths of 2^exponent, rounded up
  const auto exponent = static_cast<std::size_t>(std::bit_width(all - 1)) - 1;
  const std::size_t part = (all - 1 - (std::size_t{1} << exponent)) >> (exponent - 4);
  return kSmallClasses + (exponent - 10) * 16 + part;
}

std::size_t class_bytes(std::size_t size_class) {
  if (size_class < kSmallClasses) return (size_class + 1) * kSmallStep - kShare;
  const std::size_t step = size_class - kSmallClasses;
  return ((17 + step % 16) << (10 + step / 16 - 4)) - kShare;
}

std::size_t kept() { return lists.bytes; }

void release() {
  for (Block*& list : lists.free)
    while (list != nullptr) std::free(std::exchange(list, list->next));
  lists.bytes = 0;
}

#ifdef PB_HEAP_OFF

bool active() { return false; }

}  // namespace pb::heap

#else

bool active() { return true; }

namespace {

struct AtEnd {
  ~AtEnd() {
    release();
    lists.ended = true;
  }
};

void watch() {
  thread_local AtEnd at_end;
  (void)&at_end;
  lists.watched = true;
}

constexpr std::size_t kClassBytesMax = kBlockBytesMax - kShare;

// Marks a new allocation for large pages: one fault for 2 MB instead of 512, which are half the time of a request of 10 MB.
void mark(void* block, std::size_t bytes) {
  static const auto kPage = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto at = reinterpret_cast<std::uintptr_t>(block);
  const std::uintptr_t begin = at & ~(kPage - 1), end = (at + bytes) & ~(kPage - 1);
  (void)::madvise(reinterpret_cast<void*>(begin), end - begin,
                  MADV_HUGEPAGE);  // without them it is only slower
}

[[gnu::noinline]] void* from_malloc(std::size_t bytes) {
  for (;;) {
    if (void* block = std::malloc(bytes)) {
      if (bytes >= kOwnMappingBytes && use_large_pages) mark(block, bytes);
      return block;
    }
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

inline void* allocate(std::size_t bytes) {
  if (bytes > kClassBytesMax) return from_malloc(bytes);
  const std::size_t size_class = class_for(bytes == 0 ? 1 : bytes);
  const std::size_t size = class_bytes(size_class);
  if (Block* block = lists.free[size_class]) {
    lists.free[size_class] = block->next;
    lists.bytes -= size;
    return block;
  }
  return from_malloc(size);
}

// `size_class`: one whose blocks are no larger than this one.
inline void keep(void* block, std::size_t size_class) {
  const std::size_t size = class_bytes(size_class);
  if (lists.bytes + size > kKeptBytesMax || lists.ended) return std::free(block);
  if (!lists.watched) watch();
  lists.free[size_class] = new (block) Block{lists.free[size_class]};
  lists.bytes += size;
}

inline void deallocate(void* block, std::size_t bytes) {
  if (block == nullptr) return;
  if (bytes > kClassBytesMax) return std::free(block);
  keep(block, class_for(bytes == 0 ? 1 : bytes));
}

inline void deallocate(void* block) {
  if (block == nullptr) return;
  const std::size_t usable = malloc_usable_size(block);
  if (usable > kBlockBytesMax + kShare || usable < class_bytes(0)) return std::free(block);
  std::size_t size_class = class_for(usable < kClassBytesMax ? usable : kClassBytesMax);
  if (class_bytes(size_class) > usable) {
    if (size_class == 0) return std::free(block);
    --size_class;
  }
  keep(block, size_class);
}

}  // namespace
}  // namespace pb::heap

void* operator new(std::size_t bytes) { return pb::heap::allocate(bytes); }
void* operator new[](std::size_t bytes) { return pb::heap::allocate(bytes); }
void operator delete(void* block) noexcept { pb::heap::deallocate(block); }
void operator delete[](void* block) noexcept { pb::heap::deallocate(block); }
void operator delete(void* block, std::size_t bytes) noexcept { pb::heap::deallocate(block, bytes); }
void operator delete[](void* block, std::size_t bytes) noexcept { pb::heap::deallocate(block, bytes); }

#endif
