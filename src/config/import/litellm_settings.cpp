// LiteLLM's other sections: router_settings, litellm_settings, general_settings, environment_variables.
#include <algorithm>

#include "config/import/litellm.h"
#include "config/read.h"

namespace pb::config::litellm {
namespace {

using importing::list;
using importing::text;
using importing::word;

constexpr int kPort = 4000;  // where LiteLLM listens unless told otherwise
constexpr double kRetriesMax = 10;

class Settings {
 public:
  explicit Settings(Whole& whole) : whole_(whole), source_(whole.source), notes_(whole.notes) {}

  void read() {
    router_ = source_.enter(source_.root(), "router_settings");
    own_ = source_.enter(source_.root(), "litellm_settings");
    general_ = source_.enter(source_.root(), "general_settings");
    fallbacks();
    retries();
    timeout();
    cooldowns();
    server();
    logs();
    variables();
  }

 private:
  // Many settings may stand in either section; the router's goes first.
  template <class T>
  std::optional<T> either(std::string_view key,
                          T (importing::Source::*take)(const Node&, std::string_view, const std::string&)) {
    std::optional<T> out;
    for (const auto& [section, name] :
         {std::pair(router_, "router_settings."), std::pair(own_, "litellm_settings.")})
      if (section != nullptr && section->find(key) != nullptr) {
        T value = (source_.*take)(*section, key, name + std::string(key));
        if (!out) out = std::move(value);
      }
    return out;
  }
  std::optional<double> number(std::string_view key) {
    return either(key, &importing::Source::take_number).value_or(std::nullopt);
  }

  void add_fallback(Group& group, const std::string& to, const std::string& path) {
    if (whole_.group(to) == nullptr) return notes_.lost(path, "no model of model_list is named `" + to + "`");
    if (to != group.name && std::ranges::find(group.fallbacks, to) == group.fallbacks.end())
      group.fallbacks.push_back(to);
  }

  // [{model: [other, …]}, …]
  void fallback_list(std::string_view key, std::string_view only) {
    for (const auto& [section, name] :
         {std::pair(router_, "router_settings."), std::pair(own_, "litellm_settings.")}) {
      const Node* all = section == nullptr ? nullptr : source_.take(*section, key);
      if (all == nullptr) continue;
      const std::string path = name + std::string(key);
      for (const Node& item : all->items)
        for (const Entry& e : item.members) fallbacks_for(e, path, only);
      if (!only.empty() && !all->items.empty())
        notes_.changed(path, "these are tried after any failure here, behind the other fallbacks, not only " +
                                 std::string(only));
    }
  }

  void fallbacks_for(const Entry& e, const std::string& path, std::string_view) {
    const std::string at = path + "." + e.key;
    std::vector<std::string> names;
    if (e.value.kind == Node::Kind::scalar) names.push_back(e.value.text);
    for (const Node& n : e.value.items) {
      if (n.kind == Node::Kind::scalar)
        names.push_back(n.text);
      else
        notes_.lost(at, "a fallback with parameters of its own has no counterpart here");
    }
    if (e.key == "*") {
      for (const std::string& to : names) defaults_.push_back(to);
      return;
    }
    Group* group = whole_.group(e.key);
    if (group == nullptr) return notes_.lost(at, "no model of model_list is named `" + e.key + "`");
    for (const std::string& to : names) add_fallback(*group, to, at);
  }

  void fallbacks() {
    fallback_list("fallbacks", "");
    fallback_list("context_window_fallbacks", "where a prompt is too long");
    fallback_list("content_policy_fallbacks", "where an answer is refused");
    if (auto all = either("default_fallbacks", &importing::Source::take_texts))
      defaults_.insert(defaults_.end(), all->begin(), all->end());
    for (Group& g : whole_.groups)
      if (g.fallbacks.empty())
        for (const std::string& to : defaults_) add_fallback(g, to, "default_fallbacks");
  }

