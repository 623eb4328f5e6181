// What a server of this format says beside its answers: which models there are, what one can do, its version; and the answer
// to a request that asks for nothing but a model to be loaded. Pure; the endpoints and the simulator share it.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pb::llm::ollama {

// The release of the API that this format is written from. Clients refuse servers that are too old: GitHub Copilot in VS Code
// wants 0.6.4 (ollamaProvider.ts of microsoft/vscode-copilot-chat), the server's own page on VS Code advises 0.17.6.
inline constexpr std::string_view kServerVersion = "0.33.0";

struct ModelCard {
  std::string_view name;
  std::int64_t context = 0;  // tokens; 0 = unknown
  bool vision = false, thinking = false;
};

std::string tags_body(std::span<const ModelCard> models);  // GET /api/tags
std::string show_body(const ModelCard& model);             // POST /api/show
std::string ps_body();                                     // GET /api/ps: nothing is loaded here
std::string version_body();                                // GET /api/version
// The name in the body of POST /api/show: `model`, or `name` as older clients write; "" when there is none.
std::string asked_model(std::string_view body);

// The answer to a request of the format `dialect` that holds no message and no prompt: the model is "loaded", or, with
// keep_alive 0, "unloaded". nullopt for every other request, broken ones too.
std::optional<std::string> load_answer(std::string_view dialect, std::string_view body, std::int64_t now_ns);

}  // namespace pb::llm::ollama
