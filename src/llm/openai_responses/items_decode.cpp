// Items and content parts from the format's JSON, with errors that name the member's path.
#include <algorithm>

#include "llm/custom_tools.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;
using Kind = Block::Kind;

void make_opaque(Value v, Block& b, Str detail) {
  b = Block();
  b.kind = Kind::opaque;
  b.raw = v;
  b.format = kName;
  b.detail = detail;
}

Result<void> text_part(Value p, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Kind::text;
  TRY_ASSIGN(b.text, need_string(p, "text", at));
  b.citations = p["annotations"];
  if (b.citations.size() == 0) b.citations = {};
  b.extra = rest_of(p, {"type", "text", "annotations", "logprobs"}, arena);
  return {};
}

Result<void> refusal_part(Value p, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Kind::refusal;
  TRY_ASSIGN(b.text, need_string(p, "refusal", at));
  b.extra = rest_of(p, {"type", "refusal"}, arena);
  return {};
}

// An URL, a data: URL or nothing (a file id stands instead).
Result<void> image_part(Value p, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Kind::image;
  const Value image = p["image_url"];
  Str url =
      image.is_object() ? image["url"].as_string() : image.as_string();  // some clients write it as chat does
  if (!image.is_null() && url.empty()) return Path(at, "image_url").wrong_type("a string", image);
  TRY_ASSIGN(b.file_id, maybe_string(p, "file_id", at));
  TRY_ASSIGN(b.detail, maybe_string(p, "detail", at));
  if (url.empty() && b.file_id.empty()) return at.fail("must have image_url or file_id");
  if (!url.empty() && !split_data_url(url, b.media_type, b.data)) {
    if (url.starts_with("data:"))
      return Path(at, "image_url").fail("must be a URL or \"data:<media type>;base64,<data>\"");
    b.url = url;
  }
  b.extra = rest_of(p, {"type", "image_url", "file_id", "detail"}, arena);
  return {};
}

Result<void> file_part(Value p, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Kind::document;
  TRY_ASSIGN(b.name, maybe_string(p, "filename", at));
  TRY_ASSIGN(b.file_id, maybe_string(p, "file_id", at));
  TRY_ASSIGN(b.url, maybe_string(p, "file_url", at));
  TRY_ASSIGN(const Str data, maybe_string(p, "file_data", at));
  if (!data.empty() && !split_data_url(data, b.media_type, b.data)) {
    if (data.starts_with("data:"))
      return Path(at, "file_data").fail("must be \"data:<media type>;base64,<data>\" or base64");
    b.data = data;
    b.media_type = media_type_of(b.name);
  }
  if (data.empty() && b.url.empty() && b.file_id.empty())
    return at.fail("must have file_data, file_url or file_id");
  b.extra = rest_of(p, {"type", "filename", "file_id", "file_url", "file_data"}, arena);
  return {};
}

Result<void> audio_part(Value p, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Kind::audio;
  const Path inner(at, "input_audio");
  const Value a = p["input_audio"];
  if (!a.is_object()) return inner.wrong_type("an object", a);
  TRY_ASSIGN(b.data, need_string(a, "data", inner));
  TRY_ASSIGN(const Str format, need_string(a, "format", inner));
  b.media_type = arena.keep("audio/" + std::string(format == "mp3" ? Str("mpeg") : format));
  b.extra = rest_of(p, {"type", "input_audio"}, arena);
  return {};
}

struct PartRow {
  Str type;
  Result<void> (*decode)(Value, const Path&, json::Arena&, Block&);
};
constexpr PartRow kParts[] = {
    {"input_text", text_part},   {"output_text", text_part},  {"text", text_part},
    {"refusal", refusal_part},   {"input_image", image_part}, {"input_file", file_part},
    {"input_audio", audio_part},
};

Result<void> decode_part(Value p, const Path& at, json::Arena& arena, Block& b) {
  if (!p.is_object()) return at.wrong_type("an object", p);
  TRY_ASSIGN(const Str type, need_string(p, "type", at));
  const auto* row =
      std::find_if(std::begin(kParts), std::end(kParts), [&](const PartRow& x) { return x.type == type; });
  if (row == std::end(kParts)) {
    make_opaque(p, b, "part");
    return {};
  }
  TRY(row->decode(p, at, arena, b));
  b.cache.on = p["prompt_cache_breakpoint"].is_object();
  if (b.extra.is_object() || b.citations.is_array()) b.format = kName;
  return {};
}

// The texts of a list of {type, text}, with an empty line between them.
Result<Str> joined_texts(Value list, const Path& at, json::Arena& arena) {
  if (list.is_null()) return Str();
  if (!list.is_array()) return at.wrong_type("an array", list);
  if (list.size() == 1) return need_string(list.at(0), "text", Path(at, std::size_t{0}));
  std::string all;
  for (std::size_t i = 0; i < list.size(); ++i) {
    TRY_ASSIGN(const Str text, need_string(list.at(i), "text", Path(at, i)));
    if (i > 0) all += "\n\n";
    all += text;
  }
  return arena.keep(std::move(all));
}

