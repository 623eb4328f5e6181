#include "gateway/record.h"

#include "base/clock.h"
#include "base/log.h"

namespace pb::gateway {
namespace {

constexpr std::size_t kSeriesMax = 500;  // per core

constexpr metrics::Family kRequests{"patchbay_requests_total",
                                    "Requests answered, by HTTP status sent to the client.",
                                    metrics::Type::counter};
constexpr metrics::Family kLatency{"patchbay_request_seconds",
                                   "From the request's arrival to the answer's last byte.",
                                   metrics::Type::histogram};
constexpr metrics::Family kFirstToken{"patchbay_first_token_seconds",
                                      "From the request's arrival to the first piece of a streamed answer.",
                                      metrics::Type::histogram};
constexpr metrics::Family kUpstreamErrors{"patchbay_upstream_errors_total",
                                          "Failed calls to providers, by cause.", metrics::Type::counter};

constexpr metrics::Family kLoops{"patchbay_loops_refused_total",
                                 "Requests refused because the same conversation was sent again and again.",
                                 metrics::Type::counter};

std::string labels_of(std::string_view provider, std::string_view model) {
  std::string labels;
  metrics::label(labels, "provider", provider);
  metrics::label(labels, "model", model);
  return labels;
}

}  // namespace

ModelSeries& Books::series(const Snapshot& snapshot, const Route& route, std::string_view client_format) {
  key_.assign(route.upstream->provider->name)
      .append("\n")
      .append(client_format)
      .append("\n")
      .append(route.model);
  if (auto it = series_.find(key_); it != series_.end()) return *it->second;
  std::string key = key_;
  auto s = std::make_unique<ModelSeries>();
  s->provider = route.upstream->provider->name;
  s->model = route.model;
  s->price = price_of(snapshot.config(), *route.upstream->provider, route.model);
  if (series_.size() >= kSeriesMax) {
    s->model = "other";
    key = s->provider + "\n" + std::string(client_format) + "\nother";
    if (auto it = series_.find(key); it != series_.end()) return *it->second;
    s->price.reset();
  }
  s->live = &snapshot.board().of(s->provider + "/" + s->model);
  std::string labels = labels_of(s->provider, s->model);
  s->tokens = TokenSeries::make(shard_, s->provider, s->model);
  s->latency = &shard_.histogram(kLatency, labels);
  s->first_token = &shard_.histogram(kFirstToken, labels);
  return *series_.emplace(std::move(key), std::move(s)).first->second;
}

void Books::reprice(const Snapshot& snapshot) {
  for (auto& [key, series] : series_)
    if (const Upstream* u = snapshot.find_upstream(series->provider);
        u != nullptr && series->model != "other")
      series->price = price_of(snapshot.config(), *u->provider, series->model);
}

metrics::Number& Books::requests(ModelSeries& s, std::string_view client_format, int status) {
  metrics::Number*& slot = s.requests[status];
  if (slot == nullptr) {
    std::string labels = labels_of(s.provider, s.model);
    metrics::label(labels, "format", client_format);
    metrics::label(labels, "status", std::to_string(status));
    slot = &shard_.number(kRequests, labels);
  }
  return *slot;
}

void Books::upstream_error(std::string_view provider, std::string_view code) {
  std::string labels;
  metrics::label(labels, "provider", provider);
  metrics::label(labels, "code", code);
  shard_.number(kUpstreamErrors, labels).add(1);
}

void Books::loop_refused(std::string_view client_format) {
  std::string labels;
  metrics::label(labels, "format", client_format);
  shard_.number(kLoops, labels).add(1);
}

Record::Record(Books& books, std::string_view client_format, std::string request_id, std::string_view key)
    : books_(books), client_format_(client_format), start_(std::chrono::steady_clock::now()) {
  row_.time_ms = unix_ms();
  row_.request_id = std::move(request_id);
  row_.key = key;
}

void Record::routed(const Snapshot& snapshot, Route& route) {
  series_ = &books_.series(snapshot, route, client_format_);
  if (route.live == nullptr) route.live = series_->live;
  row_.provider = route.upstream->provider->name;
  row_.model = route.model;
}

void Record::from_cache(const Snapshot& snapshot, std::string_view how, std::string_view provider,
                        std::string_view model) {
  row_.cache = how;
  row_.provider = provider;
  row_.model = model;
  Route route;
  route.upstream = snapshot.find_upstream(provider);  // null: it has been taken out since
  route.model = model;
  if (route.upstream != nullptr) series_ = &books_.series(snapshot, route, client_format_);
}

void Record::admitted(std::string_view team, Hold hold) {
  row_.team = team;
  hold_ = std::move(hold);
}

void Record::first_token() {
  if (row_.first_token_us < 0)
    row_.first_token_us =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start_)
            .count();
}

