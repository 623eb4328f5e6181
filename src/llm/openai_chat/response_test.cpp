// Whole answers, errors of every shape, and what a relay learns from bytes that pass by.
#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

Error decode_error(int status, std::string_view body) { return kOpenaiChat.decode_error(status, body); }

std::string encode_error(const Error& e, std::string_view id = "req_1") {
  std::string out;
  kOpenaiChat.encode_error(e, id, out);
  return out;
}

Peek peek(std::string_view data, std::string_view name = "") {
  Peek p;
  kOpenaiChat.peek_event(name, data, p);
  return p;
}

}  // namespace

TEST_SUITE("openai_chat response") {
  TEST_CASE("nonsense from a provider is its fault, not the client's") {
    for (const char* body :
         {"", "<html>oops</html>", "[]", "5", "{}", R"({"choices":5})", "{\"choices\":[", "\xff\xfe"}) {
      CAPTURE(body);
      auto r = kOpenaiChat.decode_response(body);
      REQUIRE_FALSE(r);
      CHECK(r.error().code == Code::bad_upstream);
      CHECK(r.error().retryable);
      CHECK(r.error().raw_body == body);
    }
    for (const char* body : {R"({"choices":[]})", R"({"choices":[5]})", R"({"choices":[{}]})",
                             R"({"choices":[{"message":5}],"usage":[]})",
                             R"({"choices":[{"message":{"content":5,"tool_calls":[5,{}],"audio":1}}]})"}) {
      CAPTURE(body);
      auto r = kOpenaiChat.decode_response(body);
      REQUIRE(r);
      Dropped d;
      std::string out;
      kOpenaiChat.encode_response(*r, {"id", "m", 1}, d, out);
      testing::canonical(out);
    }
  }

  TEST_CASE("an error under status 200 is an error") {
    auto r = kOpenaiChat.decode_response(R"({"error":{"message":"No credits","code":402},"user_id":"u"})");
    REQUIRE_FALSE(r);
    CHECK(r.error().code == Code::payment_required);
    CHECK(r.error().message == "No credits");
  }

  TEST_CASE("usage in every spelling") {
    auto usage = [](std::string_view u) {
      auto r = kOpenaiChat.decode_response(std::string(R"({"choices":[],"usage":)").append(u).append("}"));
      REQUIRE(r);
      return r->usage;
    };
    CHECK_FALSE(usage("null").known);
    CHECK_FALSE(usage("{}").known);
    CHECK(usage(R"({"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":7})").cache_read == 7);
    CHECK(
        usage(
            R"({"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":2,"audio_tokens":1}})")
            .cache_write == 2);
    // xAI counts reasoning beside the completion, OpenAI inside it.
    CHECK(
        usage(
            R"({"prompt_tokens":307,"completion_tokens":26,"total_tokens":588,"completion_tokens_details":{"reasoning_tokens":255}})")
            .output == 281);
    CHECK(
        usage(
            R"({"prompt_tokens":10,"completion_tokens":26,"total_tokens":36,"completion_tokens_details":{"reasoning_tokens":20}})")
            .output == 26);
    CHECK(usage(R"({"prompt_tokens":-5,"completion_tokens":"x"})").input == 0);
  }

  TEST_CASE("an answer of another format has the whole shape, and says what it lost") {
    json::Arena arena;
    Response r;
    r.format = "anthropic";
    r.id = "msg_1";
    Choice c;
    Block thought, text, call, server;
    thought.kind = Block::Kind::thinking;
    thought.text = "hm";
    thought.signature = "sig";
    text.text = "h\xc3\xa9";
    text.format = "anthropic";
    text.citations = *json::parse(
        R"([{"type":"web_search_result_location","url":"u","title":"t"},{"type":"char_location"}])", arena);
    call.kind = Block::Kind::tool_call;
    call.id = "toolu_1";
    call.name = "f";
    server.kind = Block::Kind::opaque;
    server.format = "anthropic";
    c.content = {thought, text, server, call};
    c.stop = Stop::tool_use;
    c.stop_sequence = "END";
    r.choices.push_back(std::move(c));
    r.usage = {.input = 10, .output = 5, .cache_read = 4, .cache_write = 3, .reasoning = 2, .known = true};
    Dropped d;
    std::string out;
    kOpenaiChat.encode_response(r, {"ours", "alias", 99}, d, out);
    CHECK(
        out ==
        R"({"id":"msg_1","object":"chat.completion","created":99,"model":"alias","choices":[{"index":0,"message":{"role":"assistant","content":"hé",)"
        R"("refusal":null,"reasoning_content":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"sig",)"
        R"("format":"anthropic-claude-v1","index":0}],"annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":2,"title":"t","url":"u"}}],)"
        R"("tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],)"
        R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0,"cache_write_tokens":3},)"
        R"("completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},)"
        R"("service_tier":null,"system_fingerprint":null})");
    CHECK(d.header() == "provider_blocks, citations, stop_sequence");
  }

  TEST_CASE("finish reasons, both ways") {
    auto through = [](Stop stop) {
      Response r;
      r.choices.emplace_back();
      r.choices[0].stop = stop;
      Dropped d;
      std::string out;
      kOpenaiChat.encode_response(r, {}, d, out);
      json::Arena arena;
      return std::string((*json::parse(out, arena))["choices"].items()[0]["finish_reason"].as_string());
    };
    CHECK(through(Stop::unset) == "stop");
    CHECK(through(Stop::end) == "stop");
    CHECK(through(Stop::stop_sequence) == "stop");
    CHECK(through(Stop::pause) == "stop");
    CHECK(through(Stop::max_tokens) == "length");
    CHECK(through(Stop::context_full) == "length");
    CHECK(through(Stop::tool_use) == "tool_calls");
    CHECK(through(Stop::refusal) == "content_filter");
    CHECK(through(Stop::content_filter) == "content_filter");
    auto read = [](const char* reason) {
      return kOpenaiChat
          .decode_response(std::string(R"({"choices":[{"message":{"content":"x"},"finish_reason":")") +
                           reason + "\"}]}")
          ->choices[0]
          .stop;
    };
    CHECK(read("stop") == Stop::end);
    CHECK(read("length") == Stop::max_tokens);
    CHECK(read("model_length") == Stop::context_full);
    CHECK(read("content_filter") == Stop::content_filter);
    CHECK(read("function_call") == Stop::tool_use);
    CHECK(read("invented") == Stop::end);
  }
}

