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

std::string number(std::int64_t n, std::string_view unit) {
  if (n == 0) return "–";
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits.append(unit);
}

std::string images_row(const Vendor& v) {
  const MediaLimits l = media_limits(v.formats.front().dialect, v.media, v.quirks);
  std::string types;
  for (media::Type t : {media::Type::jpeg, media::Type::png, media::Type::webp, media::Type::gif})
    if (l.image.types.empty() || l.image.types.has(t))
      types += (types.empty() ? "" : ", ") + std::string(media::title(t));
  if (!l.image.animated) types += "; first frame";
  std::string side = number(l.image.side_max, "");
  if (l.many > 0)
    side += "; " + number(l.many_side_max, "") + " beyond " + std::to_string(l.many) + " images";
  const std::string url = !l.image_url.value_or(false)     ? "fetched by Patchbay"
                          : l.document_url.value_or(false) ? "passed on"
                                                           : "passed on; PDFs fetched by Patchbay";
  return "| `" + std::string(v.name) + "` | " + types + " | " +
         number(static_cast<std::int64_t>(l.image.bytes_max), "") + " | " + side + " | " +
         number(l.image.pixels_max, "") + " | " + number(static_cast<std::int64_t>(l.request_bytes_max), "") +
         " | " + url + " |\n";
}

// "a b" -> "`a…`, `b…`"
std::string beginnings(std::string_view words) {
  std::string out = "`";
  for (const char c : words) out.append(c == ' ' ? "…`, `" : std::string_view(&c, 1));
  return out + "…`";
}

}  // namespace

std::string providers_page() {
  std::string out =
      "# Providers\n\n"
      "<!-- Made from src/llm/providers.cpp; `./dev golden` rewrites it. -->\n\n"
      "A provider whose key is in the environment works at once, under the name in the first column: ask for "
      "the model\n"
      "`groq/openai/gpt-oss-120b`, for example. Local ones are switched on when something listens at their "
      "address. A key that is used \"if configured\" has other uses too: name the provider in the "
      "configuration to use it.\n"
      "In the configuration file `type:` takes the same names (see [configuration.md](configuration.md)).\n\n"
      "| type | provider | base URL | key | address from | sends the key as | formats | example model |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const Vendor& v : vendors()) {
    std::string formats;
    for (const VendorFormat& f : v.formats) {
      formats +=
          (formats.empty() ? "`" : ", `") + std::string(f.dialect) + (f.asked ? "` if configured" : "`");
      if (!f.only_at.empty()) formats += " at `…" + std::string(f.only_at) + "…`";
      if (!f.models.empty()) formats += " for " + beginnings(f.models);
    }
    const std::string base = !v.base_url.empty() ? code(v.base_url)
                             : v.name == "sim"   ? "built in"
                                                 : "yours: `base_url` is required";
    out += "| `" + std::string(v.name) + "` | " + std::string(v.title) + " | " + base + " | " +
           code(v.key_env) + (v.key_env_also.empty() ? "" : " or " + code(v.key_env_also)) +
           (v.shared_key ? " if configured" : "") + " | " + code(v.base_url_env) + " | " + auth_text(v) +
           " | " + formats + " | " + code(v.prefix_hint) + " |\n";
  }
  out +=
      "\nThe client's own format is used where the provider speaks it, so the body is forwarded as it came; "
      "else the first\n"
      "one listed. A format \"at\" an address is used where the `base_url` contains that, or the "
      "configuration lists it.\n"
      "A format \"for\" models is the one of models whose names begin so, and of no others.\n"
      "A `custom` provider speaks the formats you list. A `base_url` without any path is "
      "completed for known\n"
      "types (`http://box:1234` becomes `http://box:1234/v1` for LM Studio), and where formats stand below "
      "different folders\n"
      "the root is meant (`http://box:11434`, `http://box:11434/v1` and `http://box:11434/api` are the same "
      "for "
      "Ollama);\n"
      "`custom` takes it as it is. Anthropic's endpoint is `/messages` below a base URL that ends in `/v1`, "
      "else "
      "`/v1/messages`;\n"
      "Ollama's is `/api/chat`, and requests to `/api/generate` are passed on where it is spoken.\n\n"
      "## What Patchbay allows for\n\n"
      "Requests that are translated are narrowed to what the provider accepts; what is dropped is named in "
      "the\n"
      "`x-patchbay-dropped` header. `quirks:` in the configuration changes these for one provider.\n\n"
      "| type | output limit as | reasoning text in | short of the whole format |\n|---|---|---|---|\n";
  for (const Vendor& v : vendors()) {
    const std::string_view first = v.formats.front().dialect;
    const bool chat = std::any_of(v.formats.begin(), v.formats.end(),
                                  [](const VendorFormat& f) { return f.dialect == "openai_chat"; }) &&
                      first != "mistral" && first != "ollama" && first != "cohere" && first != "gemini";
    const std::string limit = first == "gemini"                ? "maxOutputTokens"
                              : first == "ollama"              ? "num_predict"
                              : !chat                          ? "max_tokens"
                              : v.quirks.max_completion_tokens ? "max_completion_tokens"
                                                               : "max_tokens";
    out += "| `" + std::string(v.name) + "` | `" + limit + "` | " +
           (chat                 ? code(v.quirks.reasoning_field)
            : first == "mistral" ? "`thinking` chunks"
            : first == "ollama"  ? "`thinking`"
            : first == "gemini"  ? "`thought` parts"
                                 : "`thinking` blocks") +
           " | " + limits_text(v.quirks) + " |\n";
  }
  out +=
      "\n## Images\n\n"
      "What images are made to fit before a model of another format gets them ([images.md](images.md)), in "
      "each "
      "provider's first\n"
      "format. `images:` in the configuration changes it for one provider.\n\n"
      "| type | file types | bytes | longer side | pixels | base64 of all | by URL "
      "|\n|---|---|---|---|---|---|---|\n";
  for (const Vendor& v : vendors()) out += images_row(v);
  out += "\nAdding one: [howto/add-a-provider.md](howto/add-a-provider.md).\n";
  return out;
}

}  // namespace pb::llm
