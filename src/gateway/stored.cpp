#include "gateway/stored.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strings.h"
#include "llm/event_reader.h"

namespace pb::gateway {
namespace {

constexpr int kChainMax = 500;  // answers that one conversation may be put together from

// The input as a list of items: a text is a user's message.
std::string items_of(json::Value input) {
  if (input.is_array()) return json::to_text(input);
  std::string out;
  json::Writer w(out);
  w.begin_array();
  if (input.is_string()) {
    w.begin_object();
    w.field("type", "message");
    w.field("role", "user");
    w.field("content", input.as_string());
    w.end_object();
  }
  w.end_array();
  return out;
}

// Adds the elements of a JSON array's text to a list that is being written.
void add_items(std::string& list, std::string_view array) {
  const std::size_t first = array.find('['), last = array.rfind(']');
  if (first == array.npos || last == array.npos) return;
  const std::string_view inside = array.substr(first + 1, last - first - 1);
  if (inside.find_first_not_of(" \t\r\n") == inside.npos) return;
  if (list.size() > 1) list += ',';
  list += inside;
}

using Chain = std::vector<store::StoredResponse>;
// The kept answer of an id.
using Find = std::function<Result<std::optional<store::StoredResponse>>(const std::string& id)>;

// From the named answer back to the first one of its conversation; empty when the named one is not kept.
Result<Chain> read_chain(const Find& find, std::string id) {
  Chain chain;
  std::size_t bytes = 0;
  while (!id.empty()) {
    TRY_ASSIGN(auto found, find(id));
    if (!found) {
      if (chain.empty()) return chain;
      return fail(Code::invalid_request,
                  "Previous response with id '" + id +
                      "' not found: a part of the conversation is no longer kept; send all of it",
                  "previous_response_id");
    }
    bytes += found->input.size() + found->response.size();
    if (bytes > limits::kBodyBytesMax || chain.size() >= kChainMax)
      return fail(Code::too_large,
                  "previous_response_id: the conversation has become too long to be put together; send what "
                  "matters of it",
                  "previous_response_id");
    id = found->previous;
    chain.push_back(std::move(*found));
  }
  return chain;
}

// The answer that an item is of, by the id that encoders give it: "rs_ANSWER_0" is of "resp_ANSWER". "" for other ids.
std::string answer_of(std::string_view item_id) {
  const std::size_t first = item_id.find('_'), last = item_id.rfind('_');
  if (first == item_id.npos || last <= first + 1) return {};
  return "resp_" + std::string(item_id.substr(first + 1, last - first - 1));
}

// The kept item of that id as JSON text; "" when there is none.
Result<std::string> read_item(const Find& find, std::string_view id) {
  TRY_ASSIGN(const auto found, find(answer_of(id)));
  if (!found) return std::string();
  json::Arena arena;
  const auto response = json::parse(found->response, arena);
  if (!response) return std::string();
  for (const json::Value& item : (*response)["output"].items())
    if (item["id"].as_string() == id) return json::to_text(item);
  return std::string();
}

// The input with references to kept items replaced by the items; `any` tells whether there were some.
Result<std::string> with_items(const Find& find, json::Value input, bool& any) {
  if (!input.is_array()) return items_of(input);
  std::string list = "[";
  for (const json::Value& item : input.items()) {
    std::string text;
    if (item["type"].as_string() == "item_reference") {
      TRY_ASSIGN(text, read_item(find, item["id"].as_string()));
      any |= !text.empty();
    }
    if (list.size() > 1) list += ',';
    list += text.empty() ? json::to_text(item) : text;
  }
  return list + "]";
}

struct Kept {
  Chain chain;
  std::string input;
  bool any = false;
};

std::string joined_body(json::Value root, const Kept& kept) {
  const Chain& chain = kept.chain;
  std::string list = "[";
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
    add_items(list, it->input);
    json::Arena arena;
    if (const auto response = json::parse(it->response, arena))
      add_items(list, json::to_text((*response)["output"]));
  }
  add_items(list, kept.input);
  list += ']';
  std::string out;
  json::Writer w(out);
  w.begin_object();
  for (const json::Member& m : root.members())
    if (m.key != "input" && (m.key != "previous_response_id" || chain.empty())) w.field(m.key, m.value);
  w.key("input");
  w.raw(list);
  w.end_object();
  return out;
}

}  // namespace

std::string owner_of(const net::Request& request, std::string_view caller) {
  if (caller.empty()) return {};
  std::string_view key = request.headers.get("authorization");
  if (const std::size_t space = key.rfind(' '); space != key.npos) key.remove_prefix(space + 1);
  for (const char* name : {"x-api-key", "api-key", "x-goog-api-key"})
    if (key.empty()) key = request.headers.get(name);
  if (key.empty()) key = query_value(request.query(), "key");
  return std::string(caller) + "#" + std::to_string(hash64(key, 1)) + std::to_string(hash64(key, 2));
}

