// How tools change the configuration of the process that they run in.
#pragma once
#include <functional>
#include <string>

#include "config/overlay.h"

namespace pb::tools {

struct EditedConfig {
  config::OverlayOutcome done;
  std::string later;  // options that wait for the next start: "server.listen, ledger"; "" = none
  std::string
      refused;  // why this process stays with what it had, though the overlay is written; "" = it does not
};

struct ConfigEditor {
  // The cores have the new configuration when it returns. Blocks: not for an event loop; any other thread.
  std::function<EditedConfig(const config::OverlayEdit& edit)> edit;
};

}  // namespace pb::tools
