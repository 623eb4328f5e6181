// One part of a content as a block. Parts that only Gemini knows (code execution, server tools, video, …) travel whole as
// opaque blocks.
#include <algorithm>

#include "base/base64.h"
#include "base/utf8.h"
#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

using Kind = Block::Kind;
using Decode = Result<void> (*)(json::Value data, const Path& at, json::Arena&, Block&);

// Members of the part's data that are not read: {"functionCall": {…}}.
void keep(Str name, json::Value rest, json::Arena& arena, Block& b) {
  if (rest.is_null()) return;
  const json::Member member{name, rest};
  b.extra = json::Value::object(arena, {&member, 1});
}

void make_opaque(Block& b) {
  b = Block();
  b.kind = Kind::opaque;
  b.format = kName;
}

Kind kind_of(Str media_type) {
  if (media_type.starts_with("image/")) return Kind::image;
  if (media_type.starts_with("audio/")) return Kind::audio;
  if (media_type.starts_with("video/")) return Kind::opaque;  // no other format has it
  return Kind::document;
}

// Google also takes the URL-safe alphabet and leaves padding out; others do not.
Str standard_base64(Str data, json::Arena& arena) {
  const bool odd = data.size() % 4 != 0 || data.find('-') != Str::npos || data.find('_') != Str::npos;
  if (!odd) return data;
  auto bytes = base64_decode(data);
  return bytes ? arena.keep(base64_encode(*bytes)) : data;
}

Result<void> text(json::Value data, const Path& at, json::Arena&, Block& b) {
  if (!data.is_string()) return at.wrong_type("a string", data);
  b.text = data.as_string();
  return {};
}

Result<void> inline_data(json::Value data, const Path& at, json::Arena& arena, Block& b) {
  if (!data.is_object()) return at.wrong_type("an object", data);
  TRY_ASSIGN(b.media_type, get_string(data, "mimeType", at));
  if (b.media_type.empty()) return Path(at, "mimeType").fail("is required");
  if (get(data, "data").is_null()) return Path(at, "data").fail("is required");
  TRY_ASSIGN(b.data, get_string(data, "data", at));
  TRY_ASSIGN(b.name, get_string(data, "displayName", at));
  b.kind = kind_of(b.media_type);
  if (b.kind == Kind::opaque) {
    make_opaque(b);
    return {};
  }
  b.data = standard_base64(b.data, arena);
  if (b.media_type.starts_with("text/"))
    if (auto bytes = base64_decode(b.data); bytes && !bytes->empty() && utf8::valid(*bytes)) {
      b.text = arena.keep(std::move(*bytes));
      b.data = {};
    }
  keep("inlineData", others(data, {"mimeType", "data", "displayName"}, arena), arena, b);
  return {};
}

// A file that only Google can read.
bool is_google_file(Str uri) {
  return uri.starts_with("gs://") || uri.starts_with("files/") ||
         uri.find("generativelanguage.googleapis.com/") != Str::npos;
}

Result<void> file_data(json::Value data, const Path& at, json::Arena& arena, Block& b) {
  if (!data.is_object()) return at.wrong_type("an object", data);
  TRY_ASSIGN(const Str uri, get_string(data, "fileUri", at));
  if (uri.empty()) return Path(at, "fileUri").fail("is required");
  TRY_ASSIGN(b.media_type, get_string(data, "mimeType", at));
  TRY_ASSIGN(b.name, get_string(data, "displayName", at));
  if (b.media_type.empty()) b.media_type = type_of_url(uri, Kind::document);
  b.kind = b.media_type.empty() ? Kind::opaque : kind_of(b.media_type);
  if (b.kind == Kind::opaque || b.kind == Kind::audio) {
    make_opaque(b);
    return {};
  }
  (is_google_file(uri) ? b.file_id : b.url) = uri;
  keep("fileData", others(data, {"mimeType", "fileUri", "displayName"}, arena), arena, b);
  return {};
}

Result<void> function_call(json::Value data, const Path& at, json::Arena& arena, Block& b) {
  if (!data.is_object()) return at.wrong_type("an object", data);
  b.kind = Kind::tool_call;
  TRY_ASSIGN(b.name, get_string(data, "name", at));
  if (b.name.empty()) return Path(at, "name").fail("is required");
  TRY_ASSIGN(b.id, get_string(data, "id", at));
  const json::Value args = get(data, "args");
  if (!args.is_null() && !args.is_object()) return Path(at, "args").wrong_type("an object", args);
  b.arguments = args.size() == 0 ? Str("{}") : json::to_text(args, arena);
  keep("functionCall", others(data, {"name", "id", "args"}, arena), arena, b);
  return {};
}