  void retries() {
    if (const auto n = number("num_retries")) {
      if (*n > kRetriesMax) notes_.changed("num_retries", "is 10 here, the most there can be");
      whole_.out["retries"]["attempts"] = word(std::to_string(static_cast<int>(std::min(*n, kRetriesMax))));
    }
    if (const auto n = number("retry_after"); n && *n > 0)
      whole_.out["retries"]["wait"] = text(duration_text(std::clamp(*n * 1000, 1.0, 60'000.0)));
  }

  // The shortest that is given counts, for the providers that have none of their own.
  void timeout() {
    std::optional<double> seconds = number("timeout");
    if (const auto n = number("request_timeout"); n && !seconds) seconds = n;
    const auto stream = number("stream_timeout");
    for (Entry& e : whole_.out["providers"].members) {
      const Node* given = e.value.find("timeouts");
      const bool own_total = given != nullptr && given->find("total") != nullptr;
      const bool own_idle = given != nullptr && given->find("idle") != nullptr;
      if (seconds && !own_total) {
        const double total = std::max(1.0, *seconds * 1000);
        if (own_idle && parse_duration(given->find("idle")->text).value_or(0) > total)
          e.value["timeouts"]["idle"] = text(duration_text(total));
        e.value["timeouts"]["total"] = text(duration_text(total));
      }
      if (stream && !own_total && !own_idle && (!seconds || *stream <= *seconds))
        e.value["timeouts"]["idle"] = text(duration_text(std::max(1.0, *stream * 1000)));
    }
  }

  void cooldowns() {
    if (router_ == nullptr) return;
    const auto off = source_.take_flag(*router_, "disable_cooldowns", "router_settings.disable_cooldowns");
    if (off && *off) whole_.out["breaker"]["failures"] = word("0");
    if (const auto n = number("allowed_fails"); n && !(off && *off)) {
      whole_.out["breaker"]["failures"] = word(std::to_string(static_cast<int>(std::min(*n + 1, 1000.0))));
      notes_.changed("router_settings.allowed_fails",
                     "counts failures in a row here (`breaker.failures`), not those of a minute");
    }
    if (const auto n = number("cooldown_time"); n && *n > 0) {
      whole_.out["breaker"]["open"] = text(duration_text(std::min(*n * 1000, 86'400'000.0)));
      if (*n > 300) whole_.out["breaker"]["open_max"] = whole_.out["breaker"]["open"];
    }
  }

  void server() {
    Node& server = whole_.out["server"];
    server["listen"] = text("127.0.0.1:" + std::to_string(kPort));
    notes_.changed("--host, --port",
                   "are options of its command line: written is 127.0.0.1:4000, set `server.listen` for "
                   "another address");
    if (general_ == nullptr) return;
    const auto path = [](std::string_view key) { return "general_settings." + std::string(key); };
    if (const std::string key = source_.take_text(*general_, "master_key", path("master_key"));
        !key.empty()) {
      server["keys"] = list({key_text(key, "PATCHBAY_CLIENT_KEY", path("master_key"), notes_)});
      notes_.changed(
          path("master_key"),
          "is the key that clients present (`server.keys`); keys with limits are made with `patchbay keys`");
    }
    if (const std::string model = source_.take_text(*general_, "completion_model", path("completion_model"));
        !model.empty()) {
      if (whole_.group(model) != nullptr)
        whole_.out["default_model"] = text(importing::literal(model));
      else
        notes_.lost(path("completion_model"), "no model of model_list is named `" + model + "`");
    }
    if (const auto mb = source_.take_number(*general_, "max_request_size_mb", path("max_request_size_mb"));
        mb && *mb >= 1)
      server["body_bytes_max"] = text(bytes_text(std::min(*mb, 1024.0) * 1024 * 1024));
    const auto checks =
        source_.take_flag(*general_, "background_health_checks", path("background_health_checks"));
    const auto seconds =
        source_.take_number(*general_, "health_check_interval", path("health_check_interval"));
    if (checks && *checks)
      whole_.out["health"]["interval"] =
          text(duration_text(std::clamp(seconds.value_or(300), 1.0, 86'400.0) * 1000));
    if (const auto n = source_.take_number(*general_, "max_parallel_requests", path("max_parallel_requests"));
        n && *n > 0)
      for (Group& g : whole_.groups)
        for (Deployment& d : g.deployments)
          if (!d.concurrency) d.concurrency = n;
  }

  // One cache for all there; here each key has its own unless it is shared.
  void cache() {
    const auto on = source_.take_flag(*own_, "cache", "litellm_settings.cache");
    const Node* given = source_.enter(*own_, "cache_params");
    const std::string path = "litellm_settings.cache_params.";
    const std::string type = given == nullptr ? "" : source_.take_text(*given, "type", path + "type");
    const auto ttl = given == nullptr ? std::nullopt : source_.take_number(*given, "ttl", path + "ttl");
    if (!on || !*on) return;
    whole_.out["cache"]["enabled"] = word("true");
    whole_.out["cache"]["share"] = text("all");
    if (ttl && *ttl > 0) whole_.out["cache"]["ttl"] = text(duration_text(std::min(*ttl, 86'400.0) * 1000));
    if (!type.empty() && type != "local")
      notes_.changed(path + "type",
                     "answers are kept in memory here; `" + type + "` is not set up by the import");
  }

  void logs() {
    if (own_ == nullptr) return;
    cache();
    if (const auto json = source_.take_flag(*own_, "json_logs", "litellm_settings.json_logs"); json && *json)
      whole_.out["log"]["format"] = text("json");
    if (const auto debug = source_.take_flag(*own_, "set_verbose", "litellm_settings.set_verbose");
        debug && *debug)
      whole_.out["log"]["level"] = text("debug");
  }

  // Their values are not copied: they may be secrets.
  void variables() {
    const Node* all = source_.take(source_.root(), "environment_variables");
    if (all == nullptr) return;
    for (const Entry& e : all->members) {
      const std::string path = "environment_variables." + e.key;
      const auto known =
          std::ranges::find_if(notes_.variables, [&](const ImportVariable& v) { return v.name == e.key; });
      if (known != notes_.variables.end())
        known->from = path;
      else
        notes_.lost(path, "variables are not set by the file here: set " + e.key +
                              " in the gateway's environment if it is needed");
    }
  }

  Whole& whole_;
  importing::Source& source_;
  importing::Notes& notes_;
  const Node* router_ = nullptr;
  const Node* own_ = nullptr;
  const Node* general_ = nullptr;
  std::vector<std::string> defaults_;
};

using Kind = ImportNote::Kind;
constexpr std::string_view kRedis =
    "what several gateways share is configured by itself here; see docs/configuration.md";
constexpr std::string_view kDatabase =
    "usage is in SQLite here (`ledger`), keys are made with `patchbay keys`; what stands in that database "
    "stays there";
constexpr std::string_view kTelling =
    "nobody is told of single requests; see the ledger, /metrics and the log";
constexpr importing::Reason kReasons[] = {
    {"model_list[].litellm_params.drop_params", Kind::idle,
     "what a provider does not take is left out and named in x-patchbay-dropped"},
    {"model_list[].litellm_params.additional_drop_params", Kind::lost,
     "parameters are left out where a provider's `quirks` say so"},
    {"model_list[].litellm_params.num_retries", Kind::lost,
     "retries are set for all (`retries`) or for a route"},
    {"model_list[].litellm_params.max_retries", Kind::lost,
     "retries are set for all (`retries`) or for a route"},
    {"model_list[].litellm_params.mock_response", Kind::lost,
     "the simulator (`type: sim`) answers for tests"},
    {"model_list[].litellm_params.aws_*", Kind::lost, "Bedrock's signatures are not spoken here"},
    {"model_list[].litellm_params.vertex_*", Kind::lost, "Vertex AI's credentials are not used here"},
    {"model_list[].litellm_params.*", Kind::lost,
     "parameters of requests have no defaults here: clients set them"},
    {"model_list[].model_info.id", Kind::idle, "a label"},
    {"model_list[].model_info.mode", Kind::idle, "each endpoint goes to any model"},
    {"model_list[].model_info.base_model", Kind::idle,
     "prices are found by the model's own name; `prices` tells others"},
    {"model_list[].model_info.*", Kind::idle, "what models can do is in the built-in catalogue"},
    {"router_settings.enable_pre_call_checks", Kind::idle,
     "prompts that are too long for a model are always kept from it"},
    {"router_settings.enable_pre_call_check", Kind::idle,
     "prompts that are too long for a model are always kept from it"},
    {"router_settings.enable_tag_filtering", Kind::idle, "tags that a request asks for always count"},
    {"router_settings.retry_policy", Kind::lost,
     "what is done about which failure is fixed (docs/resilience.md); `retries.attempts` is one number for "
     "all"},
    {"router_settings.model_group_retry_policy", Kind::lost,
     "what is done about which failure is fixed (docs/resilience.md)"},
    {"router_settings.allowed_fails_policy", Kind::lost,
     "`breaker.failures` is one number for all kinds of failures"},
    {"router_settings.redis_*", Kind::lost, kRedis},
    {"router_settings.cache*", Kind::lost, kRedis},
    {"litellm_settings.drop_params", Kind::idle,
     "what a provider does not take is left out and named in x-patchbay-dropped"},
    {"litellm_settings.modify_params", Kind::idle, "requests are always fitted to the provider's format"},
    {"litellm_settings.cache_params.*", Kind::lost,
     "where answers are kept is set under `cache`: docs/cache.md"},
    {"litellm_settings.success_callback", Kind::lost, kTelling},
    {"litellm_settings.failure_callback", Kind::lost, kTelling},
    {"litellm_settings.callbacks", Kind::lost, kTelling},
    {"litellm_settings.service_callbacks", Kind::lost, kTelling},
    {"litellm_settings.turn_off_message_logging", Kind::idle, "prompts are never logged"},
    {"litellm_settings.redact_user_api_key_info", Kind::idle, "keys are never logged"},
    {"litellm_settings.max_budget", Kind::lost, "budgets are those of keys, teams and providers (`budget`)"},
    {"litellm_settings.budget_duration", Kind::lost,
     "budgets are those of keys, teams and providers (`budget.per`)"},
    {"general_settings.database_*", Kind::lost, kDatabase},
    {"general_settings.store_model_in_db", Kind::lost, kDatabase},
    {"general_settings.alert*", Kind::lost, "`alerts.webhook` is told of budgets"},
    {"general_settings.global_max_parallel_requests", Kind::lost, "`limits.concurrency` counts for each key"},
    {"general_settings.custom_auth", Kind::lost, "clients present keys (`server.keys`, `patchbay keys`)"},
    {"include", Kind::lost, "other files are not read: import the whole in one"},
    {"include[]*", Kind::lost, "other files are not read: import the whole in one"},
};

}  // namespace

void read_settings(Whole& whole) { Settings(whole).read(); }

}  // namespace pb::config::litellm

namespace pb::config {

void convert_litellm(importing::Source& source, importing::Notes& notes, Node& out) {
  litellm::Whole whole{source, notes, {}, {}, {}};
  whole.out["server"].kind = Node::Kind::map;
  whole.out["providers_from_environment"] = importing::word("false");
  litellm::read_models(whole);
  litellm::read_settings(whole);
  litellm::write_routes(whole);
  source.tell_rest(litellm::kReasons);
  out = std::move(whole.out);
}

}  // namespace pb::config
