#include "gateway/shared/scripts.h"

namespace pb::gateway::shared {
namespace {

// A replica's tally is a packed list: EPOCH to HC. The minute is a hash: s = its newest second, r and t = sums of requests and
// tokens, r0…r60 and t0…t60 = those of each second, by the clock of Redis.
constexpr std::string_view kCommon = R"lua(
local EPOCH, DAY, MONTH, RQ, TK, CD, CM, CT, N, HT, HC = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
local SLOTS = 61
local time = redis.call('TIME')
local second, ms = tonumber(time[1]), tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function roll(c, day, month)
  if day > c[DAY] then c[DAY], c[RQ], c[TK], c[CD] = day, 0, 0, 0 end
  if month > c[MONTH] then c[MONTH], c[CM] = month, 0 end
end

local function tallies(key, id, day, month)
  local mine, o = nil, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    local c = cmsgpack.unpack(all[i + 1])
    if all[i] == id then
      mine = c
    else
      if c[DAY] == day then o[RQ], o[TK], o[CD] = o[RQ] + c[RQ], o[TK] + c[TK], o[CD] + c[CD] end
      if c[MONTH] == month then o[CM] = o[CM] + c[CM] end
      for x = CT, HC do o[x] = o[x] + c[x] end
    end
  end
  return mine, o
end

local function minute(key)
  local w = redis.call('HMGET', key, 's', 'r', 't')
  local s, r, t = tonumber(w[1]) or 0, tonumber(w[2]) or 0, tonumber(w[3]) or 0
  if second <= s then return r, t end
  if second - s >= SLOTS then
    redis.call('DEL', key)
    r, t = 0, 0
  else
    for x = s + 1, second do
      local slot = x % SLOTS
      local old = redis.call('HMGET', key, 'r' .. slot, 't' .. slot)
      if old[1] then r = r - tonumber(old[1]) end
      if old[2] then t = t - tonumber(old[2]) end
      if old[1] or old[2] then redis.call('HDEL', key, 'r' .. slot, 't' .. slot) end
    end
  end
  redis.call('HSET', key, 's', second, 'r', r, 't', t)
  redis.call('EXPIRE', key, 2 * SLOTS)
  return r, t
end

local function count(key, at, r, t)
  if at > second or second - at >= SLOTS then return end
  local slot = at % SLOTS
  if r ~= 0 then
    redis.call('HINCRBY', key, 'r' .. slot, r)
    redis.call('HINCRBY', key, 'r', r)
  end
  if t ~= 0 then
    redis.call('HINCRBY', key, 't' .. slot, t)
    redis.call('HINCRBY', key, 't', t)
  end
end

-- Milliseconds until the minute's sum is at most `most`.
local function wait(key, letter, sum, most)
  for x = second - SLOTS + 1, second do
    sum = sum - (tonumber(redis.call('HGET', key, letter .. (x % SLOTS))) or 0)
    if sum <= most then return math.max(1, (x + SLOTS) * 1000 - ms) end
  end
  return SLOTS * 1000
end

local function spent(c, per) return per == 0 and c[CD] or per == 1 and c[CM] or c[CT] end

local function others(to, o, r, t, per)
  for _, n in ipairs({r, t, o[RQ], o[TK], o[N], o[HT], spent(o, per), o[HC]}) do to[#to + 1] = n end
end
)lua";

constexpr std::string_view kReserve = R"lua(
local id, epoch, day, month = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local tokens, cost = tonumber(ARGV[5]), tonumber(ARGV[6])
local SOON = 1000
local own, answer, refused = {}, {1, 0, 0, 0, 0, second}, nil
local function fits(used, wanted, most, held) return used < most and (not held or used + wanted <= most) end
for i = 1, #KEYS / 2 do
  local mine, o = tallies(KEYS[2 * i - 1], id, day, month)
  if not mine or mine[EPOCH] ~= epoch then return {-1, i - 1, 0, 0, 0, second} end
  roll(mine, day, month)
  local r, t = minute(KEYS[2 * i])
  local l = {}
  for x = 1, 7 do l[x] = tonumber(ARGV[6 + 7 * (i - 1) + x]) end
  local rpm, tpm, rpd, tpd, most, budget, per = l[1], l[2], l[3], l[4], l[5], l[6], l[7]
  others(answer, o, r, t, per)
  local held, held_cost = mine[HT] + o[HT], mine[HC] + o[HC]
  local rq, tk, n, money = mine[RQ] + o[RQ], mine[TK] + o[TK], mine[N] + o[N], spent(mine, per) + spent(o, per)
  if most > 0 and n >= most then
    refused = {4, most - n, SOON}
  elseif rpm > 0 and r >= rpm then
    refused = {0, rpm - r, wait(KEYS[2 * i], 'r', r, rpm - 1)}
  elseif rpd > 0 and rq >= rpd then
    refused = {2, rpd - rq, -1}
  elseif tpm > 0 and not fits(t, tokens, tpm, held > 0) then
    local room = tpm - (held > 0 and tokens or 1)
    refused = {1, tpm - t, room < 0 and SOON or math.max(SOON, wait(KEYS[2 * i], 't', t, room))}
  elseif tpd > 0 and not fits(tk, tokens, tpd, held > 0) then
    refused = {3, tpd - tk, tk - held < tpd and SOON or -1}
  elseif budget > 0 and not fits(money + held_cost, cost, budget, held_cost > 0) then
    refused = {5, budget - money - held_cost, money < budget and SOON or -1}
  end
  if refused then
    answer[1], answer[2], answer[3], answer[4], answer[5] = 0, i - 1, refused[1], refused[2], refused[3]
    return answer
  end
  own[i] = mine
end
for i, mine in ipairs(own) do
  if mine[DAY] == day then mine[RQ], mine[TK] = mine[RQ] + 1, mine[TK] + tokens end
  mine[N], mine[HT], mine[HC] = mine[N] + 1, mine[HT] + tokens, mine[HC] + cost
  redis.call('HSET', KEYS[2 * i - 1], id, cmsgpack.pack(mine))
  count(KEYS[2 * i], second, 1, tokens)
end
return answer
)lua";

constexpr std::string_view kSettle = R"lua(
local id, epoch, day, month = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local answer = {}
for i = 1, #KEYS / 2 do
  local a = {}
  for x = 1, 11 do a[x] = tonumber(ARGV[4 + 11 * (i - 1) + x]) end
  local text = redis.call('HGET', KEYS[2 * i - 1], id)
  local mine = text and cmsgpack.unpack(text)
  if mine and mine[EPOCH] == epoch then
    roll(mine, day, month)
    for x = RQ, HC do
      local dated = (x <= CD and mine[DAY] ~= day) or (x == CM and mine[MONTH] ~= month)
      if not dated then mine[x] = mine[x] + a[x - RQ + 1] end
    end
    redis.call('HSET', KEYS[2 * i - 1], id, cmsgpack.pack(mine))
    answer[i] = 1
  else
    answer[i] = 0
  end
  if a[9] >= 0 then
    minute(KEYS[2 * i])
    count(KEYS[2 * i], a[9], a[10], a[11])
  end
end
return answer
)lua";

