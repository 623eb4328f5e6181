// What Patchbay offers over MCP: its tools, resources and prompts, one file each, and their table.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "gateway/gateway.h"
#include "mcp/meter.h"
#include "mcp/offer.h"

namespace pb::store {
class BenchmarkStore;
}

namespace pb::tools {

class Conversations;
struct ConfigEditor;

// Of one core. Outlives the offer.
struct Deps {
  gateway::Gateway& gateway;
  boost::asio::any_io_executor executor;
  bool local =
      false;  // the client has started this process: what it says of folders on this machine is as good as its own right
  Conversations* conversations = nullptr;       // null: none are kept
  std::string ledger_path = {};                 // "" = usage is not booked
  std::shared_ptr<mcp::Meter> meter = {};       // of this core; null: nothing is counted
  store::BenchmarkStore* benchmarks = nullptr;  // null: none are kept
  const ConfigEditor* config_editor = nullptr;  // null: the configuration cannot be changed from here
};

mcp::Offer make_offer(const Deps& deps);

// Whom a call is for: everybody where no keys are needed.
const gateway::Caller& caller_of(const mcp::Principal& principal);
// Whether a caller sees what belongs to others and the configuration: a virtual key, or the holder of an access token, does not.
bool sees_all(const mcp::Principal& principal);

// One file each.
mcp::Tool health_check(const Deps& deps);
mcp::Tool list_models(const Deps& deps);
mcp::Tool get_model_info(const Deps& deps);
void add_resources(const Deps& deps, mcp::Offer& offer);
void add_live_resources(const Deps& deps, mcp::Offer& offer);
void add_prompts(const Deps& deps, mcp::Offer& offer);
mcp::Complete completions(const Deps& deps);

// Whether the caller may use any of the provider's models, and so may know of it.
class VisibleProviders {
 public:
  VisibleProviders(const Deps& deps, const mcp::Context& context);
  bool has(std::string_view provider) const;

 private:
  bool all_ = true;
  std::set<std::string, std::less<>> names_;
};

// The members of a model, for tools and resources.
std::string model_json(const Deps& deps, const mcp::Context& context, std::string_view model);  // "": unknown

}  // namespace pb::tools
