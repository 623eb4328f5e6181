#include "gateway/stored.h"

#include "base/json.h"
#include "base/log.h"
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

// From the named answer back to the first one of its conversation; empty when the named one is not kept.
Result<Chain> read_chain(store::ResponseStore& store, std::string id, const std::string& owner) {
  Chain chain;
  std::size_t bytes = 0;
  while (!id.empty()) {
    TRY_ASSIGN(auto found, store.get(id, owner));
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

std::string joined_body(json::Value root, const Chain& chain) {
  std::string list = "[";
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
    add_items(list, it->input);
    json::Arena arena;
    if (const auto response = json::parse(it->response, arena))
      add_items(list, json::to_text((*response)["output"]));
  }
  add_items(list, items_of(root["input"]));
  list += ']';
  std::string out;
  json::Writer w(out);
  w.begin_object();
  for (const json::Member& m : root.members())
    if (m.key != "input" && m.key != "previous_response_id") w.field(m.key, m.value);
  w.key("input");
  w.raw(list);
  w.end_object();
  return out;
}

}  // namespace

Task<Result<std::optional<store::StoredResponse>>> StoredResponses::get(std::string id, std::string caller) {
  auto got = co_await net::blocking(
      pool_, [this, id = std::move(id), caller = std::move(caller)] { return store_.get(id, caller); });
  if (!got) co_return std::unexpected(std::move(got.error()));
  co_return std::move(*got);
}

Task<Result<bool>> StoredResponses::remove(std::string id, std::string caller) {
  auto done = co_await net::blocking(
      pool_, [this, id = std::move(id), caller = std::move(caller)] { return store_.remove(id, caller); });
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return *done;
}

void StoredResponses::keep(store::StoredResponse response) {
  auto shared = std::make_shared<store::StoredResponse>(std::move(response));  // std::function copies
  const bool taken = pool_.post([this, shared] {
    if (auto done = store_.put(*shared); !done)
      log::warn(log::Module::store, "an answer could not be kept for later requests",
                {{"why", done.error().message}});
  });
  if (!taken)
    log::warn(log::Module::store, "an answer could not be kept for later requests",
              {{"why", "too much work waits"}});
}

Task<Result<std::optional<std::string>>> StoredResponses::put_back(const std::string& body,
                                                                   std::string caller) {
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (!root) co_return std::nullopt;  // the decoder says what is wrong
  std::string id((*root)["previous_response_id"].as_string());
  if (id.empty()) co_return std::nullopt;
  auto chain = co_await net::blocking(pool_, [this, id = std::move(id), caller = std::move(caller)] {
    return read_chain(store_, id, caller);
  });
  if (!chain) co_return std::unexpected(std::move(chain.error()));
  if (!*chain) co_return std::unexpected(std::move(chain->error()));
  if ((*chain)->empty()) co_return std::nullopt;
  std::string joined = joined_body(*root, **chain);
  if (joined.size() > limits::kBodyBytesMax)
    co_return fail(Code::too_large, "previous_response_id: the conversation has become too large",
                   "previous_response_id");
  co_return joined;
}

void AnswerKeeper::start(StoredResponses& stored, std::string_view caller, std::string_view body) {
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (!root || !(*root)["store"].as_bool(true)) return;
  row_.owner = caller;
  row_.previous = (*root)["previous_response_id"].as_string();
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
