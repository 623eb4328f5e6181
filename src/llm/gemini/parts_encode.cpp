// Parts that requests and answers write alike, and the carrier of other formats' reasoning.
#include <algorithm>

#include "base/base64.h"
#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

using Kind = Block::Kind;

struct Ending {
  Str end, type;
};
constexpr Ending kEndings[] = {
    {".png", "image/png"},    {".jpg", "image/jpeg"},       {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},  {".gif", "image/gif"},        {".heic", "image/heic"},
    {".heif", "image/heif"},  {".pdf", "application/pdf"},  {".txt", "text/plain"},
    {".md", "text/markdown"}, {".html", "text/html"},       {".htm", "text/html"},
    {".csv", "text/csv"},     {".json", "application/json"}};

// "wav" is how OpenAI names it.
std::string audio_type(Str type) {
  if (type.find('/') != Str::npos) return std::string(type);
  return std::string("audio/").append(type == "mp3" ? Str("mpeg") : type.empty() ? Str("wav") : type);
}

std::string media_type(const Block& b) {
  if (b.kind == Kind::audio) return audio_type(b.media_type);
  if (!b.media_type.empty()) return std::string(b.media_type);
  if (b.kind == Kind::image) return "image/png";
  return b.text.empty() ? "application/pdf" : "text/plain";
}

// The members of the part's data that its decoder did not know.
void write_kept(json::Writer& w, const Block& b, Str member) {
  if (b.format == kName) write_rest(w, b.extra[member]);
}

}  // namespace

Str type_of_url(Str url, Kind kind) {
  url = url.substr(0, url.find_first_of("?#"));
  for (const Ending& e : kEndings)
    if (url.ends_with(e.end)) return kind == Kind::image && !e.type.starts_with("image/") ? Str() : e.type;
  return {};
}

bool has_media(const Block& b) {
  return !b.data.empty() || !b.url.empty() || !b.file_id.empty() ||
         (b.kind == Kind::document && !b.text.empty());
}

void write_media(json::Writer& w, const Block& b, bool same) {
  const bool inside = !b.data.empty() || (b.url.empty() && b.file_id.empty());
  const Str member = inside ? "inlineData" : "fileData";
  w.key(member);
  w.begin_object();
  if (inside) {
    w.field("mimeType", std::string_view(media_type(b)));
    if (b.data.empty())
      w.field("data", std::string_view(base64_encode(b.text)));
    else
      w.field("data", b.data);
  } else {
    const Str uri = b.url.empty() ? b.file_id : b.url;
    const Str type = b.media_type.empty() ? type_of_url(uri, b.kind) : b.media_type;
    if (!type.empty()) w.field("mimeType", type);
    w.field("fileUri", uri);
  }
  if (same && !b.name.empty()) w.field("displayName", b.name);
  write_kept(w, b, member);
  w.end_object();
}

void write_args(json::Writer& w, const Block& call) {
  if (!call.custom) {
    if (call.arguments.find_first_not_of(" \t\r\n") == Str::npos) {
      w.begin_object();
      return w.end_object();
    }
    json::Arena scratch;
    const auto parsed = json::parse(call.arguments, scratch);
    if (parsed && parsed->is_object()) return w.raw(call.arguments);
  }
  w.begin_object();
  w.field("input", call.custom ? call.text : call.arguments);
  w.end_object();
}

void write_call(json::Writer& w, const Block& b) {
  w.begin_object();
  if (!b.id.empty()) w.field("id", b.id);
  w.field("name", b.name);
  w.key("args");
  write_args(w, b);
  write_kept(w, b, "functionCall");
  w.end_object();
}

bool is_own(const Block& b, Str default_format) {
  const Str format = b.format.empty() ? default_format : b.format;
  return format.empty() || format == kName;
}

// ---------------------------------------------------------------- reasoning of other formats

bool Carrier::takes(const Block& b) const {
  if (is_own(b, own_)) return false;
  return b.kind == Kind::thinking || b.kind == Kind::redacted_thinking;
}

void Carrier::add(const Block& b) {
  format_ = b.format.empty() ? own_ : b.format;
  held_.push_back(
      {b.kind, std::string(b.text), std::string(b.signature), std::string(b.data), std::string(b.item_id)});
}

// The text travels too: clients drop parts with `thought`. Reasoning without a signature only matters to the calls it led to.
std::string Carrier::packed(const Block* extra, bool with_unsigned) {
  std::vector<Block> blocks;
  bool any = with_unsigned;
  for (const Held& h : held_) {
    Block& b = blocks.emplace_back();
    b.kind = h.kind;
    b.text = h.text;
    b.signature = h.signature;
    b.data = h.data;
    b.item_id = h.item_id;
    any = any || !h.signature.empty() || !h.data.empty();
  }
  if (extra && !extra->signature.empty() && !is_own(*extra, own_)) {
    blocks.push_back(*extra);
    if (format_.empty()) format_ = extra->format.empty() ? own_ : extra->format;
    any = true;
  }
  return any ? pack(format_, blocks, true) : std::string();
}

std::string Carrier::for_text(const Block& extra) {
  const bool own_signature = !extra.signature.empty() && !is_own(extra, own_);
  if (text_took_ && !own_signature) return {};
  std::string out = packed(&extra, false);
  text_took_ = text_took_ || !out.empty();
  return out;
}

std::string Carrier::for_call(const Block& extra) {
  std::string out = packed(&extra, true);
  held_.clear();
  format_.clear();
  text_took_ = false;
  return out;
}

std::string Carrier::for_end() {
  std::string out = text_took_ ? std::string() : packed(nullptr, false);
  held_.clear();
  return out;
}

}  // namespace pb::llm::gemini
