// The ledger: sums, and single requests.
#include <charconv>

#include "api/admin/endpoint.h"
#include "base/clock.h"
#include "base/strings.h"
#include "base/when.h"
#include "store/request_query.h"
#include "store/usage_json.h"

namespace pb::api::admin {
namespace {

Result<std::string> ledger_of(const Call& c) {
  if (c.deps.ledger == nullptr || c.deps.admin->ledger_path.empty())
    return fail(Code::not_found, "no ledger is kept: ledger.enabled is false");
  return c.deps.admin->ledger_path;
}

Result<store::UsageFilter> filter_of(const Call& c) {
  store::UsageFilter f;
  const std::int64_t now = unix_ms();
  TRY_ASSIGN(f.from_ms, parse_when("since", c.parameter("since"), now, false));
  TRY_ASSIGN(f.to_ms, parse_when("until", c.parameter("until"), now, true));
  f.provider = c.parameter("provider");
  f.model = c.parameter("model");
  f.key = c.parameter("key");
  f.team = c.parameter("team");
  f.route = c.parameter("route");
  TRY(store::filter_status(c.parameter("status"), f));
  return f;
}

void write_request(json::Writer& w, const store::NumberedRow& numbered) {
  const store::UsageRow& r = numbered.row;
  w.begin_object();
  w.field("id", std::to_string(numbered.id));  // more than a JavaScript number can hold
  time_field(w, "time", r.time_ms);
  w.field("request_id", r.request_id);
  w.field("client_format", r.client_format);
  w.field("provider", r.provider);
  w.field("model", r.model);
  w.field("asked_model", r.asked_model);
  w.field("route", r.route);
  w.field("key", r.key);
  w.field("team", r.team);
  w.field("status", r.status);
  w.field("error", r.error);
  w.field("stream", r.stream);
  w.field("input", r.input);
  w.field("output", r.output);
  w.field("cache_read", r.cache_read);
  w.field("cache_write", r.cache_write);
  w.field("reasoning", r.reasoning);
  w.field("usage_known", r.usage_known);
  w.field("usage_estimated", r.usage_estimated);
  w.key("cost");
  if (r.cost_known)
    w.real(r.cost);
  else
    w.null();
  w.field("cache", r.cache);
  w.field("saved", r.saved);
  number_field(w, "latency_ms", static_cast<double>(r.latency_us) / 1000);
  number_field(w, "first_token_ms", r.first_token_us < 0 ? -1 : static_cast<double>(r.first_token_us) / 1000);
  w.end_object();
}

}  // namespace

Task<Result<Answer>> show_usage(Call& c) {
  CO_TRY_ASSIGN(const std::string path, ledger_of(c));
  CO_TRY_ASSIGN(const store::UsageFilter filter, filter_of(c));
  std::vector<std::string> by = items_of(c.parameter("by"));
  if (by.empty()) by = {"provider", "model"};
  auto work = [path, filter, by = std::move(by), ledger = c.deps.ledger]() -> Result<Answer> {
    ledger->flush();
    auto rows = store::read_usage(path, filter, by);
    if (!rows && rows.error().code == Code::not_found) rows = std::vector<store::UsageSum>();
    if (!rows) return std::unexpected(std::move(rows.error()));
    const auto all = store::read_usage(path, filter, {});
    std::string out;
    json::Writer w(out);
    w.begin_object();
    store::write_usage_members(w, by, *rows,
                               store::total_of(*rows, all ? *all : std::vector<store::UsageSum>()));
    w.end_object();
    return Answer{200, std::move(out)};
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> list_requests(Call& c) {
  CO_TRY_ASSIGN(const std::string path, ledger_of(c));
  CO_TRY_ASSIGN(const store::UsageFilter filter, filter_of(c));
  const Page page = page_of(c);
  std::int64_t before = 0;
  const auto [end, ec] = std::from_chars(page.after.data(), page.after.data() + page.after.size(), before);
  if (!page.after.empty() &&
      (ec != std::errc() || end != page.after.data() + page.after.size() || before < 1))
    co_return fail(Code::invalid_request, "cursor: not one of this list", "cursor");
  auto work = [path, filter, before, limit = page.limit, ledger = c.deps.ledger]() -> Result<Answer> {
    if (before == 0) ledger->flush();  // what has just ended is among the newest
    TRY_ASSIGN(auto rows, store::read_requests(path, filter, before, static_cast<int>(limit) + 1));
    const bool more = rows.size() > limit;
    if (more) rows.pop_back();
    std::string out;
    json::Writer w(out);
    w.begin_object();
    w.key("data");
    w.begin_array();
    for (const store::NumberedRow& row : rows) write_request(w, row);
    w.end_array();
    w.key("next");
    if (more)
      w.string(std::to_string(rows.back().id));
    else
      w.null();
    w.end_object();
    return Answer{200, std::move(out)};
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> show_request(Call& c) {
  CO_TRY_ASSIGN(const std::string path, ledger_of(c));
  auto work = [path, id = c.id, ledger = c.deps.ledger]() -> Result<Answer> {
    ledger->flush();
    TRY_ASSIGN(const store::NumberedRow row, store::read_request(path, id));
    std::string out;
    json::Writer w(out);
    write_request(w, row);
    return Answer{200, std::move(out)};
  };
  co_return co_await wait_for(c, std::move(work));
}

}  // namespace pb::api::admin