Task<Result<std::optional<store::StoredResponse>>> StoredResponses::get(std::string id, std::string caller) {
  auto got = co_await net::blocking(
      pool_, [this, id = std::move(id), caller = std::move(caller)] { return find(id, caller); });
  if (!got) co_return std::unexpected(std::move(got.error()));
  co_return std::move(*got);
}

Task<Result<bool>> StoredResponses::remove(std::string id, std::string caller) {
  auto done = co_await net::blocking(
      pool_, [this, id = std::move(id), caller = std::move(caller)] { return store_.remove(id, caller); });
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return *done;
}

Result<std::optional<store::StoredResponse>> StoredResponses::find(const std::string& id,
                                                                   const std::string& owner) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = unwritten_.find(id); it != unwritten_.end()) {
      if (it->second->owner != owner) return std::nullopt;
      return *it->second;
    }
  }
  return store_.get(id, owner);
}

void StoredResponses::keep(store::StoredResponse response) {
  auto shared =
      std::make_shared<store::StoredResponse>(std::move(response));  // of the table, and of the work
  {
    const std::scoped_lock lock(mutex_);
    unwritten_[shared->id] = shared;
  }
  const auto written = [this, shared] {
    const std::scoped_lock lock(mutex_);
    unwritten_.erase(shared->id);
  };
  const bool taken = pool_.post([this, shared, written] {
    if (auto done = store_.put(*shared); !done)
      log::warn(log::Module::store, "an answer could not be kept for later requests",
                {{"why", done.error().message}});
    written();
  });
  if (taken) return;
  written();
  log::warn(log::Module::store, "an answer could not be kept for later requests",
            {{"why", "too much work waits"}});
}

Task<Result<std::optional<std::string>>> StoredResponses::put_back(const std::string& body,
                                                                   std::string caller) {
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (!root) co_return std::nullopt;                  // the decoder says what is wrong
  auto shared = std::make_shared<std::string>(body);  // the work owns what it reads: this frame may go first
  auto work = [this, shared, caller = std::move(caller)]() -> Result<Kept> {
    json::Arena scratch;
    const auto own = json::parse(*shared, scratch);
    Kept kept;
    if (!own) return kept;
    const Find known = [&](const std::string& id) { return find(id, caller); };
    TRY_ASSIGN(kept.chain, read_chain(known, std::string((*own)["previous_response_id"].as_string())));
    TRY_ASSIGN(kept.input, with_items(known, (*own)["input"], kept.any));
    kept.any |= !kept.chain.empty();
    return kept;
  };
  auto done = co_await net::blocking(pool_, std::move(work));
  if (!done) co_return std::unexpected(std::move(done.error()));
  if (!*done) co_return std::unexpected(std::move(done->error()));
  const Kept& kept = **done;
  if (!kept.any) co_return std::nullopt;
  std::string joined = joined_body(*root, kept);
  if (joined.size() > limits::kBodyBytesMax)
    co_return fail(Code::too_large, "previous_response_id: the conversation has become too large",
                   "previous_response_id");
  co_return joined;
}

void AnswerKeeper::start(StoredResponses& stored, std::string_view caller, std::string_view body) {
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (!root) return;
  previous_ = (*root)["previous_response_id"].as_string();
  if (!(*root)["store"].as_bool(true)) return;
  row_.owner = caller;
  row_.previous = previous_;
  row_.input = items_of((*root)["input"]);
  stored_ = &stored;
}

void AnswerKeeper::event(std::string_view name, std::string_view data) {
  if (stored_ == nullptr || (name != "response.completed" && name != "response.incomplete")) return;
  json::Arena arena;
  if (const auto root = json::parse(data, arena)) whole(json::to_text((*root)["response"]));
}

void AnswerKeeper::events(std::string_view bytes) {
  if (stored_ == nullptr) return;
  llm::EventReader reader(llm::Framing::sse);
  reader.append(bytes);
  llm::SseEvent e;
  while (reader.next(e)) event(e.name, e.data);
}

void AnswerKeeper::whole(std::string_view body) {
  if (stored_ == nullptr) return;
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (!root || !(*root)["output"].is_array()) return;
  row_.id = (*root)["id"].as_string();
  row_.created_s = (*root)["created_at"].as_int();
  row_.response = body;
  if (!row_.id.empty()) stored_->keep(std::move(row_));
  stored_ = nullptr;
}

}  // namespace pb::gateway
