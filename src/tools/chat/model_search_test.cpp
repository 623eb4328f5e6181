#include "tools/chat/model_search.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::tools;

namespace {

KnownModel model(std::string name, std::int64_t context, double input, double output) {
  KnownModel m;
  m.name = "up/" + name;
  m.provider = "up";
  m.vendor = "custom";
  m.model = std::move(name);
  m.context = context;
  if (input >= 0) m.price = llm::ModelPrice{input, output};
  return m;
}

std::string names(const std::vector<KnownModel>& models) {
  std::string out;
  for (const KnownModel& m : models) out += (out.empty() ? "" : " ") + m.model;
  return out;
}

std::vector<KnownModel> some() {
  std::vector<KnownModel> all = {model("alpha", 8'000, 3, 15), model("beta", 200'000, 1, 2),
                                 model("gamma:free", 32'000, -1, -1), model("Delta", 0, -1, -1)};
  all[1].vision = true;
  all[3].tools = false;
  all[0].quality = 0.9;
  all[1].quality = 0.5;
  return all;
}

std::string found(std::string_view query, ModelSearch s = {}) {
  read_query(query, s);
  return names(find_models(some(), s));
}

}  // namespace

TEST_SUITE_BEGIN("model_search");

TEST_CASE("words stand in names, whatever their case") {
  CHECK(found("") == "Delta alpha beta gamma:free");
  CHECK(found("ALPHA") == "alpha");
  CHECK(found("up ta") == "Delta beta");
  CHECK(found("nothing") == "");
}

TEST_CASE("some words ask for more than a name") {
  ModelSearch s;
  CHECK(read_query("a free model with a long context, free", s).size() == 2);
  CHECK(s.free);
  CHECK(s.context_min == 128'000);
  CHECK(s.words.empty());
  CHECK(found("free models") == "gamma:free");
  CHECK(found("models with vision") == "beta");
  CHECK(found("long context") == "beta");
  CHECK(found("cheapest") == "gamma:free beta alpha Delta");
  CHECK(found("best") == "alpha beta Delta gamma:free");
}

TEST_CASE("bounds and orders") {
  ModelSearch s;
  s.prompt_price_max = 1;
  CHECK(found("", s) == "beta gamma:free");
  s = {};
  s.completion_price_max = 15;
  s.sort = Sort::completion_price;
  s.descending = true;
  CHECK(found("", s) == "alpha beta gamma:free");
  s = {};
  s.context_min = 32'000;
  s.sort = Sort::context_length;
  CHECK(found("", s) == "gamma:free beta");
  s = {};
  s.tools = true;
  CHECK(found("", s) == "alpha beta gamma:free");
  s = {};
  s.provider = "other";
  CHECK(found("", s) == "");
  s = {};
  s.descending = true;
  CHECK(found("", s) == "gamma:free beta alpha Delta");
}

TEST_CASE("what costs nothing") {
  CHECK(is_free(model("m:free", 0, -1, -1)));
  CHECK(is_free(model("m", 0, 0, 0)));
  CHECK_FALSE(is_free(model("m", 0, 0, 1)));
  CHECK_FALSE(is_free(model("m:free", 0, 1, 1)));
  CHECK_FALSE(is_free(model("m", 0, -1, -1)));
  KnownModel here = model("m", 0, -1, -1);
  here.local = true;
  CHECK(is_free(here));
}

TEST_SUITE_END();
