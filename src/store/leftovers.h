// What processes that were killed have left in the journal's folder: rows that may or may not be in the database, and requests
// that were under way.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/row.h"

namespace pb::store {

// Any file of the folder that belongs to no living process.
bool has_leftovers(const std::string& folder);

class Leftovers {
 public:
  explicit Leftovers(std::string folder) : folder_(std::move(folder)) {}
  ~Leftovers() { release(); }
  Leftovers(const Leftovers&) = delete;
  Leftovers& operator=(const Leftovers&) = delete;

  struct File {
    std::string path;
    std::vector<NumberedRow> rows;
    std::uint64_t interrupted = 0, damaged = 0;
  };
  // The next file, a process' segments in their order before its requests under way. nullopt: there are none, or other
  // processes see to them. The rows of a file that nobody could read are not lost: it is kept and logged once.
  std::optional<File> next();
  void done(const File& file);  // its rows are in the database: it is deleted
  void release();               // lets go of what was claimed, to be found again by next()

 private:
  bool claim();
  bool read(const std::string& path, File& file);
  const std::string folder_;
  int lock_ = -1;                   // of the owner whose files are being read
  std::vector<std::string> files_;  // still to be read, the first one last
  std::set<std::string> kept_;      // could not be read
};

}  // namespace pb::store
