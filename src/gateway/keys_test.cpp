// The key table and ring, rights, estimates and what is told of refusals.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "gateway/admission.h"

using namespace pb;
using namespace pb::gateway;

namespace {

constexpr std::int64_t kNow = 1'795'262'400'000;

KeyEntry entry(const std::string& name, std::string* secret = nullptr) {
  KeyEntry e;
  e.key.name = name;
  auto given = store::give_secret(e.key);
  if (secret != nullptr) *secret = *given;
  e.use = std::make_shared<KeyUse>(name);
  return e;
}

Caller caller_of(KeyEntry e) {
  Caller c;
  c.name = e.key.name;
  c.table = std::make_shared<const KeyTable>(std::vector<KeyEntry>{std::move(e)});
  c.key = &c.table->entries().front();
  return c;
}

std::shared_ptr<const Snapshot> snapshot() {
  config::Config config;
  config::Provider p;
  p.name = "up";
  p.vendor = llm::find_vendor("custom");
  p.base_url = "http://127.0.0.1:1/v1";
  p.formats = {{llm::find_dialect("openai_chat"), "/chat/completions", "/chat/completions", "openai_chat"}};
  p.models = {"gpt-x"};
  config.providers.push_back(p);
  config.models.push_back({"fast", 0, "gpt-cheap", std::nullopt});
  config.default_model = "up/gpt-dear";
  config.prices["up/gpt-x"] = {1, 10};
  return *Snapshot::make(std::move(config));
}

std::optional<Error> ask(const Caller& c, const Snapshot& s, std::string_view model) {
  const auto meaning = find(s, model);
  return rights_fault(c, s, model, meaning ? &*meaning : nullptr, false);
}

class MemoryStore final : public store::KeyStore {
 public:
  bool exists() const override { return made; }
  Result<std::int64_t> version() override {
    if (broken) return fail(Code::internal, "broken");
    return at;
  }
  Result<std::vector<store::VirtualKey>> all() override {
    ++reads;
    return keys;
  }
  Result<store::VirtualKey> find(std::string_view) override { return fail(Code::not_found, ""); }
  Result<void> add(const store::VirtualKey&) override { return {}; }
  Result<store::VirtualKey> update(std::string_view,
                                   const std::function<Result<void>(store::VirtualKey&)>&) override {
    return fail(Code::not_found, "");
  }
  Result<void> touch(std::span<const std::pair<std::string, std::int64_t>> used) override {
    for (const auto& [id, ms] : used) touched.emplace_back(id, ms);
    return {};
  }
  bool made = true, broken = false;
  std::int64_t at = 1;
  int reads = 0;
  std::vector<store::VirtualKey> keys;
  std::vector<std::pair<std::string, std::int64_t>> touched;
};

}  // namespace

