#include "llm/embed/embed.h"

#include <doctest/doctest.h>

#include "base/base64.h"

namespace pb::llm {
namespace {

EmbedRequest decode(const EmbedDialect& d, std::string body) {
  auto r = d.decode_request(std::move(body));
  REQUIRE_MESSAGE(r, r.error().message);
  return std::move(*r);
}

std::string fault(const EmbedDialect& d, std::string body) {
  auto r = d.decode_request(std::move(body));
  REQUIRE_FALSE(r);
  CHECK(r.error().code == Code::invalid_request);
  return r.error().message;
}

std::string encode(const EmbedDialect& d, const EmbedRequest& r, std::string* dropped = nullptr,
                   EmbedEncodeOptions o = {.model = "m"}) {
  Dropped names;
  std::string out;
  auto done = d.encode_request(r, o, names, out);
  REQUIRE_MESSAGE(done, done.error().message);
  if (dropped != nullptr) *dropped = names.header();
  return out;
}

// Two vectors with numbers that 32-bit floats hold.
EmbedResponse answer() {
  EmbedResponse r;
  r.id = "e1";
  r.model = "m";
  r.vectors.push_back({*json::parse("[0.5,-0.25,1.0]", r.arena), {}});
  r.vectors.push_back({*json::parse("[0,1e-3,2]", r.arena), {}});
  r.usage.input = 7;
  r.usage.known = true;
  return r;
}

}  // namespace

TEST_SUITE("embeddings") {
  TEST_CASE("OpenAI's request in every format a provider is asked in") {
    const EmbedRequest r = decode(
        kOpenaiEmbeddings,
        R"({"model":"x","input":["a \"b\"","ö"],"dimensions":64,"encoding_format":"base64","user":"u","input_type":"search_query","other":1})");
    CHECK(r.base64);
    std::string dropped;
    CHECK(encode(kOpenaiEmbeddings, r, &dropped) ==
          R"({"model":"m","input":["a \"b\"","ö"],"dimensions":64,"encoding_format":"float","user":"u"})");
    CHECK(dropped == "input_type");
    CHECK(
        encode(kGeminiBatchEmbed, r, &dropped) ==
        R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"a \"b\""}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":64},)"
        R"({"model":"models/m","content":{"parts":[{"text":"ö"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":64}]})");
    CHECK(dropped == "user, other");
    CHECK(
        encode(kCohereEmbed, r, &dropped) ==
        R"({"model":"m","texts":["a \"b\"","ö"],"input_type":"search_query","embedding_types":["float"],"output_dimension":64})");
    CHECK(dropped == "user, other");
    CHECK(encode(kOllamaEmbed, r, &dropped) == R"({"model":"m","input":["a \"b\"","ö"],"dimensions":64})");
    CHECK(dropped == "input_type, user, other");
    CHECK(encode(kOllamaEmbed, r, nullptr, {.model = "m", .first = 1, .count = 5}) ==
          R"({"model":"m","input":["ö"],"dimensions":64})");
  }

  TEST_CASE("every client's request means the same") {
    for (
        const auto& [dialect, body] :
        {std::pair<const EmbedDialect*, const char*>{&kOpenaiEmbeddings,
                                                     R"({"model":"x","input":["one","two"],"dimensions":8})"},
         {&kCohereEmbed,
          R"({"model":"x","texts":["one","two"],"input_type":"search_document","output_dimension":8})"},
         {&kCohereEmbed,
          R"({"model":"x","inputs":[{"content":[{"type":"text","text":"one"}]},{"content":[{"type":"text","text":"two"}]}],"input_type":"search_document","output_dimension":8})"},
         {&kOllamaEmbed, R"({"model":"x","input":["one","two"],"dimensions":8})"},
         {&kGeminiBatchEmbed,
          R"({"requests":[{"content":{"parts":[{"text":"one"}]},"outputDimensionality":8},{"content":{"parts":[{"text":"tw"},{"text":"o"}]},"output_dimensionality":8}]})"}}) {
      CAPTURE(body);
      const EmbedRequest r = decode(*dialect, body);
      CHECK(r.inputs == std::vector<Str>{"one", "two"});
      CHECK(r.dimensions == 8);
    }
    CHECK(decode(kOllamaEmbeddings, R"({"model":"x","prompt":"one"})").inputs == std::vector<Str>{"one"});
    CHECK(
        encode(
            kOllamaEmbed,
            decode(kOllamaEmbeddings,
                   R"({"model":"x","prompt":"one","input":["two"],"truncate":"no","dimensions":"many"})")) ==
        R"({"model":"m","input":["one"]})");
    CHECK(decode(kGeminiEmbed, R"({"content":{"parts":[{"text":"one"}]},"taskType":"CLUSTERING"})")
              .input_type == "clustering");
  }

  TEST_CASE("token numbers go to OpenAI's formats only") {
    for (const char* input : {"[1,2,3]", "[[1,2],[3]]"}) {
      const EmbedRequest r = decode(kOpenaiEmbeddings, R"({"model":"x","input":)" + std::string(input) + "}");
      CHECK(encode(kOpenaiEmbeddings, r).contains(input));
      Dropped dropped;
      std::string out;
      auto refused = kGeminiBatchEmbed.encode_request(r, {.model = "m"}, dropped, out);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().param == "input");
    }
  }

  TEST_CASE("every provider's answer reaches every client") {
    for (const EmbedDialect* provider : embed_dialects()) {
      if (provider->decode_response == nullptr) continue;
      CAPTURE(provider->name);
      EmbedRequest q = decode(kOpenaiEmbeddings, R"({"model":"m","input":["a","b"]})");
      std::string body;
      provider->encode_response(q, answer(), body);
      const auto r = provider->decode_response(body);
      REQUIRE_MESSAGE(r, r.error().message);
      REQUIRE(r->vectors.size() == 2);
      CHECK(r->usage.input == 7);
      std::string out;
      kOpenaiEmbeddings.encode_response(q, *r, out);
      CHECK(
          out ==
          R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-0.25,1.0]},{"object":"embedding","index":1,"embedding":[0,1e-3,2]}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}})");
      q.base64 = true;
      out.clear();
      kOpenaiEmbeddings.encode_response(q, *r, out);
      const auto again = kOpenaiEmbeddings.decode_response(out);
      REQUIRE(again);
      CHECK(floats_of(again->vectors[0].base64) == std::vector<float>{0.5F, -0.25F, 1.0F});
      out.clear();
      kOllamaEmbed.encode_response(q, *again, out);  // base64 to numbers
      CHECK(out.contains(R"("embeddings":[[0.5,-0.25,1],[0,0.001,2]])"));
    }
  }

  TEST_CASE("OpenAI's vectors are put in the order of their index") {
    const auto r = kOpenaiEmbeddings.decode_response(
        R"({"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":1}})");
    REQUIRE(r);
    CHECK(json::to_text(r->vectors[0].numbers) == "[1]");
  }

  TEST_CASE("bad input is named by its path") {
    CHECK(fault(kOpenaiEmbeddings, "{}") == "model is required");
    CHECK(fault(kOpenaiEmbeddings, R"({"model":"m"})") == "input is required");
    CHECK(fault(kOpenaiEmbeddings, R"({"model":"m","input":[]})") == "input must hold at least one text");
    CHECK(fault(kOpenaiEmbeddings, R"({"model":"m","input":["a",{}]})") ==
          "input[1] must be a string, found object");
    CHECK(fault(kOpenaiEmbeddings, R"({"model":"m","input":"a","encoding_format":"hex"})") ==
          "encoding_format must be float or base64");
    CHECK(fault(kCohereEmbed, R"({"model":"m","texts":["a"],"embedding_types":["int8"]})") ==
          "embedding_types[0] must be float or base64 here");
    CHECK(fault(kCohereEmbed, R"({"model":"m","images":["data:"]})").starts_with("images "));
    CHECK(fault(kGeminiBatchEmbed, R"({"requests":[{"content":{"parts":[{"inlineData":{}}]}}]})")
              .starts_with("requests[0].content.parts[0] must be a text"));
    CHECK(fault(kOllamaEmbeddings, R"({"model":"m"})") == "prompt is required");
    for (const EmbedDialect* d : embed_dialects()) {
      CHECK(fault(*d, "nonsense").starts_with("the request body is not JSON"));
      CHECK(fault(*d, "[]") == "the request body must be a JSON object, found array");
      if (d->decode_response == nullptr) continue;
      for (const char* body : {"", "[]", "{}", R"({"data":{}})", R"({"embeddings":[1]})"}) {
        const auto r = d->decode_response(body);
        REQUIRE_FALSE(r);
        CHECK(r.error().code == Code::bad_upstream);
      }
    }
    CHECK_FALSE(floats_of("AAAA"));
    CHECK_FALSE(floats_of("%%%"));
  }

  TEST_CASE("paths") {
    std::string_view model;
    CHECK(match_path_end("/models/{model}:embedContent", "/v1beta/models/a/b:embedContent", model));
    CHECK(model == "a/b");
    CHECK_FALSE(match_path_end("/models/{model}:embedContent", "/v1beta/models/:embedContent", model));
    CHECK_FALSE(match_path_end("", "/x", model));
    for (const EmbedDialect* d : embed_dialects()) CHECK(find_embed_dialect(d->name) == d);
  }
}

}  // namespace pb::llm
