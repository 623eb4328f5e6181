#include <doctest/doctest.h>

#include <set>

#include "base/json.h"

using namespace pb;
using namespace pb::json;

namespace {

std::string round_trip(std::string_view text) {
  Arena arena;
  auto v = parse(text, arena);
  return v ? to_text(*v) : v.error().message;
}

}  // namespace

TEST_CASE("json: values survive a round trip as written") {
  for (const char* text : {"null", "true", "[]", "{}", "[1,2.50,-0,1e400,12345678901234567890123]",
                           R"({"a":{"b":[null,"x"]},"":0})", R"("é😀")", R"(["\"\\\n"])"})
    CHECK(round_trip(text) == text);
  CHECK(round_trip(" [ 1 , {\t\"a\" :\n2 } ] ") == R"([1,{"a":2}])");
}

TEST_CASE("json: escapes") {
  CHECK(round_trip(R"("\u0041\u00e9\u20ac\ud83d\ude00\/\b\f")") == "\"Aé€😀/\\b\\f\"");
  CHECK(round_trip(R"("\ud83d x")") == "\"\xef\xbf\xbd x\"");
  CHECK(round_trip(R"("a long text with an escape at the very end of it \n")") ==
        R"("a long text with an escape at the very end of it \n")");
}

TEST_CASE("json: mistakes are named by line and column") {
  CHECK(round_trip("{\n  \"a\": tru\n}") == "invalid JSON at line 2, column 8: expected a value");
  CHECK(round_trip("[1,]") == "invalid JSON at line 1, column 4: expected a value");
  CHECK(round_trip("{\"a\":1,}") == "invalid JSON at line 1, column 8: expected a member's name in quotes");
  CHECK(round_trip("\"abc") == "invalid JSON at line 1, column 5: a string without its closing quote");
  CHECK(round_trip("\"a\\") == "invalid JSON at line 1, column 3: a string without its closing quote");
  CHECK(round_trip("\"a\nb\"") ==
        "invalid JSON at line 1, column 3: a control character inside a string; write it as an escape");
  CHECK(round_trip("01") == "invalid JSON at line 1, column 2: expected the end of the text");
  CHECK(round_trip("-") == "invalid JSON at line 1, column 1: expected a value");
  CHECK(round_trip("1.") == "invalid JSON at line 1, column 3: expected a digit");
  CHECK(round_trip("\"\\u12g4\"").contains("four hexadecimal digits"));
  CHECK(round_trip("\"\\x\"").contains("unknown escape"));
  CHECK(round_trip("\"\xff\"").contains("UTF-8"));
  CHECK(round_trip("").contains("end of the text"));
  CHECK(round_trip(std::string(129, '[')).contains("nested deeper than 128"));
  CHECK(round_trip(std::string(128, '[') + std::string(128, ']')) ==
        std::string(128, '[') + std::string(128, ']'));
}

TEST_CASE("json: every prefix of a text is refused, none crashes") {
  std::string text =
      R"({"a":[1,2.5e-3,"x\u00e9\n",true,false,null,{"b":{}}],"c":"a longer text than sixteen bytes \" with quotes"})";
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string part(text, 0, i);
    Arena arena;
    CHECK_FALSE(parse(part, arena).has_value());
  }
  CHECK(round_trip(text).size() > 0);
}

TEST_CASE("json: access") {
  Arena arena;
  std::string text = R"({"n":3,"f":3.0,"h":3.5,"s":"x","t":true,"a":[1,2],"d":1,"d":2})";
  Value v = *parse(text, arena);
  CHECK(v["n"].as_int() == 3);
  CHECK(v["f"].as_int() == 3);
  CHECK(v["h"].as_int(-1) == -1);
  CHECK(v["h"].as_double() == 3.5);
  CHECK(v["s"].as_string() == "x");
  CHECK(v["s"].as_int(7) == 7);
  CHECK(v["t"].as_bool());
  CHECK(v["a"].items().size() == 2);
  CHECK(v["d"].as_int() == 2);
  CHECK(v["none"].is_null());
  CHECK_FALSE(v.has("none"));
  const Value list = *parse("[1,[2]]", arena), object = *parse(R"({"a":1})", arena);
  CHECK(list.at(1).at(0).as_int() == 2);
  CHECK(list.at(2).is_null());
  CHECK(object.size() == 1);
  CHECK(object.at(0).is_null());  // which has members, not items
}

TEST_CASE("json: arrays of texts") {
  std::string out;
  Writer w(out);
  w.begin_object();
  w.strings("a", std::vector<std::string>{"x", "y\"z"});
  w.strings("none", std::span<const std::string_view>());
  w.key("b");
  w.begin_array();
  w.strings(std::set<std::string_view>{"2", "1"});
  w.strings(std::vector<const char*>{"3"});
  w.end_array();
  w.end_object();
  CHECK(out == R"({"a":["x","y\"z"],"none":[],"b":[["1","2"],["3"]]})");
  CHECK(strings_to_text(std::vector<std::string>{"", "é"}) == R"(["","é"])");
}

