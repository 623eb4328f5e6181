// The journal's files, as another program or a broken disk may have left them: reading ends, stays within the bytes, and a row that is
// read is the same after it was written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "store/open_rows.h"
#include "store/segment.h"

using namespace pb::store;

namespace {

void row(std::string_view bytes) {
  NumberedRow once, twice;
  if (!decode(bytes, once)) return;
  tidy(once.row);
  char first[kRowBytesMax], second[kRowBytesMax];
  const std::size_t n = encode(first, once.id, once.row);
  if (!decode({first, n}, twice)) std::abort();
  if (encode(second, twice.id, twice.row) != n || std::memcmp(first, second, n) != 0) std::abort();
}

// The input's bytes as records of their own, so that checksums are right, but for every `spoil`th.
void segment(std::string_view bytes, std::size_t step, std::size_t spoil) {
  std::string file(kHeadBytes, '\0');
  write_head(file.data(), FileKind::rows, 7);
  std::size_t good = 0, all = 0;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    const std::string_view record = bytes.substr(0, step);
    std::uint32_t sum = checksum(7, record);
    if (++all % spoil == 0)
      ++sum;
    else
      ++good;
    const auto length = static_cast<std::uint32_t>(record.size());
    file.append(reinterpret_cast<const char*>(&length), 4);
    file.append(reinterpret_cast<const char*>(&sum), 4);
    file.append(record).append((8 - record.size() % 8) % 8, '\0');
  }
  if (!read_head(file, FileKind::rows)) std::abort();
  RecordReader reader(file, 7);
  std::string_view record;
  std::size_t read = 0;
  while (reader.next(record)) {
    row(record);
    ++read;
  }
  if (read < good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::uint64_t interrupted = 0, damaged = 0;
  switch (data[0] % 4) {
    case 0:
      row(text);
      break;
    case 1:
      segment(text, 1 + data[1], 2 + data[1] % 5);
      break;
    case 2: {
      RecordReader reader(text, 0, 0);
      std::string_view record;
      while (reader.next(record)) row(record);
      break;
    }
    default:
      read_open_rows(text, 0, interrupted, damaged);
  }
  return 0;
}
