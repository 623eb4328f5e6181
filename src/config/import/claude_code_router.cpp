// claude-code-router's config.json: which model of which provider gets a request, by what kind of request it is.
#include <algorithm>

#include "config/import/writing.h"
#include "config/read.h"

namespace pb::config {
namespace {

using importing::list;
using importing::Notes;
using importing::Source;
using importing::text;
using importing::word;

constexpr int kPort = 3456;              // where it listens unless told otherwise
constexpr double kLongContext = 60'000;  // tokens, unless told otherwise

// "$NAME" or "${NAME}" -> NAME; "" when the text is something else.
std::string variable_of(std::string_view value) {
  if (!value.starts_with('$')) return {};
  value.remove_prefix(1);
  if (value.starts_with('{') && value.ends_with('}')) value = value.substr(1, value.size() - 2);
  const bool good =
      !value.empty() && !(value[0] >= '0' && value[0] <= '9') && std::ranges::all_of(value, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      });
  return good ? std::string(value) : "";
}

class Converter {
 public:
  Converter(Source& source, Notes& notes) : source_(source), notes_(notes), root_(source.root()) {}

  Node run() {
    server();
    log();
    out_["providers_from_environment"] = word("false");
    out_["providers"].kind = Node::Kind::map;
    if (const Node* all = source_.enter(root_, "Providers"))
      for (std::size_t i = 0; i < all->items.size(); ++i)
        provider(all->items[i], "Providers[" + std::to_string(i) + "]");
    timeouts();
    router();
    return std::move(out_);
  }

 private:
  struct Known {
    std::string theirs, ours;  // names
    std::vector<std::string> models;
  };

  std::string top(std::string_view key) { return source_.take_text(root_, key, std::string(key)); }

  // A text that may be a variable, or have a secret in it.
  std::string secret(const std::string& value, const std::string& name, const std::string& path) {
    if (const std::string variable = variable_of(value); !variable.empty()) {
      notes_.needs(variable, "");
      return "${" + variable + "}";
    }
    notes_.needs(name, path);
    notes_.changed(path, "the key itself is not copied: put it into the variable " + name);
    return "${" + name + "}";
  }

  void server() {
    const std::string key = top("APIKEY");
    std::string host = top("HOST");
    const auto port = source_.take_number(root_, "PORT", "PORT");
    if (key.empty() && !host.empty() && host != "127.0.0.1")
      notes_.changed("HOST", "is 127.0.0.1, as it was there without APIKEY");
    if (key.empty() || host.empty()) host = "127.0.0.1";
    const int number = port && *port >= 1 && *port <= 65'535 ? static_cast<int>(*port) : kPort;
    out_["server"]["listen"] =
        text((host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(number));
    if (!port) notes_.changed("PORT", "was not set: written is 3456, its own default");
    if (!key.empty()) out_["server"]["keys"] = list({secret(key, "PATCHBAY_CLIENT_KEY", "APIKEY")});
  }

  void log() {
    const auto on = source_.take_flag(root_, "LOG", "LOG");
    std::string level = top("LOG_LEVEL");
    if (level == "fatal") level = "error";
    static constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "error"};
    if (!level.empty() && std::ranges::find(kLevels, level) == std::end(kLevels)) {
      notes_.lost("LOG_LEVEL", "`" + level + "` is no level here");
      level.clear();
    }
    if (on && !*on) {
      level = "error";
      notes_.changed("LOG", "is `log.level: error` here, so that what goes wrong is still told");
    }
    if (!level.empty()) out_["log"]["level"] = text(level);
  }

  // --- providers ---

  void provider(const Node& item, const std::string& path) {
    if (item.kind != Node::Kind::map) return;
    source_.enter_item(item);
    Known known{source_.take_text(item, "name", path + ".name"), "",
                source_.take_texts(item, "models", path + ".models")};
    std::string url = source_.take_text(item, "api_base_url", path + ".api_base_url");
    if (known.theirs.empty() || url.empty()) {
      source_.done(item);
      return notes_.lost(path, "has no name or no api_base_url");
    }
    Node& all = out_["providers"];
    known.ours = importing::provider_name(known.theirs);
    for (int n = 2; all.find(known.ours) != nullptr; ++n)
      known.ours = importing::provider_name(known.theirs) + "-" + std::to_string(n);
    if (known.ours != known.theirs)
      notes_.changed(path + ".name", "`" + known.theirs + "` is named `" + known.ours + "` here");
    Node made;
    if (!address(url, path, made)) return source_.done(item);
    if (const std::string key = source_.take_text(item, "api_key", path + ".api_key"); !key.empty())
      made["api_key"] = text(secret(key, importing::variable_name(known.ours, "API_KEY"), path + ".api_key"));
    if (!known.models.empty()) made["models"] = list(known.models);
    transformers(item, path, made);
    all[known.ours] = std::move(made);
    providers_.push_back(std::move(known));
  }

