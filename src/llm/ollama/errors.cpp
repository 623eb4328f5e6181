// Errors: {"error": "…"} and nothing else, whole or as a stream's last line.
#include "llm/ollama/ollama.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::ollama {

// The bodies that stand-ins and proxies send are those every provider sends.
Error decode_error(int status, std::string_view body) { return openai_chat::decode_error(status, body); }

Error error_of_line(json::Value root) {
  const std::int64_t status = root["status"].as_int();
  return openai_chat::error_of_json(status >= 400 && status <= 599 ? static_cast<int>(status) : 0, root);
}

void encode_error(const Error& e, std::string_view, std::string& out) {
  json::Writer w(out);
  w.begin_object();
  w.field("error", e.message);
  w.end_object();
}

}  // namespace pb::llm::ollama