TEST_CASE("json: writer and canonical text") {
  std::string out;
  Writer w(out);
  w.begin_object();
  w.field("a", 1);
  w.key("b");
  w.begin_array();
  w.string("x");
  w.begin_object();
  w.end_object();
  w.real(0.7);
  w.end_array();
  w.null_field("c");
  w.field_or_null("e", "");
  w.field_or_null("f", "y");
  w.field("d", true);
  w.end_object();
  CHECK(out == R"({"a":1,"b":["x",{},0.7],"c":null,"e":null,"f":"y","d":true})");
  Arena arena;
  // The same name many times, where sorting may exchange equals.
  std::string many = R"({"z":0)", sorted = "{";
  for (int i = 0; i < 40; ++i) {
    const std::string member = R"("a":)" + std::to_string(i);
    many += "," + member;
    sorted += member + ",";
  }
  CHECK(canonical_text(*parse(many + "}", arena)) == sorted + R"("z":0})");
  CHECK(canonical_text(*parse(R"({"b":1.0,"a":[{"z":1,"y":2e0}]})", arena)) ==
        R"({"a":[{"y":2,"z":1}],"b":1})");
}

TEST_CASE("json: an arena keeps what it gave out when it moves") {
  Arena a;
  std::string_view s = a.copy("hello");
  std::string_view k = a.keep(std::string(1000, 'x'));
  Arena b = std::move(a);
  CHECK(s == "hello");
  CHECK(k.size() == 1000);
  b.reset();
  for (int i = 0; i < 10000; ++i) b.copy("some text that fills blocks");
}

TEST_CASE("json: the value a text begins with") {
  Arena arena;
  auto v = parse_prefix(R"( {"a":[1,"}"]}, "rest": tru)", arena);
  REQUIRE(v.has_value());
  CHECK(to_text(*v) == R"({"a":[1,"}"]})");
  CHECK_FALSE(parse_prefix(R"({"a":[1)", arena).has_value());
}

TEST_CASE("json: escapes at every place of a block, in texts of every length") {
  for (std::size_t bytes = 0; bytes < 70; ++bytes) {
    for (std::size_t at = 0; at <= bytes; ++at) {
      for (std::string_view special :
           {"\"", "\\", "\n", "\x01", "\"\"\n\\\t", "\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f"}) {
        std::string text(bytes, 'x');
        text.insert(at, special);
        std::string out = "before";
        append_escaped(out, text);
        Arena arena;
        std::string quoted = "\"" + out.substr(6) + "\"";
        auto back = parse(quoted, arena);
        REQUIRE(back.has_value());
        REQUIRE(back->as_string() == text);
      }
    }
  }
  std::string dense(10'000, '\x02');
  std::string out;
  append_escaped(out, dense);
  CHECK(out.size() == 60'000);
}

TEST_CASE("json: names and strings of every length, with an escape at every place") {
  for (std::size_t bytes = 0; bytes < 70; ++bytes) {
    for (std::size_t at = 0; at <= bytes; ++at) {  // at == bytes: none
      std::string text;
      for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>('a' + i % 26);
      std::string escaped = text;
      if (at < bytes) {
        text[at] = '"';
        escaped.replace(at, 1, "\\\"");
      }
      std::string out;
      Writer w(out);
      w.begin_array();
      w.string(text);
      w.begin_object();
      w.field(text, std::string_view(text));
      w.field(text, 1);
      w.end_object();
      w.string(text);
      w.end_array();
      const std::string quoted = "\"" + escaped + "\"";
      REQUIRE(out == "[" + quoted + ",{" + quoted + ":" + quoted + "," + quoted + ":1}," + quoted + "]");
    }
  }
}

TEST_CASE("json: strings with escapes stand beside one another on the arena") {
  std::string text = "[";
  std::vector<std::string> wanted;
  for (std::size_t i = 0; i < 300; ++i) {
    wanted.push_back(std::string(i, static_cast<char>('a' + i % 26)) + "\n" + std::string(i % 7, 'z'));
    if (i > 0) text += ',';
    text += '"';
    append_escaped(text, wanted.back());
    text += '"';
  }
  text += ']';
  Arena arena;
  const auto list = parse(text, arena);
  REQUIRE(list.has_value());
  REQUIRE(list->size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) REQUIRE(list->at(i).as_string() == wanted[i]);
}

TEST_CASE("json: a value's text on an arena") {
  Arena arena;
  const std::string small = R"({"a":[1,"x"]})", large = "[\"" + std::string(5000, 'x') + "\"]";
  const auto a = to_text(*parse(small, arena), arena), b = to_text(*parse(large, arena), arena);
  CHECK(a == small);
  CHECK(b == large);
}
