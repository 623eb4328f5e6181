// The journal's files: what they hold after a crash at any moment, with damage, of other versions.
#include "store/journal.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <map>
#include <set>
#include <thread>

#include "store/leftovers.h"
#include "store/testing.h"

using namespace pb;
using namespace pb::store;
using namespace pb::store::testing;

namespace {

// What an owner that died has left, file by file; `remove`: as after it was settled.
std::vector<Leftovers::File> leftovers(const std::string& folder, bool remove = false) {
  Leftovers all(folder);
  std::vector<Leftovers::File> out;
  if (!remove) {
    if (auto file = all.next()) out.push_back(std::move(*file));
    return out;
  }
  while (auto file = all.next()) {
    all.done(*file);
    out.push_back(std::move(*file));
  }
  return out;
}

std::vector<std::string> requests(const std::vector<Leftovers::File>& files) {
  std::vector<std::string> out;
  for (const auto& file : files)
    for (const NumberedRow& r : file.rows) out.push_back(r.row.request_id);
  return out;
}

// A segment with `rows` rows, as a file of nobody's; returns its path.
std::string make_segment(const std::string& folder, int rows, std::size_t bytes = 64 << 10) {
  REQUIRE(make_folders(folder));
  const std::string path = segment_file(folder, 7, 0);
  auto segment = Segment::create(path, bytes, 99);
  REQUIRE(segment);
  for (int i = 0; i < rows; ++i) {
    char buffer[kRowBytesMax];
    const std::string_view record(buffer, encode(buffer, row_id(7, i + 1), row(i)));
    REQUIRE((*segment)->append(record, checksum(99, record)));
  }
  return path;
}

constexpr std::size_t kRows = 100;

}  // namespace

TEST_SUITE_BEGIN("journal");

TEST_CASE("ids are different, also beyond the count of a run, and of one owner") {
  const Folder folder;
  Journal one({.folder = folder / "j"}, [] {}), two({.folder = folder / "j"}, [] {});
  std::set<std::int64_t> ids;
  constexpr int kIds = 200'000;
  for (int i = 0; i < kIds; ++i) {
    ids.insert(one.next_id());
    ids.insert(two.next_id());
  }
  CHECK(ids.size() == 2 * kIds);
  std::set<std::int64_t> owners;
  for (const std::int64_t id : ids) owners.insert(id >> kSeqBits & ((1 << kRandomBits) - 1));
  CHECK(owners.size() == 2);
}

TEST_CASE("killed at any moment: what append() has returned for is there, once") {
  const Folder folder;
  for (int round = 0; round < 10; ++round) {
    const std::string journal = folder / ("j" + std::to_string(round));
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      Journal j({.folder = journal, .segment_bytes = 32 << 10}, [] {});
      for (int i = 0;; ++i) {
        const int place = j.open_rows()->take();
        const std::int64_t id = j.next_id();
        UsageRow begun = row(i);
        begun.status = 0;
        j.open_rows()->write(place, id, begun, 0);
        j.open_rows()->pieces(place)->store(7);
        if (!j.append(id, row(i))) ::_exit(1);
        j.open_rows()->release(place);
        if (::write(ends[1], &i, sizeof i) != sizeof i) ::_exit(2);
      }
    }
    ::close(ends[1]);
    int last = -1;
    for (int n = 0; n < 1000 + 377 * round; ++n) REQUIRE(::read(ends[0], &last, sizeof last) == sizeof last);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &last, sizeof last) == sizeof last) continue;
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    CHECK(has_leftovers(journal));
    std::map<std::int64_t, NumberedRow> by_id;
    std::uint64_t damaged = 0, open = 0, doubled = 0;
    for (const auto& file : leftovers(journal, true)) {
      damaged += file.damaged;
      open += file.interrupted;
      for (const NumberedRow& r : file.rows)
        if (!by_id.emplace(r.id, r).second) ++doubled;
    }
    CHECK(damaged == 0);
    CHECK(open <= 1);  // the one under way
    CHECK(doubled <= open);
    CHECK(by_id.size() >= static_cast<std::size_t>(last + 1));
    CHECK(by_id.size() <= static_cast<std::size_t>(last + 3));
    CHECK_FALSE(has_leftovers(journal));
    CHECK(std::filesystem::is_empty(journal));
  }
}

