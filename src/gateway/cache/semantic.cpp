#include "gateway/cache/semantic.h"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/json.h"
#include "gateway/gateway.h"
#include "llm/embed/embed.h"

namespace pb::gateway::cache {
namespace {

constexpr std::size_t kTextBytesMax = 32'000;  // longer questions are not compared

// Keeps the answer of a request that comes from inside.
class Collector final : public net::Responder {
 public:
  Task<void> send(int code, const net::Headers&, std::string_view text) override {
    status = code;
    body = text;
    co_return;
  }
  Task<void> start(int code, const net::Headers&) override {
    status = code;
    co_return;
  }
  bool nudge(int, const net::Headers&, std::string_view) override { return false; }
  Task<void> write(std::string_view text) override {
    body += text;
    co_return;
  }
  Task<void> finish(std::string_view last) override {
    body += last;
    co_return;
  }
  void abort() override { status = 0; }
  bool started() const override { return false; }

  int status = 0;
  std::string body;
};

Task<Vector> ask(Gateway& gateway, std::string caller_name, std::string text, std::string model) {
  net::Request request;
  request.method = "POST";
  request.target = "/v1/embeddings";
  json::Writer w(request.body);
  w.begin_object();
  w.field("model", std::string_view(model));
  w.field("input", std::string_view(text));
  w.field("encoding_format", "float");
  w.end_object();
  Caller caller;  // without the key's rights: the model is the configuration's choice
  caller.name = std::move(caller_name);
  Collector out;
  co_await gateway.embed(llm::kOpenaiEmbeddings, request, out, caller);
  if (out.status != 200) co_return Vector();
  co_return vector_of(std::move(out.body));
}

}  // namespace

std::optional<Question> question_of(const llm::Dialect& client, std::string_view body) {
  if (client.encode_request == nullptr || client.decode_request == nullptr) return std::nullopt;
  auto request = client.decode_request(std::string(body));
  if (!request || request->messages.empty()) return std::nullopt;
  llm::Message& last = request->messages.back();
  if (last.role != llm::Role::user || last.content.empty()) return std::nullopt;
  Question q;
  for (llm::Block& b : last.content) {
    if (b.kind != llm::Block::Kind::text) return std::nullopt;
    q.text.append(q.text.empty() ? "" : "\n").append(b.text);
    b.text = "?";
  }
  if (q.text.empty() || q.text.size() > kTextBytesMax) return std::nullopt;
  request->stream = request->stream_usage = false;
  llm::Dropped dropped;
  if (!client.encode_request(*request, {}, dropped, q.rest)) return std::nullopt;
  return q;
}

Vector vector_of(std::string body) {
  auto answer = llm::kOpenaiEmbeddings.decode_response(std::move(body));
  if (!answer || answer->vectors.size() != 1) return {};
  const llm::Embedding& e = answer->vectors.front();
  if (e.numbers.is_null()) return llm::floats_of(e.base64).value_or(Vector());
  Vector out;
  for (const json::Value& v : e.numbers.items()) out.push_back(static_cast<float>(v.as_double()));
  return out;
}

Task<Vector> embed_text(Gateway& gateway, std::string caller, std::string text,
                        config::SemanticCache options) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                  std::chrono::milliseconds(options.timeout_ms));
  auto first = co_await (ask(gateway, std::move(caller), std::move(text), options.embed) ||
                         timer.async_wait(boost::asio::use_awaitable));
  if (first.index() != 0) co_return Vector();
  Vector v = std::move(std::get<0>(first));
  if (v.size() > kDimensionsMax || !normalise(v)) co_return Vector();
  co_return v;
}

}  // namespace pb::gateway::cache
