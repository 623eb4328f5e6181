// Fuzz target: HTTP message heads and chunked bodies in pieces of any size, and request bodies as the gateway looks at
// them. What the parser accepts must not hold a line break inside a field; what peek_request finds must be inside the
// body.
#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/json.h"
#include "llm/peek.h"
#include "net/client.h"
#include "net/h1_parser.h"

namespace {

using namespace pb;

template <bool IsRequest>
void parse(std::string_view input, std::size_t piece) {
  net::Headers headers;
  std::string body, method, target;
  net::H1Parser<IsRequest> p(headers, body);
  p.method = &method;
  p.target = &target;
  p.header_limit(4096);
  p.body_limit(1 << 16);
  p.eager(true);
  std::string buffer;
  boost::system::error_code ec;
  while (!p.is_done()) {
    std::size_t n = std::min(piece, input.size());
    buffer.append(input.substr(0, n));
    if (buffer.empty()) return;  // as server and client do: the parser does arithmetic on the pointer
    input.remove_prefix(n);
    std::size_t used = p.put(boost::asio::buffer(buffer), ec);
    buffer.erase(0, used);
    if (ec && ec != net::http::error::need_more) return;
    if (n == 0) return;
  }
  p.strip_connection_fields();
  for (std::size_t i = 0; i < headers.size(); ++i) {
    auto [name, value] = headers.at(i);
    if (name.find_first_of("\r\n") != name.npos || value.find_first_of("\r\n") != value.npos) std::abort();
    if (net::hop_by_hop(name)) std::abort();
  }
}

void look(std::string_view input) {
  std::string body(input);
  if (auto peek = llm::peek_request(body); peek) {
    if (peek->object_end >= body.size() || body[peek->object_end] != '}') std::abort();
    if (peek->model_bytes != 0 && body[peek->model_at] != '"') std::abort();
  }
  json::Arena arena;
  auto value = json::parse(input, arena);
  if (!value) return;
  std::string text = json::to_text(*value);
  json::Arena again;
  auto second = json::parse(text, again);
  if (!second || json::to_text(*second) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::size_t piece = 1 + data[1];
  switch (data[0] % 4) {
    case 0:
      parse<true>(input, piece);
      break;
    case 1:
      parse<false>(input, piece);
      break;
    case 2:
      look(input);
      break;
    default:
      (void)net::parse_url(input);
  }
  return 0;
}