Result<void> reasoning(Value item, const Path& at, json::Arena& arena, Block& b) {
  TRY_ASSIGN(b.item_id, maybe_string(item, "id", at));
  TRY_ASSIGN(const Str encrypted, maybe_string(item, "encrypted_content", at));
  TRY_ASSIGN(b.text, joined_texts(item["summary"], Path(at, "summary"), arena));
  TRY_ASSIGN(const Str content, joined_texts(item["content"], Path(at, "content"), arena));
  if (b.text.empty()) b.text = content;
  const bool hidden = b.text.empty() && !encrypted.empty();
  b.kind = hidden ? Kind::redacted_thinking : Kind::thinking;
  (hidden ? b.data : b.signature) = encrypted;
  b.raw = item;
  return {};
}

// A call's id, or the item's where a vendor sends only that.
Result<Str> call_id(Value item, const Path& at) {
  TRY_ASSIGN(const Str id, maybe_string(item, "call_id", at));
  if (!id.empty()) return id;
  TRY_ASSIGN(const Str of_item, maybe_string(item, "id", at));
  if (of_item.empty()) return Path(at, "call_id").fail("is required");
  return of_item;
}

Result<void> call(Value item, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Kind::tool_call;
  TRY_ASSIGN(b.id, call_id(item, at));
  TRY_ASSIGN(b.item_id, maybe_string(item, "id", at));
  TRY_ASSIGN(const Str name, need_string(item, "name", at));
  if (name.empty()) return Path(at, "name").fail("must not be empty");
  TRY_ASSIGN(b.name_space, maybe_string(item, "namespace", at));
  b.name = joined_name(b.name_space, name, arena);
  if (b.custom) {
    TRY_ASSIGN(b.text, need_string(item, "input", at));
  } else {
    const Value arguments = item["arguments"];
    if (!arguments.is_null() && !arguments.is_string() && !arguments.is_object())
      return Path(at, "arguments").wrong_type("a string of JSON", arguments);
    b.arguments = openai_chat::json_arguments(arguments, arena);
  }
  b.extra =
      rest_of(item, {"type", "id", "call_id", "name", "namespace", "input", "arguments", "status"}, arena);
  return {};
}

// Client-side tool search: a call of the function that stands for the tool.
Result<void> tool_search(Value item, const Path& at, json::Arena& arena, Block& b) {
  b.kind = Kind::tool_call;
  TRY_ASSIGN(b.id, call_id(item, at));
  TRY_ASSIGN(b.item_id, maybe_string(item, "id", at));
  b.name = kToolSearch;
  b.arguments = openai_chat::json_arguments(item["arguments"], arena);
  b.raw = item;
  return {};
}

// The parts of one message, each with the item's id; what only the item has goes into the first one's extra.
Result<void> message(Value item, const Path& at, json::Arena& arena, std::vector<Block>& out) {
  const std::size_t first = out.size();
  TRY_ASSIGN(const Str id, maybe_string(item, "id", at));
  TRY(decode_parts(item["content"], Path(at, "content"), arena, out));
  std::vector<json::Member> extra;
  for (const json::Member& m : item.members()) {
    if (m.key == "type" || m.key == "id" || m.key == "role" || m.key == "content" || m.value.is_null())
      continue;
    if (m.key == "status" && m.value.as_string() == "completed") continue;
    extra.push_back({arena.copy(std::string(kItemPrefix).append(m.key)), m.value});
  }
  for (std::size_t i = first; i < out.size(); ++i) {
    Block& b = out[i];
    b.item_id = id;
    if (b.kind == Kind::opaque) continue;
    b.format = kName;
    if (!extra.empty()) b.extra = join(b.extra, Value::object(arena, extra), arena);
    extra.clear();
  }
  return {};
}

}  // namespace

Result<void> decode_parts(Value c, const Path& at, json::Arena& arena, std::vector<Block>& out) {
  if (c.is_string()) {
    out.emplace_back().text = c.as_string();
    return {};
  }
  if (!c.is_array())
    return c.is_null() ? at.fail("is required") : at.wrong_type("a string or an array of content parts", c);
  out.reserve(out.size() + c.size());
  for (std::size_t i = 0; i < c.size(); ++i)
    TRY(decode_part(c.at(i), Path(at, i), arena, out.emplace_back()));
  return {};
}

Result<void> decode_output_item(Value item, Str type, const Path& at, json::Arena& arena,
                                std::vector<Block>& out) {
  if (type == "message") return message(item, at, arena, out);
  Block b;
  if (type == "reasoning") {
    TRY(reasoning(item, at, arena, b));
  } else if (type == "function_call" || type == "custom_tool_call") {
    b.custom = type == "custom_tool_call";
    TRY(call(item, at, arena, b));
  } else if (type == "tool_search_call" && item["execution"].as_string() == "client") {
    TRY(tool_search(item, at, arena, b));
  } else {
    make_opaque(item, b, {});
    b.item_id = item["id"].as_string();
  }
  b.format = kName;
  out.push_back(std::move(b));
  return {};
}

}  // namespace pb::llm::openai_responses
