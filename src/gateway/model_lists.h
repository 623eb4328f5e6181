// The lists of models that providers tell of themselves: one for all cores, in memory and on disk, so that a provider that is down has
// its list all the same. An old list is served while a new one is fetched.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "gateway/snapshot.h"
#include "net/blocking.h"

namespace pb::gateway {

class Gateway;

struct ToldModel {
  std::string id;                            // as the provider is asked
  std::int64_t context = 0, output_max = 0;  // tokens; 0 = it does not say
};
struct ModelList {
  std::string base_url;  // that it was told at
  std::int64_t fetched_ms = 0;
  std::vector<ToldModel> models;
};

// The models of a provider's page, in any vendor's shape; at most limits::kModelListMax. An error where it is none. Pure.
Result<std::vector<ToldModel>> read_model_list(std::string_view page);
// The path of that page beside the format's endpoint. Pure.
std::string_view model_list_path(const llm::Dialect& dialect);

// The file's text: {"version":1,"lists":{PROVIDER:{base_url,fetched_ms,models:[…]}}}. Pure.
using ListsByProvider = std::map<std::string, std::shared_ptr<const ModelList>, std::less<>>;
std::string write_lists(const ListsByProvider& lists);
ListsByProvider parse_lists(std::string_view text);  // empty when it is damaged, or of another version

// Any thread.
class ModelLists {
 public:
  // Reads the file, if there is one; it is replaced whole, readable by its owner only. "": nothing is kept on disk.
  ModelLists(std::string path, net::BlockingPool& pool);

  // Null: it has told nothing so far, or what it told was at another address. Shared with who reads it while a new one comes.
  std::shared_ptr<const ModelList> of(const config::Provider& provider) const;

  // Somebody wants to see them: those that are too old are fetched soon. `done`: called once, from any thread, when they have come or could not;
  // null: nobody waits for that. False: nothing has to be fetched, or nobody does: `done` has not been taken.
  bool want(const Snapshot& snapshot, std::int64_t unix_ms, std::function<void()> done);

  // Fetches what is wanted, for as long as it runs; on one core. What is wanted from the call on waits for it.
  Task<void> keep_fresh(Gateway& gateway);

 private:
  bool stale(const config::Provider& provider, const config::ModelLists& options, std::int64_t unix_ms) const;
  Task<void> fetch_for_ever(Gateway& gateway);
  Task<void> fetch_stale(Gateway& gateway);
  void put(const std::string& provider, ModelList list);
  void write();

  const std::string path_;
  net::BlockingPool& pool_;
  std::mutex writing_;
  mutable std::mutex mutex_;
  ListsByProvider lists_;
  std::map<std::string, std::int64_t, std::less<>> tried_ms_;  // the last time, by provider
  std::vector<std::function<void()>> waiting_;
  std::function<void()> wake_;  // the one that fetches, once it runs
  bool fetches_ = false, wanted_ = false;
};

// Lets lists that are too old be fetched. Waits for them, for a moment, where a provider has told nothing yet.
Task<void> freshen(ModelLists* lists, std::shared_ptr<const Snapshot> snapshot);

}  // namespace pb::gateway
