#include "route/needs.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/hash.h"
#include "base/json.h"
#include "llm/abilities.h"
#include "llm/thinking.h"
#include "route/walk.h"

namespace pb::route {
namespace {

constexpr int kDepthMax = 6;                    // parts in tool results in messages
constexpr std::size_t kPrefixBytes = 4'096;     // of the first message
constexpr std::size_t kThinkingBytes = 1'024;   // a member that says so is short
constexpr std::int64_t kPictureTokens = 1'000;  // order of magnitude: a square of 900 pixels
constexpr std::int64_t kDocumentTokens = 3'000;
constexpr std::uint64_t kSeed = 0x51afd7ed558ccd25;  // fixed, so that replicas agree

template <std::size_t N>
bool one_of(std::string_view text, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), text) != std::end(names);
}

// "image", "image_url", "input_image" … of a part's type; also of its mime type's beginning.
Abilities ability_of_type(std::string_view type) {
  if (type == "image" || type == "image_url" || type == "input_image") return kVision;
  if (type == "document" || type == "file" || type == "input_file" || type == "document_url")
    return kDocuments;
  if (type == "input_audio" || type == "audio") return kAudio;
  return 0;
}

Abilities ability_of_mime(std::string_view mime) {
  if (mime.starts_with("image/")) return kVision;
  if (mime.starts_with("audio/")) return kAudio;
  return mime.empty() || mime.starts_with("video/") || mime.starts_with("text/") ? 0 : kDocuments;
}

// One message, or one part of it.
struct Item {
  std::string_view role, type, text;
};

class Reader {
 public:
  explicit Reader(std::string_view body) : walk_(body), hash_(kSeed) {}

  Needs read() {
    walk_.members([&](std::string_view key) { top(key); });
    out_.tokens = ascii_ / 4 + high_ / 3 + flat_;
    if (out_.prefix == 0 && hashed_ > 0) out_.prefix = std::max<std::uint64_t>(1, hash_.value());
    return out_;
  }

 private:
  void top(std::string_view key) {
    static constexpr std::string_view kMessages[] = {"messages", "contents", "input"};
    static constexpr std::string_view kSystem[] = {"system", "instructions", "systemInstruction",
                                                   "system_instruction"};
    static constexpr std::string_view kLimits[] = {"max_tokens", "max_completion_tokens",
                                                   "max_output_tokens"};
    if (one_of(key, kMessages)) return messages();
    if (one_of(key, kSystem)) return system();
    if (one_of(key, kLimits)) return limit();
    if (key == "prompt") return prompt();
    if (key == "tools" || key == "functions") return tools();
    if (key == "stream") return stream();
    if (key == "user" || key == "safety_identifier") return user();
    if (key == "metadata")
      return walk_.members([&](std::string_view k) { k == "user_id" ? user() : pass(); });
    if (key == "prompt_cache_key") return cache_key();
    if (key == "generationConfig" || key == "generation_config")
      return walk_.members([&](std::string_view k) { generation(k); });
    if (key == "options")
      return walk_.members([&](std::string_view k) { k == "num_predict" ? limit() : pass(); });
    if (key == "response_format" || key == "format" || key == "output_format") return format();
    if (key == "text" || key == "output_config")
      return walk_.members([&](std::string_view k) { k == "format" ? format() : pass(); });
    if (llm::says_of_thinking(key)) return thinking(key);
    walk_.skip();
  }

  void generation(std::string_view key) {
    if (key == "maxOutputTokens" || key == "max_output_tokens") return limit();
    if (key == "responseSchema" || key == "responseJsonSchema" || key == "response_schema")
      out_.abilities |= kStructured;
    if (key == "responseMimeType" && walk_.peek() == '"') {
      if (walk_.string() == "application/json") out_.abilities |= kStructured;
      return;
    }
    if (llm::says_of_thinking(key)) return thinking(key);
    walk_.skip();
  }

  // --- texts ---

  void messages() {
    if (walk_.peek() == '"') return add_user_text(walk_.string());
    walk_.items([&] {
      if (walk_.peek() == '"') return add_user_text(walk_.string());
      const bool first = !prefix_done_;
      const Item message = item(0);
      const bool from_user = message.role == "user" ||
                             (message.role.empty() && (message.type.empty() || message.type == "message"));
      if (from_user && !message.text.empty()) out_.words = message.text;
      if (from_user) {
        prefix_done_ = true;
      } else if (first) {  // a system message: not what tells conversations apart
        hash_ = Hash64(kSeed);
        hashed_ = 0;
      }
    });
  }

  void system() {
    const bool was = prefix_done_;
    prefix_done_ = true;
    content(0);
    prefix_done_ = was;
  }

  void prompt() {
    if (walk_.peek() == '"') return add_user_text(walk_.string());
    walk_.skip();
  }

  void add_user_text(std::string_view text) {
    add_text(text);
    out_.words = text;
    prefix_done_ = true;
  }

  // A string, a list of parts, or one part. Returns the newest text that stands in it directly.
  std::string_view content(int depth) {
    const char c = walk_.peek();
    if (c == '"') {
      const std::string_view text = walk_.string();
      add_text(text);
      return text;
    }
    if (depth >= kDepthMax || (c != '[' && c != '{')) return walk_.skip(), std::string_view();
    if (c == '{') return item(depth + 1).text;
    std::string_view newest;
    walk_.items([&] {
      const std::string_view text = walk_.peek() == '{' ? item(depth + 1).text : content(depth + 1);
      // Clients put notes to the model around what was typed, in tags.
      if (!text.empty() && (newest.empty() || !text.starts_with('<'))) newest = text;
    });
    return newest;
  }