TEST_SUITE("openai_chat errors") {
  TEST_CASE("every shape of error body") {
    struct Row {
      int status;
      const char *body, *message, *type, *param, *code;
      Code kind;
    };
    const Row rows[] = {
        {400,
         R"({"error":{"message":"m","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}})",
         "m", "invalid_request_error", "max_tokens", "unsupported_parameter", Code::invalid_request},
        {401, R"({"error":{"message":"bad key","type":null,"param":null,"code":null}})", "bad key", "", "",
         "", Code::unauthenticated},
        {429, R"([{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}])", "slow down",
         "", "", "", Code::rate_limited},
        {500, R"({"message":"boom","type":"t"})", "boom", "t", "", "", Code::internal},
        {404, R"({"detail":"Not Found"})", "Not Found", "", "", "", Code::not_found},
        {422, R"({"detail":[{"loc":["body","messages",0,"role"],"msg":"bad role","type":"x"}]})",
         "messages.0.role: bad role", "", "messages.0.role", "", Code::invalid_request},
        {422,
         R"({"object":"error","message":{"detail":[{"loc":["body","n"],"msg":"too big"}]},"type":"invalid_request_error","code":null})",
         "n: too big", "invalid_request_error", "n", "", Code::invalid_request},
        {403, R"({"error":"forbidden here"})", "forbidden here", "", "", "", Code::permission_denied},
        {502,
         R"({"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"upstream said no","provider_name":"X"}}})",
         "Provider returned error: upstream said no", "", "", "", Code::bad_upstream},
        {503, "<html><head><title>503</title></head><body>\n<h1>Service   Unavailable</h1></body></html>",
         "503 Service Unavailable", "", "", "", Code::overloaded},
        {500, "", "the provider answered with status 500 and no reason", "", "", "", Code::internal},
        {500, "\xff\xfe\x00garbage", "the provider answered with status 500 and a body that is not text", "",
         "", "", Code::internal},
        {529, "plain words", "plain words", "", "", "", Code::overloaded},
        {400, R"("just a string")", "just a string", "", "", "", Code::invalid_request},
        {400, "{}", "the provider gave no reason: {}", "", "", "", Code::invalid_request},
        {400, "[]", "the provider gave no reason: []", "", "", "", Code::invalid_request},
        {418, "null", "the provider gave no reason: null", "", "", "", Code::invalid_request},
    };
    for (const Row& row : rows) {
      CAPTURE(row.body);
      Error e = decode_error(row.status, row.body);
      CHECK(e.message == row.message);
      CHECK(e.type == row.type);
      CHECK(e.param == row.param);
      CHECK(e.provider_code == row.code);
      CHECK(e.code == row.kind);
      CHECK(e.status == row.status);
      CHECK(e.raw_body == row.body);
    }
  }

  TEST_CASE("hints when to try again") {
    struct Row {
      const char* message;
      int ms;
    };
    for (const Row& row : {Row{"Rate limit reached. Please try again in 1.2s. Visit", 1200},
                           Row{"Please try again in 250ms.", 250}, Row{"try again in 6m0.5s.", 360500},
                           Row{"Retry after 20 seconds", 20000}, Row{"try again in 2 minutes", 120000},
                           Row{"try again in a while", -1}, Row{"try again later", -1},
                           Row{"try again in 99999999999h", -1}}) {
      CAPTURE(row.message);
      CHECK(
          decode_error(429, std::string(R"({"error":{"message":")") + row.message + "\"}}").retry_after_ms ==
          row.ms);
    }
    CHECK(decode_error(429, R"({"error":{"message":"x","retry_after":3}})").retry_after_ms == 3000);
    CHECK(decode_error(429, R"({"retry_after":"2.5","message":"x"})").retry_after_ms == 2500);
    CHECK(decode_error(429, R"({"error":{"message":"x"}})").retryable);
    CHECK_FALSE(decode_error(429, R"({"error":{"message":"x","code":"insufficient_quota"}})").retryable);
    CHECK_FALSE(decode_error(400, R"({"error":{"message":"x"}})").retryable);
  }

  TEST_CASE("errors to clients have the vendor's shape") {
    CHECK(
        encode_error(fail(Code::invalid_request, "must be a \"string\"", "messages[0].role").error()) ==
        R"({"error":{"message":"must be a \"string\"","type":"invalid_request_error","param":"messages[0].role","code":null},"request_id":"req_1"})");
    CHECK(encode_error(fail(Code::rate_limited, "m").error(), "") ==
          R"({"error":{"message":"m","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}})");
    CHECK(encode_error(fail(Code::bad_upstream, "m").error(), "") ==
          R"({"error":{"message":"m","type":"server_error","param":null,"code":"bad_upstream"}})");
    Error e =
        decode_error(400, R"({"error":{"message":"m","type":"their_type","param":"p","code":"their_code"}})");
    CHECK(encode_error(e, "") ==
          R"({"error":{"message":"m","type":"their_type","param":"p","code":"their_code"}})");
  }
}

