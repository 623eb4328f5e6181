// What differs between providers around the body: ids, rate-limit headers, lists of models. A row for each format.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pb::sim {

struct VendorStyle {
  std::string_view dialect;
  std::string_view answer_id;   // prefix: "chatcmpl-"
  std::string_view call_id;     // prefix: "call_"
  std::string_view request_id;  // header name
  // Of the endpoint, below whatever base URL the client was given; "{model}" stands for a model's name.
  std::string_view path_end;
  std::string_view stream_path_end;  // of streamed requests where it differs
  bool pings = false;                // a ping event follows the stream's start
  bool signs_calls = false;  // reasoning is signed on the call or the text it led to; calls have no ids
};
// The row of a dialect; openai_chat's for names without a row.
const VendorStyle& style_of(std::string_view dialect);
struct PathMatch {
  const VendorStyle* style = nullptr;  // the row whose endpoint a path names, or null
  std::string_view model;              // what stood for "{model}", as written
  bool stream = false;                 // it is the endpoint of streamed requests
};
PathMatch match_path(std::string_view path);

using HeaderList = std::vector<std::pair<std::string, std::string>>;
// The headers that come with a 429 after `retry_after_s` seconds, as the vendor names them.
void add_rate_limit_headers(std::string_view dialect, int retry_after_s, HeaderList& headers);

// GET /v1/models and /v1/models/{id}, as the dialect's vendor shapes them.
std::string models_body(std::string_view dialect);
Result<std::string> model_body(std::string_view id, std::string_view dialect);
// Ollama's pages about itself (/api/tags, /api/show, /api/version, /api/ps); nullopt for other paths.
std::optional<Result<std::string>> ollama_page(std::string_view method, std::string_view path,
                                               std::string_view body);

}  // namespace pb::sim
