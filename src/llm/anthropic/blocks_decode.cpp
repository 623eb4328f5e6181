// Content blocks from Anthropic's JSON. A block of a type (or with a source) that we do not know travels whole,
// as an opaque block: another format drops it by name, this one gets it back as it was.
#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {
namespace {

using Decode = Result<void> (*)(json::Value, const Path&, json::Arena&, Block&);

void make_opaque(json::Value value, Block& block) {
  block = Block();
  block.kind = Block::Kind::opaque;
  block.format = kName;
  block.raw = value;
}

Result<void> text(json::Value v, const Path& at, json::Arena&, Block& b) {
  b.kind = Block::Kind::text;
  TRY_ASSIGN(b.text, need_string(v, "text", at));
  b.citations = v["citations"];
  if (!b.citations.is_null() && !b.citations.is_array())
    return Path(at, "citations").wrong_type("an array", b.citations);
  return {};
}

Result<void> image(json::Value v, const Path& at, json::Arena&, Block& b) {
  b.kind = Block::Kind::image;
  const json::Value source = v["source"];
  const Path here(at, "source");
  if (!source.is_object())
    return source.is_null() ? here.fail("is required") : here.wrong_type("an object", source);
  TRY_ASSIGN(const Str type, need_string(source, "type", here));
  if (type == "base64") {
    TRY_ASSIGN(b.data, need_string(source, "data", here));
    TRY_ASSIGN(b.media_type, need_string(source, "media_type", here));
  } else if (type == "url") {
    TRY_ASSIGN(b.url, need_string(source, "url", here));
  } else if (type == "file") {
    TRY_ASSIGN(b.file_id, need_string(source, "file_id", here));
  } else {
    make_opaque(v, b);
  }
  return {};
}

Result<void> document(json::Value v, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Block::Kind::document;
  TRY_ASSIGN(b.name, maybe_string(v, "title", at));
  const json::Value source = v["source"];
  const Path here(at, "source");
  if (!source.is_object())
    return source.is_null() ? here.fail("is required") : here.wrong_type("an object", source);
  TRY_ASSIGN(const Str type, need_string(source, "type", here));
  if (type == "text") {
    TRY_ASSIGN(b.text, need_string(source, "data", here));
    b.media_type = "text/plain";
  } else if (type == "content") {
    return decode_content(source["content"], Path(here, "content"), arena, b.content);
  } else {
    Block as_image;
    TRY(image(v, at, arena, as_image));  // base64, url and file are spelt alike
    if (as_image.kind == Block::Kind::opaque) {
      make_opaque(v, b);
    } else {
      b.data = as_image.data;
      b.media_type = as_image.media_type;
      b.url = as_image.url;
      b.file_id = as_image.file_id;
    }
  }
  return {};
}

Result<void> thinking(json::Value v, const Path& at, json::Arena&, Block& b) {
  b.kind = Block::Kind::thinking;
  TRY_ASSIGN(b.text, need_string(v, "thinking", at));
  TRY_ASSIGN(b.signature, maybe_string(v, "signature", at));
  return {};
}

Result<void> redacted_thinking(json::Value v, const Path& at, json::Arena&, Block& b) {
  b.kind = Block::Kind::redacted_thinking;
  TRY_ASSIGN(b.data, need_string(v, "data", at));
  return {};
}

Result<void> tool_use(json::Value v, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Block::Kind::tool_call;
  TRY_ASSIGN(b.id, need_string(v, "id", at));
  TRY_ASSIGN(b.name, need_string(v, "name", at));
  const json::Value input = v["input"];
  if (!input.is_null() && !input.is_object()) return Path(at, "input").wrong_type("an object", input);
  b.arguments = input.size() == 0 ? Str("{}") : json::to_text(input, arena);
  return {};
}

Result<void> tool_result(json::Value v, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Block::Kind::tool_result;
  TRY_ASSIGN(b.id, need_string(v, "tool_use_id", at));
  TRY_ASSIGN(const std::optional<bool> is_error, maybe_bool(v, "is_error", at));
  b.is_error = is_error.value_or(false);
  const json::Value content = v["content"];
  if (content.is_null()) return {};
  return decode_content(content, Path(at, "content"), arena, b.content);
}

struct Row {
  Str type;
  Decode decode;
  std::initializer_list<Str> known;
};

const Row kRows[] = {
    {"text", text, {"type", "text", "citations", "cache_control"}},
    {"tool_use", tool_use, {"type", "id", "name", "input", "cache_control"}},
    {"tool_result", tool_result, {"type", "tool_use_id", "content", "is_error", "cache_control"}},
    {"thinking", thinking, {"type", "thinking", "signature"}},
    {"redacted_thinking", redacted_thinking, {"type", "data"}},
    {"image", image, {"type", "source", "cache_control"}},
    {"document", document, {"type", "source", "title", "cache_control"}},
};

}  // namespace

Result<void> decode_cache(json::Value object, const Path& at, CacheMark& out) {
  const json::Value mark = object["cache_control"];
  if (mark.is_null()) return {};
  const Path here(at, "cache_control");
  if (!mark.is_object()) return here.wrong_type("an object", mark);
  TRY_ASSIGN(out.ttl, maybe_string(mark, "ttl", here));
  out.on = true;
  return {};
}

Result<void> decode_block(json::Value value, const Path& at, json::Arena& arena, Block& block) {
  if (!value.is_object()) return at.wrong_type("a content block (an object)", value);
  TRY_ASSIGN(const Str type, need_string(value, "type", at));
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    TRY(row.decode(value, at, arena, block));
    if (block.kind == Block::Kind::opaque) return {};
    TRY(decode_cache(value, at, block.cache));
    block.extra = rest_of(value, row.known, arena);
    block.format = kName;
    return {};
  }
  make_opaque(value, block);
  return {};
}

Result<void> decode_content(json::Value value, const Path& at, json::Arena& arena, std::vector<Block>& out) {
  if (value.is_string()) {
    if (value.as_string().empty()) return {};
    out.emplace_back().text = value.as_string();
    return {};
  }
  if (!value.is_array())
    return value.is_null() ? at.fail("is required")
                           : at.wrong_type("a string or an array of content blocks", value);
  out.reserve(out.size() + value.size());
  for (std::size_t i = 0; i < value.size(); ++i)
    TRY(decode_block(value.at(i), Path(at, i), arena, out.emplace_back()));
  restore_packed(out, arena);
  return {};
}

}  // namespace pb::llm::anthropic
