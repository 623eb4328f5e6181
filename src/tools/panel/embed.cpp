#include "tools/panel/embed.h"

#include <boost/system/system_error.hpp>

#include "base/json.h"
#include "llm/embed/embed.h"
#include "net/together.h"
#include "tools/answer.h"

namespace pb::tools::panel {
namespace {

struct Asked {
  net::Request request;
  gateway::Caller caller;
  Answer answer{{}};
};

std::string body_of(std::string_view model, const std::vector<std::string>& texts) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("model", model);
  w.field("encoding_format", "float");
  w.strings("input", texts);
  w.end_object();
  return out;
}

}  // namespace

Result<Vectors> read_vectors(std::string_view body, std::size_t n) {
  json::Arena arena;
  const auto root = json::parse(body, arena);
  Vectors out;
  if (root) {
    const json::Value data = (*root)["data"];
    for (std::size_t i = 0; i < data.size(); ++i) {
      std::vector<double>& v = out.of.emplace_back();
      for (const json::Value x : data.at(i)["embedding"].items()) v.push_back(x.as_double());
      if (v.empty() || v.size() != out.of.front().size())
        return std::unexpected(upstream_fault("the embeddings are no vectors of one length"));
    }
    out.tokens = (*root)["usage"]["total_tokens"].as_int();
  }
  if (out.of.size() != n)
    return std::unexpected(upstream_fault("there are " + std::to_string(out.of.size()) + " embeddings for " +
                                          std::to_string(n) + " texts"));
  return out;
}

Task<Result<Vectors>> embed(const Deps& deps, mcp::Context& context, std::string model,
                            std::vector<std::string> texts, int timeout_ms) {
  Asked asked;
  asked.caller = caller_of(context.principal());
  if (asked.caller.name.empty()) asked.caller.name = context.principal().name;
  asked.request.method = "POST";
  asked.request.target = "/v1/embeddings";
  asked.request.body = body_of(model, texts);
  asked.request.headers.add("Content-Type", "application/json");
  asked.request.headers.add("Accept", "application/json");
  asked.request.headers.add("Accept-Encoding", "identity");
  asked.request.headers.add("User-Agent", "patchbay/" PATCHBAY_VERSION);
  bool in_time = true;
  try {
    in_time = co_await net::within(
        timeout_ms, deps.gateway.embed(llm::kOpenaiEmbeddings, asked.request, asked.answer, asked.caller));
  } catch (const boost::system::system_error&) {
    if (!asked.answer.fault()) throw;  // the call was cancelled
  }
  if (!in_time)
    co_return fail(Code::timeout, model + " did not answer within " + std::to_string(timeout_ms) + " ms");
  CO_TRY_ASSIGN(const std::string body, asked.answer.completion());
  co_return read_vectors(body, texts.size());
}

}  // namespace pb::tools::panel
