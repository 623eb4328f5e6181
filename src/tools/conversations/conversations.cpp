#include "tools/conversations/conversations.h"

#include "base/limits_conversations.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "base/when.h"

namespace pb::tools {
namespace {

using mcp::Change;

constexpr std::int64_t kTitleCharacters = 60;  // of one that nobody gave

template <class T>
Task<Result<T>> flat(Task<Result<Result<T>>> work) {
  auto done = co_await std::move(work);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return std::move(*done);
}

std::unexpected<Error> wrong(std::size_t index, std::string_view member, std::string_view what) {
  const std::string path = "messages[" + std::to_string(index) + "]" + std::string(member);
  return fail(Code::invalid_request, path + " " + std::string(what), path);
}

// What can be read of a message's parts.
std::string text_of(json::Value content) {
  if (content.is_string()) return std::string(content.as_string());
  std::string out;
  for (const json::Value& part : content.items()) {
    const std::string_view text = part["text"].as_string();
    if (text.empty()) continue;
    if (!out.empty()) out += '\n';
    out += text;
  }
  return out;
}

// Of well-formed UTF-8: no more than so many characters.
std::string begin_of(std::string_view text, std::int64_t characters) {
  std::size_t at = 0;
  for (; at < text.size() && characters > 0; --characters)
    at += std::max<std::size_t>(utf8::length(text, at), 1);
  return std::string(text.substr(0, at));
}

}  // namespace

std::string conversation_uri(std::string_view id) { return "conversation://" + std::string(id); }

Task<Result<store::Conversation>> Conversations::save(store::ConversationChange change) {
  return flat(net::blocking(pool_, [this, change = std::move(change)] {
    auto saved = store_.save(change);
    if (!saved) return saved;
    // A change of its title or its place shows in the list as well.
    if (change.id.empty() || change.title) hub_.publish({Change::What::resources, {}, change.owner});
    hub_.publish({Change::What::resource, conversation_uri(saved->id), change.owner});
    return saved;
  }));
}

Task<Result<store::ConversationList>> Conversations::list(store::ConversationFilter filter) {
  return flat(net::blocking(pool_, [this, filter = std::move(filter)] { return store_.list(filter); }));
}

Task<Result<store::ConversationPage>> Conversations::read(std::string owner, std::string id,
                                                          store::ConversationRange range) {
  return flat(net::blocking(pool_, [this, owner = std::move(owner), id = std::move(id), range] {
    return store_.read(owner, id, range);
  }));
}

Task<Result<store::ConversationList>> Conversations::complete(std::string owner, std::string text,
                                                              std::int64_t limit) {
  return flat(net::blocking(pool_, [this, owner = std::move(owner), text = std::move(text), limit] {
    return store_.complete(owner, text, limit);
  }));
}

Task<Result<store::Conversation>> Conversations::remove(std::string owner, std::string id,
                                                        std::int64_t version) {
  return flat(net::blocking(pool_, [this, owner = std::move(owner), id = std::move(id), version] {
    auto gone = store_.remove(owner, id, version);
    if (!gone) return gone;
    hub_.publish({Change::What::resources, {}, owner});
    hub_.publish({Change::What::resource, conversation_uri(id), owner});
    return gone;
  }));
}

Task<Result<std::int64_t>> Conversations::expire(std::int64_t before_ms) {
  return flat(net::blocking(pool_, [this, before_ms] {
    auto gone = store_.expire(before_ms);
    if (gone && *gone > 0) hub_.publish({Change::What::resources});
    return gone;
  }));
}

Result<std::vector<store::ConversationMessage>> read_messages(json::Value messages) {
  std::vector<store::ConversationMessage> out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const json::Value m = messages.at(i);
    const json::Value role = m["role"], content = m["content"];
    if (!role.is_string() || role.as_string().empty()) return wrong(i, ".role", "must be a text");
    if (!content.is_string() && !content.is_array() && !content.is_null())
      return wrong(i, ".content", "must be a text or a list of parts");
    if (m.size() < 2) return wrong(i, ".content", "is missing");
    store::ConversationMessage& to = out.emplace_back();
    to.role = role.as_string();
    to.text = text_of(content);
    if (!content.is_string() || m.size() != 2) to.json = json::to_text(m);
  }
  return out;
}

std::string title_from(const std::vector<store::ConversationMessage>& messages) {
  for (const store::ConversationMessage& m : messages) {
    if (m.role != "user" || m.text.empty()) continue;
    std::string title;
    for (const char c : m.text.substr(0, static_cast<std::size_t>(kTitleCharacters) * 8))
      title += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    title = utf8::repair(title);
    const std::size_t from = title.find_first_not_of(' ');
    if (from == title.npos) continue;
    title = begin_of(std::string_view(title).substr(from), kTitleCharacters);
    return title.substr(0, title.find_last_not_of(' ') + 1);
  }
  return {};
}

void write_conversation(json::Writer& w, const store::Conversation& c) {
  w.field("id", c.id);
  w.field("uri", conversation_uri(c.id));
  w.field("title", c.title);
  if (!c.model.empty()) w.field("model", c.model);
  if (!c.provider.empty()) w.field("provider", c.provider);
  w.field("version", c.version);
  w.field("message_count", c.messages);
  w.field("created_at", time_text(c.created_ms));
  w.field("updated_at", time_text(c.updated_ms));
  if (c.metadata != "{}") {
    w.key("metadata");
    w.raw(c.metadata);
  }
}

std::string conversation_schema(std::string_view more, std::string_view needed) {
  std::string out =
      R"({"type":"object","properties":{"id":{"type":"string"},"uri":{"type":"string"},"title":{"type":"string"},)"
      R"("model":{"type":"string"},"provider":{"type":"string"},"version":{"type":"integer"},"message_count":{"type":"integer"},)"
      R"("created_at":{"type":"string"},"updated_at":{"type":"string"},"metadata":{"type":"object"})";
  if (!more.empty()) out.append(",").append(more);
  out += R"(},"required":["id","uri","title","version","message_count","created_at","updated_at")";
  if (!needed.empty()) out.append(",\"").append(needed).append("\"");
  return out + "]}";
}

void write_messages(json::Writer& w, const std::vector<store::ConversationMessage>& messages) {
  w.begin_array();
  for (const store::ConversationMessage& m : messages) {
    if (!m.json.empty()) {
      w.raw(m.json);
      continue;
    }
    w.begin_object();
    w.field("role", m.role);
    w.field("content", m.text);
    w.end_object();
  }
  w.end_array();
}

std::string conversation_json(const store::ConversationPage& page) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_conversation(w, page.conversation);
  if (page.first > 0) w.field("omitted", page.first);
  w.key("messages");
  write_messages(w, page.messages);
  w.end_object();
  return out;
}

}  // namespace pb::tools
