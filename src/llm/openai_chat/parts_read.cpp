// The content parts of a request's messages, in this format's spelling and in that of its relatives (Mistral's).
#include <algorithm>
#include <vector>

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

using json::Value;
using Kind = Block::Kind;

Result<void> required_string(Value p, std::string_view key, const Path& at, Str& to) {
  Value v = p[key];
  if (!v.is_string()) return Path(at, key).wrong_type("a string", v);
  to = v.as_string();
  return {};
}

// A URL, or the data of a data: URL.
Result<void> url_or_data(Str url, const Path& at, Block& b) {
  if (url.empty()) return at.fail("must not be empty");
  if (split_data_url(url, b.media_type, b.data)) {
    if (b.data.empty()) return at.fail("is a data: URL without data");
    return {};
  }
  if (url.starts_with("data:")) return at.fail("must be \"data:<media type>;base64,<data>\"");
  b.url = url;
  return {};
}

Result<void> image(Value p, const Path& at, Block& b) {
  b.kind = Kind::image;
  Path inner(at, "image_url");
  Value image = p["image_url"];
  if (image.is_string()) return url_or_data(image.as_string(), inner, b);  // Mistral's spelling
  if (!image.is_object()) return inner.wrong_type("an object", image);
  Str url;
  TRY(required_string(image, "url", inner, url));
  b.detail = image["detail"].as_string();
  return url_or_data(url, Path(inner, "url"), b);
}

// By the first bytes, for formats that do not say it.
Str type_of_audio(Str base64) {
  struct Row {
    Str begin, type;
  };
  static constexpr Row kTypes[] = {{"UklGR", "audio/wav"},
                                   {"SUQz", "audio/mp3"},
                                   {"//", "audio/mp3"},
                                   {"T2dnU", "audio/ogg"},
                                   {"ZkxhQ", "audio/flac"}};
  for (const Row& row : kTypes)
    if (base64.starts_with(row.begin)) return row.type;
  return "audio/wav";
}

Result<void> audio(Value p, const Path& at, Block& b) {
  b.kind = Kind::audio;
  Path inner(at, "input_audio");
  Value audio = p["input_audio"];
  if (audio.is_string()) {  // Mistral's spelling: base64, a data: URL or a URL
    Str text = audio.as_string();
    if (text.contains(':')) return url_or_data(text, inner, b);
    if (text.empty()) return inner.fail("must not be empty");
    b.data = text;
    b.media_type = type_of_audio(text);
    return {};
  }
  if (!audio.is_object()) return inner.wrong_type("an object", audio);
  TRY(required_string(audio, "data", inner, b.data));
  Str ignored;
  if (split_data_url(b.data, ignored, b.data)) {
  }
  Str format = audio["format"].as_string();
  if (format.empty()) return Path(inner, "format").fail("must be given, as in \"wav\"");
  b.media_type = format;  // OpenAI's own short name: "wav", "mp3"
  return {};
}

Result<void> file(Value p, const Path& at, Block& b) {
  b.kind = Kind::document;
  if (Value id = p["file_id"]; id.is_string() && !p.has("file")) {  // Mistral's spelling
    b.file_id = id.as_string();
    return {};
  }
  Path inner(at, "file");
  Value f = p["file"];
  if (!f.is_object()) return inner.wrong_type("an object", f);
  for (std::string_view key : {"file_data", "file_id", "filename"})
    if (Value v = f[key]; !v.is_null() && !v.is_string()) return Path(inner, key).wrong_type("a string", v);
  b.name = f["filename"].as_string();
  b.file_id = f["file_id"].as_string();
  Str data = f["file_data"].as_string();
  if (data.empty() && b.file_id.empty()) return inner.fail("must have file_data or file_id");
  if (data.starts_with("http://") || data.starts_with("https://")) {
    b.url = data;
  } else if (!data.empty() && !split_data_url(data, b.media_type, b.data)) {
    if (data.starts_with("data:"))
      return Path(inner, "file_data").fail("must be \"data:<media type>;base64,<data>\" or base64");
    b.data = data;
  }
  if (!b.data.empty() && b.media_type.empty()) b.media_type = media_type_of(b.name);
  return {};
}

