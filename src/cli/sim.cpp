// `patchbay sim`: the simulator as a process of its own.
#include "sim/sim.h"

#include <csignal>
#include <cstdio>
#include <thread>

#include "base/log.h"
#include "cli/commands.h"

namespace pb::cli {

int sim(const SimArgs& args) {
  // Blocked before threads start, so that they inherit the mask and only sigwait() takes the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  pb::sim::Options options;
  options.listen = args.listen;
  options.scenario = args.scenario;
  options.threads =
      args.threads > 0 ? args.threads : static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
  auto simulator = pb::sim::start(options);
  if (!simulator) {
    std::fprintf(stderr, "patchbay sim: %s\n", simulator.error().message.c_str());
    return simulator.error().code == Code::internal ? kFailed : kUsage;
  }
  log::info(log::Module::sim, "listening on " + (*simulator)->base_url(), {{"threads", options.threads}});
  int signal = 0;
  sigwait(&signals, &signal);
  return kOk;
}

}  // namespace pb::cli
