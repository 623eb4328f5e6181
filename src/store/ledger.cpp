#include "store/ledger.h"

#include <utility>

#include "store/journal.h"
#include "store/overflow.h"
#include "store/settler.h"

namespace pb::store {
namespace {

// add() -> journal -> settler -> database; what the journal has no room for -> memory -> journal or database.
class SqliteLedger final : public Ledger {
 public:
  explicit SqliteLedger(const LedgerOptions& options)
      : journal_({.folder = options.journal,
                  .segment_bytes = options.segment_bytes,
                  .bytes_max = options.journal_bytes_max},
                 [this] {
                   if (Settler* settler = settler_.load(std::memory_order_acquire)) settler->hurry();
                 }),
        overflow_(options.queue_max),
        settler_of_({.path = options.path,
                     .journal_folder = options.journal,
                     .every = std::chrono::milliseconds(options.flush_ms)},
                    journal_, overflow_) {
    settler_ = &settler_of_;
  }
  ~SqliteLedger() override { settler_ = nullptr; }

  OpenRow open(const UsageRow& row, double piece_price) override {
    OpenRow open{.id = journal_.next_id()};
    OpenRows* rows = journal_.open_rows();
    if (rows == nullptr || (open.place = rows->take()) < 0) return open;
    rows->write(open.place, open.id, row, piece_price);
    open.pieces = rows->pieces(open.place);
    return open;
  }

  void change(const OpenRow& open, const UsageRow& row, double piece_price) override {
    if (open.place >= 0) journal_.open_rows()->write(open.place, open.id, row, piece_price);
  }

  void add(const UsageRow& row, const OpenRow& open) override {
    const std::int64_t id = open.id != 0 ? open.id : journal_.next_id();
    if (!journal_.append(id, row)) {
      overflow_.push({id, row}, open.place, journal_);
    } else if (open.place >= 0) {
      journal_.open_rows()->release(open.place);
    }
  }

  void flush() override { settler_of_.flush(); }

  LedgerStats stats() const override {
    const std::size_t in_memory = overflow_.size();
    return {.written = settler_of_.written(),
            .interrupted = settler_of_.interrupted(),
            .waiting = journal_.waiting() + in_memory,
            .in_memory = in_memory,
            .dropped = overflow_.dropped(),
            .database_ok = settler_of_.ok(),
            .journal_ok = journal_.ok(),
            .caught_up = settler_of_.caught_up()};
  }

 private:
  std::atomic<Settler*> settler_{nullptr};  // once there is one
  Journal journal_;
  Overflow overflow_;
  Settler settler_of_;
};

}  // namespace

std::unique_ptr<Ledger> create_ledger(LedgerOptions options) {
  if (options.journal.empty()) options.journal = journal_of(options.path);
  return std::make_unique<SqliteLedger>(options);
}

std::string journal_of(const std::string& path) { return path + ".journal.d"; }

}  // namespace pb::store
