// The table of vendors, as of 2026-11. One row each; nothing else in the program knows a vendor's name.
// To add one, see docs/howto/add-a-provider.md.
#include "llm/providers.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "llm/providers_hosts.h"

namespace pb::llm {
namespace {

using Header = std::pair<std::string_view, std::string_view>;

// Formats by the shape of the base URL they stand below.
constexpr VendorFormat kChat[] = {{"openai_chat", "/chat/completions"}};
constexpr VendorFormat kMessages[] = {{"anthropic", "/v1/messages"}};
constexpr VendorFormat kAll[] = {
    {"openai_chat", "/chat/completions"}, {"anthropic", "/messages"}, {"openai_responses", "/responses"}};
// Text completions stand last: they are for the clients that speak them, with models that were made to go on with a text.
constexpr VendorFormat kAllAndText[] = {{"openai_chat", "/chat/completions"},
                                        {"anthropic", "/messages"},
                                        {"openai_responses", "/responses"},
                                        {"openai_completions", "/completions"}};
constexpr VendorFormat kChatAndText[] = {{"openai_chat", "/chat/completions"},
                                         {"openai_completions", "/completions"}};
constexpr VendorFormat kChatResponses[] = {{"openai_chat", "/chat/completions"},
                                           {"openai_responses", "/responses"}};
// Each of its models answers chats or completes texts, and refuses the other.
constexpr std::string_view kOpenAiTextModels =
    "gpt-3.5-turbo-instruct davinci-002 babbage-002 ft:davinci-002 ft:babbage-002";
// The Responses API first: only there clients of other formats keep the model's encrypted reasoning across their tool loops.
constexpr VendorFormat kOpenAiFormats[] = {
    {"openai_responses", "/responses", false, "api.openai.com"},
    {"openai_chat", "/chat/completions"},
    {"openai_completions", "/completions", false, "api.openai.com", kOpenAiTextModels}};
constexpr VendorFormat kAzureFormats[] = {{"openai_responses", "/responses", false, "/openai/v1"},
                                          {"openai_chat", "/chat/completions"},
                                          {"openai_completions", "/completions", true}};
// Its endpoint reads OpenAI's requests only as far as they hold to Mistral's rules, and OpenAI's clients cannot read its
// reasoning: they are translated, unless someone asks for bytes.
constexpr VendorFormat kMistralFormats[] = {{"mistral", "/chat/completions"},
                                            {"openai_chat", "/chat/completions", true}};
// Each of its formats stands below a folder of its own.
constexpr VendorFormat kOllama[] = {{"ollama", "/api/chat"},
                                    {"openai_chat", "/v1/chat/completions"},
                                    {"anthropic", "/v1/messages"},
                                    {"openai_responses", "/v1/responses"},
                                    {"openai_completions", "/v1/completions"}};
constexpr VendorFormat kAny[] = {{"openai_chat", "/chat/completions"},
                                 {"anthropic", "/messages"},
                                 {"mistral", "/chat/completions"},
                                 {"ollama", "/api/chat"},
                                 {"cohere", "/v2/chat"},
                                 {"openai_responses", "/responses"},
                                 {"gemini", "/models/{model}:generateContent"},
                                 {"openai_completions", "/completions"}};
constexpr VendorFormat kSim[] = {{"openai_chat", "/chat/completions"},
                                 {"anthropic", "/messages"},
                                 {"mistral", "/mistral/v1/chat/completions"},
                                 {"ollama", "/api/chat"},
                                 {"cohere", "/v2/chat"},
                                 {"openai_responses", "/responses"},
                                 {"gemini", "/models/{model}:generateContent"},
                                 {"openai_completions", "/completions"}};
// Its endpoint in OpenAI's format is narrower than its own.
constexpr VendorFormat kCohereFormats[] = {{"cohere", "/v2/chat"},
                                           {"openai_chat", "/compatibility/v1/chat/completions", true}};
// OpenAI's format is a reduction there (no documents, a limited set of options): requests are translated, unless asked for bytes.
constexpr VendorFormat kGeminiFormats[] = {{"gemini", "/models/{model}:generateContent"},
                                           {"openai_chat", "/openai/chat/completions", true}};
constexpr VendorFormat kDeepSeek[] = {{"openai_chat", "/chat/completions"},
                                      {"anthropic", "/anthropic/v1/messages"}};

constexpr Header kAnthropicHeaders[] = {{"anthropic-version", "2023-06-01"}};
// OpenRouter's optional attribution of traffic to an application (X-Title is the title's older name).
constexpr Header kOpenRouterHeaders[] = {{"HTTP-Referer", "http://localhost"},
                                         {"X-OpenRouter-Title", "Patchbay"}};

// Its chat format has no field for reasoning, in answers or in messages.
constexpr Quirks kOpenAi{.max_completion_tokens = true,
                         .developer_role = true,
                         .custom_tools = true,
                         .strict_schema = true,
                         .threads = true,
                         .reasoning_field = ""};
// Usage always stands in the last chunk; unknown members are refused with 422; efforts other than none and high too.
constexpr Quirks kMistral{.stream_options = false, .reasoning_effort = false, .reasoning_field = ""};
constexpr Quirks kCohereQuirks{
    .stream_options = false, .reasoning_effort = false, .parallel_tool_calls = false, .reasoning_field = ""};
constexpr Quirks kDeepSeekQuirks{.json_schema = false, .parallel_tool_calls = false, .image_url = false};
constexpr Quirks kLocal{.parallel_tool_calls = false, .image_url = false, .reasoning_field = "reasoning"};

// console.groq.com, "Images and vision": 33 megapixels an image, requests of 4 MB.
constexpr MediaLimits kGroqMedia{.image = {.pixels_max = 33'177'600, .types = {}},
                                 .request_bytes_max = 3'800'000};
// docs.x.ai, "Image understanding"; Ollama's issue 7388.
constexpr MediaLimits kJpegPng{.image = {.types = {media::Type::jpeg, media::Type::png}}};
constexpr MediaLimits kMistralMedia{.image = {.bytes_max = 10'000'000, .types = {}}};
// WebP is refused as if it were not base64.
constexpr MediaLimits kLmStudioMedia{
    .image = {.types = {media::Type::jpeg, media::Type::png, media::Type::gif}}};

constexpr Vendor kVendors[] = {
    {.name = "openai",
     .title = "OpenAI",
     .base_url = "https://api.openai.com/v1",
     .key_env = "OPENAI_API_KEY",
     .key_env_also = {},
     .base_url_env = "OPENAI_BASE_URL",
     .models_path = "/models",
     .formats = kOpenAiFormats,
     .headers = {},
     .quirks = kOpenAi,
     .query = {},
     .prefix_hint = "gpt-5.4",
     .base_path = "/v1"},
    {.name = "anthropic",
     .title = "Anthropic",
     .base_url = "https://api.anthropic.com",
     .auth = Auth::x_api_key,
     .key_env = "ANTHROPIC_API_KEY",
     .key_env_also = {},
     .base_url_env = "ANTHROPIC_BASE_URL",
     .models_path = "/v1/models",
     .formats = kMessages,
     .headers = kAnthropicHeaders,
     .quirks = {.threads = true},
     .count_tokens = true,
     .query = {},
     .prefix_hint = "claude-sonnet-4-6",
     .base_path = {}},
    {.name = "gemini",
     .title = "Google Gemini",
     .base_url = "https://generativelanguage.googleapis.com/v1beta",
     .auth = Auth::x_goog_api_key,
     .key_env = "GEMINI_API_KEY",
     .key_env_also = "GOOGLE_API_KEY",
     .base_url_env = "GOOGLE_GEMINI_BASE_URL",
     .models_path = "/models",
     .formats = kGeminiFormats,
     .headers = {},
     .quirks = {},
     .count_tokens = true,
     .query = {},
     .prefix_hint = "gemini-3.8-flash",
     .base_path = "/v1beta"},
    {.name = "openrouter",
     .title = "OpenRouter",
     .base_url = "https://openrouter.ai/api/v1",
     .key_env = "OPENROUTER_API_KEY",
     .key_env_also = {},
     .base_url_env = "OPENROUTER_BASE_URL",
     .models_path = "/models",
     .formats = kAll,
     .headers = kOpenRouterHeaders,
     .quirks = {.openrouter = true, .reasoning_field = "reasoning"},
     .query = {},
     .prefix_hint = "anthropic/claude-sonnet-4.6",
     .base_path = "/api/v1"},
    {.name = "groq",
     .title = "Groq",
     .base_url = "https://api.groq.com/openai/v1",
     .key_env = "GROQ_API_KEY",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kChatResponses,
     .headers = {},
     .quirks = {.max_completion_tokens = true, .reasoning_field = "reasoning"},
     .query = {},
     .prefix_hint = "openai/gpt-oss-120b",
     .base_path = "/openai/v1",
     .media = kGroqMedia},
    {.name = "mistral",
     .title = "Mistral",
     .base_url = "https://api.mistral.ai/v1",
     .key_env = "MISTRAL_API_KEY",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kMistralFormats,
     .headers = {},
     .quirks = kMistral,
     .query = {},
     .prefix_hint = "mistral-large-latest",
     .base_path = "/v1",
     .media = kMistralMedia},
    {.name = "cohere",
     .title = "Cohere",
     .base_url = "https://api.cohere.com",
     .key_env = "CO_API_KEY",
     .key_env_also = "COHERE_API_KEY",
     .base_url_env = {},
     .models_path = "/v1/models",
     .formats = kCohereFormats,
     .headers = {},
     .quirks = kCohereQuirks,
     .query = {},
     .prefix_hint = "command-a-plus-05-2026",
     .base_path = {}},
    {.name = "deepseek",
     .title = "DeepSeek",
     .base_url = "https://api.deepseek.com",
     .key_env = "DEEPSEEK_API_KEY",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kDeepSeek,
     .headers = {},
     .quirks = kDeepSeekQuirks,
     .query = {},
     .prefix_hint = "deepseek-v4-flash",
     .base_path = {}},
    {.name = "xai",
     .title = "xAI",
     .base_url = "https://api.x.ai/v1",
     .key_env = "XAI_API_KEY",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kAll,
     .headers = {},
     .quirks = {},
     .query = {},
     .prefix_hint = "grok-4",
     .base_path = "/v1",
     .media = kJpegPng},
    {.name = "perplexity",
     .title = "Perplexity",
     .base_url = "https://api.perplexity.ai",
     .key_env = "PERPLEXITY_API_KEY",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = {},
     .formats = kChat,
     .headers = {},
     .quirks = {.stream_options = false, .parallel_tool_calls = false},
     .query = {},
     .prefix_hint = "sonar-pro",
     .base_path = {}},
    {.name = "together",
     .title = "Together AI",
     .base_url = "https://api.together.xyz/v1",
     .key_env = "TOGETHER_API_KEY",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kChatAndText,
     .headers = {},
     .quirks = {.reasoning_field = "reasoning"},
     .query = {},
     .prefix_hint = "openai/gpt-oss-120b",
     .base_path = "/v1"},
    {.name = "fireworks",
     .title = "Fireworks AI",
     .base_url = "https://api.fireworks.ai/inference/v1",
     .key_env = "FIREWORKS_API_KEY",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kAllAndText,
     .headers = {},
     .quirks = {},
     .query = {},
     .prefix_hint = "accounts/fireworks/models/kimi-k2p5",
     .base_path = "/inference/v1"},
    {.name = "cerebras",
     .title = "Cerebras",
     .base_url = "https://api.cerebras.ai/v1",
     .key_env = "CEREBRAS_API_KEY",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kChat,
     .headers = {},
     .quirks = {.max_completion_tokens = true,
                .parallel_tool_calls = false,
                .image_url = false,
                .reasoning_field = "reasoning"},
     .query = {},
     .prefix_hint = "gpt-oss-120b",
     .base_path = "/v1"},
    {.name = "ollama",
     .title = "Ollama",
     .base_url = "http://127.0.0.1:11434",
     .key_env = {},
     .key_env_also = {},
     .base_url_env = "OLLAMA_HOST",
     .models_path = "/v1/models",
     .formats = kOllama,
     .headers = {},
     .quirks = kLocal,
     .local = true,
     .query = {},
     .prefix_hint = "qwen3-coder",
     .base_path = {},
     .media = kJpegPng},
    {.name = "lmstudio",
     .title = "LM Studio",
     .base_url = "http://127.0.0.1:1234/v1",
     .key_env = "LM_API_TOKEN",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kAllAndText,
     .headers = {},
     .quirks = kLocal,
     .local = true,
     .query = {},
     .prefix_hint = "openai/gpt-oss-20b",
     .base_path = "/v1",
     .media = kLmStudioMedia},
    // No default address: vLLM's own port 8000 is also Patchbay's.
    {.name = "vllm",
     .title = "vLLM",
     .base_url = {},
     .key_env = "VLLM_API_KEY",
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kAllAndText,
     .headers = {},
     .quirks = {.reasoning_field = "reasoning"},
     .query = {},
     .prefix_hint = "Qwen/Qwen3-32B",
     .base_path = "/v1"},
    // The v1 API: the model is the deployment's name, and no api-version is needed.
    {.name = "azure-openai",
     .title = "Azure OpenAI",
     .base_url = {},
     .auth = Auth::api_key,
     .key_env = "AZURE_OPENAI_API_KEY",
     .key_env_also = {},
     .base_url_env = "AZURE_OPENAI_ENDPOINT",
     .models_path = "/models",
     .formats = kAzureFormats,
     .headers = {},
     .quirks = kOpenAi,
     .query = {},
     .prefix_hint = "my-deployment",
     .base_path = "/openai/v1"},
    {.name = "custom",
     .title = "any compatible server",
     .base_url = {},
     .key_env = {},
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kAny,
     .headers = {},
     .quirks = {},
     .query = {},
     .prefix_hint = "gpt-x",
     .base_path = {}},
    // The built-in simulator; `patchbay serve` fills in where it listens.
    {.name = "sim",
     .title = "built-in simulator",
     .base_url = {},
     .auth = Auth::none,
     .key_env = {},
     .key_env_also = {},
     .base_url_env = {},
     .models_path = "/models",
     .formats = kSim,
     .headers = {},
     .quirks = {},
     .query = {},
     .prefix_hint = "echo",
     .base_path = "/v1"},
};

std::string_view without_end(std::string_view text, std::string_view end) {
  return text.ends_with(end) ? text.substr(0, text.size() - end.size()) : text;
}

// "/anthropic/v1/messages" -> "/anthropic/v1"
std::string_view folder_of(std::string_view path) {
  for (const std::string_view end : {"/messages", "/chat/completions", "/completions", "/responses", "/chat"})
    path = without_end(path, end);
  return path;
}

bool has_path(std::string_view url) {
  const auto scheme = url.find("://");
  return url.find('/', scheme == url.npos ? 0 : scheme + 3) != url.npos;
}

}  // namespace

// The whole table: the rows of providers_hosts.cpp stand before `custom`.
std::span<const Vendor> vendors() {
  static const std::vector<Vendor> all = [] {
    std::vector<Vendor> out;
    for (const Vendor& v : kVendors) {
      if (v.name == "custom") out.insert(out.end(), hosted_vendors().begin(), hosted_vendors().end());
      out.push_back(v);
    }
    return out;
  }();
  return all;
}

const Vendor* find_vendor(std::string_view name) {
  for (const Vendor& v : vendors())
    if (v.name == name) return &v;
  return nullptr;
}

bool names_model(std::string_view models, std::string_view model) {
  while (!models.empty()) {
    const std::size_t end = std::min(models.find(' '), models.size());
    if (end > 0 && model.starts_with(models.substr(0, end))) return true;
    models.remove_prefix(std::min(end + 1, models.size()));
  }
  return false;
}

std::string format_path(const Vendor& vendor, std::string_view dialect, std::string_view base_url) {
  for (const VendorFormat& f : vendor.formats) {
    if (f.dialect != dialect) continue;
    if (f.path == "/messages" || f.path == "/v1/messages")
      return base_url.ends_with("/v1") ? "/messages" : "/v1/messages";
    return std::string(f.path);
  }
  return {};
}

std::string stream_path(const Dialect& dialect, std::string_view path) {
  std::string out(path);
  if (dialect.stream_path.empty() || !path.ends_with(dialect.path)) return out;
  out.resize(out.size() - dialect.path.size());
  return out.append(dialect.stream_path);
}

std::string normal_base_url(const Vendor& vendor, std::string_view base_url) {
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  std::string url(base_url);
  if (!has_path(url)) return url.append(vendor.base_path);
  // A vendor whose formats stand below different folders is addressed by its root, not by one of the folders.
  for (const VendorFormat& f : vendor.formats) {
    const std::string_view folder = folder_of(f.path);
    for (const std::string_view part : {folder, without_end(folder, "/v1")})
      if (part.size() > 1 && part != "/v1" && url.ends_with(part) && !vendor.base_url.empty() &&
          !vendor.base_url.ends_with(part))
        return url.substr(0, url.size() - part.size());
  }
  if (!vendor.base_url.empty() && !has_path(vendor.base_url) && url.ends_with("/api"))
    for (const VendorFormat& f : vendor.formats)
      if (f.path.starts_with("/api/")) return url.substr(0, url.size() - 4);
  if (url.ends_with("/v1") && !vendor.base_url.empty() && !vendor.base_url.ends_with("/v1"))
    for (const VendorFormat& f : vendor.formats)
      if (f.path.contains("/v1/")) return url.substr(0, url.size() - 3);
  return url;
}

}  // namespace pb::llm
