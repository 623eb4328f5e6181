// Logging. Lines have a level, a module ("net", "gateway", …) and optional fields; text or JSON, to stderr.
// Prompts, answers and keys are never passed here. Any thread.
#pragma once
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace pb::log {

enum class Level : unsigned char { trace, debug, info, warn, error, off };
enum class Module : unsigned char { main, net, llm, gateway, store, config, api, sim, count_ };

struct Field {
  std::string_view name;
  std::variant<std::string_view, long long, double, bool> value;
  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, bool v) : name(n), value(v) {}
  Field(std::string_view n, double v) : name(n), value(v) {}
  Field(std::string_view n, int v) : name(n), value(static_cast<long long>(v)) {}
  Field(std::string_view n, long v) : name(n), value(static_cast<long long>(v)) {}
  Field(std::string_view n, long long v) : name(n), value(v) {}
  Field(std::string_view n, unsigned v) : name(n), value(static_cast<long long>(v)) {}
  Field(std::string_view n, unsigned long v) : name(n), value(static_cast<long long>(v)) {}
};

struct Options {
  Level level = Level::info;
  bool json = false;
  std::map<std::string, Level> modules = {};  // by module name; names that are not modules are ignored
  int fd = 2;                                 // where lines go; not closed here
};
void configure(const Options& options);  // once, at start-up (or again, in tests)
bool parse_level(std::string_view text, Level& level);
bool enabled(Module module, Level level);  // a relaxed load; check before building costly fields
// One line, one write(2); lines of several threads never mix. Control characters and invalid UTF-8 are escaped,
// text that looks like a key is masked (base/redact.h). A full pipe delays the caller 100 ms at most, then the
// line is lost.
void write(Module module, Level level, std::string_view message, std::initializer_list<Field> fields = {});
void flush();  // returns when lines being written by other threads are out
std::string_view to_string(Level level);
std::string_view to_string(Module module);
bool parse_module(std::string_view text, Module& module);
// The line itself, newline included, appended to `out`; pure.
//   text: 2026-11-20T12:00:00.123Z info  gateway  message key=value other="two words"
//   JSON: {"ts":"2026-11-20T12:00:00.123Z","level":"info","module":"gateway","msg":"message","key":"value"}
void format_line(std::string& out, bool json, long long unix_ms, Module module, Level level,
                 std::string_view message, std::initializer_list<Field> fields);

inline void debug(Module m, std::string_view t, std::initializer_list<Field> f = {}) {
  if (enabled(m, Level::debug)) write(m, Level::debug, t, f);
}
inline void info(Module m, std::string_view t, std::initializer_list<Field> f = {}) {
  if (enabled(m, Level::info)) write(m, Level::info, t, f);
}
inline void warn(Module m, std::string_view t, std::initializer_list<Field> f = {}) {
  if (enabled(m, Level::warn)) write(m, Level::warn, t, f);
}
inline void error(Module m, std::string_view t, std::initializer_list<Field> f = {}) {
  if (enabled(m, Level::error)) write(m, Level::error, t, f);
}

}  // namespace pb::log
