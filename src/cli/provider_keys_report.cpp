#include "cli/provider_keys_report.h"

#include <algorithm>

#include "base/json.h"
#include "base/when.h"
#include "cli/text.h"

namespace pb::cli {
namespace {

constexpr std::size_t kEventsShown = 20;

void write_time(json::Writer& w, std::string_view name, std::int64_t ms) {
  if (ms == 0)
    w.null_field(name);
  else
    w.field(name, std::string_view(time_text(ms)));
}

void write_keys(json::Writer& w, const std::vector<StoredKeyView>& keys, bool masked) {
  w.begin_array();
  for (const StoredKeyView& k : keys) {
    w.begin_object();
    w.field("name", std::string_view(k.name));
    if (masked) w.field("key", std::string_view(k.masked));
    w.strings("used_by", k.used_by);
    write_time(w, "set", k.set_ms);
    write_time(w, "rotated", k.rotated_ms);
    write_time(w, "last_used", k.used_ms);
    w.end_object();
  }
  w.end_array();
}

}  // namespace

bool KeyAudit::good() const {
  return std::ranges::all_of(files, [](const KeyFileView& f) { return f.fault.empty(); });
}

std::string provider_keys_table(const std::vector<StoredKeyView>& keys) {
  std::vector<std::vector<std::string>> rows = {{"name", "key", "used by", "set", "rotated"}};
  for (const StoredKeyView& k : keys)
    rows.push_back({k.name, k.masked, joined(k.used_by, ", ", "nothing"), time_or(k.set_ms, "-"),
                    time_or(k.rotated_ms, "-")});
  return columns(rows);
}

std::string provider_keys_json(const std::vector<StoredKeyView>& keys) {
  std::string out;
  json::Writer w(out);
  write_keys(w, keys, true);
  return out + "\n";
}

std::string audit_text(const KeyAudit& audit) {
  std::string out = "locked with " + audit.unlock + "\n\n";
  std::vector<std::vector<std::string>> files = {{"file", "mode", "state"}};
  for (const KeyFileView& f : audit.files)
    files.push_back({f.path, f.mode.empty() ? "-" : f.mode, f.fault.empty() ? "good" : f.fault});
  out += columns(files) + "\n";
  std::vector<std::vector<std::string>> keys = {{"name", "used by", "set", "rotated", "last used"}};
  for (const StoredKeyView& k : audit.keys)
    keys.push_back({k.name, joined(k.used_by, ", ", "nothing"), time_or(k.set_ms, "-"),
                    time_or(k.rotated_ms, "never"), time_or(k.used_ms, "never")});
  out += columns(keys) + "\n";
  std::vector<std::vector<std::string>> events = {{"when", "what", "key", "by"}};
  const std::size_t first = audit.events.size() - std::min(audit.events.size(), kEventsShown);
  for (std::size_t i = audit.events.size(); i > first; --i) {
    const store::KeyEvent& e = audit.events[i - 1];
    events.push_back({time_or(e.at_ms, "-"), printable(e.what), e.name.empty() ? "all" : printable(e.name),
                      printable(e.user)});
  }
  out += columns(events);
  for (const std::string& hint : audit.hints) out += "\nnote: " + hint;
  return audit.hints.empty() ? out : out + "\n";
}

std::string audit_json(const KeyAudit& audit) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("good", audit.good());
  w.field("unlock", std::string_view(audit.unlock));
  w.key("files");
  w.begin_array();
  for (const KeyFileView& f : audit.files) {
    w.begin_object();
    w.field("path", std::string_view(f.path));
    w.field_or_null("mode", f.mode);
    w.field("good", f.fault.empty());
    if (!f.fault.empty()) w.field("fault", std::string_view(f.fault));
    w.end_object();
  }
  w.end_array();
  w.key("keys");
  write_keys(w, audit.keys, false);
  w.key("events");
  w.begin_array();
  for (const store::KeyEvent& e : audit.events) {
    w.begin_object();
    write_time(w, "at", e.at_ms);
    w.field("what", std::string_view(e.what));
    w.field("name", std::string_view(e.name));
    w.field("user", std::string_view(e.user));
    w.end_object();
  }
  w.end_array();
  w.strings("hints", audit.hints);
  w.end_object();
  return out + "\n";
}

}  // namespace pb::cli
