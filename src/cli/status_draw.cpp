#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/status_view.h"
#include "cli/text.h"

namespace pb::cli {
namespace {

enum class Paint : std::uint8_t { none, good, warn, bad, dim, bold };

struct Cell {
  std::string text;
  Paint paint = Paint::none;
};

struct Column {
  std::string_view title;
  bool right = false;
  int rank = 0;       // the highest goes first when there is no room; 0 = never
  std::size_t least;  // texts may be cut to this
};

class Painter {
 public:
  explicit Painter(bool colour) : colour_(colour) {}
  std::string operator()(Paint paint, const std::string& text) const {
    if (!colour_ || paint == Paint::none) return text;
    constexpr std::string_view kCodes[] = {"", "32", "33", "31", "2", "1"};
    return "\x1b[" + std::string(kCodes[static_cast<std::size_t>(paint)]) + "m" + text + "\x1b[0m";
  }

 private:
  bool colour_;
};

std::string fixed(double n, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, n);
  return text;
}
std::string or_dash(double n, int digits, const char* unit = "") {
  return n < 0 ? "-" : fixed(n, digits) + unit;
}
std::string time_of(double ms) { return ms >= 10'000 ? fixed(ms / 1000, 1) + "s" : or_dash(ms, 0, "ms"); }
std::string whole(double n) {
  return std::abs(n - std::round(n)) < 1e-9 ? thousands(std::llround(n)) : fixed(n, 4);
}

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

  // The title line and at most `most` rows.
  std::vector<std::string> lines(std::size_t room, std::size_t most, const Painter& paint) const {
    std::vector<std::size_t> widths(columns_.size());
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = width(columns_[i].title);
      for (const auto& row : rows_) widths[i] = std::max(widths[i], width(row[i].text));
    }
    squeeze(widths, room);
    std::vector<std::string> out = {line(titles(), widths, paint)};
    for (std::size_t i = 0; i < rows_.size() && i < most; ++i) out.push_back(line(rows_[i], widths, paint));
    if (rows_.size() > most)
      out.push_back(paint(Paint::dim, fit("  " + std::to_string(rows_.size() - most) + " more", room)));
    return out;
  }

 private:
  static constexpr std::size_t kGap = 2;
  static std::size_t total(const std::vector<std::size_t>& widths) {
    std::size_t sum = 0;
    for (const std::size_t w : widths) sum += w == 0 ? 0 : w + kGap;
    return sum == 0 ? 0 : sum - kGap;
  }

  // Cuts texts, then leaves columns out (width 0), until all fit.
  void squeeze(std::vector<std::size_t>& widths, std::size_t room) const {
    for (;;) {
      for (std::size_t i = 0; i < widths.size(); ++i) {
        const std::size_t all = total(widths);
        if (all <= room) return;
        const std::size_t least = columns_[i].least;
        if (least > 0 && widths[i] > least) widths[i] -= std::min(widths[i] - least, all - room);
      }
      if (total(widths) <= room) return;
      std::size_t worst = widths.size();
      for (std::size_t i = 0; i < widths.size(); ++i)
        if (widths[i] > 0 && columns_[i].rank > 0 &&
            (worst == widths.size() || columns_[i].rank > columns_[worst].rank))
          worst = i;
      if (worst == widths.size()) return;
      widths[worst] = 0;
    }
  }

  std::vector<Cell> titles() const {
    std::vector<Cell> out;
    for (const Column& c : columns_) out.push_back({std::string(c.title), Paint::dim});
    return out;
  }

  std::string line(const std::vector<Cell>& row, const std::vector<std::size_t>& widths,
                   const Painter& paint) const {
    std::string out, pad;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths[i] == 0) continue;
      const std::string text = fit(row[i].text, widths[i]);
      const std::string fill(widths[i] - width(text), ' ');
      out += pad;
      pad.clear();
      if (columns_[i].right) out += fill;
      out += paint(row[i].paint, text);
      pad = (columns_[i].right ? "" : fill) + std::string(kGap, ' ');
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
  }

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

Paint paint_of(std::string_view state) {
  if (state == "ready") return Paint::good;
  if (state == "open" || state == "unhealthy") return Paint::bad;
  return state == "drained" ? Paint::dim : Paint::warn;
}

Table deployments(const StatusView& view) {
  Table t({{"DEPLOYMENT", false, 0, 16},
           {"STATE", false, 0, 0},
           {"REQ/S", true, 0, 0},
           {"OPEN", true, 2, 0},
           {"ERRORS", true, 0, 0},
           {"FIRST", true, 1, 0},
           {"P95", true, 4, 0},
           {"TOK/S", true, 5, 0},
           {"ANSWERED", true, 6, 0},
           {"ROUTES", false, 7, 6}});
  for (const auto& d : view.deployments) {
    const std::string back = d.back_ms > 0 ? " " + span_text((d.back_ms + 999) / 1000) : "";
    t.add({{printable(d.id)},
           {d.state + back, paint_of(d.state)},
           {fixed(d.per_second, 1)},
           {thousands(d.in_flight)},
           {d.error_rate < 0 ? "-" : fixed(d.error_rate * 100, 1) + "%", d.error_rate >= 0.1 ? Paint::bad
                                                                         : d.error_rate > 0  ? Paint::warn
                                                                                             : Paint::none},
           {time_of(d.first_token_ms)},
           {time_of(d.p95_ms)},
           {or_dash(d.tokens_per_second, 0)},
           {thousands(d.answered)},
           {printable(d.routes)}});
  }
  return t;
}

