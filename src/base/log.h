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
  std::map<std::string, Level> modules;
};
void configure(const Options& options);  // once, at start-up (or again, in tests)
bool parse_level(std::string_view text, Level& level);
bool enabled(Module module, Level level);  // a relaxed load; check before building costly fields
void write(Module module, Level level, std::string_view message, std::initializer_list<Field> fields = {});
void flush();

inline void debug(Module m, std::string_view t, std::initializer_list<Field> f = {}) { if (enabled(m, Level::debug)) write(m, Level::debug, t, f); }
inline void info(Module m, std::string_view t, std::initializer_list<Field> f = {}) { if (enabled(m, Level::info)) write(m, Level::info, t, f); }
inline void warn(Module m, std::string_view t, std::initializer_list<Field> f = {}) { if (enabled(m, Level::warn)) write(m, Level::warn, t, f); }
inline void error(Module m, std::string_view t, std::initializer_list<Field> f = {}) { if (enabled(m, Level::error)) write(m, Level::error, t, f); }

}  // namespace pb::log
