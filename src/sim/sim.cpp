#include "sim/sim.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "base/json.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/sweeper.h"
#include "sim/recorded.h"
#include "sim/service.h"

namespace pb::sim {
namespace asio = boost::asio;
namespace {

constexpr int kStopMs = 500;  // a connection that was closed ends at once; this bounds the wait for a defect

// An error of the HTTP layer, in OpenAI's shape or, for its paths, Anthropic's.
std::string error_page(const Error& error, std::string_view path) {
  const llm::Dialect& dialect = *llm::find_dialect(path.contains("/messages") ? "anthropic" : "openai_chat");
  std::string body;
  dialect.encode_error(error, "", body);
  return body;
}

// One thread with its own io_context; the members' order is the order of construction.
struct Core {
  explicit Core(ServiceDeps deps) : sweeper(io), service(deps) {}
  net::Loop io{1};
  net::Sweeper sweeper;
  Service service;
  std::unique_ptr<net::Server> server;
  std::thread thread;
};

class SimulatorImpl final : public Simulator {
 public:
  SimulatorImpl(Scenario scenario, std::string recorded)
      : scenario_(std::move(scenario)), recorded_(std::move(recorded)) {}

  ~SimulatorImpl() override {
    for (auto& core : cores_)
      asio::post(core->io, [c = core.get()] {
        c->server->close_all();
        c->io.stop();
      });
    for (auto& core : cores_) {
      core->thread.join();
    }
    blocking_->stop();  // while the cores are there, whose coroutines may wait for it
    for (auto& core : cores_) core->io.end();
  }

  void run(std::vector<net::Listener> listeners) {
    port_ = listeners.at(0).port;
    const std::string& host = listeners[0].host;
    base_url_ = "http://" + (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(port_);
    for (net::Listener& listener : listeners) {
      auto& core =
          cores_.emplace_back(std::make_unique<Core>(ServiceDeps{scenario_, recorded_, memory_, *blocking_}));
      net::ServerOptions options;
      options.write_timeout_ms = 600'000;  // clients that read slowly are the other side's test
      Service& service = core->service;
      auto handler = [&service](net::Request& request, net::Responder& responder) {
        return service.handle(request, responder);
      };
      core->server =
          net::create_server(core->io, core->sweeper, std::move(listener), options, handler, error_page);
    }
    for (auto& core : cores_) core->thread = std::thread([c = core.get()] { run_core(*c); });
  }

  unsigned short port() const override { return port_; }
  const std::string& base_url() const override { return base_url_; }

 private:
  static void run_core(Core& core) {
    {
      auto work = asio::make_work_guard(core.io);
      core.io.run();
    }
    // The connections' coroutines use the server: they end before it does.
    core.io.restart();
    while (core.server->open_connections() > 0 && core.io.run_one_for(std::chrono::milliseconds(kStopMs)) > 0)
      continue;
  }

  Scenario scenario_;
  std::string recorded_;
  Memory memory_;
  std::unique_ptr<net::BlockingPool> blocking_ = net::create_blocking_pool();
  std::vector<std::unique_ptr<Core>> cores_;
  unsigned short port_ = 0;
  std::string base_url_;
};

}  // namespace

Result<std::unique_ptr<Simulator>> start(const Options& options) {
  Scenario scenario;
  if (!options.scenario.empty()) {
    TRY_ASSIGN(scenario, load_scenario(options.scenario));
  }
  TRY_ASSIGN(auto listeners, net::listen_on(options.listen, std::max(options.threads, 1)));
  auto simulator = std::make_unique<SimulatorImpl>(std::move(scenario), find_recorded(options.recorded));
  simulator->run(std::move(listeners));
  return std::unique_ptr<Simulator>(std::move(simulator));
}

}  // namespace pb::sim