Table limits(const StatusView& view) {
  Table t({{"LIMIT NEARLY USED UP", false, 0, 12},
           {"OF", false, 0, 8},
           {"USED", true, 0, 0},
           {"LEFT", true, 1, 0},
           {"MOST", true, 2, 0},
           {"RESETS", true, 3, 0}});
  for (const auto& l : view.limits) {
    const double used = l.most > 0 ? 1 - l.left / l.most : 0;
    t.add({{l.limit},
           {l.subject + " " + printable(l.name)},
           {fixed(std::floor(used * 100), 0) + "%", used >= 1 ? Paint::bad : Paint::warn},
           {whole(l.left)},
           {whole(l.most)},
           {l.resets_ms < 0 ? "-" : "in " + span_text((l.resets_ms + 999) / 1000)}});
  }
  return t;
}

Table requests(const StatusView& view) {
  Table t({{"TIME", false, 3, 0},
           {"STATUS", true, 0, 0},
           {"MODEL", false, 0, 12},
           {"ROUTE", false, 6, 6},
           {"KEY", false, 4, 6},
           {"IN", true, 2, 0},
           {"OUT", true, 2, 0},
           {"FIRST", true, 5, 0},
           {"TOTAL", true, 0, 0},
           {"ERROR", false, 1, 8}});
  for (const auto& r : view.requests)
    t.add({{r.time},
           {std::to_string(r.status), r.status >= 500   ? Paint::bad
                                      : r.status >= 400 ? Paint::warn
                                                        : Paint::none},
           {printable(r.provider.empty() ? r.model : r.provider + "/" + r.model)},
           {printable(r.route)},
           {printable(r.key)},
           {thousands(r.input)},
           {thousands(r.output)},
           {time_of(r.first_token_ms)},
           {time_of(r.latency_ms)},
           {r.error}});
  return t;
}

std::vector<std::string> head(const StatusView& v, const Drawing& d, const Painter& paint) {
  std::vector<std::string> out;
  const std::string name = "patchbay " + printable(v.version) + "  " + d.url + "  up " +
                           span_text(static_cast<std::int64_t>(v.uptime_s)) + (v.ready ? "" : "  stopping");
  out.push_back(paint(Paint::bold, fit(name, d.columns)));
  std::string config = v.source.empty() ? "no configuration file" : "config " + printable(v.source);
  config += ", version " + std::to_string(v.generation) + ", " + thousands(v.keys) + " key" +
            (v.keys == 1 ? "" : "s");
  if (v.simulator) config += ", the built-in simulator answers";
  out.push_back(fit(config, d.columns));
  if (!v.refused.empty())
    out.push_back(paint(Paint::bad, fit("newer configuration refused: " + printable(v.refused), d.columns)));
  out.push_back(fit(fixed(v.per_second, 1) + " requests/s, " + thousands(v.in_flight) + " under way, " +
                        thousands(v.answered) + " answered, " + thousands(v.failed) + " failed",
                    d.columns));
  if (v.ledger && (!v.ledger_ok || v.ledger_dropped > 0))
    out.push_back(paint(
        Paint::bad, fit(v.ledger_dropped > 0 ? "the ledger has lost " + thousands(v.ledger_dropped) + " rows"
                                             : std::string("the ledger's database cannot be written"),
                        d.columns)));
  if (!d.trouble.empty())
    out.push_back(paint(Paint::bad, fit("no answer: " + printable(d.trouble), d.columns)));
  return out;
}

}  // namespace

std::string draw_status(const StatusView& view, const Drawing& d) {
  const Painter paint(d.colour);
  std::vector<std::string> all = head(view, d, paint);
  constexpr std::size_t kMost = 1000;
  // Half of what the head leaves is for deployments, a quarter for limits, the rest for requests; each has a title and a line before.
  const std::size_t left = d.lines == 0                ? 4 * kMost
                           : d.lines > all.size() + 12 ? d.lines - all.size() - 9
                                                       : 3;
  const std::size_t used_by_limits = std::min(view.limits.size(), std::max<std::size_t>(1, left / 4));
  const std::size_t used_by_deployments =
      std::min(view.deployments.size(), std::max<std::size_t>(1, left / 2));
  const auto add = [&](const Table& table, std::size_t most) {
    all.emplace_back();
    for (std::string& line : table.lines(d.columns, most, paint)) all.push_back(std::move(line));
  };
  if (!view.deployments.empty()) add(deployments(view), used_by_deployments);
  if (!view.limits.empty()) add(limits(view), used_by_limits);
  if (!view.requests.empty()) {
    const std::size_t taken = used_by_deployments + used_by_limits;
    add(requests(view), d.lines == 0 ? kMost : left > taken ? left - taken : 1);
  }
  std::string out;
  for (std::size_t i = 0; i < all.size() && (d.lines == 0 || i < d.lines); ++i) out += all[i] + "\n";
  return out;
}

}  // namespace pb::cli
