#include "gateway/cache/key.h"

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_strings.h"

namespace pb::gateway::cache {
namespace {

using hash_detail::fold;
using hash_detail::kPi;
using hash_detail::load;

constexpr int kDepthMax = 128;

struct Sum {
  std::uint64_t a = 0, b = 0;
  // In any order: members of an object.
  void add(Sum other) {
    a += other.a;
    b += other.b;
  }
};

// Keys of the hash, made from the seed once a request.
struct Keys {
  explicit Keys(std::uint64_t seed) {
    for (int i = 0; i < 6; ++i)
      k[i] = fold(seed ^ kPi[i % 4], kPi[(i + 1) % 4] ^ (seed >> 29) ^ static_cast<std::uint64_t>(i * 77));
  }
  std::uint64_t k[6];

  // Two results of one order-dependent step, from different keys.
  Sum then(Sum so_far, Sum next) const {
    return {fold(so_far.a ^ k[0] ^ next.a, next.b ^ k[1]), fold(so_far.b ^ k[2] ^ next.b, next.a ^ k[3])};
  }

  Sum bytes(std::string_view text, std::uint64_t kind) const {
    const char* p = text.data();
    std::size_t left = text.size();
    Sum h{k[4] ^ kind, k[5] ^ text.size()};
    if (left >= 64) {  // four chains that do not wait for each other
      Sum g{k[5] ^ kind, k[4] ^ text.size()};
      for (; left >= 32; p += 32, left -= 32) {
        const std::uint64_t w0 = load(p), w1 = load(p + 8), w2 = load(p + 16), w3 = load(p + 24);
        h.a = fold(w0 ^ k[0], w1 ^ h.a);
        h.b = fold(w1 ^ k[1], w0 ^ h.b);
        g.a = fold(w2 ^ k[2], w3 ^ g.a);
        g.b = fold(w3 ^ k[3], w2 ^ g.b);
      }
      h = then(h, g);
    }
    for (; left >= 16; p += 16, left -= 16) {
      const std::uint64_t w0 = load(p), w1 = load(p + 8);
      h.a = fold(w0 ^ k[0], w1 ^ h.a);
      h.b = fold(w1 ^ k[1], w0 ^ h.b);
    }
    std::uint64_t tail[2] = {};
    if (left != 0) std::memcpy(tail, p, left);
    return {fold(tail[0] ^ k[2], tail[1] ^ h.a ^ k[3]), fold(tail[1] ^ k[3], tail[0] ^ h.b ^ k[2])};
  }
};

bool any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

class Reader {
 public:
  Reader(std::string_view body, std::uint64_t seed)
      : at_(body.data()), end_(body.data() + body.size()), keys_(seed) {}

  std::optional<Asked> run() {
    space();
    const Sum all = object(0, {});
    space();
    if (bad_ || at_ != end_) return std::nullopt;
    asked_.hash = {{all.a, all.b}};
    return asked_;
  }

 private:
  enum Kind : std::uint64_t { kText = 1, kBare, kArray, kObject, kName };

  void space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  bool take(char c) {
    if (at_ < end_ && *at_ == c) {
      ++at_;
      return true;
    }
    return false;
  }
  Sum fail() {
    bad_ = true;
    at_ = end_;
    return {};
  }

  // The inside of a text, as it is written; its quotes are passed over.
  std::string_view text() {
    if (!take('"')) return fail(), std::string_view();
    const char* from = at_;
    at_ = loops_.find_quote(at_, end_);
    if (at_ == end_) return fail(), std::string_view();
    return {from, static_cast<std::size_t>(at_++ - from)};
  }

  // `in`: the names of the member it is the value of and, at the second level, of the one around that.
  struct Place {
    std::string_view name, above;
  };

