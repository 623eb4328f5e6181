// Embeddings: as chat(), but never a stream. Same format: the body goes as it came. Another: decoded, asked for in as many
// requests as the provider's limit of inputs needs, and encoded.
#include "base/ids.h"
#include "gateway/aim.h"
#include "gateway/attempts.h"
#include "gateway/booked.h"
#include "gateway/cache/visit.h"
#include "gateway/exchange.h"
#include "gateway/gateway.h"
#include "gateway/headers.h"
#include "llm/count.h"

namespace pb::gateway {
namespace {

constexpr std::size_t kInputsMax = 10'000;  // of one client's request that is not passed on as it is

// The provider's endpoint for embeddings: beside the one for conversations of the same API.
struct EmbedRoute {
  const llm::EmbedDialect* dialect = nullptr;
  std::string path;
};

// The client's own format where the provider has it, else the provider's first that can be asked in.
EmbedRoute embed_route(const config::Provider& provider, const llm::EmbedDialect& client) {
  EmbedRoute found;
  for (const config::ProviderFormat& f : provider.formats)
    for (const llm::EmbedDialect* d : llm::embed_dialects()) {
      if (d->chat != f.name || (d != &client && d->encode_request == nullptr)) continue;
      if (found.dialect != nullptr && d != &client) continue;
      found.dialect = d;
      found.path = f.path;
      if (found.path.ends_with(f.dialect->path))
        found.path.resize(found.path.size() - f.dialect->path.size());
      found.path += d->path;
    }
  return found;
}

Error no_embeddings(const Exchange& x) {
  return fail(Code::not_found,
              "provider " + x.route.upstream->provider->name +
                  " has no embeddings in a format that is known here",
              "model")
      .error();
}

// Asks for inputs [first, first + count) and adds their vectors.
Task<Attempted> ask(Exchange& x, const llm::EmbedDialect& dialect, const llm::EmbedRequest& request,
                    std::size_t first, std::size_t count, llm::EmbedResponse& into, llm::Dropped& dropped) {
  llm::EmbedEncodeOptions options{x.route.model, first, count};
  std::string body;
  if (auto encoded = dialect.encode_request(request, options, dropped, body); !encoded)
    co_return Failure{std::move(encoded.error())};
  net::Headers headers;
  translated_request_headers(x.route, false, headers);
  const std::string target = request_target(x.route, {}, std::nullopt, false);
  net::CallRequest call_request;
  call_request.target = target;
  call_request.headers = &headers;
  call_request.body = body;
  call_request.idempotent = true;
  auto opened = co_await open_call(x, call_request);
  if (!opened) co_return Failure{std::move(opened.error())};
  net::Call& call = **opened;
  std::string text;
  auto read = co_await call.read_all(
      text, call.status < 300 ? limits::kUpstreamBodyBytesMax : limits::kUpstreamErrorBytesMax);
  if (read) read = undo_coding(call.headers.get("content-encoding"), text, limits::kUpstreamBodyBytesMax);
  if (call.status >= 300) {
    Failure failure{upstream_error(x, call, text)};
    translated_response_headers(call.headers, failure.headers);
    co_return failure;
  }
  if (!read) co_return Failure{std::move(read.error())};
  auto answer = dialect.decode_response(std::move(text));
  if (answer && request.tokens.is_null() && answer->vectors.size() != count)
    answer = fail(Code::bad_upstream, "the provider answered " + std::to_string(answer->vectors.size()) +
                                          " vectors for " + std::to_string(count) + " texts");
  if (!answer) co_return Failure{std::move(answer.error())};
  // The vectors' views live in the answer: keep its text, its values live as long as its arena, which moves with it.
  into.usage.input += answer->usage.input;
  into.usage.known |= answer->usage.known;
  for (const llm::Embedding& e : answer->vectors) {
    llm::Embedding kept;
    if (e.numbers.is_null()) {
      kept.base64 = into.arena.copy(e.base64);
    } else {
      const auto copy = json::parse(json::to_text(e.numbers, into.arena), into.arena);
      kept.numbers = copy ? *copy : json::Value();
    }
    into.vectors.push_back(kept);
  }
  co_return std::nullopt;
}

Task<Attempted> translate_embed(Exchange& x, const llm::EmbedDialect& client,
                                const llm::EmbedDialect& provider) {
  auto decoded =
      client.decode_request(x.may_switch ? std::string(x.request.body) : std::move(x.request.body));
  if (!decoded) co_return Failure{std::move(decoded.error())};
  llm::EmbedRequest& request = *decoded;
  request.model = x.record.asked_model;
  const std::size_t inputs = request.tokens.is_null() ? request.inputs.size() : 1;
  if (inputs > kInputsMax)
    co_return Failure{
        fail(Code::too_large, "input: at most " + std::to_string(kInputsMax) + " texts at once", "input")
            .error()};
  const std::size_t step = provider.inputs_max == 0 ? inputs : provider.inputs_max;
  llm::EmbedResponse all;
  llm::Dropped dropped;
  for (std::size_t first = 0; first < inputs; first += step) {
    const std::size_t count = std::min(step, inputs - first);
    auto failure = co_await ask(x, provider, request, first, count, all, dropped);
    if (failure) co_return failure;
  }
  if (!claims(x)) co_return overtaken();
  if (!all.usage.known) {  // the format does not say, or the provider left it out
    x.record.estimated = true;
    for (llm::Str text : request.inputs) all.usage.input += llm::count_text(text, x.route.model);
  }
  all.usage.known = true;
  const std::string id = ids::make("emb-");
  all.id = id;
  x.record.usage = all.usage;
  std::string body;
  client.encode_response(request, all, body);
  net::Headers headers;
  own_headers(x, "application/json", headers);
  add_dropped(dropped, headers);
  add_route(x, headers);
  x.record.status = 200;
  co_await x.out.send(200, headers, body);
  co_return std::nullopt;
}

// One attempt at an answer with embeddings.
struct Embed {
  KeyRing* keys;
  shared::Line* shared;
  const llm::EmbedDialect& client;

