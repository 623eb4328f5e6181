// What is known of every model that can be asked for, for the tools that list and choose models.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "llm/prices.h"
#include "tools/tools.h"

namespace pb::tools {

struct KnownModel {
  std::string name;      // what a client may ask for
  std::string provider;  // by its name in the configuration
  std::string vendor;
  std::string model;                         // as the provider is asked
  std::int64_t context = 0, output_max = 0;  // tokens; 0 = not known
  std::optional<llm::ModelPrice> price;      // nullopt: not known
  bool vision = false, thinking = false;     // as far as known
  bool tools = true;                         // everything but what is known not to
  bool local = false;                        // runs on the user's own machine
  double quality = -1;                       // 0 … 1, for conversations; -1 = not rated
};

// Those that the caller may ask for; providers are asked for their lists first, where those are too old.
Task<std::vector<KnownModel>> known_models(const Deps& deps, const mcp::Context& context);

// It costs nothing: its price is 0, its name says so, or it runs here.
bool is_free(const KnownModel& model);

// Its members, into an object that is open in `w`.
void write_model(json::Writer& w, const KnownModel& model);
inline constexpr std::string_view kModelSchema = R"({"type":"object","properties":{
    "name":{"type":"string","description":"What to ask for"},"provider":{"type":"string"},"vendor":{"type":"string"},
    "context_length":{"type":"integer"},"max_output_tokens":{"type":"integer"},
    "price":{"type":"object","description":"US dollars per million tokens","properties":{
      "input":{"type":"number"},"output":{"type":"number"}},"required":["input","output"]},
    "free":{"type":"boolean"},"vision":{"type":"boolean"},"reasoning":{"type":"boolean"},
    "quality_score":{"type":"number","description":"0 to 1, by public measurements"},
    "available":{"type":"boolean","description":"Not out of order or over its limits at this moment"}
  },"required":["name","provider","free","vision","reasoning"]})";

// ASCII letters in lower case, for names.
bool contains_word(std::string_view name, std::string_view part);  // whatever the case

}  // namespace pb::tools
