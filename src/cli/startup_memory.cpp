#include "cli/startup_memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "base/heap.h"

namespace pb::cli {
namespace {

// Code is mapped from files and never written to (relocations are in segments of their own), so its pages can go.
int release_code(dl_phdr_info* object, std::size_t, void*) {
  if (std::string_view(object->dlpi_name).contains("vdso")) return 0;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0 || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t from = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const std::uintptr_t to = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void release_startup_memory() {
  heap::release();
  ::malloc_trim(0);
  ::dl_iterate_phdr(release_code, nullptr);
}

}  // namespace pb::cli
