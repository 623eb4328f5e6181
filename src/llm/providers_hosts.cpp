// More rows of the table of vendors (see providers.cpp): makers and hosts whose APIs are OpenAI's, or OpenAI's and Anthropic's,
// below one address; and servers that people run themselves. As of 2026-11, from the vendors' own documentation.
#include "llm/providers_hosts.h"

namespace pb::llm {
namespace {

constexpr VendorFormat kChat[] = {{"openai_chat", "/chat/completions"}};
constexpr VendorFormat kBoth[] = {{"openai_chat", "/chat/completions"}, {"anthropic", "/messages"}};
constexpr VendorFormat kOllamaCloud[] = {{"ollama", "/api/chat"}, {"openai_chat", "/v1/chat/completions"}};
constexpr VendorFormat kAll[] = {
    {"openai_chat", "/chat/completions"}, {"anthropic", "/messages"}, {"openai_responses", "/responses"}};
constexpr VendorFormat kBothAndText[] = {
    {"openai_chat", "/chat/completions"}, {"anthropic", "/messages"}, {"openai_completions", "/completions"}};
constexpr VendorFormat kDeepInfra[] = {{"openai_chat", "/v1/openai/chat/completions"},
                                       {"anthropic", "/anthropic/v1/messages"},
                                       {"openai_completions", "/v1/openai/completions"}};
constexpr VendorFormat kNovita[] = {{"openai_chat", "/openai/v1/chat/completions"},
                                    {"anthropic", "/anthropic/v1/messages"}};
constexpr VendorFormat kMoonshot[] = {{"openai_chat", "/v1/chat/completions"},
                                      {"anthropic", "/anthropic/v1/messages"}};
// In Chat Completions most of its models mix their reasoning into the text, between <think> tags.
constexpr VendorFormat kMiniMax[] = {{"anthropic", "/anthropic/v1/messages"},
                                     {"openai_chat", "/v1/chat/completions"}};
constexpr VendorFormat kZai[] = {{"openai_chat", "/paas/v4/chat/completions"},
                                 {"anthropic", "/anthropic/v1/messages"}};
constexpr VendorFormat kDashScope[] = {{"openai_chat", "/compatible-mode/v1/chat/completions"},
                                       {"anthropic", "/apps/anthropic/v1/messages"}};

constexpr Quirks kServer{.parallel_tool_calls = false, .image_url = false};

constexpr Vendor kHosts[] = {
    {.name = "moonshot",
     .title = "Moonshot AI (Kimi)",
     .base_url = "https://api.moonshot.ai",
     .key_env = "MOONSHOT_API_KEY",
     .models_path = "/v1/models",
     .formats = kMoonshot,
     .prefix_hint = "kimi-k2.6"},
    {.name = "zai",
     .title = "Z.AI (GLM)",
     .base_url = "https://api.z.ai/api",
     .key_env = "ZAI_API_KEY",
     .models_path = "/paas/v4/models",
     .formats = kZai,
     .prefix_hint = "glm-5.2"},
    {.name = "minimax",
     .title = "MiniMax",
     .base_url = "https://api.minimax.io",
     .key_env = "MINIMAX_API_KEY",
     .models_path = "/v1/models",
     .formats = kMiniMax,
     .prefix_hint = "MiniMax-M3"},
    // The address of Singapore, where keys of the international edition are from; keys of other regions need theirs.
    {.name = "dashscope",
     .title = "Alibaba Cloud Model Studio (Qwen)",
     .base_url = "https://dashscope-intl.aliyuncs.com",
     .key_env = "DASHSCOPE_API_KEY",
     .models_path = "/compatible-mode/v1/models",
     .formats = kDashScope,
     .prefix_hint = "qwen3.7-plus"},
    {.name = "nvidia",
     .title = "NVIDIA",
     .base_url = "https://integrate.api.nvidia.com/v1",
     .key_env = "NVIDIA_API_KEY",
     .models_path = "/models",
     .formats = kChat,
     .prefix_hint = "openai/gpt-oss-120b",
     .base_path = "/v1"},
    {.name = "sambanova",
     .title = "SambaNova",
     .base_url = "https://api.sambanova.ai/v1",
     .key_env = "SAMBANOVA_API_KEY",
     .models_path = "/models",
     .formats = kBoth,
     .count_tokens = true,
     .prefix_hint = "gpt-oss-120b",
     .base_path = "/v1"},
    {.name = "deepinfra",
     .title = "DeepInfra",
     .base_url = "https://api.deepinfra.com",
     .key_env = "DEEPINFRA_API_KEY",
     .models_path = "/v1/openai/models",
     .formats = kDeepInfra,
     .prefix_hint = "deepseek-ai/DeepSeek-V4-Pro"},
    {.name = "novita",
     .title = "Novita AI",
     .base_url = "https://api.novita.ai",
     .key_env = "NOVITA_API_KEY",
     .models_path = "/openai/v1/models",
     .formats = kNovita,
     .prefix_hint = "deepseek/deepseek-v4-pro"},
    {.name = "nebius",
     .title = "Nebius Token Factory",
     .base_url = "https://api.tokenfactory.nebius.com/v1",
     .key_env = "NEBIUS_API_KEY",
     .models_path = "/models",
     .formats = kChat,
     .prefix_hint = "deepseek-ai/DeepSeek-V4-Pro",
     .base_path = "/v1"},
    {.name = "siliconflow",
     .title = "SiliconFlow",
     .base_url = "https://api.siliconflow.com/v1",
     .key_env = "SILICONFLOW_API_KEY",
     .models_path = "/models",
     .formats = kBoth,
     .prefix_hint = "deepseek-ai/DeepSeek-V4-Pro",
     .base_path = "/v1"},
    {.name = "baseten",
     .title = "Baseten",
     .base_url = "https://inference.baseten.co/v1",
     .key_env = "BASETEN_API_KEY",
     .models_path = "/models",
     .formats = kBoth,
     .prefix_hint = "openai/gpt-oss-120b",
     .base_path = "/v1"},
    // The token is as likely to be there for downloads: it does not switch the provider on.
    {.name = "huggingface",
     .title = "Hugging Face Inference Providers",
     .base_url = "https://router.huggingface.co/v1",
     .key_env = "HF_TOKEN",
     .shared_key = true,
     .models_path = "/models",
     .formats = kBoth,
     .prefix_hint = "deepseek-ai/DeepSeek-V4-Flash",
     .base_path = "/v1"},
    {.name = "vercel",
     .title = "Vercel AI Gateway",
     .base_url = "https://ai-gateway.vercel.sh/v1",
     .key_env = "AI_GATEWAY_API_KEY",
     .models_path = "/models",
     .formats = kAll,
     .quirks = {.reasoning_field = "reasoning"},
     .prefix_hint = "anthropic/claude-sonnet-4.6",
     .base_path = "/v1"},
    // https://api.cloudflare.com/client/v4/accounts/ACCOUNT/ai/v1; the token may be for anything at Cloudflare.
    {.name = "cloudflare-workers-ai",
     .title = "Cloudflare Workers AI",
     .key_env = "CLOUDFLARE_API_TOKEN",
     .shared_key = true,
     .formats = kChat,
     .prefix_hint = "@cf/openai/gpt-oss-120b"},
    // https://gateway.ai.cloudflare.com/v1/ACCOUNT/GATEWAY/compat. The key is that of the provider behind it, or of the
    // gateway where it holds the providers' keys; an authenticated gateway also wants the header cf-aig-authorization.
    {.name = "cloudflare-ai-gateway",
     .title = "Cloudflare AI Gateway",
     .formats = kChat,
     .prefix_hint = "anthropic/claude-sonnet-4-6"},
    {.name = "ollama-cloud",
     .title = "Ollama Cloud",
     .base_url = "https://ollama.com",
     .key_env = "OLLAMA_API_KEY",
     .models_path = "/v1/models",
     .formats = kOllamaCloud,
     .quirks = {.parallel_tool_calls = false, .image_url = false, .reasoning_field = "reasoning"},
     .prefix_hint = "deepseek-v4-flash",
     .base_path = {}},
    // Servers of one's own. None has a default address: their usual ports (8080, 30000, 4000) are as usual for other things.
    {.name = "llamacpp",
     .title = "llama.cpp server",
     .models_path = "/models",
     .formats = kBothAndText,
     .quirks = kServer,
     .count_tokens = true,
     .prefix_hint = "ggml-org/gpt-oss-20b-GGUF",
     .base_path = "/v1"},
    {.name = "sglang",
     .title = "SGLang",
     .models_path = "/models",
     .formats = kBothAndText,
     .count_tokens = true,
     .prefix_hint = "zai-org/GLM-5.2-FP8",
     .base_path = "/v1"},
    {.name = "litellm",
     .title = "LiteLLM proxy",
     .models_path = "/models",
     .formats = kBoth,
     .prefix_hint = "my-model",
     .base_path = "/v1"},
};

}  // namespace

std::span<const Vendor> hosted_vendors() { return kHosts; }

}  // namespace pb::llm
