// The parts of preparing images and documents that need no network; the rest is in tests/e2e/images.test.mjs.
#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "base/base64.h"
#include "gateway/media_plan.h"
#include "gateway/media_work.h"
#include "llm/dialect.h"
#include "media/testing.h"

using namespace pb;
using namespace pb::gateway;
using media::Type;

namespace {

llm::Request decode(std::string_view dialect, std::string body) {
  auto r = llm::find_dialect(dialect)->decode_request(std::move(body));
  REQUIRE_MESSAGE(r.has_value(), r.error().message);
  return std::move(*r);
}

llm::MediaLimits bytes_only() {
  llm::MediaLimits l;
  l.image_url = l.document_url = false;
  return l;
}

MediaSource source_of(std::string text, bool document = false) { return {std::move(text), true, document}; }

std::string error_of(const MediaSource& s, const media::Limits& l = {}) {
  MemoryBudget memory(1 << 30);
  auto r = ready_media(s, l, &memory);
  return r ? "none" : r.error().message;
}

const char* kConversation = R"({"model":"m","max_tokens":9,"messages":[
  {"role":"user","content":[{"type":"text","text":"https://a/1.png"},{"type":"image","source":{"type":"url","url":"https://a/1.png"}},
    {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
  {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},
  {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"https://a/1.png"}},
    {"type":"document","source":{"type":"url","url":"https:\/\/a\/2.pdf"}}]},
    {"type":"document","source":{"type":"content","content":[{"type":"image","source":{"type":"base64","media_type":"image/gif","data":"BBBB"}}]}},
    {"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}}]}]})";

}  // namespace

TEST_CASE("media plan: what is to be done, in order, also inside results and documents") {
  llm::Request r = decode("anthropic", kConversation);
  CHECK(has_media(r));
  const MediaPlan all = plan_media(r, bytes_only());
  REQUIRE(all.items.size() == 5);
  CHECK(all.images == 4);
  const std::string_view sources[] = {"https://a/1.png", "AAAA", "https://a/1.png", "https://a/2.pdf",
                                      "BBBB"};
  const std::size_t same[] = {0, 1, 0, 3, 4};
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(all.items[i].source() == sources[i]);
    CHECK(all.items[i].same_as == same[i]);
    CHECK(all.items[i].fetch == sources[i].starts_with("https"));
  }
  llm::MediaLimits urls;
  urls.image_url = true;
  CHECK(plan_media(r, urls).items.size() == 3);  // two with bytes, and the PDF
  urls.document_url = true;
  CHECK(plan_media(r, urls).items.size() == 2);
  CHECK(plan_media(r, urls).images == 4);
}

TEST_CASE("media plan: nothing to do") {
  CHECK(!has_media(decode(
      "openai_chat",
      R"({"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"x"}]})")));
  llm::Request r = decode(
      "openai_chat",
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.csv","file_data":"data:text/csv;base64,YQ=="}}]}]})");
  CHECK(plan_media(r, bytes_only()).items.empty());  // a table is no picture
  r = decode(
      "gemini",
      R"({"contents":[{"parts":[{"fileData":{"mimeType":"video/mp4","fileUri":"https://a/v.mp4"}}]}]})");
  CHECK(plan_media(r, bytes_only()).items.empty());
}

TEST_CASE("media plan: a data: URL is no URL") {
  llm::Request r = decode(
      "anthropic",
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"data:image/png;base64,QUJD"}}]}]})");
  const MediaPlan plan = plan_media(r, {});
  REQUIRE(plan.items.size() == 1);
  CHECK(!plan.items[0].fetch);
  CHECK(plan.items[0].source() == "QUJD");
  CHECK(plan.items[0].block->media_type == "image/png");
  CHECK(plan.items[0].block->url.empty());
  CHECK(place_of(r, "QUJD") == "messages[0].content[0].source.url");
}

TEST_CASE("media plan: where a source stands in the client's own body") {
  llm::Request r = decode("anthropic", kConversation);
  CHECK(place_of(r, "https://a/1.png") == "messages[0].content[1].source.url");  // not the text before it
  CHECK(place_of(r, "AAAA") == "messages[0].content[2].source.data");
  CHECK(place_of(r, "https://a/2.pdf") ==
        "messages[2].content[0].content[1].source.url");  // escaped in the body
  CHECK(place_of(r, "BBBB") == "messages[2].content[1].source.content[0].source.data");
  CHECK(place_of(r, "CCCC").empty());
  llm::Request o = decode(
      "openai_chat",
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]}]})");
  CHECK(place_of(o, "QUJD") == "messages[0].content[0].image_url.url");
}

TEST_CASE("media plan: many images have smaller sides; a limit for all is shared") {
  llm::MediaLimits l;
  l.image.side_max = 8000;
  l.many = 20;
  l.many_side_max = 2000;
  CHECK(image_limits(l, 20).side_max == 8000);
  CHECK(image_limits(l, 21).side_max == 2000);
  l.image.side_max = 1000;
  CHECK(image_limits(l, 21).side_max == 1000);
  using Sizes = std::vector<std::size_t>;
  CHECK(level(Sizes{10, 20, 30}, 60) == 30);
  CHECK(level(Sizes{10, 20, 30}, 59) == 29);
  CHECK(level(Sizes{10, 100, 100}, 110) == 50);
  CHECK(level(Sizes{100, 100}, 10) == 5);
  CHECK(level(Sizes{}, 10) == 10);
}

