#include "sim/render.h"

#include <doctest/doctest.h>

#include "llm/event_reader.h"
#include "sim/recorded.h"

using namespace pb;
using namespace pb::sim;

namespace {

Rendered rendered(std::string_view model, const llm::Dialect& dialect, bool stream) {
  llm::Request request;
  request.model = model;
  request.format = dialect.name;
  request.messages.emplace_back().role = llm::Role::user;
  request.messages.back().content.emplace_back().text = "one two three four five six";
  const auto behaviour = parse_model(model);
  REQUIRE(behaviour);
  const Plan plan = make_plan(request, *behaviour, {}, {dialect.name, "id-1", 0, false});
  return render(plan, dialect, {stream, true, "id-1", "req-1", 1});
}

std::string all(const Rendered& r) {
  std::string out;
  for (const Step& s : r.steps) out += s.bytes;
  return out;
}

// What a client of that format makes of the answer.
std::vector<llm::Event> decoded(const Rendered& r, const llm::Dialect& dialect, std::string& text) {
  const auto decoder = dialect.stream_decoder();
  llm::EventReader reader(dialect.framing);
  reader.append(all(r));
  std::vector<llm::Event> events, step;
  llm::SseEvent event;
  const auto take = [&] {
    for (llm::Event& e : step) {
      if (e.kind == llm::Event::Kind::text_delta) text += e.text;
      events.push_back(e);
    }
    step.clear();
  };
  while (reader.next(event)) {
    decoder->feed(event.name, event.data, step);
    take();
  }
  if (reader.rest(event)) decoder->feed(event.name, event.data, step);
  take();
  decoder->finish(step);
  take();
  return events;
}

}  // namespace

TEST_SUITE_BEGIN("sim/render");

TEST_CASE("what is rendered decodes to what was planned, in every format") {
  for (const llm::Dialect* dialect : llm::dialects()) {
    CAPTURE(dialect->name);
    const Rendered whole = rendered("echo", *dialect, false);
    CHECK(whole.whole);
    const auto response = dialect->decode_response(all(whole));
    REQUIRE(response);
    CHECK(response->choices.at(0).content.at(0).text == "one two three four five six");
    const Rendered stream = rendered("echo", *dialect, true);
    CHECK_FALSE(stream.whole);
    std::string text;
    const auto events = decoded(stream, *dialect, text);
    CHECK(text == "one two three four five six");
    CHECK(events.back().kind == llm::Event::Kind::end);
  }
}

TEST_CASE("sized answers have exactly their size, streams their deltas") {
  for (const llm::Dialect* dialect : llm::dialects())
    for (const int size : {1024, 5000, 51200}) {
      CAPTURE(dialect->name);
      CHECK(all(rendered("sim-size-" + std::to_string(size), *dialect, false)).size() ==
            static_cast<std::size_t>(size));
    }
  for (const llm::Dialect* dialect : llm::dialects())
    for (const int count : {1, 100, 20'000}) {
      std::string text;
      int deltas = 0;
      for (const llm::Event& e :
           decoded(rendered("sim-stream-" + std::to_string(count), *dialect, true), *dialect, text))
        if (e.kind == llm::Event::Kind::text_delta && !e.text.empty()) ++deltas;
      CHECK(deltas == count);
    }
}

TEST_CASE("each fault is one a decoder notices") {
  for (const llm::Dialect* dialect : llm::dialects())
    for (const char* name :
         {"sim-cut", "sim-cut-body", "sim-no-end", "sim-malformed", "sim-error-midstream"}) {
      CAPTURE(dialect->name);
      CAPTURE(name);
      std::string text;
      const Rendered r = rendered(name, *dialect, true);
      const auto events = decoded(r, *dialect, text);
      CHECK(events.back().kind == llm::Event::Kind::error);
      CHECK_FALSE(text.empty());
    }
}

TEST_CASE("how a body ends") {
  const llm::Dialect& dialect = *llm::dialects()[0];
  CHECK(rendered("sim-cut", dialect, true).ending == Ending::cut);
  CHECK(rendered("sim-no-end", dialect, true).ending == Ending::finish);
  const Rendered body = rendered("sim-cut-body", dialect, false);
  CHECK(body.ending == Ending::cut);
  CHECK_FALSE(body.whole);
  CHECK_FALSE(dialect.decode_response(all(body)));
  CHECK(rendered("sim-hang", dialect, false).ending == Ending::hang);
}

TEST_CASE("pace") {
  const llm::Dialect& dialect = *llm::dialects()[0];
  CHECK(rendered("echo+slow-first-20ms", dialect, false).first_ms == 20);
  int slow = 0;
  for (const Step& s : rendered("echo+slow-token-7ms", dialect, true).steps) slow += s.wait_ms == 7;
  CHECK(slow == 6);
  const Rendered silent = rendered("echo+silent-2s", dialect, true);
  CHECK(silent.steps.at(0).wait_ms == 0);
  CHECK(silent.steps.at(1).wait_ms == 2000);
  CHECK(rendered("echo+silent-2s", dialect, false).first_ms == 2000);
  CHECK(rendered("echo+burst", dialect, true).steps.size() == 1);
  CHECK(rendered("echo+loris", dialect, false).byte_ms == 1);
}

TEST_CASE("errors have the status and a body of the format") {
  for (const llm::Dialect* dialect : llm::dialects()) {
    const Rendered r = rendered("sim-error-529", *dialect, true);
    CHECK(r.whole);
    CHECK(r.status == 529);
    const Error error = dialect->decode_error(529, all(r));
    CHECK(error.code == Code::overloaded);
    CHECK(error.message.contains("529"));
  }
}

TEST_CASE("recorded lines become events, with a name or an end mark as the format has it") {
  const llm::Dialect* openai = llm::find_dialect("openai_chat");
  REQUIRE(openai);
  const auto steps = replay_steps("{\"a\":1}\n\n{\"b\":2}\r\n", *openai);
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].bytes == "data: {\"a\":1}\n\n");
  CHECK(steps[1].bytes == "data: {\"b\":2}\n\n");
  CHECK(steps[2].bytes == "data: [DONE]\n\n");
  if (const llm::Dialect* anthropic = llm::find_dialect("anthropic"))
    CHECK(replay_steps("{\"type\":\"ping\"}", *anthropic).at(0).bytes ==
          "event: ping\ndata: {\"type\":\"ping\"}\n\n");
}

TEST_CASE("recordings are only looked for where they can be") {
  const llm::Dialect& openai = *llm::find_dialect("openai_chat");
  for (const char* name :
       {"recorded/x", "recorded/openai-chat/../../etc/passwd", "recorded/nowhere/x", "recorded/anthropic/x",
        "recorded/openai-chat/.hidden", "recorded/openai-chat/absent"}) {
    CAPTURE(name);
    const auto r = replay("/nonexistent", name, openai, false);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == Code::not_found);
  }
}

TEST_SUITE_END();
