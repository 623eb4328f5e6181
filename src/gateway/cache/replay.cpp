#include "gateway/cache/replay.h"

#include "base/json.h"
#include "llm/assemble.h"

namespace pb::gateway::cache {
namespace {

llm::Framing framing_of(const llm::Dialect& client, Form form) {
  return form == Form::array ? llm::Framing::json_array : client.framing;
}

std::optional<llm::Response> response_of(const Entry& entry, const llm::Dialect& client) {
  if (!streams(entry.form)) {
    if (client.decode_response == nullptr) return std::nullopt;
    auto response = client.decode_response(entry.body);
    if (!response) return std::nullopt;
    return std::move(*response);
  }
  if (client.stream_decoder == nullptr) return std::nullopt;
  llm::Assembler assembler;
  llm::read_stream(client, framing_of(client, entry.form), entry.body,
                   [&](const llm::Event& e) { assembler.add(e); });
  if (assembler.error()) return std::nullopt;
  return assembler.take();
}

}  // namespace

Form form_wanted(const llm::Dialect& client, bool stream, bool array, bool include_usage) {
  if (!stream) return Form::whole;
  if (array) return Form::array;
  return client.ask_usage.empty() || include_usage ? Form::stream : Form::stream_bare;
}

std::string_view content_type_of(const llm::Dialect& client, Form form) {
  return form == Form::stream || form == Form::stream_bare ? client.content_type
                                                           : std::string_view("application/json");
}

bool is_complete(const llm::Dialect& client, Form form, std::string_view body) {
  if (body.empty()) return false;
  if (!streams(form)) {
    if (client.decode_response != nullptr) return client.decode_response(std::string(body)).has_value();
    json::Arena arena;
    return json::parse(body, arena).has_value();
  }
  if (client.stream_decoder == nullptr) return true;
  bool good = true, stopped = false;
  llm::read_stream(client, framing_of(client, form), body, [&](const llm::Event& e) {
    good = good && e.kind != llm::Event::Kind::error;
    stopped = stopped || e.kind == llm::Event::Kind::stop || e.kind == llm::Event::Kind::end;
  });
  return good && stopped;
}

std::optional<std::string> in_form(const Entry& entry, const llm::Dialect& client, Form form,
                                   const Asking& asking) {
  auto response = response_of(entry, client);
  if (!response) return std::nullopt;
  if (!response->usage.known) response->usage = entry.usage;
  auto request = client.decode_request(std::string(asking.body));
  if (!request) return std::nullopt;
  if (asking.model_in_path) request->model = asking.model;
  request->stream = streams(form);
  const std::string id(response->id);
  std::string out;
  if (!streams(form)) {
    llm::ResponseOptions options;
    options.id = id;
    options.model = asking.model;
    options.created = response->created;
    options.request = &*request;
    llm::Dropped dropped;
    client.encode_response(*response, options, dropped, out);
    return out;
  }
  llm::StreamOptions options;
  options.id = id;
  options.model = asking.model;
  options.created = response->created;
  options.include_usage = form != Form::stream_bare;
  options.array = form == Form::array;
  options.request = &*request;
  const auto encoder = client.stream_encoder(options);
  for (const llm::Event& e : llm::events_of(*response)) encoder->encode(e, out);
  return out;
}

}  // namespace pb::gateway::cache
