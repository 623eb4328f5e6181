// JSON-RPC 2.0 as MCP uses it: messages in, messages out. Pure.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "mcp/protocol.h"

namespace pb::mcp {

// A request's id as JSON text ("7", "\"a\""); "" = none. Equal ids have equal texts.
using Id = std::string;

enum class Kind : std::uint8_t { request, notification, response, broken };

struct Message {
  Kind kind = Kind::broken;
  Id id;
  std::string_view method;
  json::Value params;         // an object, or null where there are none
  json::Value result, error;  // of a response: one of the two
  Fault fault;                // of a broken one
};

// A text with the messages in it. Shared by the calls of a batch, which may outlive the request that brought it.
struct Document {
  std::string text;
  json::Arena arena;
  std::vector<Message> messages;
  bool batch = false;  // an array, also of one
};

// Never null. A text that is no JSON, or no message at all, is one broken message. Ids are strings or whole numbers, params
// objects (MCP "Messages").
std::shared_ptr<Document> parse_messages(std::string text);

// A whole message, without newline.
std::string write_result(const Id& id, std::string_view result);
std::string write_error(const Id& id, const Fault& fault);  // without an id where there is none
std::string write_request(const Id& id, std::string_view method, std::string_view params);
std::string write_notification(std::string_view method, std::string_view params);  // params may be ""

}  // namespace pb::mcp
