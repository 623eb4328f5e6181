#include "tools/benchmark/runner.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/clock.h"
#include "base/ids.h"
#include "base/limits_benchmark.h"
#include "base/log.h"
#include "base/utf8.h"
#include "mcp/hub.h"
#include "net/together.h"
#include "tools/benchmark/judging.h"
#include "tools/benchmark/on_disk.h"
#include "tools/benchmark/quality.h"
#include "tools/benchmark/report.h"

namespace pb::tools::bench {
namespace asio = boost::asio;
namespace {

constexpr std::int64_t kGraceMs = 60'000;  // for the disk and for what waits before a run
constexpr std::size_t kMessageBytesMax = 500;

// Errors that another try would not change.
bool final(Code code) {
  return code == Code::not_found || code == Code::permission_denied || code == Code::unauthenticated ||
         code == Code::invalid_request || code == Code::payment_required;
}

// A benchmark that does not come to its end has been cancelled: its frame goes.
class Ending {
 public:
  Ending(const Deps& deps, mcp::Context& context, std::string id)
      : deps_(deps), hub_(context.hub()), id_(std::move(id)) {}
  ~Ending() {
    if (id_.empty()) return;
    deps_.gateway.blocking().post([store = deps_.benchmarks, hub = &hub_, id = id_] {
      if (store->end(id, "cancelled", "", unix_ms()))
        hub->publish({mcp::Change::What::resource, benchmark_uri(id)});
    });
  }
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  void done() { id_.clear(); }

