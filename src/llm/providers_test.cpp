#include "llm/providers.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

using namespace pb::llm;

TEST_SUITE("providers") {
  TEST_CASE("every row is whole and names are unique") {
    std::set<std::string_view> names, keys;
    for (const Vendor& v : vendors()) {
      CAPTURE(v.name);
      CHECK(names.insert(v.name).second);
      for (const std::string_view key : {v.key_env, v.key_env_also})
        if (!key.empty()) CHECK(keys.insert(key).second);
      CHECK_FALSE(v.title.empty());
      CHECK_FALSE(v.prefix_hint.empty());
      CHECK_FALSE(v.formats.empty());
      CHECK_FALSE(v.base_url.ends_with('/'));
      if (!v.base_url.empty()) CHECK((v.base_url.starts_with("https://") || v.local));
      if (v.local) CHECK(v.base_url.starts_with("http://127.0.0.1:"));
      std::set<std::string_view> formats;
      for (const VendorFormat& f : v.formats) {
        const Dialect* dialect = find_dialect(f.dialect);
        REQUIRE((dialect != nullptr));
        CHECK(formats.insert(f.dialect).second);
        CHECK(f.path.starts_with('/'));
        CHECK(f.path.ends_with(dialect->path.substr(dialect->path.rfind('/'))));
      }
      CHECK(find_vendor(v.name) == &v);
      // What a user gets who writes the vendor's own URL is the vendor's own URL.
      if (!v.base_url.empty()) CHECK(normal_base_url(v, v.base_url) == v.base_url);
    }
    CHECK(find_vendor("nobody") == nullptr);
    CHECK(find_vendor("") == nullptr);
  }

  TEST_CASE("default URLs are the vendors' documented endpoints") {
    const auto url = [](std::string_view name, std::string_view dialect) {
      const Vendor& v = *find_vendor(name);
      return std::string(v.base_url) + format_path(v, dialect, v.base_url);
    };
    CHECK(url("openai", "openai_chat") == "https://api.openai.com/v1/chat/completions");
    CHECK(url("openai", "openai_completions") == "https://api.openai.com/v1/completions");
    CHECK(url("together", "openai_completions") == "https://api.together.xyz/v1/completions");
    CHECK(url("fireworks", "openai_completions") == "https://api.fireworks.ai/inference/v1/completions");
    CHECK(url("deepinfra", "openai_completions") == "https://api.deepinfra.com/v1/openai/completions");
    CHECK(url("ollama", "openai_completions") == "http://127.0.0.1:11434/v1/completions");
    CHECK(url("openai", "openai_responses") == "https://api.openai.com/v1/responses");
    CHECK(url("openrouter", "openai_responses") == "https://openrouter.ai/api/v1/responses");
    CHECK(url("groq", "openai_responses") == "https://api.groq.com/openai/v1/responses");
    CHECK(url("xai", "openai_responses") == "https://api.x.ai/v1/responses");
    CHECK(url("anthropic", "anthropic") == "https://api.anthropic.com/v1/messages");
    CHECK(url("gemini", "gemini") ==
          "https://generativelanguage.googleapis.com/v1beta/models/{model}:generateContent");
    CHECK(url("gemini", "openai_chat") ==
          "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions");
    CHECK(url("openrouter", "anthropic") == "https://openrouter.ai/api/v1/messages");
    CHECK(url("deepseek", "openai_chat") == "https://api.deepseek.com/chat/completions");
    CHECK(url("deepseek", "anthropic") == "https://api.deepseek.com/anthropic/v1/messages");
    CHECK(url("xai", "anthropic") == "https://api.x.ai/v1/messages");
    CHECK(url("fireworks", "anthropic") == "https://api.fireworks.ai/inference/v1/messages");
    CHECK(url("groq", "openai_chat") == "https://api.groq.com/openai/v1/chat/completions");
    CHECK(url("moonshot", "openai_chat") == "https://api.moonshot.ai/v1/chat/completions");
    CHECK(url("moonshot", "anthropic") == "https://api.moonshot.ai/anthropic/v1/messages");
    CHECK(url("zai", "openai_chat") == "https://api.z.ai/api/paas/v4/chat/completions");
    CHECK(url("zai", "anthropic") == "https://api.z.ai/api/anthropic/v1/messages");
    CHECK(url("minimax", "openai_chat") == "https://api.minimax.io/v1/chat/completions");
    CHECK(url("minimax", "anthropic") == "https://api.minimax.io/anthropic/v1/messages");
    CHECK(url("dashscope", "openai_chat") ==
          "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions");
    CHECK(url("dashscope", "anthropic") == "https://dashscope-intl.aliyuncs.com/apps/anthropic/v1/messages");
    CHECK(url("nvidia", "openai_chat") == "https://integrate.api.nvidia.com/v1/chat/completions");
    CHECK(url("sambanova", "anthropic") == "https://api.sambanova.ai/v1/messages");
    CHECK(url("deepinfra", "openai_chat") == "https://api.deepinfra.com/v1/openai/chat/completions");
    CHECK(url("deepinfra", "anthropic") == "https://api.deepinfra.com/anthropic/v1/messages");
    CHECK(url("novita", "openai_chat") == "https://api.novita.ai/openai/v1/chat/completions");
    CHECK(url("novita", "anthropic") == "https://api.novita.ai/anthropic/v1/messages");
    CHECK(url("nebius", "openai_chat") == "https://api.tokenfactory.nebius.com/v1/chat/completions");
    CHECK(url("siliconflow", "anthropic") == "https://api.siliconflow.com/v1/messages");
    CHECK(url("baseten", "anthropic") == "https://inference.baseten.co/v1/messages");
    CHECK(url("huggingface", "openai_chat") == "https://router.huggingface.co/v1/chat/completions");
    CHECK(url("vercel", "anthropic") == "https://ai-gateway.vercel.sh/v1/messages");
    CHECK(url("ollama-cloud", "openai_chat") == "https://ollama.com/v1/chat/completions");
    CHECK(url("ollama", "anthropic") == "http://127.0.0.1:11434/v1/messages");
    CHECK(url("ollama", "ollama") == "http://127.0.0.1:11434/api/chat");
    CHECK(format_path(*find_vendor("openai"), "anthropic", "https://api.openai.com/v1") == "");
  }

  TEST_CASE("base URLs as users write them") {
    const auto full = [](std::string_view name, std::string_view dialect, std::string_view base) {
      const Vendor& v = *find_vendor(name);
      const std::string normal = normal_base_url(v, base);
      return normal + format_path(v, dialect, normal);
    };
    CHECK(full("ollama", "openai_chat", "http://box:11434") == "http://box:11434/v1/chat/completions");
    CHECK(full("ollama", "anthropic", "http://box:11434/") == "http://box:11434/v1/messages");
    for (const char* base : {"http://box:11434", "http://box:11434/", "http://box:11434/v1",
                             "http://box:11434/v1/", "http://box:11434/api"}) {
      CAPTURE(base);
      CHECK(full("ollama", "ollama", base) == "http://box:11434/api/chat");
      CHECK(full("ollama", "openai_chat", base) == "http://box:11434/v1/chat/completions");
      CHECK(full("ollama", "anthropic", base) == "http://box:11434/v1/messages");
    }
    CHECK(full("ollama", "ollama", "https://box/behind/a/proxy") == "https://box/behind/a/proxy/api/chat");
    CHECK(full("anthropic", "anthropic", "http://127.0.0.1:9002") == "http://127.0.0.1:9002/v1/messages");
    CHECK(full("anthropic", "anthropic", "http://127.0.0.1:9002/v1/") == "http://127.0.0.1:9002/v1/messages");
    CHECK(full("deepseek", "anthropic", "https://api.deepseek.com/v1") ==
          "https://api.deepseek.com/anthropic/v1/messages");
    CHECK(full("azure-openai", "openai_chat", "https://r.openai.azure.com/") ==
          "https://r.openai.azure.com/openai/v1/chat/completions");
    CHECK(full("azure-openai", "openai_chat", "https://r.openai.azure.com/openai/deployments/d") ==
          "https://r.openai.azure.com/openai/deployments/d/chat/completions");
    CHECK(full("azure-openai", "openai_responses", "https://r.openai.azure.com/") ==
          "https://r.openai.azure.com/openai/v1/responses");
    for (const char* base :
         {"https://dashscope.aliyuncs.com", "https://dashscope.aliyuncs.com/compatible-mode/v1",
          "https://dashscope.aliyuncs.com/compatible-mode", "https://dashscope.aliyuncs.com/apps/anthropic/"})
      CHECK(full("dashscope", "openai_chat", base) ==
            "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions");
    CHECK(full("moonshot", "anthropic", "https://api.moonshot.cn/v1") ==
          "https://api.moonshot.cn/anthropic/v1/messages");
    CHECK(full("zai", "openai_chat", "https://api.z.ai/api/coding/paas/v4") ==
          "https://api.z.ai/api/coding/paas/v4/chat/completions");
    CHECK(full("llamacpp", "anthropic", "http://127.0.0.1:8080") == "http://127.0.0.1:8080/v1/messages");
    CHECK(full("cloudflare-ai-gateway", "openai_chat", "https://gateway.ai.cloudflare.com/v1/a/g/compat") ==
          "https://gateway.ai.cloudflare.com/v1/a/g/compat/chat/completions");
    CHECK(full("cloudflare-workers-ai", "openai_chat",
               "https://api.cloudflare.com/client/v4/accounts/a/ai/v1") ==
          "https://api.cloudflare.com/client/v4/accounts/a/ai/v1/chat/completions");
    CHECK(full("custom", "openai_chat", "http://127.0.0.1:9001/v1") ==
          "http://127.0.0.1:9001/v1/chat/completions");
    CHECK(full("custom", "openai_chat", "http://127.0.0.1:9001") == "http://127.0.0.1:9001/chat/completions");
    CHECK(full("custom", "anthropic", "http://127.0.0.1:9001") == "http://127.0.0.1:9001/v1/messages");
    CHECK(full("custom", "anthropic", "http://127.0.0.1:9001/v1") == "http://127.0.0.1:9001/v1/messages");
    CHECK(full("openai", "openai_chat", "http://127.0.0.1:9001/proxy/") ==
          "http://127.0.0.1:9001/proxy/chat/completions");
  }

  TEST_CASE("models by the beginnings of their names") {
    CHECK(names_model("davinci-002 gpt-3.5-turbo-instruct", "gpt-3.5-turbo-instruct-0914"));
    CHECK(names_model("davinci-002 gpt-3.5-turbo-instruct", "davinci-002"));
    CHECK_FALSE(names_model("davinci-002 gpt-3.5-turbo-instruct", "gpt-3.5-turbo"));
    CHECK_FALSE(names_model("davinci-002", ""));
    CHECK_FALSE(names_model("", "davinci-002"));
    CHECK_FALSE(names_model("  a  b ", "davinci-002"));
  }

  TEST_CASE("docs/providers.md is what the table says") {
    const std::string path = PATCHBAY_SOURCE_DIR "/docs/providers.md";
    const char* golden = std::getenv("PATCHBAY_GOLDEN");
    if (golden != nullptr && std::string_view(golden) == "write") std::ofstream(path) << providers_page();
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    CHECK(text.str() == providers_page());
  }
}
