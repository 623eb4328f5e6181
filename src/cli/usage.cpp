// patchbay usage: what the ledger knows, as a table or JSON. Reads the database beside a running server.
#include <cstdio>

#include "base/clock.h"
#include "base/when.h"
#include "cli/commands.h"
#include "cli/load_config.h"
#include "cli/usage_report.h"
#include "store/leftovers.h"
#include "store/usage_json.h"

namespace pb::cli {
namespace {

int complain(const std::string& what, int code) {
  std::fprintf(stderr, "patchbay usage: %s\n", what.c_str());
  return code;
}

Result<store::UsageFilter> filter_of(const UsageArgs& args) {
  const std::int64_t now_ms = unix_ms();
  store::UsageFilter filter;
  TRY_ASSIGN(filter.from_ms, parse_when(args.since, now_ms, false));
  TRY_ASSIGN(filter.to_ms, parse_when(args.until, now_ms, true));
  filter.provider = args.provider;
  filter.model = args.model;
  filter.key = args.key;
  filter.team = args.team;
  filter.route = args.route;
  TRY(store::filter_status(args.status, filter));
  return filter;
}

void note_waiting_rows(const std::string& path) {
  if (const std::string journal = store::journal_of(path); store::has_leftovers(journal))
    std::fprintf(
        stderr,
        "patchbay usage: more rows may wait in %s, left by a server that did not end in good order; the "
        "next one reads them\n",
        journal.c_str());
}

int no_database(const config::Config& config, const std::string& path) {
  std::string text = "there is no usage database at " + path + " yet";
  text += config.ledger.enabled ? "; `patchbay serve` makes it when it starts with this configuration"
                                : ", and ledger.enabled is false";
  return complain(text, kFailed);
}

}  // namespace

int usage(const UsageArgs& args) {
  const auto loaded = load_config_quietly(args.config);
  if (!loaded) return kUsage;

  const auto filter = filter_of(args);
  if (!filter) return complain(filter.error().message, kUsage);
  const std::vector<std::string> by =
      args.by.empty() ? std::vector<std::string>{"provider", "model"} : args.by;
  const std::string path = config::ledger_path(loaded->config, config::Environment::process());

  const auto rows = store::read_usage(path, *filter, by);
  if (!rows && rows.error().code == Code::not_found) return no_database(loaded->config, path);
  if (!rows)
    return complain(rows.error().message, rows.error().code == Code::invalid_request ? kUsage : kFailed);
  const auto all = store::read_usage(path, *filter, {});
  if (!all) return complain(all.error().message, kFailed);

  note_waiting_rows(path);
  const store::UsageSum total = store::total_of(*rows, *all);
  if (args.json)
    std::fputs(usage_json(path, by, *rows, total).c_str(), stdout);
  else if (rows->empty())
    std::printf("no requests recorded in %s for this time and filter\n", path.c_str());
  else
    std::fputs(usage_table(by, *rows, total).c_str(), stdout);
  return kOk;
}

}  // namespace pb::cli
