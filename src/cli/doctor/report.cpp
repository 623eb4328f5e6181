#include <algorithm>

#include "base/json.h"
#include "base/redact.h"
#include "cli/doctor/check.h"
#include "cli/text.h"

namespace pb::cli {
namespace {

constexpr std::string_view kNames[] = {"good", "note", "warning", "bad"};

std::size_t count(const Checks& checks, Health health) {
  return static_cast<std::size_t>(std::ranges::count(checks, health, &Check::health));
}

// One line each, whatever a provider or a file has put into it.
std::string shown(const std::string& text) { return printable(redact(text)); }

}  // namespace

std::string_view to_string(Health health) { return kNames[static_cast<std::size_t>(health)]; }

std::string doctor_text(const Checks& checks) {
  std::string out, area;
  for (const Check& c : checks) {
    if (c.area != area) out += (out.empty() ? "" : "\n") + c.area + "\n";
    area = c.area;
    std::string health(to_string(c.health));
    health.resize(7, ' ');
    out += "  " + health + "  " + shown(c.name) + ": " + shown(c.what) + "\n";
    if (!c.advice.empty()) out += "           -> " + shown(c.advice) + "\n";
  }
  const std::size_t bad = count(checks, Health::bad), warnings = count(checks, Health::warning);
  return out + "\n" + std::to_string(bad) + " bad, " + std::to_string(warnings) + " to look at\n";
}

std::string doctor_json(const Checks& checks) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("good", count(checks, Health::bad) == 0);
  w.key("checks");
  w.begin_array();
  for (const Check& c : checks) {
    w.begin_object();
    w.field("area", std::string_view(c.area));
    w.field("name", std::string_view(c.name));
    w.field("state", to_string(c.health));
    w.field("what", std::string_view(redact(c.what)));
    if (!c.advice.empty()) w.field("advice", std::string_view(redact(c.advice)));
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return out + "\n";
}

}  // namespace pb::cli