  // The whole address of an endpoint there; here a type, or an address that the endpoint's path comes after.
  bool address(std::string url, const std::string& path, Node& made) {
    while (url.ends_with('/')) url.pop_back();
    if (const std::string fault = url_fault(url); !fault.empty()) {
      notes_.lost(path + ".api_base_url", "is no usable URL: " + fault);
      return false;
    }
    static constexpr std::pair<std::string_view, std::string_view> kEndpoints[] = {
        {"/chat/completions", "openai_chat"},
        {"/messages", "anthropic"},
        {"/responses", "openai_responses"},
        {"/models", "gemini"}};
    std::string format = "openai_chat";
    for (const auto& [end, name] : kEndpoints)
      if (url.ends_with(end)) {
        format = name;
        // Whose very endpoint it is.
        for (const llm::Vendor& v : llm::vendors())
          if (!v.base_url.empty() &&
              (std::string(v.base_url) + llm::format_path(v, format, v.base_url) == url ||
               (name == "gemini" && std::string(v.base_url) + "/models" == url))) {
            made["type"] = text(std::string(v.name));
            made["formats"] = list({format});
            return true;
          }
        url.resize(url.size() - end.size());
        break;
      }
    made["type"] = text("custom");
    made["formats"] = list({format});
    made["base_url"] = text(importing::literal(url));
    return true;
  }

  // {use: [name, [name, {options}], …], MODEL: {use: […]}}
  void transformers(const Node& item, const std::string& path, Node& made) {
    const Node* all = source_.take(item, "transformer");
    if (all == nullptr) return;
    for (const Entry& e : all->members) {
      const Node* use = e.key == "use" ? &e.value : e.value.find("use");
      const std::string at = path + ".transformer." + e.key;
      if (use == nullptr) {
        notes_.lost(at, "has no counterpart here");
        continue;
      }
      for (const Node& one : use->items) transformer(one, at, e.key == "use", made);
    }
  }

