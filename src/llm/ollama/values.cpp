// The vocabulary that requests, answers and streams share.
#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/hash.h"
#include "llm/ollama/ollama.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::ollama {
namespace {

using json::Value;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr Str kDurations[] = {"total_duration", "load_duration", "prompt_eval_duration", "eval_duration"};

std::int64_t digits(Str text, std::size_t at, std::size_t count) {
  std::int64_t n = -1;
  if (at + count > text.size()) return -1;
  const auto [end, ec] = std::from_chars(text.data() + at, text.data() + at + count, n);
  return ec == std::errc{} && end == text.data() + at + count ? n : -1;
}

void append_digits(std::string& out, std::int64_t n, int count) {
  char text[8];
  for (int i = count; i-- > 0; n /= 10) text[i] = static_cast<char>('0' + n % 10);
  out.append(text, static_cast<std::size_t>(count));
}

// Seconds east of UTC that the end of a date says: "Z", "-07:00".
std::int64_t offset(Str text) {
  if (text.size() < 6 || (text[0] != '+' && text[0] != '-')) return 0;
  const std::int64_t hours = digits(text, 1, 2), minutes = digits(text, 4, 2);
  if (hours < 0 || minutes < 0) return 0;
  return (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

// The parts of the usage that the format's own counts leave out.
bool has_details(const Usage& u) {
  return u.cache_read != 0 || u.cache_write != 0 || u.reasoning != 0 || u.audio_input != 0 ||
         u.audio_output != 0;
}

}  // namespace

Usage read_usage(Value answer) {
  Usage out;
  const Value* prompt = answer.find("prompt_eval_count");
  const Value* eval = answer.find("eval_count");
  if (prompt == nullptr && eval == nullptr) return out;
  out =
      openai_chat::read_usage(answer["usage"]);  // the details, when another gateway like this one sent them
  out.known = true;
  out.input = prompt ? std::max<std::int64_t>(prompt->as_int(), 0) : 0;
  out.output = eval ? std::max<std::int64_t>(eval->as_int(), 0) : 0;
  return out;
}

Stop read_done_reason(Str reason, bool calls) {
  if (reason == "length") return Stop::max_tokens;
  if (reason == "content_filter") return Stop::content_filter;
  return calls ? Stop::tool_use : Stop::end;  // "stop", "load", "unload"
}

Str write_done_reason(Stop stop) {
  switch (stop) {
    case Stop::max_tokens:
    case Stop::context_full:
      return "length";
    case Stop::refusal:
    case Stop::content_filter:
      return "content_filter";
    default:
      return "stop";
  }
}

std::int64_t read_time(Str t) {
  using namespace std::chrono;
  if (t.size() < 19 || t[4] != '-' || t[7] != '-' || t[13] != ':' || t[16] != ':') return 0;
  const std::int64_t y = digits(t, 0, 4), mo = digits(t, 5, 2), d = digits(t, 8, 2);
  const std::int64_t h = digits(t, 11, 2), mi = digits(t, 14, 2), s = digits(t, 17, 2);
  const year_month_day date{year(static_cast<int>(y)), month(static_cast<unsigned>(mo)),
                            day(static_cast<unsigned>(d))};
  if (y < 0 || mo < 0 || d < 0 || h < 0 || mi < 0 || s < 0 || !date.ok()) return 0;
  std::size_t at = 19;
  if (at < t.size() && t[at] == '.')
    while (++at < t.size() && t[at] >= '0' && t[at] <= '9') continue;
  const std::int64_t day_start = sys_days(date).time_since_epoch().count() * std::int64_t{86'400};
  return day_start + h * 3600 + mi * 60 + s - offset(t.substr(at));
}

std::int64_t as_ns(std::int64_t unix_s) {
  return unix_s < 0 || unix_s > INT64_MAX / kSecond ? 0 : unix_s * kSecond;
}

void append_time(std::string& out, std::int64_t unix_ns) {
  using namespace std::chrono;
  const std::int64_t seconds = unix_ns >= 0 ? unix_ns / kSecond : 0;
  const year_month_day date{floor<days>(sys_seconds(std::chrono::seconds(seconds)))};
  append_digits(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, seconds / 3600 % 24, 2);
  out += ':';
  append_digits(out, seconds / 60 % 60, 2);
  out += ':';
  append_digits(out, seconds % 60, 2);
  out += '.';
  append_digits(out, unix_ns >= 0 ? unix_ns % kSecond / 1000 : 0, 6);
  out += 'Z';
}

namespace {

void openai_logprob(json::Writer& w, Value v, bool with_top) {
  w.begin_object();
  w.field("token", v["token"].as_string());
  w.field("logprob", v["logprob"]);
  w.field("bytes", v["bytes"]);
  if (with_top) {
    w.key("top_logprobs");
    w.begin_array();
    for (const Value& top : v["top_logprobs"].items()) openai_logprob(w, top, false);
    w.end_array();
  }
  w.end_object();
}

void own_logprob(json::Writer& w, Value v) {
  w.begin_object();
  w.field("token", v["token"].as_string());
  w.field("logprob", v["logprob"]);
  if (v["bytes"].is_array()) w.field("bytes", v["bytes"]);
  if (v["top_logprobs"].size() > 0) {
    w.key("top_logprobs");
    w.begin_array();
    for (const Value& top : v["top_logprobs"].items()) own_logprob(w, top);
    w.end_array();
  }
  w.end_object();
}

}  // namespace

Value read_logprobs(Value list, json::Arena& arena) {
  if (list.size() == 0) return {};
  std::string text;
  json::Writer w(text);
  w.begin_object();
  w.key("content");
  w.begin_array();
  for (const Value& v : list.items()) openai_logprob(w, v, true);
  w.end_array();
  w.null_field("refusal");
  w.end_object();
  const auto parsed = json::parse(arena.keep(std::move(text)), arena);
  return parsed ? *parsed : Value{};
}

void write_logprobs(json::Writer& w, Value logprobs) {
  w.begin_array();
  for (std::string_view part : {"content", "refusal"})
    for (const Value& v : logprobs[part].items()) own_logprob(w, v);
  w.end_array();
}

Str read_arguments(Value arguments, json::Arena& arena) {
  if (arguments.is_object()) return arguments.size() == 0 ? Str() : json::to_text(arguments, arena);
  if (arguments.is_null()) return {};
  if (arguments.is_string()) {  // as in OpenAI's format
    const Str text = arguments.as_string();
    if (text.find_first_not_of(" \t\r\n") == Str::npos) return {};
    const auto parsed = json::parse(text, arena);
    if (parsed && parsed->is_object()) return text;
  }
  std::string wrapped;
  json::Writer w(wrapped);
  w.begin_object();
  w.field("input", arguments);
  w.end_object();
  return arena.keep(std::move(wrapped));
}

void write_arguments(json::Writer& w, Str arguments, bool custom) {
  if (!custom) {
    if (arguments.find_first_not_of(" \t\r\n") == Str::npos) return w.raw("{}");
    json::Arena scratch;
    const auto parsed = json::parse(arguments, scratch);
    // A line break inside would end a stream's line.
    if (parsed && parsed->is_object())
      return arguments.find_first_of("\r\n") == Str::npos ? w.raw(arguments) : w.write(*parsed);
  }
  w.begin_object();
  w.field("input", arguments);
  w.end_object();
}

void write_call(json::Writer& w, const Block& call, Str arguments, int index, Value extra) {
  w.begin_object();
  w.field("id", call.id);
  w.key("function");
  w.begin_object();
  w.field("index", index);
  w.field("name", call.name);
  w.key("arguments");
  write_arguments(w, arguments, call.custom);
  write_prefixed(w, extra, kFunctionPrefix);
  w.end_object();
  write_unprefixed(w, extra, kFunctionPrefix);
  w.end_object();
}

std::string call_id(Str created_at, Str name, Str arguments, std::size_t number) {
  constexpr std::uint64_t kSeed = 0x6f6c6c616d61;  // any, but the same in every process
  constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  Hash64 hash(kSeed);
  for (Str part : {created_at, name, arguments}) {
    hash.add(part);
    hash.add(Str("\0", 1));
  }
  std::uint64_t n = hash.value() + number;
  std::string id = "call_";
  for (int i = 0; i < 12; ++i, n /= 36) id += kDigits[n % 36];
  return id;
}

Value prefixed(Str prefix, Value members, json::Arena& arena) {
  if (members.size() == 0) return {};
  std::vector<json::Member> out;
  for (const json::Member& m : members.members())
    out.push_back({arena.keep(std::string(prefix) + std::string(m.key)), m.value});
  return Value::object(arena, out);
}

void write_prefixed(json::Writer& w, Value extra, Str prefix) {
  for (const json::Member& m : extra.members())
    if (m.key.starts_with(prefix)) w.field(m.key.substr(prefix.size()), m.value);
}

void write_unprefixed(json::Writer& w, Value extra, Str prefix) {
  for (const json::Member& m : extra.members())
    if (!m.key.starts_with(prefix)) w.field(m.key, m.value);
}

bool is_duration(Str member) {
  return std::find(std::begin(kDurations), std::end(kDurations), member) != std::end(kDurations);
}

void write_metrics(json::Writer& w, const Usage& usage, const Times* times, Value own) {
  const bool measured = times != nullptr && times->asked > 0 && times->now >= times->asked;
  auto duration = [&](Str name, std::int64_t ns) {
    if (const Value told = own[name]; told.is_number())
      w.field(name, told);
    else if (ns > 0)
      w.field(name, ns);
  };
  const bool split = measured && times->first >= times->asked && times->first <= times->now;
  duration("total_duration", measured ? times->now - times->asked : 0);
  duration("load_duration", 0);
  if (usage.known) w.field("prompt_eval_count", usage.input);
  duration("prompt_eval_duration", split ? times->first - times->asked : 0);
  if (usage.known) w.field("eval_count", usage.output);
  duration("eval_duration", split ? times->now - times->first : 0);
  if (!usage.known || !has_details(usage)) return;
  w.key("usage");
  openai_chat::write_usage(w, usage);
}

}  // namespace pb::llm::ollama
