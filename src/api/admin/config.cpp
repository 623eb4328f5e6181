#include <map>

#include "api/admin/endpoint.h"
#include "config/load.h"

namespace pb::api::admin {
namespace {

// The process's environment, which remembers what it was asked: a mistake may quote a value that came out of a variable, and nobody is
// to read variables by way of mistakes.
class WatchedEnvironment {
 public:
  config::Environment get() {
    config::Environment env = config::Environment::process();
    env.get = [this, process = env.get](const std::string& name) {
      auto value = process(name);
      if (value) seen_[name] = *value;
      return value;
    };
    return env;
  }
  std::string without_values(std::string text) const {
    constexpr std::size_t kShortest = 6;  // what is shorter is no secret, and stands everywhere
    for (const auto& [name, value] : seen_) {
      if (value.size() < kShortest) continue;
      const std::string mark = "${" + name + "}";
      for (std::size_t at = text.find(value); at != text.npos; at = text.find(value, at + mark.size()))
        text.replace(at, value.size(), mark);
    }
    return text;
  }

 private:
  std::map<std::string, std::string> seen_;
};

std::string validation(const std::string& text) {
  WatchedEnvironment env;
  const config::Loaded loaded = config::load_text(text, "", env.get());
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("valid", loaded.mistakes.empty());
  w.key("mistakes");
  w.begin_array();
  for (const config::Mistake& m : loaded.mistakes) {
    w.begin_object();
    w.field("line", m.line);
    w.field("column", m.column);
    w.field("path", m.path);
    w.field("message", env.without_values(m.what));
    w.end_object();
  }
  w.end_array();
  w.key("notes");
  w.begin_array();
  for (const std::string& note : loaded.notes) w.string(env.without_values(note));
  w.end_array();
  w.end_object();
  return out;
}

}  // namespace

Task<Result<Answer>> show_config(Call& c) {
  auto work = [snapshot = c.deps.gateway.snapshot_in_use(),
               state = c.deps.config_state()]() -> Result<Answer> {
    std::string out;
    json::Writer w(out);
    w.begin_object();
    write_config_state(w, state);
    w.key("config");
    w.raw(config::show(snapshot->config(), true));
    w.end_object();
    return Answer{200, std::move(out)};
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> reload_config(Call& c) {
  auto work = [reload = c.deps.admin->reload]() -> Result<Answer> {
    const ConfigState state = reload();
    if (!state.refused.empty()) {
      auto refused =
          fail(Code::invalid_request, "the configuration is refused, the one before stays: " + state.refused);
      refused.error().status = 422;
      return refused;
    }
    std::string out;
    json::Writer w(out);
    w.begin_object();
    write_config_state(w, state);
    w.end_object();
    return Answer{200, std::move(out)};
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> validate_config(Call& c) {
  auto work = [text = c.request.body]() -> Result<Answer> { return Answer{200, validation(text)}; };
  co_return co_await wait_for(c, std::move(work));
}

}  // namespace pb::api::admin