  Task<Attempted> operator()(Exchange& x) const;
};

Task<Attempted> Embed::operator()(Exchange& x) const {
  if (auto full = co_await admit_provider(x, keys, shared)) co_return Failure{std::move(*full)};
  const EmbedRoute embed = embed_route(*x.route.upstream->provider, client);
  if (embed.dialect == nullptr) co_return Failure{no_embeddings(x)};
  x.route.path = x.route.stream_path = embed.path;
  if (const llm::Dialect* theirs = llm::find_dialect(embed.dialect->chat)) x.route.dialect = theirs;
  x.route.same_format = embed.dialect == &client;
  x.record.uncounted.dialect = nullptr;
  // A batch of Gemini's names the model in each request too: it is written anew.
  if (x.route.same_format &&
      (x.peek.model_bytes != 0 || &client == &llm::kGeminiEmbed || x.peek.model == x.route.model))
    co_return co_await relay(x);
  co_return co_await translate_embed(
      x, client, *(embed.dialect->encode_request != nullptr ? embed.dialect : &llm::kGeminiBatchEmbed));
}

}  // namespace

Task<void> Gateway::embed(const llm::EmbedDialect& client, net::Request& request, net::Responder& out,
                          Caller& caller, FromPath from) {
  auto snapshot = snapshot_;
  Record record(books_, client.name, ids::request_id(), caller.name);
  BookedResponder booked(out, record);
  const llm::Dialect* errors = llm::find_dialect(client.chat);
  if (errors == nullptr) errors = llm::dialects().front();
  const auto visit = cache::Visit::begin(deps_.cache, snapshot->config().cache, booked, nullptr);
  Exchange x{*snapshot,    *errors,       request, visit ? visit->out() : booked,
             deps_.client, deps_.sweeper, record,  {},
             {},           false,         nullptr, caller.name};
  auto peeked = llm::peek_request(request.body);
  if (!peeked) {
    co_await send_error(x, std::move(peeked.error()));
    co_return;
  }
  x.peek = std::move(*peeked);
  x.peek.stream = false;
  if (client.model_in_path) {
    x.peek.model = from.model;
    x.peek.model_bytes = 0;
  }
  record.asked_model = x.peek.model;
  Aim aim(x, caller, false);  // rules are about conversations
  auto meaning = aim.meaning();
  const Admission admission{deps_.keys, caller, deps_.shared};
  if (auto fault = co_await admit(x, admission, meaning, false, 0)) {
    co_await send_error(x, std::move(*fault));
    co_return;
  }
  if (visit && co_await visit->answer(x, caller, *meaning, client.name)) co_return;
  const route::Facts& facts = aim.facts_for(*meaning);
  Plan plan(*snapshot, *errors, std::move(*meaning), facts, false, ids::random_unit);
  co_await run_attempts(x, plan, Embed{deps_.keys, deps_.shared, client});
  if (visit) co_await visit->keep(x);
}

}  // namespace pb::gateway
