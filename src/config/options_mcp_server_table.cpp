// The options of the MCP server itself; what its tools may do is in a table of its own.
#include "config/option_rows.h"

namespace pb::config {
namespace {

const Row<Config> kServer[] = {
    {{"mcp.enabled", Kind::flag, "Serve MCP at `/mcp` and `/sse`. `patchbay mcp` works either way."},
     [](Config& c) -> Ref { return &c.mcp_server.enabled; }},
    {{"mcp.sessions_max", Kind::count,
      "Sessions; when all are taken, one that is idle makes room, else the next is refused.", 1, 1'000'000},
     [](Config& c) -> Ref { return &c.mcp_server.sessions_max; }},
    {{"mcp.session_idle", Kind::duration, "A session that nobody uses ends after this.", kSecond, 20 * kDay},
     [](Config& c) -> Ref { return &c.mcp_server.session_idle_ms; }},
    {{"mcp.resume", Kind::duration,
      "Calls of a session whose client has gone, and does not come back for so long, end.", kSecond, kDay},
     [](Config& c) -> Ref { return &c.mcp_server.resume_ms; }},
    {{"mcp.requests_max", Kind::count, "Requests under way, of all sessions and clients.", 1, 1'000'000},
     [](Config& c) -> Ref { return &c.mcp_server.requests_max; }},
    {{"mcp.tasks_max", Kind::count, "Tasks that are kept, those that have ended included.", 1, 1'000'000},
     [](Config& c) -> Ref { return &c.mcp_server.tasks_max; }},
    {{"mcp.task_ttl", Kind::duration, "A task is forgotten so long after its beginning.", kSecond, 20 * kDay},
     [](Config& c) -> Ref { return &c.mcp_server.task_ttl_ms; }},
};

}  // namespace

std::vector<Bound> bind_mcp_server(Config& config) { return bind_rows(kServer, config); }

}  // namespace pb::config