// The text of a response: what stands under its only member "output", "result" or "error", else all of it.
Result<void> result_text(json::Value response, json::Arena& arena, Block& b) {
  json::Value said = response;
  if (response.is_object() && response.size() == 1) {
    const json::Member& only = response.members()[0];
    b.is_error = only.key == "error";
    if (b.is_error || only.key == "output" || only.key == "result") said = only.value;
  }
  if (said.is_null() || (said.is_object() && said.size() == 0)) return {};
  Block& t = b.content.emplace_back();
  t.text = said.is_string() ? said.as_string() : json::to_text(said, arena);
  return {};
}

Result<void> function_response(json::Value data, const Path& at, json::Arena& arena, Block& b) {
  if (!data.is_object()) return at.wrong_type("an object", data);
  b.kind = Kind::tool_result;
  TRY_ASSIGN(b.name, get_string(data, "name", at));
  TRY_ASSIGN(b.id, get_string(data, "id", at));
  if (b.name.empty() && b.id.empty()) return Path(at, "name").fail("is required");
  b.raw = get(data, "response");
  if (!b.raw.is_null() && !b.raw.is_object() && !b.raw.is_string())
    return Path(at, "response").wrong_type("an object", b.raw);
  TRY(result_text(b.raw, arena, b));
  const json::Value parts = get(data, "parts");
  const Path here(at, "parts");
  const auto list = as_list(parts);
  for (std::size_t i = 0; i < list.size(); ++i) {
    TRY(decode_part(list[i], Path(here, i), arena, b.content.emplace_back()));
  }
  keep("functionResponse", others(data, {"name", "id", "response", "parts"}, arena), arena, b);
  return {};
}

struct Row {
  Str member;
  Decode decode;  // null: opaque
};
constexpr Row kRows[] = {{"text", text},
                         {"inlineData", inline_data},
                         {"fileData", file_data},
                         {"functionCall", function_call},
                         {"functionResponse", function_response},
                         {"executableCode", nullptr},
                         {"codeExecutionResult", nullptr},
                         {"toolCall", nullptr},
                         {"toolResponse", nullptr}};

const Row* row_of(Str key) {
  for (const Row& row : kRows)
    if (is_named(key, row.member)) return &row;
  return nullptr;
}

}  // namespace

Result<void> decode_part(json::Value part, const Path& at, json::Arena& arena, Block& b) {
  if (part.is_string()) {  // the SDK's shorthand
    b.text = part.as_string();
    return {};
  }
  if (!part.is_object()) return at.wrong_type("a part (an object)", part);
  const Row* row = nullptr;
  json::Value data;
  for (const json::Member& m : part.members()) {
    const Row* found = row_of(m.key);
    if (!found || m.value.is_null()) continue;
    if (row && row != found)
      return at.fail("must hold one kind of data, found both `" + std::string(row->member) + "` and `" +
                     std::string(found->member) + "`");
    row = found;
    data = m.value;
  }
  if (row && row->decode == text && part.size() == 1) {  // most parts
    b.format = kName;
    return text(data, Path(at, row->member), arena, b);
  }
  TRY_ASSIGN(const std::optional<bool> thought, get_bool(part, "thought", at));
  TRY_ASSIGN(const Str signature, get_string(part, "thoughtSignature", at));
  const json::Value rest =
      others(part, {row ? row->member : Str("text"), "thought", "thoughtSignature"}, arena);
  if (row && row->decode) TRY(row->decode(data, Path(at, row->member), arena, b));
  b.format = kName;
  if ((row && !row->decode) || (!row && !rest.is_null()) || b.kind == Kind::opaque) {
    make_opaque(b);
    b.raw = part;
    return {};
  }
  if (thought.value_or(false) && b.kind == Kind::text) b.kind = Kind::thinking;
  if (signature != kNoSignature) b.signature = signature;
  b.extra = join(b.extra, rest, arena);
  return {};
}

}  // namespace pb::llm::gemini