TEST_SUITE("gateway keys") {
  TEST_CASE("keys are found by their secrets, old ones until their time is over") {
    std::vector<KeyEntry> entries;
    std::vector<std::string> secrets(1000);
    for (std::size_t i = 0; i < secrets.size(); ++i)
      entries.push_back(entry("k" + std::to_string(i), &secrets[i]));
    std::string old = secrets[7];
    entries[7].key.old_digest = entries[7].key.digest;
    entries[7].key.old_until_ms = kNow + 10;
    secrets[7] = *store::give_secret(entries[7].key);
    const KeyTable table(std::move(entries));
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      const KeyEntry* found = table.find(secrets[i], kNow);
      REQUIRE(found != nullptr);
      CHECK(found->key.name == "k" + std::to_string(i));
    }
    CHECK(table.find(old, kNow)->key.name == "k7");
    CHECK(table.find(old, kNow + 10) == nullptr);
    CHECK(table.find("pb-unknown", kNow) == nullptr);
    CHECK(table.find("", kNow) == nullptr);
    CHECK(KeyTable({}).find(secrets[0], kNow) == nullptr);
    for (const char* name : {"k0", "k7", "k999"}) CHECK(table.named(name)->key.name == name);
    for (const char* name : {"", "k", "k1000", "z", "A"}) CHECK(table.named(name) == nullptr);
  }

  TEST_CASE("a key may use the names it is given, and what they stand for") {
    const auto s = snapshot();
    KeyEntry e = entry("k");
    e.key.models = {"fast", "gpt-x", "gpt-no*"};
    const Caller c = caller_of(e);
    CHECK_FALSE(ask(c, *s, "fast").has_value());
    CHECK_FALSE(ask(c, *s, "up/gpt-x").has_value());
    CHECK_FALSE(ask(c, *s, "gpt-x").has_value());
    CHECK(ask(c, *s, "up/gpt-cheap").has_value());
    // An unknown name leads to default_model, which the key may not use, whatever the name looks like.
    CHECK(ask(c, *s, "gpt-nonsense").has_value());
    const auto fault = ask(c, *s, "up/secret-name");
    REQUIRE(fault);
    CHECK(fault->code == Code::permission_denied);
    CHECK(fault->message == "this key may not use the model `up/secret-name`");
    e.key.models = {"up/*"};
    const Caller all = caller_of(e);
    CHECK_FALSE(ask(all, *s, "fast").has_value());
    CHECK_FALSE(ask(all, *s, "anything").has_value());
    e.team_models = {"fast"};
    const Caller both = caller_of(e);
    CHECK(ask(both, *s, "up/gpt-x").has_value());
    CHECK_FALSE(ask(both, *s, "fast").has_value());
    CHECK_FALSE(ask(Caller(), *s, "anything").has_value());
    CHECK(may_see(c, "fast", "up"));
    CHECK(may_see(c, "up/gpt-x", "up"));
    CHECK_FALSE(may_see(c, "up/gpt-y", "up"));
  }

  TEST_CASE("a key may have tools of some names only") {
    KeyEntry e = entry("k");
    e.key.tools = {"read_*"};
    const Caller c = caller_of(e);
    CHECK_FALSE(tools_fault(c, R"({"tools":[{"name":"read_file"}]})").has_value());
    const auto fault =
        tools_fault(c, R"({"tools":[{"name":"read_file"},{"type":"function","function":{"name":"rm"}}]})");
    REQUIRE(fault);
    CHECK(fault->message == "this key may not use the tool `rm`");
    CHECK(fault->param == "tools");
    CHECK_FALSE(tools_fault(Caller(), R"({"tools":[{"name":"rm"}]})").has_value());
  }

  TEST_CASE("estimates come from the body's size, the answer's limit and the price") {
    const auto s = snapshot();
    const auto meaning = find(*s, "gpt-x");
    std::int64_t prompt = 0;
    const std::string body(3000, 'x');
    const route::Estimate e = estimate(*s, *meaning, body, 500, 1024, prompt);
    CHECK(prompt == 1001);
    CHECK(e.tokens == 1501);
    CHECK(e.cost == doctest::Approx(1001e-6 + 500 * 10e-6));
    CHECK(estimate(*s, *meaning, body, 0, 1024, prompt).tokens == 1001 + 1024);
    CHECK(estimate(*s, *meaning, body, 500, 0, prompt).tokens == 1001);
    const std::string image = R"({"url":"data:image/png;base64,)" + std::string(300'000, 'A') + "\"}";
    CHECK(estimate(*s, *meaning, image, 0, 0, prompt).tokens < 2000);
  }

  TEST_CASE("headers and errors, in each API's words") {
    route::Standing standing;
    standing.requests = {60, 59, 361'000};
    standing.tokens = {1000, 0, 2'500};
    standing.budget = 5;
    standing.spent = 5.5;
    net::Headers openai, anthropic;
    limit_headers(standing, false, kNow, openai);
    CHECK(openai.get("x-ratelimit-limit-requests") == "60");
    CHECK(openai.get("x-ratelimit-remaining-requests") == "59");
    CHECK(openai.get("x-ratelimit-reset-requests") == "6m1s");
    CHECK(openai.get("x-ratelimit-reset-tokens") == "3s");
    CHECK(openai.get("x-patchbay-budget-remaining") == "0.000000");
    limit_headers(standing, true, kNow, anthropic);
    CHECK(anthropic.get("anthropic-ratelimit-tokens-remaining") == "0");
    CHECK(anthropic.get("anthropic-ratelimit-requests-reset") == "2026-11-21T12:06:01Z");
    const route::Limiter limiter(route::Subject::team, "search");
    const Error rate = refusal_error({&limiter, route::Limit::tokens_per_minute, 1000, 0, {}, 12'000});
    CHECK(rate.code == Code::rate_limited);
    CHECK(rate.retry_after_ms == 12'000);
    CHECK(rate.message == "team search has used up its limit of 1000 tokens a minute; try again later");
    const Error money = refusal_error({&limiter, route::Limit::budget, 5, 0, route::Period::total, -1});
    CHECK(money.provider_code == "insufficient_quota");
    CHECK_FALSE(money.retryable);
    CHECK(money.retry_after_ms == -1);
  }

  TEST_CASE("the ring: read again when changed, limits by configuration, what was used stays") {
    MemoryStore memory;
    memory.keys.push_back(entry("a").key);
    memory.keys.push_back(entry("b").key);
    memory.keys[1].limits.rates.requests_per_minute = 5;
    memory.keys[1].team = "t";
    int asked = 0;
    KeyRing ring(memory, [&]() -> Result<std::vector<store::Spending>> {
      ++asked;
      return std::vector<store::Spending>{
          {"key", "a", {1, 2, 3, 4, 5}}, {"team", "t", {1, 2, 3, 4, 6}}, {"provider", "up", {0, 0, 0, 0, 7}}};
    });
    config::Config config;
    config.limits.rates.requests_per_minute = 60;
    config.limits.budget = 10;
    config.limits.per = "total";
    config.teams["t"].limits.budget = 20;
    config.teams["t"].limits.per = "total";
    config::Provider up;
    up.name = "up";
    up.limits.budget = 9;
    up.limits.per = "total";
    config.providers.push_back(up);
    ring.configure(config);
    CHECK(ring.any());
    CHECK(asked == 1);
    const auto table = ring.table();
    REQUIRE(table->entries().size() == 2);
    const route::Moment now{1000, kNow};
    const auto& a = table->entries()[0];
    CHECK(a.use->limiter.standing(now).spent == 5);
    CHECK(a.use->limiter.limits().rates.requests_per_minute == 60);
    CHECK(table->entries()[1].use->limiter.limits().rates.requests_per_minute == 5);
    CHECK(table->entries()[1].use->limiter.limits().budget.amount == 10);
    CHECK(table->entries()[1].team->limiter.standing(now).spent == 6);
    REQUIRE(ring.provider("up") != nullptr);
    CHECK(ring.provider("up")->standing(now).spent == 7);
    CHECK(ring.provider("other") == nullptr);
    // Who is of a team without a key has its limits, and no others.
    REQUIRE(ring.team("t") != nullptr);
    const KeyEntry& member = ring.team("t")->entries().front();
    CHECK(member.team == table->entries()[1].team);
    CHECK(member.key.team == "t");
    CHECK(member.use->limiter.limits().empty());
    CHECK(ring.team("other") == nullptr);

    ring.refresh();
    CHECK(memory.reads == 1);  // nothing has changed
    memory.at = 2;
    memory.keys[0].limits.budget.amount = 1;
    ring.refresh();
    CHECK(memory.reads == 2);
    CHECK(ring.table()->entries()[0].use == a.use);
    CHECK(ring.table()->entries()[0].use->limiter.limits().budget.amount == 1);
    memory.broken = true;
    memory.at = 3;
    ring.refresh();
    CHECK(ring.table()->entries().size() == 2);  // what was read stays in force
    a.use->used_ms = kNow;
    ring.close();
    REQUIRE(memory.touched.size() == 1);
    CHECK(memory.touched[0].second == kNow);
    config.providers.clear();
    memory.broken = false;
    ring.configure(config);
    CHECK(ring.provider("up") == nullptr);
  }

  TEST_CASE("alerts: each share once, with the request that crosses it") {
    BudgetAlerts alerts;
    alerts.configure({0.5, 1}, true);
    const route::Limiter limiter(route::Subject::key, "a");
    const auto charge = [&](double before, double after) {
      route::Charges c;
      c[0] = {&limiter, before, after, 10};
      alerts.look_at(c);
    };
    charge(0, 4.9);
    CHECK(alerts.take().empty());
    CHECK(alerts.metrics_text().empty());
    charge(4.9, 5);
    const auto told = alerts.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0] ==
          R"({"event":"budget_alert","scope":"key","name":"a","percent":50,"spent":5,"budget":10})");
    charge(5, 9);
    charge(9, 12);
    CHECK(alerts.take().size() == 1);
    CHECK(alerts.metrics_text().contains(
        "patchbay_budget_alerts_total{scope=\"key\",name=\"a\",percent=\"100\"} 1\n"));
  }
}
