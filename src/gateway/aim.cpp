#include "gateway/aim.h"

#include <ctime>

#include "base/clock.h"
#include "route/needs.h"

namespace pb::gateway {
namespace {

void add_time(route::Facts& f) {
  const std::time_t now = unix_seconds();
  std::tm local{};
  ::localtime_r(&now, &local);
  f.minute_of_day = local.tm_hour * 60 + local.tm_min;
  f.weekday = (local.tm_wday + 6) % 7;
}

// A long text's beginning and end: what people ask for stands in one of them.
std::string ends_of(std::string_view text) {
  constexpr std::size_t kHalf = 4096;
  if (text.size() <= 2 * kHalf) return std::string(text);
  return std::string(text.substr(0, kHalf)).append(text.substr(text.size() - kHalf));
}

}  // namespace

Aim::Aim(const Exchange& x, const Caller& caller, bool rules) : x_(x), model_(x.peek.model) {
  facts_.model = model_;
  facts_.path = x.request.path();
  facts_.key = caller.name;
  facts_.team = caller.team();
  facts_.body = x.request.body;
  facts_.header = [&headers = x.request.headers](std::string_view name) { return headers.get(name); };
  facts_.tags = route::tags_of(x.request.headers.get("x-patchbay-tags"));
  if (x.peek.stream) facts_.needs |= route::kStreaming;
  if (x.peek.thinking) facts_.needs |= route::kReasoning;
  const auto& all = x.snapshot.config().rules;
  if (!rules || all.empty()) return;
  if (route::wants_needs(all)) read_needs();
  add_time(facts_);
  rule_ = route::match(all, facts_);
}

void Aim::read_needs() {
  route::add_needs(facts_);
  read_ = true;
}

Result<Meaning> Aim::meaning() const {
  return find(x_.snapshot, rule_ != nullptr ? rule_->use : model_, x_.peek.thinking);
}

const route::Facts& Aim::facts_for(const Meaning& meaning) {
  if (!read_ && meaning.pool != nullptr && meaning.pool->wants_needs) read_needs();
  user_ = facts_.user;
  words_ = ends_of(facts_.words);
  facts_.user = user_;
  facts_.words = words_;
  facts_.body = {};
  return facts_;
}

}  // namespace pb::gateway
