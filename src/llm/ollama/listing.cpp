#include "llm/ollama/listing.h"

#include "base/hash.h"
#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using json::Value;
using json::Writer;

constexpr std::size_t kLoadBytesMax = 4096;  // a request that only loads a model is short
constexpr std::string_view kModifiedAt = "2025-01-01T00:00:00Z";
constexpr std::string_view kArchitecture = "patchbay";  // stands before the names of what is known of a model

// Clients cut 12 digits off a digest to show it, so there has to be one; here it tells a name from other names.
std::string digest(std::string_view name) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    for (std::uint64_t n = hash64(name, seed), i = 0; i < 16; ++i, n >>= 4) out += kDigits[n & 15];
  return out;
}

void details(Writer& w) {
  w.key("details");
  w.begin_object();
  w.field("parent_model", "");
  w.field("format", "");
  w.field("family", kArchitecture);
  w.key("families");
  w.begin_array();
  w.string(kArchitecture);
  w.end_array();
  w.field("parameter_size", "");
  w.field("quantization_level", "");
  w.end_object();
}

void capabilities(Writer& w, const ModelCard& m) {
  w.key("capabilities");
  w.begin_array();
  w.string("completion");
  w.string("tools");
  if (m.vision) w.string("vision");
  if (m.thinking) w.string("thinking");
  w.end_array();
}

// 0, "0", "0s", "0h0m": at once.
bool is_zero(Value keep_alive) {
  if (keep_alive.is_number()) return keep_alive.as_double(1) == 0;
  const Str text = keep_alive.as_string();
  return text.starts_with('0') && text.find_first_of("123456789") == Str::npos;
}

}  // namespace

std::string tags_body(std::span<const ModelCard> models) {
  std::string out;
  Writer w(out);
  w.begin_object();
  w.key("models");
  w.begin_array();
  for (const ModelCard& m : models) {
    w.begin_object();
    w.field("name", m.name);
    w.field("model", m.name);
    w.field("modified_at", kModifiedAt);
    w.field("size", 0);
    w.field("digest", std::string_view(digest(m.name)));
    details(w);
    capabilities(w, m);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return out;
}

std::string show_body(const ModelCard& m) {
  std::string out;
  Writer w(out);
  w.begin_object();
  for (const char* empty : {"license", "modelfile", "parameters", "template", "system"}) w.field(empty, "");
  details(w);
  w.key("model_info");
  w.begin_object();
  w.field("general.architecture", kArchitecture);
  w.field("general.basename", m.name);
  if (m.context != 0) w.field(std::string(kArchitecture) + ".context_length", m.context);
  w.end_object();
  capabilities(w, m);
  w.field("modified_at", kModifiedAt);
  w.end_object();
  return out;
}

std::string ps_body() { return R"({"models":[]})"; }

std::string version_body() { return R"({"version":")" + std::string(kServerVersion) + R"("})"; }

std::string asked_model(std::string_view body) {
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (!root) return {};
  Str name = (*root)["model"].as_string();
  if (name.empty()) name = (*root)["name"].as_string();
  return std::string(name);
}

std::optional<std::string> load_answer(std::string_view dialect, std::string_view body, std::int64_t now_ns) {
  if ((dialect != kName && dialect != kGenerateName) || body.size() > kLoadBytesMax) return std::nullopt;
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (!root || (*root)["model"].as_string().empty()) return std::nullopt;
  const bool chat = dialect == kName;
  const Value asked = (*root)[chat ? "messages" : "prompt"];
  const bool nothing = asked.is_null() || (chat ? asked.is_array() && asked.size() == 0
                                                : asked.is_string() && asked.as_string().empty());
  if (!nothing || !(*root)["suffix"].as_string().empty()) return std::nullopt;
  std::string out, time;
  append_time(time, now_ns);
  Writer w(out);
  w.begin_object();
  w.field("model", (*root)["model"]);
  w.field("created_at", std::string_view(time));
  if (chat) {
    w.key("message");
    w.raw(R"({"role":"assistant","content":""})");
  } else {
    w.field("response", "");
  }
  w.field("done", true);
  w.field("done_reason", is_zero((*root)["keep_alive"]) ? "unload" : "load");
  w.end_object();
  return out;
}

}  // namespace pb::llm::ollama
