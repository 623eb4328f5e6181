// `patchbay models`: the models that can be asked for by name, with what is known of them.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/commands.h"
#include "cli/load_config.h"
#include "llm/prices.h"

namespace pb::cli {
namespace {

struct Row {
  std::string name;  // what clients ask for
  std::string provider;
  std::string model;  // what the provider is asked for
  const llm::CatalogModel* known = nullptr;
  const config::Price* price = nullptr;  // the configuration's own
};

Row row_of(const config::Config& config, std::string name, const config::Provider& p,
           const std::string& model) {
  Row row{std::move(name), p.name, model, llm::find_model(p.vendor->name, model), nullptr};
  auto own = config.prices.find(p.name + "/" + model);
  if (own == config.prices.end()) own = config.prices.find(model);
  if (own != config.prices.end()) row.price = &own->second;
  return row;
}

// Names of the file first, then each provider's listed models, then those of the catalogue.
std::vector<Row> rows_of(const config::Config& config) {
  std::vector<Row> out;
  for (const config::Model& m : config.models)
    if (!m.name.ends_with('*')) out.push_back(row_of(config, m.name, config.providers[m.provider], m.model));
  for (const config::Provider& p : config.providers) {
    for (const std::string& m : p.models) out.push_back(row_of(config, p.name + "/" + m, p, m));
    for (const llm::CatalogModel& m : llm::catalog())
      if (m.vendor == p.vendor->name && std::find(p.models.begin(), p.models.end(), m.id) == p.models.end())
        out.push_back(row_of(config, p.name + "/" + std::string(m.id), p, std::string(m.id)));
  }
  return out;
}

double input_of(const Row& r) {
  return r.price != nullptr ? r.price->input : r.known != nullptr ? r.known->price.input : -1;
}
double output_of(const Row& r) {
  return r.price != nullptr ? r.price->output : r.known != nullptr ? r.known->price.output : -1;
}

void print_json(const std::vector<Row>& rows) {
  std::string out;
  json::Writer w(out);
  w.begin_array();
  for (const Row& r : rows) {
    w.begin_object();
    w.field("name", r.name);
    w.field("provider", r.provider);
    w.field("model", r.model);
    if (r.known != nullptr) w.field("context", r.known->context);
    if (r.known != nullptr && r.known->output_max > 0) w.field("output_max", r.known->output_max);
    if (input_of(r) >= 0) w.field("input_price", input_of(r));
    if (output_of(r) >= 0) w.field("output_price", output_of(r));
    w.end_object();
  }
  w.end_array();
  std::printf("%s\n", out.c_str());
}

void print_table(const std::vector<Row>& rows) {
  std::size_t width = 4;
  for (const Row& r : rows) width = std::max(width, r.name.size());
  const auto dollars = [](double n) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", n);
    return n < 0 ? std::string("-") : std::string(text);
  };
  std::printf("%-*s  %9s  %8s  %8s  %s\n", static_cast<int>(width), "name", "context", "$/M in", "$/M out",
              "goes to");
  for (const Row& r : rows) {
    const std::string context = r.known == nullptr ? "-" : std::to_string(r.known->context);
    std::printf("%-*s  %9s  %8s  %8s  %s\n", static_cast<int>(width), r.name.c_str(), context.c_str(),
                dollars(input_of(r)).c_str(), dollars(output_of(r)).c_str(),
                (r.provider + "/" + r.model).c_str());
  }
}

}  // namespace

int models(const ModelsArgs& args) {
  const auto loaded = load_config(args.config);
  if (!loaded) return kUsage;
  const auto rows = rows_of(loaded->config);
  if (args.json)
    print_json(rows);
  else
    print_table(rows);
  return kOk;
}

}  // namespace pb::cli
