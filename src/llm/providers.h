// The table of vendors. A vendor that speaks known formats is one row here and nothing else; documentation,
// `patchbay models` and the configuration's schema are made from it.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "llm/dialect.h"
#include "llm/media_limits.h"

namespace pb::llm {

// How a provider is given its key.
enum class Auth : unsigned char { bearer, x_api_key, api_key, x_goog_api_key, none };

struct VendorFormat {
  std::string_view dialect;  // "openai_chat"
  std::string_view path;     // appended to the base URL; "" = the dialect's own
  bool asked = false;        // used only where the configuration lists it
  // Used only where the base URL contains this or the configuration lists it: other servers that are addressed as this
  // vendor imitate the commonest of its formats only.
  std::string_view only_at = {};
  // Beginnings of the names of models that are asked in this format whatever the client speaks, while all others are never asked
  // in it; separated by spaces. "" = any model.
  std::string_view models = {};
};
// Whether a model's name begins with one of those words.
bool names_model(std::string_view models, std::string_view model);

struct Vendor {
  std::string_view name;           // "groq": what `type:` takes
  std::string_view title;          // "Groq"
  std::string_view base_url = {};  // no trailing slash; "" = the user must give one (azure-openai, custom)
  Auth auth = Auth::bearer;
  std::string_view key_env = {};       // environment variable that holds the key and switches the provider on
  std::string_view key_env_also = {};  // another name of that variable; "" = none
  bool shared_key = false;             // that variable has other uses too: it does not switch the provider on
  std::string_view base_url_env = {};  // environment variable that overrides base_url; "" = none
  std::string_view models_path = {};   // GET here lists models; "" = none
  std::span<const VendorFormat> formats;  // the first is preferred when the client's is not among them
  std::span<const std::pair<std::string_view, std::string_view>> headers =
      {};  // sent on every request unless the client sent them
  Quirks quirks = {};
  bool local = false;            // runs on the user's machine: probed at start, needs no key
  bool count_tokens = false;     // its formats' token counters are there
  std::string_view query = {};   // appended to every URL ("api-version=…")
  std::string_view prefix_hint;  // docs: an example model
  std::string_view base_path =
      {};  // completes a base URL that the user gives without any path ("/v1"); "" = taken as it is
  MediaLimits media = {};  // where they differ from the format's
};

std::span<const Vendor> vendors();
const Vendor* find_vendor(std::string_view name);
// Where a format's endpoint stands below `base_url` (no trailing slash): the vendor's path for it, except that
// Anthropic's is "/messages" below a base that ends in /v1 and "/v1/messages" below one that does not.
std::string format_path(const Vendor& vendor, std::string_view dialect, std::string_view base_url);
// The path of streamed requests, given the one of whole answers.
std::string stream_path(const Dialect& dialect, std::string_view path);
// A base URL as users write it ("http://box:11434/", "https://api.deepseek.com/v1") -> as the vendor's paths want it.
std::string normal_base_url(const Vendor& vendor, std::string_view base_url);
std::string providers_page();  // docs/providers.md

}  // namespace pb::llm
