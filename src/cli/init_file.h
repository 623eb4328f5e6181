// The configuration that `patchbay init` writes. Pure.
#pragma once
#include <string>
#include <vector>

namespace pb::cli {

struct InitProvider {
  std::string name;      // a vendor's
  std::string base_url;  // "" = its own
  std::string api_key;   // "${keyring:openai}", "${OPENAI_API_KEY}"; "" = it needs none
};

struct InitFile {
  std::string listen;  // "" = the usual
  std::vector<InitProvider> providers;
  std::string default_model;  // "" = none
  std::string text() const;   // YAML
};

// The model that a vendor's row begins with in the catalogue, as "vendor/model"; "" = none is known.
std::string first_model(const std::string& vendor);

}  // namespace pb::cli
