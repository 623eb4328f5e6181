#include "mcp/json_rpc.h"

#include "base/limits_mcp.h"

namespace pb::mcp {
namespace {

Message broken(int code, std::string message, Id id = {}) {
  Message m;
  m.id = std::move(id);
  m.fault = fault(code, std::move(message)).error();
  return m;
}

// "" when it is neither a string nor a whole number.
Id read_id(json::Value value) {
  if (value.is_string()) {
    if (value.as_string().size() > limits::kMcpIdBytesMax) return {};
    return json::to_text(value);
  }
  if (!value.is_number()) return {};
  constexpr std::int64_t kNot = INT64_MIN;
  const std::int64_t n = value.as_int(kNot);
  return n == kNot ? Id() : std::to_string(n);
}

Message read_message(json::Value value) {
  if (!value.is_object()) return broken(kInvalidRequest, "Invalid Request: a message is an object");
  const json::Value* raw_id = value.find("id");
  Id id = raw_id == nullptr ? Id() : read_id(*raw_id);
  if (value["jsonrpc"].as_string() != "2.0")
    return broken(kInvalidRequest, "Invalid Request: jsonrpc must be \"2.0\"", std::move(id));
  const bool is_error = value.has("error");
  // An error about a message whose id could not be read has none (JSON-RPC 2.0 §5).
  if (raw_id != nullptr && id.empty() && !(is_error && raw_id->is_null()))
    return broken(kInvalidRequest, "Invalid Request: id must be a string or a whole number");
  Message m;
  m.id = std::move(id);
  if (const json::Value* method = value.find("method"); method != nullptr) {
    if (!method->is_string() || method->as_string().empty())
      return broken(kInvalidRequest, "Invalid Request: method must be a string", std::move(m.id));
    m.method = method->as_string();
    m.params = value["params"];
    if (value.has("params") && !m.params.is_object())
      return broken(kInvalidRequest, "Invalid Request: params must be an object", std::move(m.id));
    m.kind = raw_id == nullptr ? Kind::notification : Kind::request;
    return m;
  }
  const bool is_result = value.has("result");
  if (is_result == is_error || (is_result && (m.id.empty() || !value["result"].is_object())) ||
      (is_error && !value["error"].is_object()))
    return broken(kInvalidRequest, "Invalid Request: neither a request, a notification nor a response",
                  std::move(m.id));
  m.kind = Kind::response;
  m.result = value["result"];
  m.error = value["error"];
  return m;
}

// A message is one line; handlers' texts may have more.
void write_line(json::Writer& w, std::string_view text) {
  if (!text.contains('\n')) return w.raw(text);
  json::Arena arena;
  const auto value = json::parse(text, arena);
  w.write(value ? *value : json::Value());
}

void head(json::Writer& w, const Id& id) {
  w.begin_object();
  w.field("jsonrpc", "2.0");
  if (id.empty()) return;
  w.key("id");
  w.raw(id);
}

}  // namespace

std::shared_ptr<Document> parse_messages(std::string text) {
  auto doc = std::make_shared<Document>();
  doc->text = std::move(text);
  auto value = json::parse(doc->text, doc->arena, {.depth_max = limits::kMcpDepthMax});
  if (!value) {
    doc->messages.push_back(broken(kParseError, "Parse error: " + value.error().message));
    return doc;
  }
  if (!value->is_array()) {
    doc->messages.push_back(read_message(*value));
    return doc;
  }
  doc->batch = true;
  if (value->size() == 0 || value->size() > limits::kMcpBatchMax) {  // one error, no array (JSON-RPC 2.0 §7)
    doc->batch = false;
    doc->messages.push_back(broken(kInvalidRequest, value->size() == 0
                                                        ? "Invalid Request: an empty batch"
                                                        : "Invalid Request: more than " +
                                                              std::to_string(limits::kMcpBatchMax) +
                                                              " messages in one batch"));
    return doc;
  }
  for (const json::Value& item : value->items()) doc->messages.push_back(read_message(item));
  return doc;
}

std::string write_result(const Id& id, std::string_view result) {
  std::string out;
  out.reserve(result.size() + id.size() + 40);
  json::Writer w(out);
  head(w, id);
  w.key("result");
  write_line(w, result);
  w.end_object();
  return out;
}

std::string write_error(const Id& id, const Fault& fault) {
  std::string out;
  json::Writer w(out);
  head(w, id);
  w.key("error");
  w.begin_object();
  w.field("code", fault.code);
  w.field("message", fault.message);
  if (!fault.data.empty()) {
    w.key("data");
    write_line(w, fault.data);
  }
  w.end_object();
  w.end_object();
  return out;
}

std::string write_request(const Id& id, std::string_view method, std::string_view params) {
  std::string out;
  json::Writer w(out);
  head(w, id);
  w.field("method", method);
  if (!params.empty()) {
    w.key("params");
    write_line(w, params);
  }
  w.end_object();
  return out;
}

std::string write_notification(std::string_view method, std::string_view params) {
  return write_request({}, method, params);
}

}  // namespace pb::mcp
