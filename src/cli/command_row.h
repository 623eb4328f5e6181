// How the tables of commands are written.
#pragma once
#include <functional>
#include <memory>
#include <span>

namespace CLI {
class App;
}

namespace pb::cli {

using Action = std::function<int()>;

// One row a command: `define` adds its options to `app` and returns what runs it.
struct Command {
  const char*
      parent;  // "config" for `config validate`, "keys provider" for `keys provider set`; "" = top level
  const char* name;
  const char* help;
  Action (*define)(CLI::App& app);
};

template <class Args>
std::shared_ptr<Args> make_args() {
  return std::make_shared<Args>();
}

std::span<const Command> setup_commands();  // commands_setup.cpp

}  // namespace pb::cli
