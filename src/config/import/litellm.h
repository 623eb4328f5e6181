// What is read of a LiteLLM configuration, before it is written as ours. Internal to the importer.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/import/writing.h"
#include "route/route.h"

namespace pb::config::litellm {

struct Deployment {
  std::string use;  // provider/model, as here
  std::optional<double> weight, order, requests_per_minute, tokens_per_minute, concurrency;
  std::vector<std::string> tags;
  bool plain() const {
    return !weight && !order && !requests_per_minute && !tokens_per_minute && !concurrency && tags.empty();
  }
};

struct Group {  // the entries of model_list with one name
  std::string name;
  std::vector<Deployment> deployments;
  std::vector<std::string> fallbacks;  // names of groups
};

struct Whole {
  importing::Source& source;
  importing::Notes& notes;
  Node out;  // ours
  std::vector<Group> groups;
  std::map<std::string, std::string> providers;  // what makes one -> its name here

  Group* group(std::string_view name);
};

void read_models(Whole& whole);    // model_list -> providers, prices and groups
void read_settings(Whole& whole);  // the other sections
void write_routes(Whole& whole);   // groups -> models and routes
// The text of a value that may be a variable there ("os.environ/NAME"): "${NAME}", or the text itself.
std::string value_text(const std::string& text, importing::Notes& notes);
// A key as ours: always a variable. `name`: of it, where the source has the key itself; `path`: where that stands.
std::string key_text(const std::string& text, const std::string& name, const std::string& path,
                     importing::Notes& notes);

}  // namespace pb::config::litellm
