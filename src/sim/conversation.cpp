#include "sim/conversation.h"

#include <fmt/format.h>

#include <algorithm>

#include "llm/count.h"

namespace pb::sim {
namespace {

using llm::Block;
using llm::Message;
using llm::Role;

bool has(const Message& m, Block::Kind kind) {
  for (const Block& b : m.content)
    if (b.kind == kind) return true;
  return false;
}

bool has_text(const Message& m) {
  for (const Block& b : m.content)
    if (b.kind == Block::Kind::text && !b.text.empty()) return true;
  return false;
}

// The index of the message the answer is about; the number of messages when there is none.
std::size_t last_user_message(const llm::Request& request) {
  for (std::size_t i = request.messages.size(); i-- > 0;) {
    const Message& m = request.messages[i];
    if (m.role == Role::user && has_text(m) && !has(m, Block::Kind::tool_result)) return i;
  }
  return request.messages.size();
}

std::string_view call_name(const llm::Request& request, std::string_view id) {
  for (const Message& m : request.messages)
    for (const Block& b : m.content)
      if (b.kind == Block::Kind::tool_call && b.id == id) return b.name;
  return {};
}

Error refuse(std::string message, std::string param) {
  return fail(Code::invalid_request, std::move(message), std::move(param)).error();
}

void hash_block(const Block& b, std::uint64_t& hash, std::int64_t& tokens) {
  for (const llm::Str part : {b.text, b.name, b.arguments, b.data, b.url, b.id}) hash = hash64(part, hash);
  tokens += llm::count_text(b.text) + llm::count_text(b.arguments);
  for (const Block& inner : b.content) hash_block(inner, hash, tokens);
}

// What only Mistral refuses: ids that are not nine letters and digits, and roles out of order.
std::optional<Error> check_mistral(const llm::Request& request) {
  const auto fits = [](std::string_view id) {
    return id.size() == 9 && std::all_of(id.begin(), id.end(), [](char c) {
             return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
  };
  const auto name = [](Role role) {
    return role == Role::tool        ? "tool"
           : role == Role::assistant ? "assistant"
           : role == Role::user      ? "user"
                                     : "system";
  };
  std::optional<Role> before;
  for (const Message& m : request.messages) {
    for (const Block& b : m.content)
      if ((b.kind == Block::Kind::tool_call || b.kind == Block::Kind::tool_result) && !fits(b.id))
        return refuse(fmt::format("Tool call id was {} but must be a-z, A-Z, 0-9, with a length of 9.", b.id),
                      "");
    if (m.role == Role::developer) return refuse("Unexpected role 'developer'", "");
    const bool after_turn = before == Role::assistant || before == Role::tool;
    if ((m.role == Role::system && after_turn) || (m.role == Role::user && before == Role::tool))
      return refuse(fmt::format("Unexpected role '{}' after role '{}'", name(m.role), name(*before)), "");
    before = m.role;
  }
  return std::nullopt;
}

}  // namespace

std::uint64_t hash64(std::string_view text, std::uint64_t seed) {
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return (seed ^ 0xff) * 1099511628211ull;  // so that "ab","c" and "a","bc" differ
}

std::string signature_of(std::string_view thinking) { return fmt::format("sim{:016x}==", hash64(thinking)); }

std::string last_user_text(const llm::Request& request) {
  std::string text;
  for (std::size_t i = request.messages.size(); i-- > 0 && text.empty();) {
    const Message& m = request.messages[i];
    if (m.role != Role::user) continue;
    for (const Block& b : m.content) {
      if (b.kind != Block::Kind::text || b.text.empty()) continue;
      if (!text.empty()) text += '\n';
      text += b.text;
    }
  }
  return text;
}

ToolState tool_state(const llm::Request& request) {
  ToolState state;
  const std::size_t last = last_user_message(request);
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    const Message& m = request.messages[i];
    bool called = false;
    for (const Block& b : m.content) {
      if (b.kind == Block::Kind::tool_call) {
        ++state.calls;
        called = true;
      } else if (b.kind == Block::Kind::tool_result && (i > last || last == request.messages.size())) {
        state.results.push_back({call_name(request, b.id), &b});
      }
    }
    if (called && (i > last || last == request.messages.size())) ++state.turns;
  }
  return state;
}

std::optional<Error> check_conversation(const llm::Request& request, std::string_view dialect) {
  if (request.messages.empty()) return refuse("messages: at least one message is required", "messages");
  if (dialect == "mistral")
    if (auto error = check_mistral(request)) return error;
  std::vector<std::string_view> open;  // calls of the latest assistant message that still want a result
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    const Message& m = request.messages[i];
    const std::string at = fmt::format("messages.{}", i);
    for (const Block& b : m.content) {
      if (b.kind == Block::Kind::text && b.text.empty() && dialect == "anthropic")
        return refuse(at + ": text content blocks must be non-empty", at);
      if (b.kind == Block::Kind::tool_result && std::erase(open, b.id) == 0)
        return refuse(
            fmt::format("{}: the tool result for '{}' has no call in the previous assistant message", at,
                        b.id),
            at);
    }
    const bool speaks =
        m.role == Role::assistant || (m.role == Role::user && !has(m, Block::Kind::tool_result));
    if (speaks && !open.empty())
      return refuse(fmt::format("{}: the tool call '{}' was not followed by its result", at, open[0]), at);
    for (const Block& b : m.content)
      if (b.kind == Block::Kind::tool_call) open.push_back(b.id);
  }
  if (!open.empty())
    return refuse(fmt::format("messages: the tool call '{}' was not followed by its result", open[0]),
                  "messages");
  return std::nullopt;
}

CachePrefix cache_prefix(const llm::Request& request) {
  CachePrefix prefix, running;
  running.hash = hash64(request.model);
  const auto mark = [&](const llm::CacheMark& cache) {
    if (!cache.on) return;
    prefix = running;
    prefix.one_hour = cache.ttl == "1h";
  };
  // Providers put tools first, then system text, then the conversation.
  for (const llm::Tool& tool : request.tools) {
    const std::string schema = json::to_text(tool.parameters);
    running.hash = hash64(schema, hash64(tool.description, hash64(tool.name, running.hash)));
    running.tokens +=
        llm::count_text(tool.name) + llm::count_text(tool.description) + llm::count_text(schema);
    mark(tool.cache);
  }
  for (const bool top_level : {true, false})
    for (const Message& m : request.messages) {
      if (m.top_level != top_level) continue;
      for (const Block& b : m.content) {
        hash_block(b, running.hash, running.tokens);
        mark(b.cache);
      }
    }
  return prefix;
}

}  // namespace pb::sim
