#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "everything.h"

namespace everything {
namespace asio = boost::asio;
namespace mcp = pb::mcp;
using pb::Task;
using pb::json::Value;

mcp::Tool make(std::string_view name, std::string_view description, mcp::ToolHandler run) {
  mcp::Tool tool;
  tool.name = name;
  tool.description = description;
  tool.run = std::move(run);
  return tool;
}

Task<void> sleep_ms(int ms) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(ms));
  co_await timer.async_wait(asio::use_awaitable);
}

namespace {

constexpr std::string_view kSchemaTool = R"({
  "$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
  "$defs":{"address":{"$anchor":"addressDef","type":"object",
    "properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
  "properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},
    "contactMethod":{"type":"string","enum":["phone","email"]},"phone":{"type":"string"},"email":{"type":"string"}},
  "allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
  "if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},
  "then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false
})";

// A tool that always gives the same.
mcp::Tool fixed(std::string_view name, std::string_view description, std::string content) {
  return make(name, description, [content](mcp::Context&, Value) -> Task<Outcome> {
    return [](std::string blocks) -> Task<Outcome> {
      mcp::ToolResult result;
      result.content = std::move(blocks);
      co_return result;
    }(content);
  });
}

Task<Outcome> with_progress(mcp::Context& c) {
  for (int done : {0, 50, 100}) {
    c.progress(done, 100, "Completed step " + std::to_string(done) + " of 100");
    if (done != 100) co_await sleep_ms(50);
  }
  co_return mcp::text_result("Progress has been told");
}

Task<Outcome> with_logging(mcp::Context& c) {
  for (const char* text : {"Tool execution started", "Tool processing data", "Tool execution completed"}) {
    c.log(mcp::LogLevel::info, "everything", '"' + std::string(text) + '"');
    co_await sleep_ms(50);
  }
  co_return mcp::text_result("Tool with logging executed successfully");
}

Task<Outcome> log_one(mcp::Context& c) {
  c.log(mcp::LogLevel::info, "everything", R"("Diagnostic trace")");
  co_return mcp::text_result("Logging evaluated");
}

Task<Outcome> failing() {
  co_return mcp::error_result("This tool intentionally returns an error for testing");
}

Task<Outcome> reconnection(mcp::Context& c) {
  c.let_client_poll();
  co_await sleep_ms(100);
  co_return mcp::text_result("Reconnection test completed successfully");
}

Task<Outcome> change(mcp::Context& c, mcp::Change::What what) {
  c.hub().publish({what, {}});
  co_return mcp::text_result("Mutation triggered");
}

Task<Outcome> echo(Value arguments) { co_return mcp::text_result(pb::json::to_text(arguments)); }

}  // namespace

void add_plain_tools(mcp::Offer& offer) {
  auto& t = offer.tools;
  const std::string image = mcp::image_block(kImage, "image/png");
  t.push_back(fixed("test_simple_text", "Text",
                    "[" + mcp::text_block("This is a simple text response for testing.") + "]"));
  t.push_back(fixed("test_image_content", "An image", "[" + image + "]"));
  t.push_back(fixed("test_audio_content", "Audio", "[" + mcp::audio_block(kAudio, "audio/wav") + "]"));
  t.push_back(fixed("test_embedded_resource", "A resource",
                    "[" +
                        mcp::resource_block("test://embedded-resource", "text/plain",
                                            "This is an embedded resource content.") +
                        "]"));
  t.push_back(fixed("test_multiple_content_types", "Several kinds of content",
                    "[" + mcp::text_block("Multiple content types test:") + "," + image + "," +
                        mcp::resource_block("test://mixed-content-resource", "application/json",
                                            R"({"test":"data","value":123})") +
                        "]"));
  t.push_back(make("test_error_handling", "Fails", [](mcp::Context&, Value) { return failing(); }));
  t.push_back(make("test_tool_with_progress", "Tells its progress",
                   [](mcp::Context& c, Value) { return with_progress(c); }));
  t.push_back(make("test_tool_with_logging", "Logs", [](mcp::Context& c, Value) { return with_logging(c); }));
  t.push_back(make("test_logging_tool", "Logs once", [](mcp::Context& c, Value) { return log_one(c); }));
  t.push_back(
      make("test_reconnection", "Cuts its stream", [](mcp::Context& c, Value) { return reconnection(c); }));
  t.push_back(make("test_trigger_tool_change", "Changes the list of tools",
                   [](mcp::Context& c, Value) { return change(c, mcp::Change::What::tools); }));
  t.push_back(make("test_trigger_prompt_change", "Changes the list of prompts",
                   [](mcp::Context& c, Value) { return change(c, mcp::Change::What::prompts); }));
  t.push_back(
      make("json_schema_2020_12_tool", "Has a rich schema", [](mcp::Context&, Value a) { return echo(a); }));
  t.back().input_schema = kSchemaTool;
  t.push_back(make("test_x_mcp_header", "Has an argument in a header",
                   [](mcp::Context&, Value a) { return echo(a); }));
  t.back().input_schema =
      R"({"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"query":{"type":"string"}},"required":["region"]})";
}

}  // namespace everything
