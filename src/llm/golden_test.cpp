// Golden files: tests/golden/<format>/<case>.{request,response}.json and <case>.stream.txt (one event's data a line) go
// through <format>'s decoder and every format's encoder. What comes out, and what was dropped, stands beside them as
// <case>.<what>.to_<format>.json or .txt. PATCHBAY_GOLDEN=write rewrites those.
#include <algorithm>

#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

using namespace testing;

const std::span<const Dialect* const> kTargets = dialects();

std::vector<fs::path> cases(std::string_view format, std::string_view ending) {
  std::vector<fs::path> out;
  fs::path dir = source_dir() / "tests" / "golden" / format;
  if (!fs::exists(dir)) return out;
  for (const auto& entry : fs::directory_iterator(dir))
    if (entry.path().filename().string().ends_with(ending)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

// A provider that knows everything of its format, so that a golden file shows what the formats can carry.
EncodeOptions wide() {
  EncodeOptions o;
  o.model = "provider-model";
  o.quirks.max_completion_tokens = true;
  o.quirks.developer_role = true;
  o.quirks.custom_tools = true;
  return o;
}

std::string with_dropped(const std::string& body, const Dropped& dropped) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("dropped", dropped.header());
  w.key("body");
  w.raw(body);
  w.end_object();
  return pretty(out);
}

fs::path beside(fs::path path, std::string_view ending, const Dialect& to, std::string_view extension) {
  std::string name = path.filename().string();
  name.resize(name.size() - ending.size());
  std::string_view what = ending.substr(1, ending.rfind('.') - 1);
  path.replace_filename(name + "." + std::string(what) + ".to_" + std::string(to.name) +
                        std::string(extension));
  return path;
}

void request_cases(const Dialect& from) {
  for (const fs::path& path : cases(from.name, ".request.json")) {
    CAPTURE(path.filename().string());
    for (const Dialect* to : kTargets) {
      auto request = from.decode_request(read_file(path));
      REQUIRE_MESSAGE(request, request.error().message);
      Dropped dropped;
      std::string body;
      auto encoded = to->encode_request(*request, wide(), dropped, body);
      if (!encoded) body = "{\"refused\":\"" + encoded.error().message + "\"}";
      check_golden(beside(path, ".request.json", *to, ".json"), with_dropped(body, dropped));
      if (to != &from) continue;
      // The same format again: reading what was written gives the same text, and nothing was lost (but for what only
      // another provider can read).
      if (!path.filename().string().starts_with("carried_")) CHECK(dropped.names().size() == 0);
      auto again = from.decode_request(body);
      REQUIRE_MESSAGE(again, again.error().message);
      std::string second;
      REQUIRE(to->encode_request(*again, wide(), dropped, second));
      CHECK(canonical(second) == canonical(body));
    }
  }
}

void response_cases(const Dialect& from) {
  for (const fs::path& path : cases(from.name, ".response.json")) {
    CAPTURE(path.filename().string());
    for (const Dialect* to : kTargets) {
      auto response = from.decode_response(read_file(path));
      REQUIRE_MESSAGE(response, response.error().message);
      Dropped dropped;
      std::string body;
      to->encode_response(*response, {"id-of-ours", "client-model", 1700000000}, dropped, body);
      check_golden(beside(path, ".response.json", *to, ".json"), with_dropped(body, dropped));
    }
  }
}

void stream_cases(const Dialect& from) {
  for (const fs::path& path : cases(from.name, ".stream.txt")) {
    CAPTURE(path.filename().string());
    auto events = lines_of(read_file(path));
    assemble(from, events);  // for its rules
    for (const Dialect* to : kTargets)
      check_golden(beside(path, ".stream.txt", *to, ".txt"),
                   translate_stream(from, *to, events, {"id-of-ours", "client-model", 1700000000, true}));
  }
}

}  // namespace

TEST_SUITE("golden") {
  TEST_CASE("every golden request, answer and stream of every format, in every format") {
    for (const Dialect* from : dialects()) {
      CAPTURE(from->name);
      CHECK(cases(from->name, ".request.json").size() >= 2);
      CHECK(cases(from->name, ".response.json").size() >= 1);
      CHECK(cases(from->name, ".stream.txt").size() >= 2);
      request_cases(*from);
      response_cases(*from);
      stream_cases(*from);
    }
  }
}

}  // namespace pb::llm
