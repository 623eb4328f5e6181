// The OpenAPI document (3.1) of the admin API, made from the table of its endpoints.
#include "api/admin/endpoint.h"

namespace pb::api::admin {
namespace {

constexpr std::string_view kAbout =
    "State and control of a running Patchbay. Needs the key `admin.key` of the configuration. Lists have "
    "`data` and `next`: the "
    "cursor of the next page, null on the last one. Times are UTC. What is wrong with a request is told as "
    "`Error`, whatever its "
    "status.";

void ref(json::Writer& w, std::string_view schema_name) {
  w.key("schema");
  w.begin_object();
  w.field("$ref", "#/components/schemas/" + std::string(schema_name));
  w.end_object();
}

void content(json::Writer& w, std::string_view type, std::string_view schema_name) {
  w.key("content");
  w.begin_object();
  w.key(type);
  w.begin_object();
  ref(w, schema_name);
  w.end_object();
  w.end_object();
}

void response(json::Writer& w, std::string_view status, std::string_view doc, std::string_view schema_name) {
  w.key(status);
  w.begin_object();
  w.field("description", doc);
  content(w, "application/json", schema_name);
  w.end_object();
}

void type_of(json::Writer& w, Parameter::Kind kind) {
  w.key("schema");
  switch (kind) {
    case Parameter::Kind::text:
      return w.raw(R"({"type":"string"})");
    case Parameter::Kind::count:
      return w.raw(R"({"type":"integer","minimum":1,"maximum":1000})");
    case Parameter::Kind::share:
      return w.raw(R"({"type":"number","minimum":0,"maximum":1})");
    case Parameter::Kind::flag:
      return w.raw(R"({"type":"boolean"})");
  }
}

void parameters(json::Writer& w, const Endpoint& e) {
  const std::size_t open = e.path.find('{');
  if (open == e.path.npos && e.parameters.empty()) return;
  w.key("parameters");
  w.begin_array();
  if (open != e.path.npos) {
    w.begin_object();
    w.field("name", e.path.substr(open + 1, e.path.find('}') - open - 1));
    w.field("in", "path");
    w.field("required", true);
    type_of(w, Parameter::Kind::text);
    w.end_object();
  }
  for (const Parameter& p : e.parameters) {
    w.begin_object();
    w.field("name", p.name);
    w.field("in", "query");
    w.field("description", p.doc);
    type_of(w, p.kind);
    w.end_object();
  }
  w.end_array();
}

void operation(json::Writer& w, const Endpoint& e) {
  std::string method(e.method);
  for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
  w.key(method);
  w.begin_object();
  w.field("operationId", e.name);
  w.field("summary", e.doc);
  parameters(w, e);
  if (!e.body.empty()) {
    w.key("requestBody");
    w.begin_object();
    const bool text = e.body == "text";
    w.field("required", text);
    content(w, text ? "text/plain" : "application/json", text ? "Text" : e.body);
    w.end_object();
  }
  w.key("responses");
  w.begin_object();
  response(w, std::to_string(e.status), "Done.", e.answer);
  response(w, "401", "No key, or not the one of the admin API.", "Error");
  response(w, "403", "The admin API is off, or the Host or Origin is not allowed.", "Error");
  response(w, "429", "Too many wrong keys from this address.", "Error");
  response(w, "default", "What is wrong.", "Error");
  w.end_object();
  w.end_object();
}

}  // namespace

std::string openapi_json() {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("openapi", "3.1.0");
  w.key("info");
  w.begin_object();
  w.field("title", "Patchbay admin API");
  w.field("version", PATCHBAY_VERSION);
  w.field("description", kAbout);
  w.end_object();
  w.key("security");
  w.raw(R"([{"key":[]}])");
  w.key("paths");
  w.begin_object();
  std::string_view path;
  for (const Endpoint& e : endpoints()) {
    if (e.path != path) {
      if (!path.empty()) w.end_object();
      w.key(e.path);
      w.begin_object();
    }
    path = e.path;
    operation(w, e);
  }
  w.end_object();
  w.end_object();
  w.key("components");
  w.begin_object();
  w.key("securitySchemes");
  w.raw(R"({"key":{"type":"http","scheme":"bearer"}})");
  w.key("schemas");
  w.begin_object();
  for (const NamedSchema& s : schemas()) {
    w.key(s.name);
    w.raw(s.json);
  }
  w.end_object();
  w.end_object();
  w.end_object();
  return out;
}

}  // namespace pb::api::admin