 private:
  const Deps& deps_;
  mcp::Hub& hub_;
  std::string id_;
};

// What the lanes share; in measure()'s frame, which outlives them.
struct Session {
  const Deps& deps;
  mcp::Context& context;
  const Plan& plan;
  Measured& out;
  Allowance left;
  std::size_t next_model = 0;
  std::int64_t next_number = 0, done = 0, total = 0;
  bool limited = false;       // the allowance is used up
  std::string store_trouble;  // the first
};

std::int64_t alive_until(const Plan& plan) { return unix_ms() + plan.timeout_ms + plan.delay_ms + kGraceMs; }

void tell(Session& s, const Run& run) {
  std::string text =
      run.model + ": run " + std::to_string(run.run + 1) + " of " + std::to_string(s.plan.runs);
  if (s.plan.prompts.size() > 1) text += ", prompt " + std::to_string(run.prompt + 1);
  text += run.error.empty() ? ", " + std::to_string(run.latency_us / 1000) + " ms" : ", " + run.error;
  s.context.progress(static_cast<double>(++s.done), static_cast<double>(s.total), text);
}

Run run_of(const Result<ModelAnswer>& answer, const std::string& prompt) {
  Run r;
  if (!answer) {
    r.error = to_string(answer.error().code);
    r.message = utf8::beginning(answer.error().message, kMessageBytesMax);
    return r;
  }
  r.provider = answer->provider;
  r.answered_by = answer->model;
  r.cache = answer->cache;
  r.finish = answer->finish_reason;
  r.latency_us = answer->latency_us;
  r.first_token_us = answer->first_token_us;
  r.input = answer->input;
  r.output = answer->output;
  r.usage_known = answer->usage_known;
  r.cost = answer->cost;
  r.cost_known = answer->cost_known;
  r.chars = static_cast<std::int64_t>(answer->text.size());
  r.has_code = contains_code(answer->text);
  const Heuristics h = look_at(prompt, answer->text, answer->finish_reason);
  r.quality = h.quality();
  r.quality_by = "heuristic";
  r.grades = grades_json(h);
  r.answer = utf8::beginning(answer->text, limits::kBenchmarkTextBytesMax);
  return r;
}

Task<void> keep(Session& s, Run run) {
  if (!s.out.saved) co_return;
  if (!s.plan.include_texts) {
    run.answer.clear();
    run.message.clear();  // providers quote the question in some
  }
  auto done = co_await on_disk(s.deps.gateway.blocking(),
                               [store = s.deps.benchmarks, id = s.out.benchmark.id, run = std::move(run),
                                until = alive_until(s.plan)] { return store->add(id, run, until); });
  if (done || !s.store_trouble.empty()) co_return;
  s.store_trouble = done.error().message;
  log::warn(log::Module::store, "a benchmark's run could not be kept", {{"why", s.store_trouble}});
}

// One question. A value: the model need not be asked again, for this error; "" = nobody is to be asked.
Task<std::optional<std::string>> one(Session& s, const std::string& model, std::size_t prompt, int number) {
  ModelQuestion question;
  question.model = model;
  question.messages = plain_messages(s.plan.system, s.plan.prompts[prompt].text);
  question.temperature = s.plan.temperature;
  question.max_tokens = s.plan.max_tokens;
  question.timeout_ms = s.plan.timeout_ms;
  question.fresh = true;
  const std::int64_t begun = unix_ms();
  // Streamed, so that the first token's time is known.
  const Result<ModelAnswer> answer =
      co_await ask_model(s.deps, s.context, question, s.left, [](std::string_view) {});
  if (!answer && never_asked(answer.error())) {
    s.limited = true;
    co_return "";
  }
  Run run = run_of(answer, s.plan.prompts[prompt].text);
  run.number = s.next_number++;
  run.model = model;
  run.prompt = static_cast<std::int64_t>(prompt);
  run.category = s.plan.prompts[prompt].category;
  run.run = number;
  run.begun_ms = begun;
  if (s.plan.judge.empty() && !s.plan.include_texts) run.answer.clear();
  s.out.runs.push_back(run);
  tell(s, run);
  co_await keep(s, std::move(run));
  if (answer || !final(answer.error().code)) co_return std::nullopt;
  co_return std::string(to_string(answer.error().code));
}

Task<void> pause(int ms) {
  if (ms <= 0) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(ms));
  co_await timer.async_wait(asio::use_awaitable);
}

Task<void> lane(Session& s) {
  while (s.next_model < s.plan.models.size() && !s.limited) {
    const std::string& model = s.plan.models[s.next_model++];
    const std::int64_t runs = s.plan.runs * static_cast<std::int64_t>(s.plan.prompts.size());
    std::int64_t asked = 0;
    std::optional<std::string> why;  // it is not asked again
    for (int number = 0; !why && number < s.plan.runs; ++number)
      for (std::size_t prompt = 0; !why && prompt < s.plan.prompts.size(); ++prompt) {
        if (asked != 0) co_await pause(s.plan.delay_ms);
        if (s.limited)
          why = "";
        else
          why = co_await one(s, model, prompt, number);
        ++asked;
      }
    if (!why || why->empty() || asked >= runs) continue;
    s.done += runs - asked;
    s.out.notes.push_back(model + " was not asked again after `" + *why +
                          "`, which another try would not change");
  }
}

Result<void> fits(const Plan& plan, const Allowance& left) {
  const std::int64_t calls = calls_of(plan);
  const std::string count = std::to_string(plan.models.size()) + " models, " +
                            std::to_string(plan.prompts.size()) + " prompts, " + std::to_string(plan.runs) +
                            " runs" + (plan.judge.empty() ? "" : " and a judge") + " take " +
                            std::to_string(calls) + " requests to models";
  if (calls > left.calls)
    return fail(Code::invalid_request, count + ", and the option mcp.tools.calls grants one call of a tool " +
                                           std::to_string(left.calls) + ": ask for less, or raise it");
  if (calls > limits::kBenchmarkCallsMax)
    return fail(Code::invalid_request, count + "; at most " + std::to_string(limits::kBenchmarkCallsMax) +
                                           " are made in one benchmark");
  return {};
}

Task<void> begin(Session& s) {
  store::Benchmark& b = s.out.benchmark;
  b.id = ids::make("bm_");
  b.owner = caller_of(s.context.principal()).name;
  b.begun_ms = unix_ms();
  b.alive_until_ms = alive_until(s.plan);
  b.config = config_json(s.plan);
  if (!s.plan.save) co_return;
  if (s.deps.benchmarks == nullptr) {
    s.store_trouble = "no history is kept here";
    co_return;
  }
  auto done =
      co_await on_disk(s.deps.gateway.blocking(), [store = s.deps.benchmarks, b] { return store->begin(b); });
  s.out.saved = done.has_value();
  if (!done) s.store_trouble = done.error().message;
}

Task<void> end(Session& s) {
  store::Benchmark& b = s.out.benchmark;
  b.state = s.limited ? "limited" : "done";
  b.ended_ms = unix_ms();
  b.best = best_of(make_report(b, s.out.runs));
  if (!s.out.saved) co_return;
  std::vector<store::BenchmarkGrade> grades;
  for (const Run& r : s.out.runs)
    if (s.out.judged) grades.push_back({r.number, r.quality, r.quality_by, r.grades});
  auto done = co_await on_disk(s.deps.gateway.blocking(),
                               [store = s.deps.benchmarks, b, grades = std::move(grades)]() -> Result<void> {
                                 TRY(store->grade(b.id, grades));
                                 return store->end(b.id, b.state, b.best, b.ended_ms);
                               });
  if (!done && s.store_trouble.empty()) s.store_trouble = done.error().message;
  s.context.hub().publish({mcp::Change::What::resources, {}});
  s.context.hub().publish({mcp::Change::What::resource, benchmark_uri(b.id)});
}

}  // namespace