  Sum value(int depth, Place in) {
    if (at_ == end_ || depth > kDepthMax) return fail();
    if (*at_ == '{') return object(depth, in);
    if (*at_ == '[') return array(depth, in);
    if (*at_ == '"') {
      const std::string_view s = text();
      if (any_of(in.name, {"url", "image_url", "fileUri", "file_uri", "file_url"}) &&
          (s.starts_with("http") || s.starts_with("gs:")))
        asked_.links = true;
      if (depth == 1) note(in.name, true);
      return keys_.bytes(s, kText);
    }
    const char* from = at_;
    while (at_ < end_ && *at_ != ',' && *at_ != '}' && *at_ != ']' && static_cast<unsigned char>(*at_) > ' ')
      ++at_;
    const std::string_view bare(from, static_cast<std::size_t>(at_ - from));
    if (bare.empty()) return fail();
    look_at(bare, depth, in);
    return keys_.bytes(bare, kBare);
  }

  Sum object(int depth, Place in) {
    if (!take('{')) return fail();
    Sum all{kObject, kObject};
    space();
    if (take('}')) return all;
    if (depth == 1) note(in.name, true);
    do {
      space();
      const std::string_view name = text();
      space();
      if (bad_ || !take(':')) return fail();
      space();
      const Sum v = value(depth + 1, {name, in.name});
      space();
      if (depth == 0 && any_of(name, {"model", "stream", "stream_options"})) continue;
      all.add(keys_.then(keys_.bytes(name, kName), v));
    } while (take(','));
    return take('}') ? keys_.then({kObject, 0}, all) : fail();
  }

  Sum array(int depth, Place in) {
    if (!take('[')) return fail();
    Sum all{kArray, kArray};
    space();
    if (take(']')) return all;
    if (depth == 1) note(in.name, true);
    do {
      space();
      all = keys_.then(all, value(depth + 1, in));
      space();
    } while (take(','));
    return take(']') ? all : fail();
  }

  // A number, true, false or null.
  void look_at(std::string_view bare, int depth, Place in) {
    if (bare == "null") return;
    if (depth > 2 || (depth == 2 && !any_of(in.above, {"generationConfig", "options", "generation_config"})))
      return;
    if (depth == 1 && in.name == "store") asked_.store = bare == "true";
    if (depth == 1) note(in.name, bare != "false");
    double n = 0;
    std::from_chars(bare.data(), bare.data() + bare.size(), n);
    if (in.name == "temperature" && n > 0) asked_.sampling = true;
    if (any_of(in.name, {"n", "candidateCount", "best_of"}) && n > 1) asked_.sampling = true;
  }

  // A member of the body that is neither null nor empty.
  void note(std::string_view name, bool on) {
    if (!on) return;
    if (any_of(name, {"tools", "functions", "web_search_options", "mcp_servers"})) asked_.tools = true;
    if (any_of(name, {"previous_response_id", "conversation", "thread", "container", "background"}))
      asked_.stateful = true;
  }

  const char* at_;
  const char* end_;
  const json::StringLoops& loops_ = json::string_loops();
  Keys keys_;
  Asked asked_;
  bool bad_ = false;
};

}  // namespace

std::optional<Asked> read_asked(std::string_view body, std::uint64_t seed) {
  return Reader(body, seed).run();
}

std::optional<Key> portable_hash(std::string_view body) {
  json::Arena arena;
  const auto parsed = json::parse(body, arena);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  std::vector<json::Member> members;
  for (const json::Member& m : parsed->members())
    if (!any_of(m.key, {"model", "stream", "stream_options"})) members.push_back(m);
  const Digest digest = sha256(json::canonical_text(json::Value::object(arena, members)));
  Key key;
  std::memcpy(key.words.data(), digest.data(), sizeof key.words);
  return key;
}

void KeyMixer::add(std::string_view text) {
  text_.append(std::to_string(text.size())).append(":").append(text);
}

Key KeyMixer::mix(const Key& body) const {
  if (portable_) {
    const Digest digest = sha256(text_ + to_hex(body));
    Key key;
    std::memcpy(key.words.data(), digest.data(), sizeof key.words);
    return key;
  }
  const Keys keys(seed_);
  const Sum mixed = keys.then(keys.bytes(text_, 0), {body.words[0], body.words[1]});
  return {{mixed.a, mixed.b}};
}

}  // namespace pb::gateway::cache