  Item item(int depth) {
    Item out;
    walk_.members([&](std::string_view key) { member(key, depth, out); });
    const Abilities ability = ability_of_type(out.type);
    add(ability);
    if (depth > 0 && out.type.starts_with("tool_result")) out.text = {};
    return out;
  }

  void member(std::string_view key, int depth, Item& out) {
    static constexpr std::string_view kTexts[] = {"content", "parts", "text", "output"};
    static constexpr std::string_view kData[] = {"inlineData", "inline_data", "fileData", "file_data"};
    static constexpr std::string_view kCalls[] = {"tool_calls",    "functionCall", "functionResponse",
                                                  "function_call", "arguments",    "input"};
    const char c = walk_.peek();
    if (key == "role" && c == '"') {
      out.role = walk_.string();
    } else if (key == "type" && c == '"') {
      out.type = walk_.string();
    } else if (one_of(key, kTexts)) {
      const std::string_view text = content(depth);
      if (key != "output" && !text.empty()) out.text = text;
    } else if (one_of(key, kData) && c == '{') {
      walk_.members([&](std::string_view k) {
        if ((k == "mimeType" || k == "mime_type") && walk_.peek() == '"')
          add(ability_of_mime(walk_.string()));
        else
          walk_.skip();
      });
    } else if (key == "images" && c == '[') {  // Ollama's
      walk_.items([&] {
        add(kVision);
        walk_.skip();
      });
    } else if (one_of(key, kCalls)) {
      ascii_ += static_cast<std::int64_t>(walk_.skip().size());
    } else {
      walk_.skip();
    }
  }

  void add(Abilities ability) {
    out_.abilities |= ability;
    if (ability == kVision) flat_ += kPictureTokens;
    if (ability == kDocuments) flat_ += kDocumentTokens;
  }

  void add_text(std::string_view text) {
    const auto high = static_cast<std::int64_t>(count_high(text));
    high_ += high;
    ascii_ += static_cast<std::int64_t>(text.size()) - high;
    if (prefix_done_ || hashed_ >= kPrefixBytes) return;
    text = text.substr(0, kPrefixBytes - hashed_);
    hash_.add(text);
    hashed_ += text.size();
  }

  // --- the rest ---

  void pass() { walk_.skip(); }

  void tools() {
    const std::string_view list = walk_.skip();
    // More than the brackets of an empty list.
    if (list.find_first_not_of("[]{} \t\r\n") == list.npos || list == "null") return;
    out_.abilities |= kTools;
    out_.tools = list;
    ascii_ += static_cast<std::int64_t>(list.size());
  }

  void stream() {
    if (walk_.skip() == "true") out_.abilities |= kStreaming;
  }

  void user() {
    if (walk_.peek() != '"') return pass();
    const std::string_view name = walk_.string();
    if (out_.user.empty()) out_.user = name;
  }

  void cache_key() {
    if (walk_.peek() != '"') return pass();
    if (const std::string_view key = walk_.string(); !key.empty())
      out_.prefix = std::max<std::uint64_t>(1, hash64(key, kSeed));
  }

  void limit() {
    const std::string_view text = walk_.skip();
    std::int64_t n = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), n).ec == std::errc() && n > 0)
      out_.tokens_max = n;
  }

  // {type: json_schema}, {type: json_object}, Ollama's "json" or a schema.
  void format() {
    if (walk_.peek() == '"') {
      if (walk_.string() == "json") out_.abilities |= kStructured;
      return;
    }
    if (walk_.peek() != '{') return pass();
    walk_.members([&](std::string_view key) {
      if (key != "type" || walk_.peek() != '"') return pass();
      if (walk_.string() != "text") out_.abilities |= kStructured;
    });
  }

  void thinking(std::string_view key) {
    const std::string_view value = walk_.skip();
    if (value.size() > kThinkingBytes) return;
    json::Arena arena;
    if (const auto parsed = json::parse(value, arena); parsed && llm::wants_thinking(key, *parsed))
      out_.abilities |= kReasoning;
  }

  Walk walk_;
  Needs out_;
  Hash64 hash_;
  std::size_t hashed_ = 0;
  bool prefix_done_ = false;
  std::int64_t ascii_ = 0, high_ = 0, flat_ = 0;
};

}  // namespace

Needs needs_of(std::string_view body) { return Reader(body).read(); }

void add_needs(Facts& facts) {
  const Needs needs = needs_of(facts.body);
  facts.needs |= needs.abilities;
  facts.tokens = needs.tokens;
  facts.tokens_max = needs.tokens_max;
  facts.user = needs.user;
  facts.words = needs.words;
  facts.tools = needs.tools;
  facts.prefix = needs.prefix;
}

Abilities can_of(std::string_view model) {
  Abilities can = ~Abilities{0};
  const auto known = llm::known_abilities(model);
  if (known && !known->vision) can &= ~Abilities{kVision};
  if (known && !known->thinking) can &= ~Abilities{kReasoning};
  return can;
}

bool wants_needs(const Route& route) {
  return route.strategy == Strategy::smart || route.strategy == Strategy::cheapest ||
         route.sticky == Sticky::prefix || route.sticky == Sticky::user;
}

bool wants_needs(std::span<const Rule> rules) {
  return std::any_of(rules.begin(), rules.end(), [](const Rule& r) {
    return r.tokens_over > 0 || r.tokens_under > 0 || r.thinking || r.images || !r.tool.empty();
  });
}

}  // namespace pb::route