TEST_CASE("a request under way when its process died") {
  const Folder folder;
  const std::string journal = folder / "j";
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Journal j({.folder = journal}, [] {});
    OpenRows& open = *j.open_rows();
    UsageRow r = row(1);
    r.status = 0;
    r.output = 3;
    const int stream = open.take(), answered = open.take(), ended = open.take();
    open.write(stream, j.next_id(), r, 0.01);
    open.pieces(stream)->store(5);
    UsageRow uncounted = row(2);  // answered; its tokens were still to be counted
    open.write(answered, j.next_id(), uncounted, 0);
    open.write(ended, j.next_id(), r, 0);
    open.release(ended);
    UsageRow large = r;
    large.request_id = large.asked_model = large.model = std::string(250, 'm');
    large.provider = large.error = std::string(250, 'p');
    open.write(ended, j.next_id(), large, 0);
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  auto files = leftovers(journal, true);
  REQUIRE(files.size() == 2);
  CHECK(files[0].rows.empty());  // the segment
  const auto& f = files[1];
  CHECK(f.interrupted == 2);
  CHECK(f.damaged == 0);
  REQUIRE(f.rows.size() == 3);
  CHECK(f.rows[0].row.status == 500);
  CHECK(f.rows[0].row.error == kInterrupted);
  CHECK(f.rows[0].row.output == 8);
  CHECK(f.rows[0].row.cost == doctest::Approx(0.3));
  CHECK(f.rows[0].row.usage_estimated);
  CHECK(f.rows[1].row.status == 200);
  CHECK(f.rows[1].row.error.empty());
  CHECK(f.rows[2].row.model == std::string(72, 'm'));
  CHECK(f.rows[2].row.key == "alice");
}

TEST_CASE("damage: what is good is read, what is not is counted") {
  const Folder folder;
  const std::string path = make_segment(folder / "j", kRows);
  std::string bytes = read_file(path);
  const std::size_t record = 8 + [&] {
    std::uint32_t n = 0;
    std::memcpy(&n, bytes.data() + kHeadBytes, sizeof n);
    return (n + 7) / 8 * 8;
  }();
  std::size_t lost = 1;
  std::uint64_t damaged = 1;
  SUBCASE("none") { lost = damaged = 0; }
  SUBCASE("a wrong checksum") { bytes[kHeadBytes + 4] ^= 1; }
  SUBCASE("a byte of a row") { bytes[kHeadBytes + record + 20] ^= 1; }
  SUBCASE("a length that is too long") { bytes[kHeadBytes + 2 * record + 1] = 0x7f; }
  SUBCASE("a length of nothing, with records after it") {
    std::memset(bytes.data() + kHeadBytes + 3 * record, 0, 4);
  }
  SUBCASE("a last record without its length: the process was killed before it wrote that") {
    std::memset(bytes.data() + kHeadBytes + (kRows - 1) * record, 0, 4);
    damaged = 0;
  }
  SUBCASE("a page of zeros") {
    std::memset(bytes.data() + kHeadBytes + 5 * record, 0, 4096);
    lost = (4096 + record - 1) / record;
  }
  SUBCASE("a torn last record: cut in its middle") { bytes.resize(kHeadBytes + kRows * record - 60); }
  write_file(path, bytes);
  const auto files = leftovers(folder / "j", true);
  REQUIRE(files.size() == 1);
  CHECK(files[0].damaged == damaged);
  CHECK(files[0].rows.size() == kRows - lost);
  std::set<std::int64_t> ids;
  for (const NumberedRow& r : files[0].rows) ids.insert(r.id);
  CHECK(ids.size() == files[0].rows.size());
}

TEST_CASE("a record inside of a text is not taken for one") {
  const Folder folder;
  const std::string path = make_segment(folder / "j", 3);
  std::string bytes = read_file(path);
  // A client that knows the format but not the salt names its model like a record.
  UsageRow forged = row(66);
  char buffer[kRowBytesMax];
  const std::string_view inner(buffer, encode(buffer, row_id(9, 9), forged));
  const auto length = static_cast<std::uint32_t>(inner.size());
  const std::uint32_t sum = checksum(0, inner);
  std::string record(reinterpret_cast<const char*>(&length), 4);
  record.append(reinterpret_cast<const char*>(&sum), 4).append(inner);
  std::memset(bytes.data() + kHeadBytes, 1, 8);  // damage, so that what follows is searched
  std::memcpy(bytes.data() + kHeadBytes + 16, record.data(), std::min<std::size_t>(record.size(), 120));
  write_file(path, bytes);
  for (const std::string& id : requests(leftovers(folder / "j", true))) CHECK(id != "req_66");
}

