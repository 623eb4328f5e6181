// Which headers travel, in both directions. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "gateway/route.h"
#include "net/http.h"

namespace pb::gateway {

// Same format: everything the client sent but its credentials, what is about this connection, and what a browser adds;
// plus the provider's own key and headers.
void forward_request_headers(const net::Headers& from, const Route& route, net::Headers& to);
// Another format: built afresh.
void translated_request_headers(const Route& route, bool stream, net::Headers& to);
// Same format: everything but what is about the provider's connection or site.
void forward_response_headers(const net::Headers& from, net::Headers& to);
// Another format: rate limits, retry hints and the provider's request id.
void translated_response_headers(const net::Headers& from, net::Headers& to);

// Milliseconds of a Retry-After header (seconds, or retry-after-ms; a date counts from `now_unix`), -1 for none.
int retry_after_ms(const net::Headers& headers, long long now_unix);
// base path + route's path + `suffix`, with the client's and the provider's query. Same format: the client's query goes on, but
// for `key`, which is its credential here. Another format (nullopt): what the format's own path asks for.
std::string request_target(const Route& route, std::string_view suffix,
                           std::optional<std::string_view> client_query, bool stream);

}  // namespace pb::gateway
