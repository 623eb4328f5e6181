// docs/providers.md, made from the table of vendors.
#include <algorithm>
#include <string>

#include "llm/providers.h"

namespace pb::llm {
namespace {

std::string code(std::string_view text) { return text.empty() ? "–" : "`" + std::string(text) + "`"; }

std::string auth_text(const Vendor& v) {
  switch (v.auth) {
    case Auth::bearer:
      return v.local ? "none needed; `Authorization: Bearer` if a key is given" : "`Authorization: Bearer`";
    case Auth::x_api_key:
      return "`x-api-key`";
    case Auth::x_goog_api_key:
      return "`x-goog-api-key`";
    case Auth::api_key:
      return "`api-key`";
    case Auth::none:
      return "none";
  }
  return {};
}

std::string limits_text(const Quirks& q) {
  std::string out;
  const auto add = [&](bool on, std::string_view text) {
    if (!on) return;
    if (!out.empty()) out += "; ";
    out += text;
  };
  add(!q.stream_options, "no `stream_options`");
  add(!q.reasoning_effort, "no `reasoning_effort`");
  add(!q.json_schema, "JSON mode instead of JSON Schema");
  add(!q.parallel_tool_calls, "no `parallel_tool_calls`");
  add(!q.image_url, "images as data only");
  return out.empty() ? "–" : out;
}

}  // namespace

std::string providers_page() {
  std::string out =
      "# Providers\n\n"
      "<!-- Made from src/llm/providers.cpp; `./dev golden` rewrites it. -->\n\n"
      "A provider whose key is in the environment works at once, under the name in the first column: ask for "
      "the model\n"
      "`groq/openai/gpt-oss-120b`, for example. Local ones are switched on when something listens at their "
      "address.\n"
      "In the configuration file `type:` takes the same names (see [configuration.md](configuration.md)).\n\n"
      "| type | provider | base URL | key | address from | sends the key as | formats | example model |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const Vendor& v : vendors()) {
    std::string formats;
    for (const VendorFormat& f : v.formats)
      formats +=
          (formats.empty() ? "`" : ", `") + std::string(f.dialect) + (f.asked ? "` if configured" : "`");
    const std::string base = !v.base_url.empty() ? code(v.base_url)
                             : v.name == "sim"   ? "built in"
                                                 : "yours: `base_url` is required";
    out += "| `" + std::string(v.name) + "` | " + std::string(v.title) + " | " + base + " | " +
           code(v.key_env) + " | " + code(v.base_url_env) + " | " + auth_text(v) + " | " + formats + " | " +
           code(v.prefix_hint) + " |\n";
  }
  out +=
      "\nThe client's own format is used where the provider speaks it, so the body is forwarded as it came; "
      "else the first\n"
      "one listed. A `custom` provider speaks the formats you list. A `base_url` without any path is "
      "completed for known\n"
      "types (`http://box:11434` becomes `http://box:11434/v1` for Ollama); `custom` takes it as it is. "
      "Anthropic's endpoint\n"
      "is `/messages` below a base URL that ends in `/v1`, else `/v1/messages`.\n\n"
      "## What Patchbay allows for\n\n"
      "Requests that are translated are narrowed to what the provider accepts; what is dropped is named in "
      "the\n"
      "`x-patchbay-dropped` header. `quirks:` in the configuration changes these for one provider.\n\n"
      "| type | output limit as | reasoning text in | short of the whole format |\n|---|---|---|---|\n";
  for (const Vendor& v : vendors()) {
    const std::string_view first = v.formats.front().dialect;
    const bool chat = std::any_of(v.formats.begin(), v.formats.end(),
                                  [](const VendorFormat& f) { return f.dialect == "openai_chat"; }) &&
                      first != "mistral";
    const std::string limit = !chat                            ? "max_tokens"
                              : v.quirks.max_completion_tokens ? "max_completion_tokens"
                                                               : "max_tokens";
    out += "| `" + std::string(v.name) + "` | `" + limit + "` | " +
           (chat                 ? code(v.quirks.reasoning_field)
            : first == "mistral" ? "`thinking` chunks"
                                 : "`thinking` blocks") +
           " | " + limits_text(v.quirks) + " |\n";
  }
  out += "\nAdding one: [howto/add-a-provider.md](howto/add-a-provider.md).\n";
  return out;
}

}  // namespace pb::llm
