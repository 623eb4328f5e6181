#include "base/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace pb::metrics {
namespace {

void append_number(std::string& out, double d) {
  if (std::isnan(d)) {
    out += "NaN";
  } else if (std::isinf(d)) {
    out += d > 0 ? "+Inf" : "-Inf";
  } else {
    char text[64];
    const bool whole = std::abs(d) < 9007199254740992.0 && d == std::trunc(d);
    const bool plain = std::abs(d) >= 1e-6 && std::abs(d) < 1e15;  // "0.0005", not "5e-04"
    const auto end = whole   ? std::to_chars(text, text + sizeof text, static_cast<long long>(d))
                     : plain ? std::to_chars(text, text + sizeof text, d, std::chars_format::fixed)
                             : std::to_chars(text, text + sizeof text, d);
    out.append(text, end.ptr);
  }
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) out += '\\';
      out += c;
    }
  }
}

std::string_view to_string(Type type) {
  constexpr std::string_view names[] = {"counter", "gauge", "histogram"};
  return names[static_cast<std::size_t>(type)];
}

// name{labels,extra} value
void append_sample(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                   std::string_view extra, double value) {
  out.append(name).append(suffix);
  if (!labels.empty() || !extra.empty()) {
    out.append("{").append(labels);
    if (!labels.empty() && !extra.empty()) out += ',';
    out.append(extra).append("}");
  }
  out += ' ';
  append_number(out, value);
  out += '\n';
}

// The sum of one series over the shards.
struct Sum {
  double value = 0;  // of a counter or gauge; of a histogram the sum of its observations
  std::array<std::uint64_t, kBounds.size() + 1> buckets{};
};

struct FamilySums {
  std::string help;
  Type type = Type::counter;
  std::map<std::string, Sum> series;  // by labels
};

void append_histogram(std::string& out, std::string_view name, std::string_view labels, const Sum& sum) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < sum.buckets.size(); ++i) {
    count += sum.buckets[i];
    std::string le = "le=\"";
    append_number(le, i < kBounds.size() ? kBounds[i] : HUGE_VAL);
    le += '"';
    append_sample(out, name, "_bucket", labels, le, static_cast<double>(count));
  }
  append_sample(out, name, "_sum", labels, {}, sum.value);
  append_sample(out, name, "_count", labels, {}, static_cast<double>(count));
}

}  // namespace

// On a cache line of its own: neighbours on the heap may belong to another core's shard.
struct alignas(64) Shard::Series {
  std::string name, help, labels;
  Type type = Type::counter;
  Number number;
  std::unique_ptr<Histogram> histogram;
};

void Histogram::observe(double seconds) {
  if (!(seconds >= 0)) seconds = 0;  // a clock that went back, or NaN
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);  // bounds are inclusive
  auto& bucket = buckets[static_cast<std::size_t>(bound - kBounds.begin())];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  sum.add(seconds);
}

Shard::Shard() = default;
Shard::~Shard() = default;

Shard::Series& Shard::series(const Family& family, std::string_view labels) {
  std::string key;
  key.reserve(family.name.size() + 1 + labels.size());
  key.append(family.name).append("{").append(labels);
  // Only the owner changes the map, so it may look without the lock.
  if (const auto found = series_.find(key); found != series_.end()) return *found->second;
  auto made = std::make_unique<Series>();
  made->name = family.name;
  made->help = family.help;
  made->labels = labels;
  made->type = family.type;
  if (family.type == Type::histogram) made->histogram = std::make_unique<Histogram>();
  Series& result = *made;
  const std::lock_guard lock(mutex_);
  series_.emplace(std::move(key), std::move(made));
  return result;
}

Number& Shard::number(const Family& family, std::string_view labels) { return series(family, labels).number; }

Histogram& Shard::histogram(const Family& family, std::string_view labels) {
  Series& s = series(family, labels);
  if (!s.histogram) {  // the family was not declared a histogram: a bug, but no reason to crash
    const std::lock_guard lock(mutex_);
    s.histogram = std::make_unique<Histogram>();
    s.type = Type::histogram;
  }
  return *s.histogram;
}

Shard& Registry::add_shard() {
  const std::lock_guard lock(mutex_);
  return *shards_.emplace_back(std::make_unique<Shard>());
}

std::string Registry::text() const {
  std::map<std::string, FamilySums> families;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& shard : shards_) {
      const std::lock_guard shard_lock(shard->mutex_);
      for (const auto& [key, series] : shard->series_) {
        FamilySums& family = families[series->name];
        family.help = series->help;
        family.type = series->type;
        Sum& sum = family.series[series->labels];
        sum.value += series->histogram ? series->histogram->sum.get() : series->number.get();
        if (!series->histogram) continue;
        for (std::size_t i = 0; i < sum.buckets.size(); ++i)
          sum.buckets[i] += series->histogram->buckets[i].load(std::memory_order_relaxed);
      }
    }
  }
  std::string out;
  for (const auto& [name, family] : families) {
    out.append("# HELP ").append(name).append(" ");
    append_escaped(out, family.help, false);
    out.append("\n# TYPE ").append(name).append(" ").append(to_string(family.type)).append("\n");
    for (const auto& [labels, sum] : family.series) {
      if (family.type == Type::histogram)
        append_histogram(out, name, labels, sum);
      else
        append_sample(out, name, {}, labels, {}, sum.value);
    }
  }
  return out;
}

void label(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ',';
  out.append(name).append("=\"");
  append_escaped(out, value, true);
  out += '"';
}

}  // namespace pb::metrics
