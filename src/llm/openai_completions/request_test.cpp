// Clients' requests: what is refused where, what a prompt becomes for a chat model, and what goes back to this format.
#include "llm/llm_test_support.h"
#include "llm/openai_completions/completions.h"

namespace pb::llm {
namespace {

using namespace testing;

Result<Request> decode(std::string body) { return kOpenaiCompletions.decode_request(std::move(body)); }

std::string with(std::string_view members) {
  return std::string(R"({"model":"m",)").append(members).append("}");
}

std::string written(const Dialect& to, const Request& r, Dropped& dropped, std::string_view model = "m") {
  std::string out;
  auto done = to.encode_request(r, {.model = model, .quirks = {}}, dropped, out);
  REQUIRE_MESSAGE(done, done.error().message);
  return out;
}

}  // namespace

TEST_SUITE("openai_completions request") {
  TEST_CASE("token ids go back to this format as they came") {
    for (const char* prompt : {"[1,2,3]", "[[1,2],[3]]"}) {
      CAPTURE(prompt);
      auto r = decode(with(std::string(R"("echo":true,"prompt":)") + prompt));
      REQUIRE(r);
      Dropped dropped;
      CHECK(canonical(written(kOpenaiCompletions, *r, dropped)) ==
            std::string(R"({"echo":true,"max_tokens":16,"model":"m","prompt":)") + prompt + "}");
      CHECK(dropped.empty());
    }
  }

  TEST_CASE("bad input is refused with the place of the mistake") {
    struct Row {
      std::string body, param, says;
    };
    const Row rows[] = {
        {"", "", ""},
        {"[]", "", "must be an object"},
        {R"({"prompt":"x"})", "model", "must be given"},
        {R"({"model":5,"prompt":"x"})", "model", "must be a string"},
        {R"({"model":"m"})", "prompt", "must be given"},
        {with(R"("prompt":null)"), "prompt", "must be given"},
        {with(R"("prompt":5)"), "prompt", "found number"},
        {with(R"("prompt":{})"), "prompt", "found object"},
        {with(R"("prompt":[])"), "prompt", "must not be empty"},
        {with(R"("prompt":["a",null])"), "prompt[1]", "must be a string"},
        {with(R"("prompt":[1,"a"])"), "prompt[1]", "must be a token's number, found string"},
        {with(R"("prompt":[[1],[]])"), "prompt[1]", "must not be empty"},
        {with(R"("prompt":[[1],[2,null]])"), "prompt[1][1]", "must be a token's number, found null"},
        {with(R"("prompt":["a",7])"), "prompt[1]", "must be a string, found number"},
        {with(R"("prompt":"x","suffix":5)"), "suffix", "must be a string"},
        {with(R"("prompt":"x","echo":"yes")"), "echo", ""},
        {with(R"("prompt":"x","n":"2")"), "n", ""},
        {with(R"("prompt":"x","max_tokens":-1)"), "max_tokens", ""},
        {with(R"("prompt":"x","seed":"7")"), "seed", ""},
        {with(R"("prompt":"x","seed":1.5)"), "seed", ""},
        {with(R"("prompt":"x","logprobs":true)"), "logprobs", ""},
        {with(R"("prompt":"x","logit_bias":[])"), "logit_bias", ""},
        {with(R"("prompt":"x","stop":5)"), "stop", ""},
        {with(R"("prompt":"x","stop":["a",5])"), "stop[1]", ""},
        {with(R"("prompt":"x","stream":1)"), "stream", ""},
        {with(R"("prompt":"x","stream_options":5)"), "stream_options", ""},
        {with(R"("prompt":"x","stream_options":{"include_usage":5})"), "stream_options.include_usage", ""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      auto r = decode(row.body);
      REQUIRE_FALSE(r);
      CHECK(r.error().code == Code::invalid_request);
      CHECK(r.error().param == row.param);
      CHECK(r.error().message.contains(row.says));
    }
    std::string many = R"({"model":"m","prompt":["x")";
    for (std::size_t i = 0; i < openai_completions::kPromptsMax; ++i) many += ",\"x\"";
    CHECK(decode(many + "]}").error().message == "prompt holds more than 2048 prompts");
  }

  TEST_CASE("null stands for what is left out") {
    auto r = decode(with(
        R"("prompt":"x","suffix":null,"echo":null,"n":null,"seed":null,"stop":null,"logprobs":null,"logit_bias":null,"max_tokens":null,"stream":null,"stream_options":null)"));
    REQUIRE(r);
    CHECK(r->max_tokens == 16);
    CHECK(r->stop.empty());
    CHECK_FALSE(r->logprobs.has_value());
    CHECK(r->messages.at(0).content.at(0).raw.is_null());
  }

  TEST_CASE("a request without a limit means 16 tokens, whoever answers") {
    auto r = decode(with(R"("prompt":"x")"));
    REQUIRE(r);
    for (const Dialect* d : dialects()) {
      CAPTURE(d->name);
      Dropped dropped;
      auto again = d->decode_request(written(*d, *r, dropped));
      REQUIRE(again);
      CHECK(again->max_tokens == 16);
    }
  }

  TEST_CASE("a gap is described to a chat model, and goes back as it came") {
    auto r = decode(with(R"("prompt":"def f():","suffix":"return x","echo":true)"));
    REQUIRE(r);
    const Str asked = r->messages.at(0).content.at(0).text;
    CHECK(asked.contains("<before>\ndef f():\n</before>"));
    CHECK(asked.contains("<after>\nreturn x\n</after>"));
    Dropped dropped;
    CHECK(canonical(written(kOpenaiCompletions, *r, dropped)) ==
          R"({"echo":true,"max_tokens":16,"model":"m","prompt":"def f():","suffix":"return x"})");
    CHECK(dropped.empty());
    CHECK(written(kOpenaiChat, *r, dropped).contains("<before>"));
  }

  TEST_CASE("only this format can be asked several things at once, or for the prompt's own probabilities") {
    auto refused = [](std::string_view members) {
      auto r = decode(with(members));
      REQUIRE_MESSAGE(r, r.error().message);
      auto ok = kOpenaiCompletions.needs_no_state(*r);
      return ok ? std::string() : ok.error().param + ": " + ok.error().message;
    };
    CHECK(refused(R"("prompt":["a","b","c"])").starts_with("prompt: prompt holds 3 prompts"));
    CHECK(refused(R"("prompt":[1,2])").starts_with("prompt: prompt holds token ids"));
    CHECK(refused(R"("prompt":[[1,2],[3]])").starts_with("prompt: prompt holds token ids"));
    CHECK(refused(R"("prompt":"a","echo":true,"logprobs":0)").starts_with("echo: echo and logprobs"));
    CHECK(refused(R"("prompt":"a","max_tokens":0)").starts_with("max_tokens: "));
    for (const char* fine : {R"("prompt":"a")", R"("prompt":["a"])", R"("prompt":"a","echo":true)",
                             R"("prompt":"a","logprobs":5)", R"("prompt":"a","n":4)"})
      CHECK(refused(fine) == "");
    Dropped dropped;
    auto r = decode(with(R"("prompt":["a","b"],"n":2,"logprobs":0,"seed":-3,"stop":"x")"));
    REQUIRE(r);
    CHECK(openai_completions::prompts_of(&*r) == 2);
    CHECK(canonical(written(kOpenaiCompletions, *r, dropped)) ==
          R"({"logprobs":0,"max_tokens":16,"model":"m","n":2,"prompt":["a","b"],"seed":-3,"stop":["x"]})");
  }
}

}  // namespace pb::llm
