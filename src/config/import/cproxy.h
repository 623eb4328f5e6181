// What was found in a cproxy configuration, before it is written as ours. Internal to the importer.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/import/import.h"
#include "config/node.h"

namespace pb::config::cproxy {

struct SourceProvider {
  std::string path;  // "providers[0]", for notes
  std::string id, type, base_url;
  std::string key;       // as written: "${NAME}" or the key itself
  bool keyless = false;  // no key is sent
  std::vector<std::string> models;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<double> timeout_ms;
  bool enabled = true;
  std::string name;  // ours; given when written
};

struct SourceRule {
  std::string path, model, provider;
  bool enabled = true;
  bool other_conditions = false;  // by more than the model's name
};

struct Source {
  std::string host;
  std::optional<int> port;
  bool debug = false;
  std::string log_level, log_format;
  bool keys_required = false;
  std::vector<std::string> origins;
  std::vector<SourceProvider> providers;
  std::vector<SourceRule> rules;
  std::string default_provider, mapped_default;
  std::vector<std::pair<std::string, std::string>> mapping;
  std::string completion_model, reasoning_model;
  std::string model_provider;  // id of the provider those two are asked of; "" = the default one
};

struct Importer {
  const Environment& env;
  Source source;
  std::vector<ImportNote> notes;

  void note(ImportNote::Kind kind, std::string path, std::string what) {
    notes.push_back({kind, std::move(path), std::move(what)});
  }
  void lost(std::string path, std::string what) {
    note(ImportNote::Kind::lost, std::move(path), std::move(what));
  }
  void changed(std::string path, std::string what) {
    note(ImportNote::Kind::changed, std::move(path), std::move(what));
  }
};

// Takes all that the file says. False when nothing of it is known: it is another program's.
bool read_file(const Node& root, Importer& to);
// Takes the variables that are set.
void read_environment(Importer& to);
// Our configuration; adds to the notes.
Node write(Importer& from);

SourceProvider* find_provider(Source& source, std::string_view id);

// Members of the source as values; a wrong type is noted as lost.
std::optional<std::string> text_of(const Node& node, const std::string& path, Importer& to);
std::optional<bool> flag_of(const Node& node, const std::string& path, Importer& to);
std::optional<double> number_of(const Node& node, const std::string& path, Importer& to);
std::vector<std::string> texts_of(const Node& node, const std::string& path, Importer& to);

}  // namespace pb::config::cproxy
