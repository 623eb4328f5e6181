// A server for the conformance suite: `mcp_everything PORT` over HTTP, `mcp_everything stdio` over standard input and output.
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "api/guard.h"
#include "base/clock.h"
#include "everything.h"
#include "mcp/http.h"
#include "mcp/stdio.h"
#include "net/server.h"

namespace everything {
namespace mcp = pb::mcp;
namespace net = pb::net;
using pb::Task;
using pb::json::Value;

namespace {

using Prompted = mcp::Outcome<mcp::PromptResult>;

Task<Prompted> say(std::vector<std::string> blocks) {
  mcp::PromptResult result;
  result.messages = "[";
  for (const std::string& b : blocks)
    result.messages += (result.messages.size() == 1 ? "" : ",") + mcp::prompt_message("user", b);
  result.messages += "]";
  co_return result;
}

Task<Prompted> ask_context(mcp::Context& c) {
  std::vector<mcp::Ask> asks;
  asks.push_back(mcp::ask_form(
      "user_context", "What context should the prompt use?",
      R"({"type":"object","properties":{"context":{"type":"string"}},"required":["context"]})"));
  CO_TRY_ASSIGN(const mcp::Answers a, co_await c.ask(std::move(asks)));
  std::vector<std::string> blocks;
  blocks.push_back(mcp::text_block("Use this context: " +
                                   std::string(a["user_context"]["content"]["context"].as_string("none"))));
  co_return co_await say(std::move(blocks));
}

Task<mcp::Outcome<std::string>> give(std::string contents) { co_return "[" + contents + "]"; }

Task<mcp::Outcome<mcp::Completed>> complete(mcp::CompletionQuery q) {
  mcp::Completed out;
  for (const char* word : {"paris", "park", "party", "test-value"})
    if (std::string_view(word).starts_with(q.value)) out.values.emplace_back(word);
  co_return out;
}

}  // namespace

void add_prompts(mcp::Offer& offer) {
  auto& p = offer.prompts;
  p.push_back({"test_simple_prompt", "Simple", "Without arguments", {}, [](mcp::Context&, Value) {
                 return say({mcp::text_block("This is a simple prompt for testing.")});
               }});
  p.push_back({"test_prompt_with_arguments",
               "With arguments",
               "With arguments",
               {{"arg1", "", "First", true}, {"arg2", "", "Second", true}},
               [](mcp::Context&, Value a) {
                 return say(
                     {mcp::text_block("Prompt with arguments: arg1='" + std::string(a["arg1"].as_string()) +
                                      "', arg2='" + std::string(a["arg2"].as_string()) + "'")});
               }});
  p.push_back({"test_prompt_with_embedded_resource",
               "With a resource",
               "With a resource",
               {{"resourceUri", "", "Which", true}},
               [](mcp::Context&, Value a) {
                 return say({mcp::resource_block(a["resourceUri"].as_string(), "text/plain",
                                                 "Embedded resource content for testing."),
                             mcp::text_block("Please process the embedded resource above.")});
               }});
  p.push_back({"test_prompt_with_image", "With an image", "With an image", {}, [](mcp::Context&, Value) {
                 return say({mcp::image_block(kImage, "image/png"),
                             mcp::text_block("Please analyze the image above.")});
               }});
  p.push_back({"test_input_required_result_prompt", "Asks", "Asks", {}, [](mcp::Context& c, Value) {
                 return ask_context(c);
               }});
}

void add_resources(mcp::Offer& offer) {
  auto& r = offer.resources;
  r.push_back({"test://static-text", "static-text", "Text", "Text", "text/plain",
               [](mcp::Context&, std::string_view uri) {
                 return give(mcp::text_contents(uri, "text/plain",
                                                "This is the content of the static text resource."));
               }});
  r.push_back({"test://static-binary", "static-binary", "Bytes", "Bytes", "image/png",
               [](mcp::Context&, std::string_view uri) {
                 return give(mcp::blob_contents(uri, "image/png", kImage));
               }});
  r.push_back({"test://watched-resource", "watched-resource", "Watched", "Watched", "text/plain",
               [](mcp::Context&, std::string_view uri) {
                 return give(mcp::text_contents(uri, "text/plain", "Watched resource content"));
               }});
  offer.templates.push_back(
      {"test://template/{id}/data", "template", "Template", "Template", "application/json",
       [](mcp::Context&, std::string_view uri) {
         const std::string id(mcp::template_value("test://template/{id}/data", uri, "id"));
         return give(mcp::text_contents(
             uri, "application/json",
             R"({"id":")" + id + R"(","templateTest":true,"data":"Data for ID: )" + id + "\"}"));
       }});
}

namespace {

mcp::Offer everything() {
  mcp::Offer offer;
  offer.name = "everything";
  offer.title = "Everything";
  offer.version = "1.0.0";
  add_plain_tools(offer);
  add_asking_tools(offer);
  add_task_tools(offer);
  add_prompts(offer);
  add_resources(offer);
  offer.complete = [](mcp::Context&, mcp::CompletionQuery q) { return complete(q); };
  offer.cache = {300'000, true};
  mcp::settle(offer);
  return offer;
}

Task<void> serve(mcp::Endpoint& endpoint, net::Request& q, net::Responder& out) {
  static const pb::config::Server kGuard{};
  bool cross = false;
  auto allowed = pb::api::check_host(kGuard, false, q.headers);
  if (allowed) allowed = pb::api::check_origin(kGuard, q.headers, cross);
  if (!allowed) co_return co_await out.send(403, {}, mcp::error_body(allowed.error()));
  if (q.path() == "/sse" && q.method == "GET") co_return co_await endpoint.open_sse(q, out, {});
  if (q.path() == mcp::kSseMessages && q.method == "POST") co_return co_await endpoint.post_sse(q, out, {});
  if (q.path() != "/mcp") co_return co_await out.send(404, {}, {});
  if (q.method == "POST") co_return co_await endpoint.post(q, out, {});
  if (q.method == "GET") co_return co_await endpoint.get(q, out, {});
  if (q.method == "DELETE") co_return co_await endpoint.remove(q, out, {});
  co_await out.send(405, {}, {});
}

int run(const char* how) {
  mcp::Hub hub({.now_ms = pb::steady_ms});
  boost::asio::io_context io{1};
  net::Sweeper sweeper(io);
  auto offer = std::make_shared<const mcp::Offer>(everything());
  if (std::strcmp(how, "stdio") == 0) {
    auto lines = net::create_lines(io, STDIN_FILENO, STDOUT_FILENO);
    boost::asio::co_spawn(io, mcp::serve_stdio({hub, offer, sweeper, io.get_executor()}, *lines),
                          [&](const std::exception_ptr&) { io.stop(); });
    io.run();
    lines.reset();
    std::_Exit(0);
  }
  auto listeners = net::listen_on("127.0.0.1:" + std::string(how), 1);
  if (!listeners) {
    std::fprintf(stderr, "%s\n", listeners.error().message.c_str());
    return 1;
  }
  mcp::Endpoint endpoint({hub, sweeper, io.get_executor(), offer});
  std::printf("{\"url\":\"http://127.0.0.1:%d/mcp\"}\n", listeners->front().port);
  std::fflush(stdout);
  auto server = net::create_server(
      io, sweeper, std::move(listeners->front()), {},
      [&](net::Request& q, net::Responder& out) { return serve(endpoint, q, out); },
      [](const pb::Error& e, std::string_view) { return mcp::error_body(e); });
  io.run();
  return 0;
}

}  // namespace
}  // namespace everything

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return everything::run(argc > 1 ? argv[1] : "0");
}