TEST_CASE("a file of another version, or of another kind, is kept") {
  const Folder folder;
  const std::string path = make_segment(folder / "j", 3);
  std::string bytes = read_file(path);
  SUBCASE("version") { bytes[8] = 2; }
  SUBCASE("kind") { bytes[6] = 'X'; }
  SUBCASE("head") { bytes[13] ^= 1; }
  SUBCASE("something else") { bytes = std::string(5000, 'g'); }
  write_file(path, bytes);
  CHECK(leftovers(folder / "j", true).empty());
  CHECK(read_file(path) == bytes);
  // And it does not keep the ledger from working.
  auto ledger = create_ledger({.path = folder / "patchbay.db", .journal = folder / "j", .flush_ms = 10});
  ledger->add(row(1));
  CHECK(eventually([&] { return ledger->stats().caught_up && ledger->stats().waiting == 0; }));
  CHECK(read_file(path) == bytes);
}

TEST_CASE("files that were made but never written are deleted") {
  const Folder folder;
  REQUIRE(make_folders(folder / "j"));
  write_file(open_file(folder / "j", 1), "");
  write_file(segment_file(folder / "j", 1, 0), std::string(1 << 20, '\0'));
  CHECK(requests(leftovers(folder / "j", true)).empty());
  CHECK(std::filesystem::is_empty(folder / "j"));
}

TEST_CASE("rows that are in the database already are settled once, with their totals") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", segment = make_segment(journal_of(path), kRows);
  const std::string bytes = read_file(segment);
  create_ledger({.path = path})->flush();
  CHECK(count(path) == kRows);
  write_file(segment, bytes);  // as after a crash between the commit and the deletion
  auto ledger = create_ledger({.path = path});
  REQUIRE(eventually([&] { return ledger->stats().caught_up; }));
  CHECK(count(path) == kRows);
  CHECK(ledger->stats().written == 0);
  auto db = Database::open(path, Database::Mode::read);
  REQUIRE(db);
  CHECK(*db->number("SELECT requests FROM totals WHERE scope = 'key'") == kRows);
  CHECK_FALSE(std::filesystem::exists(segment));
}

TEST_CASE("a disk without room: nothing is taken, then it is") {
  const Folder folder;
  struct rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto old = ::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 100'000;
  ::setrlimit(RLIMIT_FSIZE, &small);
  Journal journal({.folder = folder / "j"}, [] {});
  CHECK_FALSE(journal.append(journal.next_id(), row(1)));
  CHECK_FALSE(journal.ok());
  CHECK(journal.open_rows() == nullptr);
  CHECK(std::filesystem::is_empty(folder / "j"));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, old);
  CHECK(eventually([&] { return journal.append(journal.next_id(), row(1)); }));
  CHECK(journal.ok());
  CHECK(journal.open_rows() != nullptr);
}

TEST_CASE("segments are deleted as the database takes them, and no more are made than allowed") {
  const Folder folder;
  Journal journal({.folder = folder / "j", .segment_bytes = 16 << 10, .bytes_max = 64 << 10}, [] {});
  int taken = 0;
  while (journal.append(journal.next_id(), row(taken))) ++taken;
  CHECK(taken > 200);
  CHECK(taken < 700);
  const auto files = [&] { return std::distance(std::filesystem::directory_iterator(folder / "j"), {}); };
  CHECK(files() == 5);  // four and the requests under way
  std::vector<NumberedRow> rows;
  int read = 0;
  while (journal.read(rows, 50)) {
    for (const NumberedRow& r : rows) CHECK(r.row.request_id == "req_" + std::to_string(read++));
    journal.settled();
  }
  CHECK(read == taken);
  CHECK(journal.waiting() == 0);
  CHECK(files() == 2);
  CHECK(eventually([&] { return journal.append(journal.next_id(), row(0)); }));
}

TEST_CASE("no more segments than allowed, also when one is being made while the others fill up") {
  const Folder folder;
  for (int round = 0; round < 100; ++round) {
    const std::string path = folder / ("j" + std::to_string(round));
    Journal journal({.folder = path, .segment_bytes = 8 << 10, .bytes_max = 24 << 10}, [] {});
    std::atomic<bool> stop{false};
    std::thread prepares([&] {
      while (!stop) journal.prepare();
    });
    for (int i = 0; journal.append(journal.next_id(), row(i)); ++i) continue;
    stop = true;
    prepares.join();
    CHECK(std::distance(std::filesystem::directory_iterator(path), {}) == 4);  // and the requests under way
    CHECK_FALSE(journal.ok());
  }
}

TEST_CASE("a batch that was read but not settled is read again") {
  const Folder folder;
  Journal journal({.folder = folder / "j"}, [] {});
  for (int i = 0; i < 10; ++i) CHECK(journal.append(journal.next_id(), row(i)));
  std::vector<NumberedRow> rows;
  REQUIRE(journal.read(rows, 4));
  REQUIRE(journal.read(rows, 100));
  CHECK(rows.size() == 10);
  journal.settled();
  CHECK_FALSE(journal.read(rows, 100));
}

TEST_SUITE_END();