void Record::failed(const Error& error) {
  row_.error = to_string(error.code);
  if (row_.provider.empty()) return;
  bool upstream =
      error.code != Code::invalid_request && error.code != Code::cancelled && error.code != Code::internal;
  if (upstream || error.status >= 400) books_.upstream_error(row_.provider, row_.error);
}

void Record::attempt_failed(const Error& error) {
  books_.upstream_error(row_.provider, to_string(error.code));
}

void Record::begin_attempt() {
  usage = {};
  estimated = false;
  body = nullptr;
  uncounted.prompt.reset();
  uncounted.answer.clear();
  uncounted.streamed.reset();
  uncounted.pieces = 0;
}

std::int64_t Record::first_token_ms() const {
  if (row_.first_token_us < 0) return -1;
  const auto at = start_ + std::chrono::microseconds(row_.first_token_us);
  return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

void Record::adopt(Record& other) {
  if (booked_) return;  // has adopted it
  const auto later = std::chrono::duration_cast<std::chrono::microseconds>(other.start_ - start_);
  series_ = other.series_;
  row_.provider = other.row_.provider;
  row_.model = other.row_.model;
  row_.error = other.row_.error;
  row_.first_token_us = other.row_.first_token_us < 0 ? -1 : other.row_.first_token_us + later.count();
  status = other.status;
  usage = other.usage;
  estimated = other.estimated;
  hold_.provider.settle(0, 0);
  hold_.provider = std::move(other.hold_.provider);
  uncounted.dialect = other.uncounted.dialect;
  uncounted.prompt = std::move(other.uncounted.prompt);
  uncounted.answer = std::move(other.uncounted.answer);
  uncounted.pieces = other.uncounted.pieces;
  uncounted.streamed.reset();
  if (other.uncounted.streamed) uncounted.streamed.emplace(std::move(*other.uncounted.streamed));
  body = nullptr;
  if (other.body != nullptr) uncounted.body = std::move(*other.body);
}

void Record::stand_for(Record& request) {
  principal_ = &request;
  open_ = request.open_;
}

void Record::under_way() {
  if (principal_ != nullptr || booked_ || books_.ledger() == nullptr) return;
  row_.client_format = client_format_;
  row_.asked_model = asked_model;
  row_.stream = stream;
  // A whole answer is paid for even if nobody gets it, a stream as far as it came.
  llm::Usage most;
  most.input = hold_.prompt_tokens;
  most.output = stream ? 0 : std::max<std::int64_t>(0, hold_.estimate.tokens - hold_.prompt_tokens);
  most.known = true;
  const auto price = series_ != nullptr ? series_->price : std::nullopt;
  llm::Usage one;
  one.output = 1;
  const double piece_price = price ? llm::cost_of(*price, one) : 0;
  fill(row_, most, price);
  if (open_.id == 0)
    open_ = books_.ledger()->open(row_, piece_price);
  else
    books_.ledger()->change(open_, row_, piece_price);
}

void Record::piece() { open_.tell(++pieces_); }

// The row as it stands at this moment, the cost aside.
void Record::close_row() {
  if (status == 0) {
    status = 499;
    row_.error = to_string(Code::cancelled);
  }
  const auto spent = std::chrono::steady_clock::now() - start_;
  row_.latency_us = std::chrono::duration_cast<std::chrono::microseconds>(spent).count();
  row_.client_format = client_format_;
  row_.asked_model = asked_model;
  row_.status = status;
  row_.stream = stream;
}

// Takes the place of what will be counted.
void Record::guess(store::UsageRow& row) const {
  constexpr std::int64_t kBytesPerToken = 4;
  llm::Usage rough;
  if (uncounted.streamed && !uncounted.streamed->empty()) rough = uncounted.streamed->usage();
  rough.input = hold_.prompt_tokens;
  rough.output = std::max(
      {rough.output, uncounted.pieces, static_cast<std::int64_t>(uncounted.answer.size()) / kBytesPerToken});
  rough.known = true;
  row.usage_estimated = true;
  fill(row, rough, series_ != nullptr ? series_->price : std::nullopt);
}

void Record::secure() {
  if (principal_ != nullptr || open_.place < 0) return book();
  if (booked_) return;
  close_row();
  store::UsageRow row = row_;
  row.usage_estimated = usage.known && estimated;
  if (to_be_counted())
    guess(row);
  else
    fill(row, usage, series_ != nullptr ? series_->price : std::nullopt);
  books_.ledger()->change(open_, row, 0);
}

void Record::book() {
  if (booked_) return;
  booked_ = true;
  if (principal_ != nullptr) {
    principal_->adopt(*this);
    return principal_->book();
  }
  close_row();
  charge_what_was_sent();
  counted_later_ = to_be_counted();
  if (counted_later_) {
    if (open_.place < 0 && receipt_ == nullptr) return;
    store::UsageRow row = row_;
    guess(row);
    if (receipt_ != nullptr) *receipt_ = row;
    if (open_.place >= 0) books_.ledger()->change(open_, row, 0);
    return;
  }
  row_.usage_estimated = usage.known && estimated;
  fill(row_, usage, series_ != nullptr ? series_->price : std::nullopt);
  if (!row_.cache.empty()) {
    row_.saved = row_.cost_known ? row_.cost : 0;
    fill(row_, {.known = true}, llm::ModelPrice{});
  }
  if (receipt_ != nullptr) *receipt_ = row_;
  if (books_.ledger() != nullptr) books_.ledger()->add(row_, open_);
}

Record::~Record() {
  if (principal_ != nullptr) {
    hold_.provider.settle(0, 0);
    return;
  }
  book();
  if (log::enabled(log::Module::gateway, log::Level::debug))
    log::debug(log::Module::gateway, "request",
               {{"id", row_.request_id},
                {"provider", row_.provider},
                {"model", row_.model},
                {"status", status},
                {"error", row_.error},
                {"input", static_cast<long long>(usage.input)},
                {"output", static_cast<long long>(usage.output)},
                {"ms", static_cast<double>(row_.latency_us) / 1000}});
  const bool kept = !row_.cache.empty();
  if (series_ != nullptr) books_.requests(*series_, client_format_, status).add(1);
  if (series_ != nullptr && !kept) {  // how fast models are is not told by answers that none gave
    series_->latency->observe(static_cast<double>(row_.latency_us) / 1e6);
    if (row_.first_token_us >= 0)
      series_->first_token->observe(static_cast<double>(row_.first_token_us) / 1e6);
    if (usage.known) series_->tokens.add(usage);
    if (!counted_later_ && row_.cost_known) series_->tokens.cost->add(row_.cost);
  }
  if (counted_later_) {
    if (body != nullptr) uncounted.body = std::move(*body);
    uncounted.model = row_.model;
    books_.estimator()->book(std::move(row_), std::move(uncounted), series_->provider, series_->model,
                             series_->price, std::move(hold_), open_);
    return;
  }
  hold_.settle(row_);
}

// Who leaves a stream before its end has used what came until then, although nobody told how much that was: limits would else
// be for those only who stay.
void Record::charge_what_was_sent() {
  if (usage.known || status != 499 || row_.first_token_us < 0 || !hold_.held()) return;
  if (uncounted.streamed && !uncounted.streamed->empty()) usage = uncounted.streamed->usage();
  usage.output = std::max<std::int64_t>({1, usage.output, uncounted.pieces});
  usage.input = hold_.prompt_tokens;
  usage.known = estimated = true;
}

// An answer came, or a part of one, but no usage with it.
bool Record::to_be_counted() const {
  if (usage.known || series_ == nullptr || books_.estimator() == nullptr || uncounted.dialect == nullptr)
    return false;
  if (status < 200 || status >= 300) return false;
  const bool began = row_.first_token_us >= 0 || !uncounted.answer.empty();
  return began || row_.error.empty();
}

}  // namespace pb::gateway
