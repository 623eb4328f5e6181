#include "tools/answer.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

#include "base/limits_mcp.h"

using namespace pb;
using namespace pb::tools;
namespace asio = boost::asio;

namespace {

net::Headers headers(std::string_view type) {
  net::Headers h;
  h.add("Content-Type", type);
  return h;
}

// Runs it to its end; true when it was ended by the answer itself.
bool refused(Task<void> task) {
  asio::io_context io{1};
  bool out = false;
  asio::co_spawn(io, std::move(task), [&out](const std::exception_ptr& e) {
    try {
      if (e) std::rethrow_exception(e);
    } catch (const boost::system::system_error&) {
      out = true;
    }
  });
  io.run();
  return out;
}

Task<void> stream(Answer& answer, std::vector<std::string> pieces) {
  co_await answer.start(200, headers("text/event-stream"));
  for (const std::string& piece : pieces) co_await answer.write(piece);
  co_await answer.finish({});
}

Task<void> whole(Answer& answer, int status, std::string body, net::Headers h) {
  co_await answer.send(status, h, body);
}

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":)" +
         std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + "}]}\n\n";
}

const std::string kStream =
    chunk(R"({"role":"assistant","content":"Gr"})") + ": ping\n\n" + chunk(R"({"content":"üße"})") +
    chunk("{}", R"("stop")") +
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\","
    "\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n"
    "data: [DONE]\n\n";

}  // namespace

TEST_SUITE_BEGIN("tool_answer");

TEST_CASE("a stream is told as it comes and put together, wherever it is cut") {
  for (std::size_t cut = 0; cut <= kStream.size(); ++cut) {
    std::string told;
    Answer answer([&told](std::string_view piece) { told += piece; });
    REQUIRE_FALSE(refused(stream(answer, {kStream.substr(0, cut), kStream.substr(cut)})));
    CHECK(told == "Grüße");
    const auto completion = answer.completion();
    REQUIRE(completion);
    json::Arena arena;
    const json::Value v = *json::parse(*completion, arena);
    CHECK(v["choices"].at(0)["message"]["content"].as_string() == "Grüße");
    CHECK(v["choices"].at(0)["finish_reason"].as_string() == "stop");
    CHECK(v["usage"]["total_tokens"].as_int() == 5);
    CHECK(v["id"].as_string() == "c1");
  }
}

TEST_CASE(
    "a stream without its end is an error, one without its usage is none, and one that tells an error is "
    "one") {
  Answer cut({});
  REQUIRE_FALSE(refused(stream(cut, {chunk(R"({"content":"a"})")})));
  CHECK(cut.completion().error().code == Code::bad_upstream);
  Answer bare({});
  const std::size_t usage = kStream.find(
      R"(data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],)");
  REQUIRE_FALSE(refused(stream(bare, {kStream.substr(0, usage) + "data: [DONE]\n\n"})));
  llm::Usage known;
  known.input = 30;
  known.output = 12;
  known.known = true;
  CHECK(bare.completion(known)->contains(R"("total_tokens":42)"));
  Answer told({});
  REQUIRE_FALSE(refused(stream(
      told, {"data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"code\":503}}\n\n"})));
  CHECK(told.completion().error().message.contains("overloaded"));
  Answer aborted({});
  aborted.abort();
  CHECK_FALSE(aborted.completion());
}

TEST_CASE("a whole answer stays as it is, an error says when to try again") {
  Answer good({});
  REQUIRE_FALSE(refused(whole(good, 200, R"({"choices":[]})", headers("application/json"))));
  CHECK(*good.completion() == R"({"choices":[]})");
  Answer bad({});
  net::Headers h = headers("application/json");
  h.add("Retry-After", "3");
  REQUIRE_FALSE(refused(whole(bad, 429, R"({"error":{"message":"slow down"}})", h)));
  const auto fault = bad.completion();
  REQUIRE_FALSE(fault);
  CHECK(fault.error().code == Code::rate_limited);
  CHECK(fault.error().message == "slow down");
  CHECK(fault.error().retry_after_ms == 3000);
}

TEST_CASE("what is too large ends the request") {
  Answer answer({});
  CHECK(refused(
      whole(answer, 200, std::string(limits::kToolAnswerBytesMax + 1, ' '), headers("application/json"))));
  REQUIRE(answer.fault());
  CHECK(answer.completion().error().message.contains("larger than"));
  Answer coded({});
  net::Headers h = headers("application/json");
  h.add("Content-Encoding", "rot13");
  CHECK(refused(whole(coded, 200, "x", h)));
  CHECK(coded.completion().error().message.contains("`rot13`"));
}

TEST_SUITE_END();
