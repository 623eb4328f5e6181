// What Redis does for limits that replicas share: Lua scripts, each of which runs whole or not at all. docs/replicas.md tells what
// they keep and where.
#pragma once
#include "net/redis/client.h"

namespace pb::gateway::shared {

// A place under several limits, all or nothing, by the same rules as route::reserve.
//   keys: for each limit its tallies and its minute.
//   arguments: replica, epoch, day, month, tokens, cost; for each limit requests and tokens a minute, requests and tokens a day,
//   concurrency, budget, its period (0 day, 1 month, 2 total).
//   reply: {1 granted | 0 refused | -1 no agreement, index of the limit, what is used up as route::Limit, left, wait_ms, second;
//   for each limit up to that one: what the others use (see kOthers)}
const net::redis::Script& reserve();
// What a replica's tallies have changed by, and how the minute was counted wrong.
//   arguments: replica, epoch, day, month; for each limit the ten numbers of a tally without its dates … and second, requests, tokens
//   of the minute's change (second -1: none). reply: for each limit 1, or 0 where there is no agreement
const net::redis::Script& settle();
// An agreement about one limit.
//   keys: tallies, minute, the set of limits that the replica uses.
//   arguments: replica, epoch, first (1 or 0), day, month, the tally, period, counts of untold and of all seconds; these as age,
//   requests, tokens. reply: {1, requests today, tokens today, cost today, month, total as taken over, what the others use};
//   {0, epoch} when the store knows a later epoch of this replica
const net::redis::Script& agree();
// That a replica is there. Gives back what replicas held that are gone.
//   keys: replicas by when they were last there, prefix of their sets, prefix of their deployments, drained deployments, processes
//   by replica. arguments: replica, alive_ms, gone_ms, deployments, process.
//   reply: {alive, {deployments of the others}, {drained}}; {-1} when another process is this replica
const net::redis::Script& beat();

// Numbers of "what the others use": requests and tokens of the minute (of all), requests and tokens today, under way, held tokens,
// spent, held cost.
inline constexpr std::size_t kOthers = 8;
// Numbers of a tally without its dates.
inline constexpr std::size_t kTally = 8;

}  // namespace pb::gateway::shared
