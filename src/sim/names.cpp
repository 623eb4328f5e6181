#include "sim/names.h"

#include <charconv>
#include <optional>

namespace pb::sim {
namespace {

constexpr int kCountMax = 64 << 20;  // bytes or events asked for by a name
constexpr int kEventsMax = 200'000;
constexpr int kWaitMsMax = 3'600'000;

// What may follow an item's word: nothing, "-N", or a duration "-500ms" or "-20s".
enum class Argument : unsigned char { none, number, optional_number, duration, optional_duration };

struct Item {
  std::string_view word;
  Argument argument;
  void (*apply)(Behaviour&, int value);  // value: the number or milliseconds; -1 when left out
};

// Longer words stand before the words they start with.
constexpr Item kItems[] = {
    {"echo", Argument::none, [](Behaviour& b, int) { b.answer = Answer::echo; }},
    {"text", Argument::none, [](Behaviour& b, int) { b.answer = Answer::text; }},
    {"size", Argument::number, [](Behaviour& b, int n) { b.answer = Answer::size, b.count = n; }},
    {"stream", Argument::number,
     [](Behaviour& b, int n) { b.answer = Answer::stream, b.count = n < kEventsMax ? n : kEventsMax; }},
    {"tools-parallel", Argument::optional_number,
     [](Behaviour& b, int n) { b.answer = Answer::tools, b.parallel = true, b.count = n < 0 ? 1 : n; }},
    {"tools", Argument::optional_number,
     [](Behaviour& b, int n) { b.answer = Answer::tools, b.count = n < 0 ? 1 : n; }},
    {"json", Argument::none, [](Behaviour& b, int) { b.answer = Answer::json; }},
    {"image", Argument::none, [](Behaviour& b, int) { b.answer = Answer::image; }},
    {"refusal", Argument::none, [](Behaviour& b, int) { b.answer = Answer::refusal; }},
    {"thinking-redacted", Argument::none, [](Behaviour& b, int) { b.thinking = b.redacted = true; }},
    {"thinking", Argument::none, [](Behaviour& b, int) { b.thinking = true; }},
    {"pixels", Argument::none, [](Behaviour& b, int) { b.pixels = true; }},
    {"max-tokens", Argument::none, [](Behaviour& b, int) { b.max_tokens = true; }},
    {"burst", Argument::none, [](Behaviour& b, int) { b.burst = true; }},
    {"slow-first", Argument::duration, [](Behaviour& b, int ms) { b.first_ms = ms; }},
    {"slow-token", Argument::duration, [](Behaviour& b, int ms) { b.token_ms = ms; }},
    {"silent", Argument::duration, [](Behaviour& b, int ms) { b.silent_ms = ms; }},
    {"loris", Argument::optional_duration, [](Behaviour& b, int ms) { b.byte_ms = ms < 0 ? 1 : ms; }},
    {"cut-body", Argument::none, [](Behaviour& b, int) { b.fault = Fault::cut_body; }},
    {"cut", Argument::none, [](Behaviour& b, int) { b.fault = Fault::cut; }},
    {"no-end", Argument::none, [](Behaviour& b, int) { b.fault = Fault::no_end; }},
    {"malformed", Argument::none, [](Behaviour& b, int) { b.fault = Fault::malformed; }},
    {"error-midstream", Argument::none, [](Behaviour& b, int) { b.fault = Fault::error_midstream; }},
    {"hang", Argument::none, [](Behaviour& b, int) { b.fault = Fault::hang; }},
    {"429", Argument::optional_number,
     [](Behaviour& b, int s) { b.status = 429, b.retry_after_s = s < 0 ? 1 : s; }},
    {"error", Argument::number, [](Behaviour& b, int status) { b.status = status; }},
    {"retry-after", Argument::number, [](Behaviour& b, int s) { b.retry_after_s = s; }},
    {"fail", Argument::number, [](Behaviour& b, int n) { b.fail_times = n; }},
};

std::optional<int> number(std::string_view text) {
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n < 0 || n > kCountMax) return std::nullopt;
  return n;
}

std::optional<int> duration_ms(std::string_view text) {
  int unit = 0;
  if (text.ends_with("ms")) {
    unit = 1;
    text.remove_suffix(2);
  } else if (text.ends_with('s')) {
    unit = 1000;
    text.remove_suffix(1);
  }
  const auto n = number(text);
  if (unit == 0 || !n || *n > kWaitMsMax / unit) return std::nullopt;
  return *n * unit;
}

bool apply_item(std::string_view text, Behaviour& behaviour) {
  for (const Item& item : kItems) {
    if (!text.starts_with(item.word)) continue;
    const std::string_view rest = text.substr(item.word.size());
    if (rest.empty()) {
      if (item.argument == Argument::number || item.argument == Argument::duration) return false;
      item.apply(behaviour, -1);
      return true;
    }
    if (rest.front() != '-') continue;
    std::optional<int> value;
    if (item.argument == Argument::number || item.argument == Argument::optional_number)
      value = number(rest.substr(1));
    if (item.argument == Argument::duration || item.argument == Argument::optional_duration)
      value = duration_ms(rest.substr(1));
    if (!value) continue;
    item.apply(behaviour, *value);
    return true;
  }
  return false;
}

// Modifiers alone answer with the paragraph: "sim-cut" is a text that is cut.
void complete(Behaviour& b) {
  if (b.answer == Answer::hello) b.answer = Answer::text;
  if (b.fail_times > 0 && b.status == 0) b.status = 503;
  if (b.status != 0 && (b.status < 400 || b.status > 599)) b.status = 500;
}

}  // namespace

Result<Behaviour> parse_model(std::string_view model) {
  Behaviour behaviour;
  if (model.starts_with("recorded/")) {
    behaviour.recorded = true;
    return behaviour;
  }
  const bool ours = model.starts_with("sim-");
  if (!ours && model != "echo" && !model.starts_with("echo+")) return behaviour;
  std::string_view rest = ours ? model.substr(4) : model;
  while (true) {
    const std::size_t plus = rest.find('+');
    const std::string_view item = rest.substr(0, plus);
    if (!apply_item(item, behaviour))
      return fail(Code::not_found,
                  "the simulator has no model '" + std::string(model) + "': it does not know '" +
                      std::string(item) + "' (docs/simulator.md lists what it knows)",
                  "model");
    if (plus == std::string_view::npos) break;
    rest.remove_prefix(plus + 1);
  }
  complete(behaviour);
  return behaviour;
}

}  // namespace pb::sim
