// `patchbay route explain`: why a request goes where it goes.
#include "cli/route_explain.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/commands.h"
#include "cli/load_config.h"
#include "config/lead.h"
#include "gateway/snapshot.h"
#include "llm/peek.h"
#include "route/names.h"
#include "route/needs.h"

namespace pb::cli {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return low(x) == low(y); });
}

// Gemini's clients name the model in the path: /v1beta/models/NAME:generateContent.
std::string_view model_of_path(std::string_view path) {
  constexpr std::string_view kModels = "/models/";
  const auto at = path.find(kModels);
  if (at == path.npos) return {};
  path.remove_prefix(at + kModels.size());
  return path.substr(0, path.rfind(':'));
}

class Explanation {
 public:
  Explanation(const gateway::Snapshot& snapshot, route::Facts facts, bool thinking)
      : snapshot_(snapshot), config_(snapshot.config()), facts_(std::move(facts)), thinking_(thinking) {}

  std::string text() {
    request();
    std::string_view name = facts_.model;
    const route::Rule* rule = rules();
    if (rule != nullptr) name = rule->use;
    const config::Lead to = config::find_lead_or_default(config_, name, thinking_);
    out_ += name.empty() ? "no model is named" : "model " + std::string(name);
    out_ += ": " + (to.kind == config::Lead::Kind::none ? "nothing here has that name" : to.how) + "\n";
    lead(to, "");
    return std::move(out_);
  }

 private:
  void request() {
    out_ += "request: about " + std::to_string(facts_.tokens) + " tokens";
    if (facts_.tokens_max > 0) out_ += ", at most " + std::to_string(facts_.tokens_max) + " for the answer";
    if (facts_.needs != 0) out_ += "; needs " + route::names_of(facts_.needs);
    for (std::string_view tag : facts_.tags) out_ += "; tag " + std::string(tag);
    out_ += "\n";
  }

  const route::Rule* rules() {
    for (const route::Rule& rule : config_.rules) {
      const std::string why = route::why_not(rule, facts_);
      out_ +=
          "rule " + rule.name + ": " + (why.empty() ? "yes, it leads to " + rule.use : "no, " + why) + "\n";
      if (why.empty()) return &rule;
    }
    return nullptr;
  }

  std::string named(std::size_t provider, std::string_view model) const {
    return config_.providers[provider].name + "/" + std::string(model);
  }

  void lead(const config::Lead& to, const std::string& indent) {
    if (to.kind == config::Lead::Kind::model)
      out_ += indent + "1. " + named(to.target.provider, to.target.model) + "\n";
    if (to.kind == config::Lead::Kind::route) deployments(*to.route, to.rest, indent);
  }

  void deployments(const route::Route& route, std::string_view rest, const std::string& indent) {
    seen_.push_back(&route);
    const auto pool = std::ranges::find(snapshot_.pools(), &route, &gateway::Pool::route);
    std::vector<route::Slot> slots = pool->slots;
    for (route::Slot& slot : slots) slot.can = route::can_of(config::model_of(*slot.deployment, rest));
    const route::Order order = route::order(route, slots, facts_, 0, [] { return 0.5; }, true);
    out_ += indent + "strategy " + std::string(name_in(route::kStrategyNames, route.strategy));
    if (route.sticky != route::Sticky::off) {
      out_ += ", sticky by " + std::string(name_in(route::kStickyNames, route.sticky));
      if (route::sticky_key(route.sticky, facts_) == 0) out_ += " (this request has none)";
    }
    out_ += "\n";
    std::size_t place = 0;
    for (const route::Verdict& v : order.verdicts) {
      const route::Deployment& d = *slots[v.slot].deployment;
      out_ += indent + (v.usable ? std::to_string(++place) + ". " : "-  ") +
              named(d.provider, config::model_of(d, rest)) + ": " + (v.usable ? "" : "no, ") + v.why + "\n";
    }
    for (const std::string& name : route.fallbacks) {
      const config::Lead to = config::find_lead(config_, name, thinking_);
      out_ += indent + "fallback " + name + ": " + to.how + "\n";
      if (to.kind == config::Lead::Kind::route && std::ranges::find(seen_, to.route) == seen_.end())
        lead(to, indent + "  ");
    }
  }

  const gateway::Snapshot& snapshot_;
  const config::Config& config_;
  route::Facts facts_;
  bool thinking_;
  std::vector<const route::Route*> seen_;
  std::string out_;
};

std::optional<std::string> read_body(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

Result<std::string> explain(config::Config config, ExplainRequest request) {
  for (config::Provider& p : config.providers)
    if (p.base_url.empty()) p.base_url = "http://127.0.0.1:1";  // the simulator's, which is not running
  TRY_ASSIGN(const auto snapshot, gateway::Snapshot::make(std::move(config)));
  TRY_ASSIGN(const llm::RequestPeek peek, llm::peek_request(request.body));
  route::Facts facts;
  facts.model = peek.model.empty() ? model_of_path(request.path) : std::string_view(peek.model);
  facts.path = request.path;
  facts.key = request.key;
  facts.team = request.team;
  facts.body = request.body;
  facts.minute_of_day = request.minute_of_day;
  facts.weekday = request.weekday;
  facts.header = [&](std::string_view name) -> std::string_view {
    for (const auto& [own, value] : request.headers)
      if (same_name(own, name)) return value;
    return {};
  };
  facts.tags = route::tags_of(facts.header("x-patchbay-tags"));
  route::add_needs(facts);
  return Explanation(*snapshot, std::move(facts), peek.thinking).text();
}

int route_explain(const RouteExplainArgs& args) {
  const auto loaded = load_config(args.config);
  if (!loaded) return kUsage;
  auto body = read_body(args.file);
  if (!body) {
    std::fprintf(stderr, "patchbay: %s: cannot be read; is the name right?\n", args.file.c_str());
    return kUsage;
  }
  ExplainRequest request{std::move(*body), args.path, {}, args.key, args.team, 0, 0};
  for (const std::string& header : args.headers) {
    const auto colon = header.find(':');
    if (colon == header.npos || colon == 0) {
      std::fprintf(stderr, "patchbay: --header %s: write it as name:value\n", header.c_str());
      return kUsage;
    }
    const auto value = header.find_first_not_of(' ', colon + 1);
    request.headers.emplace_back(header.substr(0, colon), value == header.npos ? "" : header.substr(value));
  }
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  request.minute_of_day = local.tm_hour * 60 + local.tm_min;
  request.weekday = (local.tm_wday + 6) % 7;
  const auto text = explain(loaded->config, std::move(request));
  if (!text) {
    std::fprintf(stderr, "patchbay: %s: %s\n", args.file.c_str(), text.error().message.c_str());
    return kFailed;
  }
  std::fputs(text->c_str(), stdout);
  return kOk;
}

}  // namespace pb::cli