TEST_CASE("media work: base64 is checked, told by its bytes and made canonical") {
  const std::string png = *media::encode_png(media::testing::gradient(40, 30));
  const std::string text = base64_encode(png);
  MemoryBudget memory(1 << 30);
  auto as_it_is = *ready_media(source_of(text), {}, &memory);
  CHECK(as_it_is->type == Type::png);
  CHECK(as_it_is->text.empty());
  std::string wrapped = text;
  for (std::size_t i = 76; i < wrapped.size(); i += 78) wrapped.insert(i, "\r\n");
  CHECK((*ready_media(source_of(wrapped), {}, &memory))->text == text);
  std::string url_safe = text;
  for (char& c : url_safe) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (url_safe.ends_with('=')) url_safe.pop_back();
  CHECK((*ready_media(source_of(url_safe), {}, &memory))->text == text);
  CHECK((*ready_media({png, false, false}, {}, &memory))->text == text);

  media::Limits small;
  small.side_max = 20;
  CHECK(*ready_media(source_of(text), small, nullptr) == nullptr);  // would have to be scaled
  auto scaled = *ready_media(source_of(text), small, &memory);
  CHECK(scaled->scaled);
  CHECK(media::inspect(*base64_decode(scaled->text))->width == 20);
}

TEST_CASE("media work: what is no image, and what is no document") {
  CHECK(error_of(source_of("not base64!")) == "is not base64");
  CHECK(error_of(source_of("AAAA")) == "is not an image of a known type (JPEG, PNG, WebP, GIF)");
  CHECK(error_of(source_of("AAAA", true)) == "is neither a PDF nor an image of a known type");
  CHECK(error_of(source_of(base64_encode("%PDF-1.4 x"))) == "is a PDF, not an image");
  CHECK(error_of(source_of(base64_encode("%PDF-1.4 x"), true)) == "none");
  CHECK(error_of(source_of(base64_encode("\x89PNG\r\n\x1a\n"), true)) ==
        "is a damaged PNG: it ends before its size is told");
  MemoryBudget memory(1 << 30);
  auto fetched = *ready_media({"%PDF-1.4 x", false, true}, {}, &memory);
  CHECK(fetched->type == Type::pdf);
  CHECK(fetched->text == base64_encode("%PDF-1.4 x"));
}

TEST_CASE("media cache: by age and by size") {
  using std::chrono::seconds;
  MediaCache cache(8000, seconds(300));
  const MediaCache::Clock::time_point now{};
  const auto make = [](std::size_t n) {
    auto m = std::make_shared<ReadyMedia>();
    m->text.assign(n, 'x');
    return m;
  };
  cache.put("a", make(1000), now);
  CHECK(cache.get("a", now + seconds(300)) != nullptr);
  CHECK(cache.get("b", now) == nullptr);
  CHECK(cache.get("a", now + seconds(301)) == nullptr);
  CHECK(cache.bytes() == 0);
  cache.put("large", make(2000), now);  // more than a quarter
  CHECK(cache.bytes() == 0);
  for (const char* key : {"a", "b", "c", "d", "e", "f"}) cache.put(key, make(1100), now);
  CHECK(cache.get("a", now) != nullptr);  // used last now
  cache.put("g", make(1100), now);
  CHECK(cache.get("a", now) != nullptr);
  CHECK(cache.get("b", now) == nullptr);
  CHECK(cache.bytes() <= 8000);
  cache.put("a", make(10), now);  // replaced, not doubled
  CHECK(cache.get("a", now)->text.size() == 10);
}

TEST_CASE("media memory: what does not fit waits, what fits never goes alone") {
  MemoryBudget memory(100);
  std::promise<void> taken, go;
  std::atomic<bool> second = false;
  std::thread first([&] {
    const auto lease = memory.take(1000);  // all there is
    taken.set_value();
    go.get_future().wait();
    CHECK(!second);
  });
  taken.get_future().wait();
  std::thread other([&] {
    const auto lease = memory.take(1);
    second = true;
  });
  go.set_value();
  first.join();
  other.join();
  CHECK(second);
  const auto a = memory.take(50), b = memory.take(50);
}

TEST_CASE("media limits: configuration over vendor over format") {
  llm::Quirks quirks;
  llm::MediaLimits over;
  CHECK(llm::media_limits("anthropic", over, quirks).image.side_max == 8000);
  CHECK(llm::media_limits("anthropic", over, quirks).image_url == true);
  CHECK(llm::media_limits("openai_chat", over, quirks).document_url == false);
  CHECK(llm::media_limits("some_format", over, quirks).image.bytes_max == 20'000'000);
  quirks.openrouter = true;
  CHECK(llm::media_limits("openai_chat", over, quirks).document_url == true);
  quirks.image_url = false;
  CHECK(llm::media_limits("anthropic", over, quirks).image_url == false);
  CHECK(llm::media_limits("anthropic", over, quirks).document_url == false);
  over.image.side_max = 100;
  over.image.types = media::Types{Type::png};
  const auto l = llm::media_limits("anthropic", over, quirks);
  CHECK(l.image.side_max == 100);
  CHECK(l.image.types.has(Type::png));
  CHECK(!l.image.types.has(Type::jpeg));
  CHECK(l.image.bytes_max == 3'932'160);
  CHECK(base64_encode(std::string(l.image.bytes_max, 'x')).size() <= 5 * 1024 * 1024);
}