constexpr std::string_view kAgree = R"lua(
local id, epoch, first = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local c = {epoch}
for x = DAY, HC do c[x] = tonumber(ARGV[2 + x]) end
local per, untold, all = tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16])
local old, o = tallies(KEYS[1], id, c[DAY], c[MONTH])
if old and old[EPOCH] > epoch then return {0, old[EPOCH]} end
if old and first then
  roll(old, c[DAY], c[MONTH])
  if old[DAY] == c[DAY] then
    c[RQ], c[TK], c[CD] = math.max(c[RQ], old[RQ]), math.max(c[TK], old[TK] - old[HT]), math.max(c[CD], old[CD])
  end
  if old[MONTH] == c[MONTH] then c[CM] = math.max(c[CM], old[CM]) end
  c[CT] = math.max(c[CT], old[CT])
end
minute(KEYS[2])
local from, to = 1, untold
if not old and not first then from, to = untold + 1, untold + all end
for i = from, to do
  local at = 16 + 3 * (i - 1)
  count(KEYS[2], second - tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]))
end
local r, t = minute(KEYS[2])
redis.call('HSET', KEYS[1], id, cmsgpack.pack(c))
redis.call('EXPIRE', KEYS[1], 400 * 86400)
redis.call('SADD', KEYS[3], KEYS[1])
local answer = {1, c[RQ], c[TK], c[CD], c[CM], c[CT]}
others(answer, o, r, t, per)
return answer
)lua";

constexpr std::string_view kBeat = R"lua(
local id = ARGV[1]
local holder, last = redis.call('HGET', KEYS[5], id), tonumber(redis.call('ZSCORE', KEYS[1], id) or 0)
if holder and holder ~= ARGV[5] and ms - last < tonumber(ARGV[2]) then return {-1} end
if holder ~= ARGV[5] then redis.call('HSET', KEYS[5], id, ARGV[5]) end
redis.call('ZADD', KEYS[1], ms, id)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ms - tonumber(ARGV[3]), 'LIMIT', 0, 10)) do
  local limits = redis.call('SPOP', KEYS[2] .. gone, 500)
  for _, key in ipairs(limits) do
    local text = redis.call('HGET', key, gone)
    if text then
      local c = cmsgpack.unpack(text)
      c[EPOCH], c[TK], c[N], c[HT], c[HC] = 0, c[TK] - c[HT], 0, 0, 0
      redis.call('HSET', key, gone, cmsgpack.pack(c))
    end
  end
  if #limits == 0 then
    redis.call('ZREM', KEYS[1], gone)
    redis.call('HDEL', KEYS[5], gone)
  end
end
if ARGV[4] == '' then
  redis.call('DEL', KEYS[3] .. id)
else
  redis.call('SET', KEYS[3] .. id, ARGV[4], 'PX', ARGV[2])
end
local alive, told = redis.call('ZRANGEBYSCORE', KEYS[1], ms - tonumber(ARGV[2]), '+inf'), {}
for _, other in ipairs(alive) do
  local text = other ~= id and redis.call('GET', KEYS[3] .. other)
  if text then told[#told + 1] = text end
end
return {#alive, told, redis.call('HKEYS', KEYS[4])}
)lua";

std::string whole(std::string_view own) { return std::string(kCommon) + std::string(own); }

}  // namespace

const net::redis::Script& reserve() {
  static const std::string text = whole(kReserve);
  static const net::redis::Script script(text);
  return script;
}
const net::redis::Script& settle() {
  static const std::string text = whole(kSettle);
  static const net::redis::Script script(text);
  return script;
}
const net::redis::Script& agree() {
  static const std::string text = whole(kAgree);
  static const net::redis::Script script(text);
  return script;
}
const net::redis::Script& beat() {
  static const std::string text = whole(kBeat);
  static const net::redis::Script script(text);
  return script;
}

}  // namespace pb::gateway::shared
