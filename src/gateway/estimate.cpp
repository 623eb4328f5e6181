#include "gateway/estimate.h"

#include <algorithm>

namespace pb::gateway {
namespace {

constexpr metrics::Family kTokens{"patchbay_tokens_total", "Tokens, by kind.", metrics::Type::counter};
constexpr metrics::Family kCost{"patchbay_cost_dollars_total",
                                "Cost of requests with a known price, in US dollars.",
                                metrics::Type::counter};

constexpr std::size_t kInlineBytesMax = 16 * 1024;  // a third of a millisecond

Result<std::int64_t> count_now(const llm::Request& prompt, std::string_view model, std::stop_token stop) {
  return llm::count_request(prompt, model, std::move(stop)).value_or(0);  // stopped: nobody waits for it
}

Result<std::int64_t> count_now(const llm::Dialect& dialect, std::string body, std::string_view model,
                               std::stop_token stop) {
  TRY_ASSIGN(const llm::Request prompt, dialect.decode_request(std::move(body)));
  return count_now(prompt, model, std::move(stop));
}

// A result of a result is one.
Result<std::int64_t> flat(Result<Result<std::int64_t>> done) {
  if (!done) return std::unexpected(std::move(done.error()));
  return std::move(*done);
}

}  // namespace

Task<Result<std::int64_t>> count_prompt(net::BlockingPool& pool, std::shared_ptr<const llm::Request> prompt,
                                        std::string model) {
  if (prompt->text && prompt->text->size() <= kInlineBytesMax) co_return count_now(*prompt, model, {});
  auto work = [prompt, model](std::stop_token stop) { return count_now(*prompt, model, std::move(stop)); };
  co_return flat(co_await net::blocking(pool, std::move(work)));
}

Task<Result<std::int64_t>> count_prompt(net::BlockingPool& pool, const llm::Dialect& dialect,
                                        std::string body, std::string model) {
  if (body.size() <= kInlineBytesMax) co_return count_now(dialect, std::move(body), model, {});
  auto work = [&dialect, body = std::move(body), model](std::stop_token stop) mutable {
    return count_now(dialect, std::move(body), model, std::move(stop));
  };
  co_return flat(co_await net::blocking(pool, std::move(work)));
}

llm::Usage count_usage(Uncounted from) {
  llm::Usage usage;
  if (from.streamed && (!from.streamed->empty() || from.pieces == 0)) {
    usage = from.streamed->usage();
  } else if (!from.answer.empty()) {
    const auto answer = from.dialect->decode_response(std::move(from.answer));
    if (!answer) return {};
    usage = llm::count_answer(*answer, from.model);
  } else {
    usage.output = std::max<std::int64_t>(0, from.pieces - 2);  // the first and the last have no text
  }
  if (from.prompt) {
    usage.input = llm::count_request(*from.prompt, from.model).value_or(0);
  } else {
    const auto prompt = from.dialect->decode_request(std::move(from.body));
    if (!prompt) return {};
    usage.input = llm::count_request(*prompt, from.model).value_or(0);
  }
  usage.known = true;
  return usage;
}

TokenSeries TokenSeries::make(metrics::Shard& shard, std::string_view provider, std::string_view model) {
  std::string labels;
  metrics::label(labels, "provider", provider);
  metrics::label(labels, "model", model);
  const auto tokens = [&](std::string_view kind) {
    std::string with_kind = labels;
    metrics::label(with_kind, "kind", kind);
    return &shard.number(kTokens, with_kind);
  };
  TokenSeries s;
  s.input = tokens("input");
  s.output = tokens("output");
  s.cache_read = tokens("cache_read");
  s.cache_write = tokens("cache_write");
  s.reasoning = tokens("reasoning");
  s.cost = &shard.number(kCost, labels);
  return s;
}

void TokenSeries::add(const llm::Usage& usage) const {
  const auto add = [](metrics::Number* to, std::int64_t n) {
    if (n != 0) to->add(static_cast<double>(n));
  };
  add(input, usage.input);
  add(output, usage.output);
  add(cache_read, usage.cache_read);
  add(cache_write, usage.cache_write);
  add(reasoning, usage.reasoning);
}

void fill(store::UsageRow& row, const llm::Usage& usage, const std::optional<llm::ModelPrice>& price) {
  row.input = usage.input;
  row.output = usage.output;
  row.cache_read = usage.cache_read;
  row.cache_write = usage.cache_write;
  row.reasoning = usage.reasoning;
  row.usage_known = usage.known;
  row.cost = 0;
  row.cost_known = false;
  if (!usage.known || !price) return;
  row.cost = llm::cost_of(*price, usage);
  row.cost_known = true;
}

struct Estimator::Job {
  store::UsageRow row;
  Uncounted from;
  std::string provider, model;
  std::optional<llm::ModelPrice> price;
  Hold hold;
  store::OpenRow open;
};

void Estimator::book(store::UsageRow row, Uncounted from, std::string provider, std::string model,
                     std::optional<llm::ModelPrice> price, Hold hold, const store::OpenRow& open) {
  auto job = std::make_shared<Job>(Job{std::move(row), std::move(from), std::move(provider), std::move(model),
                                       price, std::move(hold), open});
  if (pool_.post([this, job] { count(*job); })) return;
  job->hold.settle(job->row);
  if (ledger_ != nullptr) ledger_->add(job->row, job->open);  // too much to count already
}

void Estimator::count(Job& job) {
  const llm::Usage usage = count_usage(std::move(job.from));
  job.row.usage_estimated = usage.known;
  fill(job.row, usage, job.price);
  if (usage.known) {
    std::lock_guard lock(mutex_);
    std::string key = job.provider + "\n" + job.model;
    auto it = series_.find(key);
    if (it == series_.end())
      it = series_.emplace(std::move(key), TokenSeries::make(shard_, job.provider, job.model)).first;
    it->second.add(usage);
    if (job.row.cost_known) it->second.cost->add(job.row.cost);
  }
  job.hold.settle(job.row);
  if (ledger_ != nullptr) ledger_->add(job.row, job.open);
}

}  // namespace pb::gateway
