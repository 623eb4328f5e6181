// Pages of a provider about itself: its list of models, the facts of one.
#include "gateway/gateway.h"
#include "gateway/headers.h"

namespace pb::gateway {
namespace {

constexpr net::CallTimeouts kPageTimeouts{3'000, 3'000, 5'000};
constexpr std::size_t kPageBytesMax = 8u << 20;

}  // namespace

Task<Result<std::string>> Gateway::page(const Upstream& upstream, const llm::Dialect& dialect,
                                        std::string_view path, std::string_view body) {
  auto snapshot = snapshot_;  // `upstream` is part of it
  Route route;
  route.upstream = &upstream;
  route.dialect = &dialect;
  for (const config::ProviderFormat& f : upstream.provider->formats)
    if (f.dialect == &dialect) route.path = f.path;
  std::string target(route.path);
  if (target.ends_with(dialect.path)) target.resize(target.size() - dialect.path.size());
  target.append(path);
  route.path = target;
  const std::string full = request_target(route, {}, std::nullopt, false);
  net::Headers headers;
  translated_request_headers(route, false, headers);
  net::CallRequest request;
  request.method = body.empty() ? "GET" : "POST";
  request.target = full;
  request.headers = &headers;
  request.body = body;
  request.idempotent = true;
  CO_TRY_ASSIGN(auto call, co_await deps_.client.open(upstream.origin, request, kPageTimeouts));
  std::string text;
  auto read = co_await call->read_all(text, kPageBytesMax);
  if (!read) co_return std::unexpected(std::move(read.error()));
  if (call->status >= 300) co_return std::unexpected(dialect.decode_error(call->status, text));
  co_return text;
}

}  // namespace pb::gateway