// Mistral's, with its optional `document_name`.
Result<void> document_url(Value p, const Path& at, Block& b) {
  b.kind = Kind::document;
  Str url;
  TRY(required_string(p, "document_url", at, url));
  TRY_ASSIGN(b.name, maybe_string(p, "document_name", at));
  return url_or_data(url, Path(at, "document_url"), b);
}

// Mistral's {type: thinking, thinking: [{type: text, text}], signature}.
Result<void> thinking(Value p, const Path& at, Str format, json::Arena& arena, Block& b) {
  b.kind = Kind::thinking;
  Value t = p["thinking"];
  if (t.is_string())
    b.text = t.as_string();
  else
    b.text = joined_text(t, arena);
  TRY_ASSIGN(b.signature, maybe_string(p, "signature", at));
  if (!b.signature.empty()) b.format = format;
  return {};
}

Result<void> typed_part(Value p, Str type, const Path& at, Str format, json::Arena& arena, Block& b) {
  if (type == "text" || type == "input_text" || type == "output_text")
    return required_string(p, "text", at, b.text);
  if (type == "image_url") return image(p, at, b);
  if (type == "input_audio") return audio(p, at, b);
  if (type == "file") return file(p, at, b);
  if (type == "document_url") return document_url(p, at, b);
  if (type == "refusal") {
    b.kind = Kind::refusal;
    return required_string(p, "refusal", at, b.text);
  }
  if (type == "thinking") return thinking(p, at, format, arena, b);
  b.kind = Kind::opaque;
  b.raw = p;
  b.format = format;
  return {};
}

// Cache marks, and whatever else the part says.
void marks(Value p, Str format, json::Arena& arena, Block& b) {
  static constexpr Str kThinking[] = {"thinking", "type", "signature", "cache_control"};
  static constexpr Str kDocument[] = {"type",         "file",          "file_id",
                                      "document_url", "document_name", "cache_control"};
  static constexpr Str kOther[] = {"type", "text", "image_url", "input_audio", "refusal", "cache_control"};
  if (b.kind == Kind::opaque) return;
  if (Value c = p["cache_control"]; c.is_object())
    b.cache = {true, c["ttl"].as_string()};
  else if (p["prompt_cache_breakpoint"].is_object())
    b.cache.on = true;
  std::span<const Str> known = kOther;
  if (b.kind == Kind::document) known = kDocument;
  if (b.kind == Kind::thinking) known = kThinking;
  // What a thought refers to has no place in the conversation: same-format encoders write the member back.
  const auto refers = [](const Value& piece) { return !piece["text"].is_string(); };
  const auto pieces = p["thinking"].items();
  const bool whole = b.kind == Kind::thinking && std::any_of(pieces.begin(), pieces.end(), refers);
  if (whole) known = known.subspan(1);
  if (whole || p.size() > 2) b.extra = unknown_members(p, known, arena);
  if (b.extra.is_object()) b.format = format;
}

}  // namespace

Str joined_text(Value pieces, json::Arena& arena) {
  if (pieces.size() == 1) return pieces.at(0)["text"].as_string();
  std::string all;
  for (const Value& piece : pieces.items()) all += piece["text"].as_string();
  return arena.keep(std::move(all));
}

Result<void> read_part(Value p, const Path& at, Str format, json::Arena& arena, Block& b) {
  if (p.is_string()) {  // some vendors take bare strings
    b.text = p.as_string();
    return {};
  }
  if (!p.is_object()) return at.wrong_type("an object", p);
  Value type = p["type"];
  if (!type.is_string()) return Path(at, "type").wrong_type("a string", type);
  TRY(typed_part(p, type.as_string(), at, format, arena, b));
  marks(p, format, arena, b);
  return {};
}

}  // namespace pb::llm::openai_chat
