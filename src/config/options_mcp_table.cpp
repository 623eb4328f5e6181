// The options of the MCP server's tools.
#include "config/option_rows.h"

namespace pb::config {
namespace {

constexpr double kMany = 1e9;

const Row<Config> kMcp[] = {
    {{"mcp.tools.calls", Kind::count,
      "Requests to models that one call of a tool may make, a comparison or a benchmark as well; 0 = any "
      "number.",
      0, 100'000},
     [](Config& c) -> Ref { return &c.mcp.tools.calls; }},
    {{"mcp.tools.tokens", Kind::count,
      "Tokens, of prompts and answers, that one call of a tool may take: once they are used up it asks no "
      "more; 0 = any number.",
      0, kMany},
     [](Config& c) -> Ref { return &c.mcp.tools.tokens; }},
    {{"mcp.tools.dollars", Kind::money,
      "What one call of a tool may cost, as far as prices are known, likewise; 0 = anything."},
     [](Config& c) -> Ref { return &c.mcp.tools.dollars; }},
    {{"mcp.tools.parallel", Kind::count,
      "Requests to models that one call of a tool has under way at a time.", 1, limits::kToolParallelMax},
     [](Config& c) -> Ref { return &c.mcp.tools.parallel; }},
    {{"mcp.tools.configure", Kind::texts,
      "Paths of options that `set_config` and `reset_config` may change, each with everything below it, as "
      "in "
      "`[log, default_model, models, routes]`; none: these tools are not offered. A model that is led astray "
      "uses what it may: with `providers` it could send keys and conversations to another address, with "
      "`server` open the gateway to others. This option itself is never theirs."},
     [](Config& c) -> Ref { return &c.mcp.tools.configure; }},
    {{"mcp.free.per_minute", Kind::count,
      "Requests a minute to models whose name ends in `:free`, as their providers allow them; `free_chat` "
      "keeps "
      "to it; 0 = any number.",
      0, 100'000},
     [](Config& c) -> Ref { return &c.mcp.free.per_minute; }},
    {{"mcp.free.per_day", Kind::count, "The same a day (UTC).", 0, 10'000'000},
     [](Config& c) -> Ref { return &c.mcp.free.per_day; }},
    {{"mcp.conversations.keep_days", Kind::count,
      "Days that a saved conversation is kept after its last change; 0 = until it is deleted.", 0, 36'500},
     [](Config& c) -> Ref { return &c.mcp.conversations.keep_days; }},
    {{"mcp.files.export",
      Kind::text,
      "Folder that tools write reports to, and nowhere else; made when missing.",
      0,
      0,
      {},
      {},
      "`reports` beside the ledger"},
     [](Config& c) -> Ref { return &c.mcp.files.export_dir; }},
    {{"mcp.files.roots", Kind::texts,
      "Folders, by their whole paths, that tools may read pictures from, besides those that a client of "
      "`patchbay mcp` names as its roots."},
     [](Config& c) -> Ref { return &c.mcp.files.roots; }},
};

}  // namespace

std::vector<Bound> bind_mcp(Config& config) { return bind_rows(kMcp, config); }

}  // namespace pb::config