TEST_SUITE("openai_chat peek") {
  TEST_CASE("stream events") {
    Peek plain = peek(
        R"({"id":"c","choices":[{"index":0,"delta":{"content":"\"usage\":{\"prompt_tokens\":1}, \"finish_reason\":\"stop\" \"error\""},"finish_reason":null}],"usage":null})");
    CHECK_FALSE(plain.usage.known);
    CHECK(plain.stop == Stop::unset);
    CHECK_FALSE(plain.error);
    CHECK_FALSE(plain.usage_only);
    Peek last = peek(
        R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"x":{"y":"}"}},"z":1})");
    CHECK(last.stop == Stop::max_tokens);
    CHECK(last.usage.input == 3);
    CHECK(last.usage.output == 2);
    CHECK_FALSE(last.usage_only);
    CHECK(peek(R"({"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})").usage_only);
    CHECK(peek(R"({"choices" : [ ] , "usage" : {"prompt_tokens":3}})").usage_only);
    CHECK(peek("[DONE]").done);
    CHECK(peek(R"({"error":{"message":"x"}})").error);
    CHECK(peek("anything", "error").error);
    CHECK(peek(R"({"error":{"message":"x"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]})")
              .error);
    CHECK_FALSE(peek(R"({"choices":[{"delta":{"error":"no"}}],"error":null})").error);
    for (const char* broken : {"", "{", R"({"usage":)", R"({"usage":{)", R"({"finish_reason":")",
                               R"("usage")", R"("finish_reason" : )"})
      peek(broken);
  }

  TEST_CASE("a key is found wherever it stands") {
    for (std::size_t before = 0; before < 70; ++before)
      for (std::size_t after = 0; after < 40; after += 3) {
        std::string pad(before, 'u'), rest(after, ' ');
        Peek p = peek("{\"" + pad + R"(":"g","usage":{"prompt_tokens":3})" + rest + "}");
        CHECK(p.usage.input == 3);
        CHECK_FALSE(peek("{\"" + pad + R"(":"g","usagf":{"prompt_tokens":3})" + rest + "}").usage.known);
        CHECK(peek(std::string(before, ' ') + R"({"error":{}})" + rest).error);
      }
  }

  TEST_CASE("whole bodies") {
    Peek p;
    kOpenaiChat.peek_response(
        R"({"usage":{"prompt_tokens":10,"completion_tokens":26,"total_tokens":56,"completion_tokens_details":{"reasoning_tokens":20}},
      "choices":[{"message":{"content":"\"usage\":{}"},"finish_reason":"tool_calls"}]})",
        p);
    CHECK(p.usage.known);
    CHECK(p.usage.output == 46);
    CHECK(p.stop == Stop::tool_use);
    CHECK(p.done);
    Peek e;
    kOpenaiChat.peek_response(R"({"error":{"message":"x"}})", e);
    CHECK(e.error);
  }
}

}  // namespace pb::llm