std::int64_t calls_of(const Plan& plan) {
  const std::int64_t sets = plan.runs * static_cast<std::int64_t>(plan.prompts.size());
  return sets * static_cast<std::int64_t>(plan.models.size()) + (plan.judge.empty() ? 0 : sets);
}

std::string config_json(const Plan& plan) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.strings("models", plan.models);
  w.key("prompts");
  w.begin_array();
  for (const Prompt& p : plan.prompts) {
    w.begin_object();
    if (!p.category.empty()) w.field("category", p.category);
    w.field("length", static_cast<std::int64_t>(p.text.size()));
    if (plan.include_texts) w.field("text", p.text);
    w.end_object();
  }
  w.end_array();
  if (plan.include_texts && !plan.system.empty()) w.field("system_prompt", plan.system);
  w.field("runs", plan.runs);
  w.field("delay_seconds", plan.delay_ms / 1000.0);
  w.field("timeout_seconds", plan.timeout_ms / 1000.0);
  if (plan.temperature >= 0) w.field("temperature", plan.temperature);
  if (plan.max_tokens > 0) w.field("max_tokens", plan.max_tokens);
  if (!plan.judge.empty()) w.field("judge", plan.judge);
  w.field("include_texts", plan.include_texts);
  w.end_object();
  return out;
}

Task<Result<Measured>> measure(Deps deps, mcp::Context& context, Plan plan) {
  Measured out;
  Session s{deps, context, plan, out, allowance(deps), 0, 0, 0, calls_of(plan), false, {}};
  CO_TRY(fits(plan, s.left));
  co_await begin(s);
  Ending ending(deps, context, out.saved ? out.benchmark.id : std::string());
  context.log(mcp::LogLevel::info, "benchmark",
              R"({"event":"begun","benchmark":")" + out.benchmark.id + R"(","requests":)" +
                  std::to_string(s.total) + "}");
  const int granted = deps.gateway.snapshot().config().mcp.tools.parallel;
  const int wanted = plan.parallel > 0 ? std::min(plan.parallel, granted) : granted;
  std::vector<Task<void>> lanes;
  for (std::size_t i = 0; i < std::min(plan.models.size(), static_cast<std::size_t>(wanted)); ++i)
    lanes.push_back(lane(s));
  co_await net::together(std::move(lanes));
  std::ranges::sort(out.runs, {}, &Run::number);
  if (!plan.judge.empty() && !s.limited) {
    out.judged = co_await judge_all(deps, context, plan, out.runs, s.left, s.done, s.total);
    s.limited = out.judged->limited;
    note_judging(plan, *out.judged, out.runs, out.notes);
  }
  co_await end(s);
  ending.done();
  if (s.limited)
    out.notes.push_back(
        "The benchmark ended early: what the options mcp.tools.calls, mcp.tools.tokens and mcp.tools.dollars "
        "grant one call of a tool is used up");
  if (plan.save && !s.store_trouble.empty()) {
    out.notes.push_back("Not everything could be kept: " + s.store_trouble);
  }
  if (!plan.include_texts)
    for (Run& r : out.runs) r.answer.clear();
  co_return out;
}

std::optional<std::string> sees(const mcp::Context& context) {
  if (sees_all(context.principal())) return std::nullopt;
  return context.principal().name;
}

std::string benchmark_uri(std::string_view id) { return "stats://benchmarks/" + std::string(id); }

}  // namespace pb::tools::bench