  void transformer(const Node& one, const std::string& at, bool for_all, Node& made) {
    const bool has_options = one.kind == Node::Kind::list && !one.items.empty();
    std::string name = has_options ? one.items[0].text : one.text;
    const Node* options = has_options && one.items.size() > 1 ? &one.items[1] : nullptr;
    std::string low = name;
    std::ranges::transform(low, low.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const Node* limit = options == nullptr ? nullptr : options->find("max_tokens");
    static constexpr std::string_view kFormats[] = {"reasoning", "streamoptions", "cleancache"};
    if (low == "maxtoken" && limit != nullptr && for_all) {
      made["quirks"]["default_max_tokens"] = word(limit->text);
      notes_.changed(at + " `maxtoken`",
                     "is quirks.default_max_tokens here: it counts where a format needs a limit and the "
                     "client gives none");
    } else if (options == nullptr &&
               (llm::find_vendor(low) != nullptr || std::ranges::find(kFormats, low) != std::end(kFormats))) {
      notes_.idle(at + " `" + name + "`", "requests are translated to what the provider takes");
    } else {
      notes_.lost(at + " `" + name + "`",
                  "there are no transformers here; `quirks`, `exclude_tools` and `strip_schema_formats` of "
                  "the provider change requests");
    }
  }

  // For all requests there, for those of each provider here.
  void timeouts() {
    if (const auto ms = source_.take_number(root_, "API_TIMEOUT_MS", "API_TIMEOUT_MS"); ms && *ms >= 1)
      for (Entry& e : out_["providers"].members)
        e.value["timeouts"]["total"] = text(duration_text(std::min(*ms, 7 * 86'400'000.0)));
  }

  // --- routes ---

  // "provider,model" -> "provider/model" as here; "" = its mistake is noted.
  std::string target(const std::string& value, const std::string& path) {
    const auto comma = value.find(',');
    const std::string provider = value.substr(0, comma);
    const auto known = std::ranges::find_if(providers_, [&](const Known& k) { return k.theirs == provider; });
    if (comma == value.npos || comma + 1 == value.size())
      notes_.lost(path, "`" + value + "` is not of the form provider,model");
    else if (known == providers_.end())
      notes_.lost(path, "no provider is named `" + provider + "`");
    else
      return importing::literal(known->ours + "/" + value.substr(comma + 1));
    return {};
  }

  Node& rule(const std::string& name, const std::string& to) {
    Node& rules = out_["rules"];
    rules.kind = Node::Kind::list;
    Node& made = rules.items.emplace_back();
    made["name"] = text(name);
    made["when"].kind = Node::Kind::map;
    made["use"] = text(to);
    return made["when"];
  }

  // What clients ask for as "provider,model" goes there, whatever the request is like.
  void named() {
    for (const Known& k : providers_)
      for (const std::string& model : k.models)
        if (!model.contains('*')) {
          const std::string asked = k.theirs + "," + model;
          rule(asked, importing::literal(k.ours + "/" + model))["model"] = text(importing::literal(asked));
        }
  }

  void router() {
    const Node* router = source_.enter(root_, "Router");
    if (router == nullptr)
      return notes_.lost("Router", "is missing: which model gets a request is not known");
    const auto route = [&](std::string_view key) {
      const std::string path = "Router." + std::string(key);
      const std::string value = source_.take_text(*router, key, path);
      return value.empty() ? "" : target(value, path);
    };
    const auto threshold =
        source_.take_number(*router, "longContextThreshold", "Router.longContextThreshold");
    named();
    if (const std::string to = route("image"); !to.empty()) {
      rule("image", to)["images"] = word("true");
      notes_.changed("Router.image",
                     "counts pictures of the whole conversation, not only of its last message");
    }
    if (const std::string to = route("longContext"); !to.empty()) {
      const double over = threshold && *threshold >= 1 ? *threshold : kLongContext;
      rule("longContext", to)["tokens_over"] = word(std::to_string(static_cast<long long>(over)));
      notes_.changed(
          "Router.longContext",
          "the prompt's tokens are an estimate by its length; what the last answer used is not looked at");
    }
    if (const std::string to = route("background"); !to.empty())
      for (const char* model : {"claude-3-5-haiku*", "claude-haiku*"})
        rule("background " + std::string(model), to)["model"] = text(model);
    if (const std::string to = route("webSearch"); !to.empty())
      rule("webSearch", to)["tool"] = text("web_search*");
    if (const std::string to = route("think"); !to.empty()) rule("think", to)["thinking"] = word("true");
    if (const std::string to = route("default"); !to.empty()) {
      out_["models"]["*"] = text(to);
      out_["default_model"] = text(to);
    }
    notes_.lost("<CCR-SUBAGENT-MODEL>",
                "such marks in prompts are not looked at; clients ask for provider,model or provider/model");
  }

  Source& source_;
  Notes& notes_;
  const Node& root_;
  Node out_;
  std::vector<Known> providers_;
};

using Kind = ImportNote::Kind;
constexpr importing::Reason kReasons[] = {
    {"PROXY_URL", Kind::lost,
     "a proxy is taken from the gateway's environment: set HTTPS_PROXY (and NO_PROXY)"},
    {"CUSTOM_ROUTER_PATH", Kind::lost, "programs do not choose here; `rules` do"},
    {"REWRITE_SYSTEM_PROMPT", Kind::lost, "prompts are passed on as they are"},
    {"transformers", Kind::lost, "programs do not change requests here"},
    {"transformers[]*", Kind::lost, "programs do not change requests here"},
    {"StatusLine", Kind::idle, "is the client's"},
    {"CLAUDE_PATH", Kind::idle, "the client is started by itself: docs/clients.md"},
    {"NON_INTERACTIVE_MODE", Kind::idle, "the gateway never asks"},
    {"forceUseImageAgent", Kind::lost, "requests with pictures go to `Router.image` as they are"},
    {"Router.custom*", Kind::lost, "programs do not choose here; `rules` do"},
    {"fallback", Kind::lost, "make the targets routes with `fallbacks`: docs/routing.md"},
};

}  // namespace

void convert_claude_code_router(importing::Source& source, importing::Notes& notes, Node& out) {
  out = Converter(source, notes).run();
  source.tell_rest(kReasons);
}

}  // namespace pb::config
