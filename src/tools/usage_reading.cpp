#include "tools/usage_reading.h"

#include "config/load.h"
#include "net/blocking.h"

namespace pb::tools {

Task<Result<std::vector<store::UsageSum>>> read_ledger(const Deps& deps, store::UsageFilter filter,
                                                       std::vector<std::string> by) {
  using Rows = Result<std::vector<store::UsageSum>>;
  store::Ledger* ledger = deps.gateway.books().ledger();
  if (ledger == nullptr) co_return fail(Code::not_found, "no ledger is kept: ledger.enabled is false");
  std::string path = config::ledger_path(deps.gateway.snapshot().config(), config::Environment::process());
  auto work = [ledger, path = std::move(path), filter = std::move(filter), by = std::move(by)]() -> Rows {
    ledger->flush();
    auto rows = store::read_usage(path, filter, by);
    if (!rows && rows.error().code == Code::not_found) return std::vector<store::UsageSum>();
    return rows;
  };
  auto done = co_await net::blocking(deps.gateway.blocking(), std::move(work));
  CO_TRY(done);
  co_return std::move(*done);
}

Result<void> own_rows_only(const mcp::Context& context, store::UsageFilter& filter) {
  if (sees_all(context.principal())) return {};
  const std::string& own = context.principal().name;
  if (!filter.key.empty() && filter.key != own)
    return fail(Code::permission_denied, "a key sees only what it has used itself", "key");
  filter.key = own;
  return {};
}

}  // namespace pb::tools
