#include "store/journal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/ids.h"
#include "base/log.h"

namespace pb::store {
namespace {

constexpr std::chrono::seconds kTryEvery{1};
constexpr std::size_t kMappedMax = 4;  // segments that wait longer give their memory back
constexpr int kClaimTries = 20;

}  // namespace

std::string open_file(const std::string& folder, std::uint32_t owner) {
  char name[32];
  std::snprintf(name, sizeof name, "/%05x.open", owner);
  return folder + name;
}
std::string segment_file(const std::string& folder, std::uint32_t owner, std::uint32_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "/%05x-%08x.rows", owner, number);
  return folder + name;
}

Journal::Journal(JournalOptions options, std::function<void()> hurry)
    : options_(std::move(options)),
      hurry_(std::move(hurry)),
      salt_(static_cast<std::uint32_t>(ids::random64())) {
  owner_ = static_cast<std::uint32_t>(ids::random64()) & ((1u << kRandomBits) - 1);
  const std::lock_guard lock(mutex_);
  start_segment();
  last_id_ = row_id(run_at(::time(nullptr), owner_), 0);
}

Journal::~Journal() {
  for (const Piece& p : pieces_)
    if (p.settled == p.segment->end()) ::unlink(p.segment->file().path().c_str());
  if (spare_) ::unlink(spare_->file().path().c_str());
  if (open_rows_ && open_rows_->empty()) ::unlink(open_rows_->path().c_str());
}

// Counts up within a run and then begins another, in a second that no run of this owner has had.
std::int64_t Journal::next_id() {
  std::int64_t last = last_id_.load(std::memory_order_relaxed);
  for (;;) {
    std::int64_t id = last + 1;
    if ((last & kSeqMax) == kSeqMax) {
      const std::int64_t after = ((last >> (kSeqBits + kRandomBits)) + 1) << kRandomBits | owner_;
      id = row_id(std::max(run_at(::time(nullptr), owner_), after), 1);
    }
    if (last_id_.compare_exchange_weak(last, id, std::memory_order_relaxed)) return id;
  }
}

bool Journal::append(std::int64_t id, const UsageRow& row) {
  char bytes[kRowBytesMax];
  const std::string_view record(bytes, encode(bytes, id, row));
  const std::uint32_t sum = checksum(salt_, record);
  bool hurry = false;
  {
    const std::lock_guard lock(mutex_);
    if (pieces_.empty() || !pieces_.back().segment->append(record, sum)) {
      if (!start_segment() || !pieces_.back().segment->append(record, sum)) return false;
      hurry = true;
    } else {
      // Half full: the next one is made meanwhile.
      const Segment& s = *pieces_.back().segment;
      const std::size_t half = s.bytes() / 2;
      hurry = s.end() >= half && s.end() - record.size() - 16 < half;
    }
    appended_.fetch_add(1, std::memory_order_relaxed);
  }
  if (hurry) hurry_();
  return true;
}

// With mutex_ held, like the next three.
bool Journal::claim() {
  if (open_rows_) return true;
  auto done = make_folders(options_.folder);
  for (int i = 0; done && i < kClaimTries; ++i) {
    auto made = OpenRows::create(open_file(options_.folder, owner_), salt_);
    if (made) {
      open_rows_ = std::make_unique<OpenRows>(std::move(*made));
      open_.store(open_rows_.get(), std::memory_order_release);
      return true;
    }
    done = std::unexpected(made.error());
    // Only before the first id was given: those name the owner.
    if (made.error().code != Code::invalid_request || last_id_ != 0) break;
    owner_ = static_cast<std::uint32_t>(ids::random64()) & ((1u << kRandomBits) - 1);
    done = {};
  }
  note(done);
  return false;
}

Result<std::shared_ptr<Segment>> Journal::make_segment() {
  if (full()) return fail(Code::internal, "its " + std::to_string(options_.bytes_max) + " bytes are used up");
  return Segment::create(segment_file(options_.folder, owner_, segments_made_++), options_.segment_bytes,
                         salt_);
}

bool Journal::full() const { return (pieces_.size() + 1) * options_.segment_bytes > options_.bytes_max; }

// Makes the next segment the one that is written.
bool Journal::start_segment() {
  if (!spare_) {
    if (Clock::now() < next_try_ || !claim()) return false;
    auto made = make_segment();
    note(made ? Result<void>() : std::unexpected(made.error()));
    if (!made) return false;
    spare_ = std::move(*made);
  }
  if (pieces_.size() >= kMappedMax) pieces_.back().segment->file().forget();
  pieces_.push_back({std::move(spare_)});
  spare_.reset();
  return true;
}

void Journal::note(const Result<void>& done) {
  ok_ = done.has_value();
  if (!done) {
    next_try_ = Clock::now() + kTryEvery;
    if (!told_)
      log::error(log::Module::store,
                 "the usage journal cannot be written; rows that the database does not take wait in memory",
                 {{"folder", options_.folder}, {"reason", done.error().message}});
    told_ = true;
  } else if (std::exchange(told_, false)) {
    log::info(log::Module::store, "the usage journal works again", {{"folder", options_.folder}});
  }
}

bool Journal::read(std::vector<NumberedRow>& rows, std::size_t rows_max) {
  rows.resize(std::min(rows.size(), rows_max));
  std::size_t at = 0;
  {
    const std::lock_guard lock(mutex_);
    while (pieces_.size() > 1 && pieces_.front().settled == pieces_.front().segment->end()) {
      ::unlink(pieces_.front().segment->file().path().c_str());
      pieces_.pop_front();
    }
    if (pieces_.empty()) return false;
    reading_ = pieces_.front().segment;
    at = pieces_.front().settled;
  }
  RecordReader reader(reading_->contents(), salt_, at);
  std::size_t n = 0;
  std::string_view record;
  while (n < rows_max && reader.next(record)) {
    if (n == rows.size()) rows.emplace_back();
    if (decode(record, rows[n])) {
      tidy(rows[n].row);
      ++n;
    }
  }
  rows.resize(n);
  read_to_ = reader.at();
  rows_read_ = n;
  return n > 0;
}

void Journal::settled() {
  const std::lock_guard lock(mutex_);
  pieces_.front().settled = read_to_;
  settled_.fetch_add(rows_read_, std::memory_order_relaxed);
  reading_.reset();
}

void Journal::prepare() {
  std::string path;
  {
    const std::lock_guard lock(mutex_);
    if (pieces_.empty()) {
      start_segment();
      return;
    }
    // One that could not be made is made as soon as it can be.
    const Segment& s = *pieces_.back().segment;
    if (spare_ || full() || (ok() && s.end() < s.bytes() / 2) || Clock::now() < next_try_) return;
    path = segment_file(options_.folder, owner_, segments_made_++);
  }
  auto made = Segment::create(path, options_.segment_bytes, salt_);
  if (made) (*made)->file().populate();
  const std::lock_guard lock(mutex_);
  // Those who append may have been faster, and have begun the last one that there may be.
  if (made && (spare_ || full())) {
    ::unlink(path.c_str());
    return;
  }
  note(made ? Result<void>() : std::unexpected(made.error()));
  if (made) spare_ = std::move(*made);
}

void Journal::sync() {
  std::vector<std::shared_ptr<Segment>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const Piece& p : pieces_) all.push_back(p.segment);
  }
  for (const auto& segment : all) segment->file().sync();
}

}  // namespace pb::store
