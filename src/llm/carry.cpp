#include "llm/carry.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/base64.h"

namespace pb::llm {
namespace {

using Kind = Block::Kind;

constexpr std::pair<Kind, std::string_view> kKinds[] = {{Kind::thinking, "thinking"},
                                                        {Kind::redacted_thinking, "redacted"},
                                                        {Kind::text, "text"},
                                                        {Kind::tool_call, "call"}};

std::string_view name_of(Kind kind) {
  for (const auto& [k, name] : kKinds)
    if (k == kind) return name;
  return {};
}

bool is_opaque(const Block& b, bool with_text) {
  if (b.kind == Kind::thinking) return !b.signature.empty() || (with_text && !b.text.empty());
  if (b.kind == Kind::redacted_thinking) return !b.data.empty();
  return (b.kind == Kind::text || b.kind == Kind::tool_call) && !b.signature.empty();
}

void field(json::Writer& w, Str name, Str value) {
  if (!value.empty()) w.field(name, value);
}

}  // namespace

std::string pack(Str format, std::span<const Block> blocks, bool with_text) {
  std::string text;
  json::Writer w(text);
  w.begin_object();
  w.field("format", format);
  w.key("blocks");
  w.begin_array();
  bool any = false;
  for (const Block& b : blocks) {
    if (!is_opaque(b, with_text)) continue;
    any = true;
    w.begin_object();
    w.field("kind", name_of(b.kind));
    if (with_text && b.kind == Kind::thinking) field(w, "text", b.text);
    field(w, "signature", b.signature);
    field(w, "data", b.data);
    if (b.kind == Kind::tool_call) field(w, "id", b.id);
    if (b.kind == Kind::thinking || b.kind == Kind::redacted_thinking) field(w, "item", b.item_id);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return any ? std::string(kCarryMark) + base64_encode(text) : std::string();
}

bool is_packed(Str text) { return text.starts_with(kCarryMark); }

std::optional<std::vector<Block>> unpack(Str text, json::Arena& arena) {
  if (!is_packed(text)) return std::nullopt;
  auto plain = base64_decode(text.substr(kCarryMark.size()));
  if (!plain) return std::nullopt;
  const auto root = json::parse(arena.keep(std::move(*plain)), arena);
  if (!root || !(*root)["blocks"].is_array()) return std::nullopt;
  std::vector<Block> out;
  for (const json::Value& v : (*root)["blocks"].items()) {
    const auto* known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                     [&](const auto& k) { return k.second == v["kind"].as_string(); });
    if (known == std::end(kKinds)) return std::nullopt;
    Block& b = out.emplace_back();
    b.kind = known->first;
    b.format = (*root)["format"].as_string();
    b.text = v["text"].as_string();
    b.signature = v["signature"].as_string();
    b.data = v["data"].as_string();
    b.item_id = v["item"].as_string();
    b.id = v["id"].as_string();
    // Of a call only its signature is packed: without one it would be a call of nothing.
    if (b.kind == Kind::tool_call && b.signature.empty()) out.pop_back();
  }
  return out;
}

void attach_signatures(std::vector<Block>& content) {
  auto placeholder = [](const Block& b) {
    return !b.signature.empty() && ((b.kind == Kind::text && b.text.empty()) ||
                                    (b.kind == Kind::tool_call && b.name.empty() && b.arguments.empty()));
  };
  for (std::size_t i = 0; i < content.size();) {
    if (!placeholder(content[i])) {
      ++i;
      continue;
    }
    const Block signature = std::move(content[i]);
    content.erase(content.begin() + static_cast<std::ptrdiff_t>(i));
    const auto here = content.begin() + static_cast<std::ptrdiff_t>(i);
    const auto of_kind = [&](const Block& b) { return b.kind == signature.kind && b.signature.empty(); };
    Block* owner = nullptr;
    const auto same_call = [&](const Block& b) {
      return of_kind(b) && b.id == signature.id && !b.id.empty();
    };
    if (const auto named = std::find_if(content.begin(), content.end(), same_call); named != content.end())
      owner = &*named;
    else if (const auto next = std::find_if(here, content.end(), of_kind); next != content.end())
      owner = &*next;
    else if (const auto last = std::find_if(std::make_reverse_iterator(here), content.rend(), of_kind);
             last != content.rend())
      owner = &*last;
    if (owner == nullptr) continue;
    owner->signature = signature.signature;
    owner->format = signature.format;
  }
}

bool is_foreign(const Block& b, Str own) {
  return !b.format.empty() && b.format != own && is_opaque(b, false);
}

Block packed_block(const Block& b, Str own, json::Arena& arena) {
  Block out;
  out.format = own;
  const Str text = arena.keep(pack(b.format, {&b, 1}, false));
  if (b.kind == Kind::thinking) {
    out.kind = Kind::thinking;
    out.text = b.text;
    out.signature = text;
  } else {
    out.kind = Kind::redacted_thinking;
    out.data = text;
  }
  return out;
}

void restore_packed(std::vector<Block>& content, json::Arena& arena) {
  const auto packed = [](const Block& b) { return is_packed(b.signature) || is_packed(b.data); };
  if (std::none_of(content.begin(), content.end(), packed)) return;
  std::vector<Block> out;
  out.reserve(content.size() + 4);
  for (Block& b : content) {
    if (!packed(b)) {
      out.push_back(std::move(b));
      continue;
    }
    auto inner = unpack(is_packed(b.signature) ? b.signature : b.data, arena);
    const bool carrier = b.kind == Kind::thinking || b.kind == Kind::redacted_thinking;
    if (inner) {
      bool placed = b.kind != Kind::thinking || b.text.empty();
      for (Block& i : *inner) {
        if (!placed && i.kind == Kind::thinking) {
          if (i.text.empty()) i.text = b.text;
          placed = true;
        }
        out.push_back(std::move(i));
      }
    }
    if (carrier) continue;  // a text or a call stays, without what it carried
    b.signature = {};
    out.push_back(std::move(b));
  }
  content = std::move(out);
  attach_signatures(content);
}

bool holds_packed(std::string_view body) {
  const char* at = body.data();
  const char* end = at + body.size();
  constexpr std::size_t kRare =
      2;  // "qZ": a pair of bytes that is rare in JSON, looked for 16 places at a time
#if defined(__SSE2__)
  const __m128i first = _mm_set1_epi8(kCarryMark[kRare]), second = _mm_set1_epi8(kCarryMark[kRare + 1]);
  for (; end - at >= 16 + static_cast<std::ptrdiff_t>(kCarryMark.size()); at += 16) {
    const auto load = [&](std::size_t offset) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + offset));
    };
    auto mask = static_cast<unsigned>(_mm_movemask_epi8(
        _mm_and_si128(_mm_cmpeq_epi8(load(kRare), first), _mm_cmpeq_epi8(load(kRare + 1), second))));
    for (; mask != 0; mask &= mask - 1)
      if (std::memcmp(at + __builtin_ctz(mask), kCarryMark.data(), kCarryMark.size()) == 0) return true;
  }
#endif
  return std::string_view(at, static_cast<std::size_t>(end - at)).contains(kCarryMark);
}

}  // namespace pb::llm
