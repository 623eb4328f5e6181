// The messages of a client's request.
#include <algorithm>
#include <array>

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

using json::Value;
using Kind = Block::Kind;

struct RoleRow {
  std::string_view name;
  Role role;
};
constexpr RoleRow kRoles[] = {{"user", Role::user},           {"assistant", Role::assistant},
                              {"tool", Role::tool},           {"system", Role::system},
                              {"developer", Role::developer}, {"function", Role::tool}};

constexpr std::string_view kKnownMembers[] = {
    "role",         "content",       "name",      "refusal",           "tool_calls",
    "tool_call_id", "function_call", "reasoning", "reasoning_content", "reasoning_details"};

class MessageReader {
 public:
  MessageReader(Request& r) : r_(r), arena_(r.arena) {}

  Result<void> message(Value m, const Path& at) {
    if (!m.is_object()) return at.wrong_type("an object", m);
    Value role = m["role"];
    if (!role.is_string()) return Path(at, "role").wrong_type("a string", role);
    const RoleRow* row = std::find_if(std::begin(kRoles), std::end(kRoles),
                                      [&](const RoleRow& x) { return x.name == role.as_string(); });
    if (row == std::end(kRoles))
      return Path(at, "role").fail("must be one of system, developer, user, assistant, tool and function");
    Message out;
    out.role = row->role;
    out.extra = unknown_members(m, kKnownMembers, arena_);
    if (Value name = m["name"]; !name.is_null()) {
      if (!name.is_string()) return Path(at, "name").wrong_type("a string", name);
      out.name = name.as_string();
    }
    if (row->name == "tool")
      TRY(tool(m, at, out));
    else if (row->name == "function")
      TRY(function(m, at, out));
    else if (out.role == Role::assistant)
      TRY(assistant(m, at, out));
    else
      TRY(content(m["content"], Path(at, "content"), false, out.content));
    r_.messages.push_back(std::move(out));
    return {};
  }

 private:
  Result<void> content(Value c, const Path& at, bool may_be_null, std::vector<Block>& out) {
    if (c.is_string()) {
      Block b;
      b.text = c.as_string();
      out.push_back(std::move(b));
      return {};
    }
    if (c.is_null() && may_be_null) return {};
    if (!c.is_array()) return at.wrong_type("a string or an array of content parts", c);
    out.reserve(out.size() + c.size());
    for (std::size_t i = 0; i < c.size(); ++i) TRY(part(c.items()[i], Path(at, i), out));
    return {};
  }

  Result<void> part(Value p, const Path& at, std::vector<Block>& out) {
    if (p.is_string()) {  // some vendors take bare strings
      Block b;
      b.text = p.as_string();
      out.push_back(std::move(b));
      return {};
    }
    if (!p.is_object()) return at.wrong_type("an object", p);
    Value type = p["type"];
    if (!type.is_string()) return Path(at, "type").wrong_type("a string", type);
    Block b;
    TRY(typed_part(p, type.as_string(), at, b));
    marks(p, b);
    out.push_back(std::move(b));
    return {};
  }

  Result<void> typed_part(Value p, Str type, const Path& at, Block& b) {
    if (type == "text" || type == "input_text" || type == "output_text")
      return required_string(p, "text", at, b.text);
    if (type == "image_url") return image(p, at, b);
    if (type == "input_audio") return audio(p, at, b);
    if (type == "file") return file(p, at, b);
    if (type == "refusal") {
      b.kind = Kind::refusal;
      return required_string(p, "refusal", at, b.text);
    }
    if (type == "thinking") return thinking(p, b);
    b.kind = Kind::opaque;
    b.raw = p;
    b.format = kName;
    return {};
  }

  // Cache marks, and whatever else the part says.
  void marks(Value p, Block& b) {
    static constexpr std::string_view kKnown[] = {"type", "text",    "image_url", "input_audio",
                                                  "file", "refusal", "thinking",  "cache_control"};
    if (b.kind == Kind::opaque) return;
    if (Value c = p["cache_control"]; c.is_object())
      b.cache = {true, c["ttl"].as_string()};
    else if (p["prompt_cache_breakpoint"].is_object())
      b.cache.on = true;
    if (p.size() > 2) b.extra = unknown_members(p, kKnown, arena_);
    if (b.extra.is_object()) b.format = kName;
  }

  static Result<void> required_string(Value p, std::string_view key, const Path& at, Str& to) {
    Value v = p[key];
    if (!v.is_string()) return Path(at, key).wrong_type("a string", v);
    to = v.as_string();
    return {};
  }

  static Result<void> image(Value p, const Path& at, Block& b) {
    b.kind = Kind::image;
    Path inner(at, "image_url");
    Value image = p["image_url"];
    Str url;
    if (image.is_string()) {  // Mistral's spelling
      url = image.as_string();
      if (url.empty()) return inner.fail("must not be empty");
    } else {
      if (!image.is_object()) return inner.wrong_type("an object", image);
      TRY(required_string(image, "url", inner, url));
      b.detail = image["detail"].as_string();
      if (url.empty()) return Path(inner, "url").fail("must not be empty");
    }
    if (split_data_url(url, b.media_type, b.data)) {
      if (b.data.empty()) return Path(inner, "url").fail("is a data: URL without data");
      return {};
    }
    if (url.starts_with("data:"))
      return Path(inner, "url").fail("must be \"data:<media type>;base64,<data>\"");
    b.url = url;
    return {};
  }

  static Result<void> audio(Value p, const Path& at, Block& b) {
    b.kind = Kind::audio;
    Path inner(at, "input_audio");
    Value audio = p["input_audio"];
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

  static Str type_of_file(Str name) {
    struct Row {
      Str ending, type;
    };
    static constexpr Row kTypes[] = {{".pdf", "application/pdf"},   {".txt", "text/plain"},
                                     {".md", "text/markdown"},      {".csv", "text/csv"},
                                     {".json", "application/json"}, {".html", "text/html"},
                                     {".png", "image/png"},         {".jpg", "image/jpeg"}};
    for (const Row& row : kTypes)
      if (name.ends_with(row.ending)) return row.type;
    return "application/pdf";
  }

  static Result<void> file(Value p, const Path& at, Block& b) {
    b.kind = Kind::document;
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
    if (!b.data.empty() && b.media_type.empty()) b.media_type = type_of_file(b.name);
    return {};
  }

  // Mistral's {type: thinking, thinking: [{type: text, text}]}.
  Result<void> thinking(Value p, Block& b) {
    b.kind = Kind::thinking;
    Value t = p["thinking"];
    if (t.is_string()) b.text = t.as_string();
    b.signature = p["signature"].as_string();
    if (t.size() == 1) {
      b.text = t.items()[0]["text"].as_string();
    } else if (t.size() > 1) {
      std::string all;
      for (const Value& piece : t.items()) all += piece["text"].as_string();
      b.text = arena_.keep(std::move(all));
    }
    return {};
  }

  Result<void> assistant(Value m, const Path& at, Message& out) {
    read_reasoning(m, arena_, out.content);
    TRY(content(m["content"], Path(at, "content"), true, out.content));
    drop_empty_text(out.content);
    if (Value refusal = m["refusal"]; !refusal.is_null()) {
      if (!refusal.is_string()) return Path(at, "refusal").wrong_type("a string", refusal);
      Block b;
      b.kind = Kind::refusal;
      b.text = refusal.as_string();
      if (!b.text.empty()) out.content.push_back(std::move(b));
    }
    Path calls_at(at, "tool_calls");
    Value calls = m["tool_calls"];
    if (!calls.is_null() && !calls.is_array()) return calls_at.wrong_type("an array", calls);
    for (std::size_t i = 0; i < calls.size(); ++i)
      TRY(tool_call(calls.items()[i], Path(calls_at, i), i, out));
    if (Value f = m["function_call"]; !f.is_null()) TRY(function_call(f, Path(at, "function_call"), out));
    restore_packed(out.content, arena_);
    return {};
  }

  // A call often comes with content "": nothing was said.
  static void drop_empty_text(std::vector<Block>& blocks) {
    std::erase_if(blocks,
                  [](const Block& b) { return b.kind == Kind::text && b.text.empty() && !b.cache.on; });
  }

  Str made_up_id(std::size_t i) {
    return arena_.keep("call_" + std::to_string(r_.messages.size()) + "_" + std::to_string(i));
  }

  Result<void> tool_call(Value c, const Path& at, std::size_t i, Message& out) {
    static constexpr std::string_view kKnown[] = {"id",     "type",  "function",
                                                  "custom", "index", "extra_content"};
    if (!c.is_object()) return at.wrong_type("an object", c);
    Block b;
    b.kind = Kind::tool_call;
    if (Value id = c["id"]; !id.is_null() && !id.is_string())
      return Path(at, "id").wrong_type("a string", id);
    b.id = c["id"].as_string();
    if (b.id.empty()) b.id = made_up_id(i);
    b.custom = c["type"].as_string() == "custom";
    std::string_view key = b.custom ? "custom" : "function";
    Path inner(at, key);
    Value f = c[key];
    if (!f.is_object()) return inner.wrong_type("an object", f);
    TRY(required_string(f, "name", inner, b.name));
    if (b.custom) {
      TRY(required_string(f, "input", inner, b.text));
    } else {
      Value arguments = f["arguments"];
      if (!arguments.is_null() && !arguments.is_string() && !arguments.is_object())
        return Path(inner, "arguments").wrong_type("a string of JSON", arguments);
      b.arguments = json_arguments(arguments, arena_);
    }
    b.signature = c["extra_content"]["google"]["thought_signature"].as_string();
    if (!b.signature.empty()) b.format = "gemini";
    b.extra = unknown_members(c, kKnown, arena_);
    if (b.extra.is_object() && b.format.empty()) b.format = kName;
    out.content.push_back(std::move(b));
    return {};
  }

  // The older single call: it has no id, so one is made up that its result, the next `function` message, shares.
  Result<void> function_call(Value f, const Path& at, Message& out) {
    if (!f.is_object()) return at.wrong_type("an object", f);
    Block b;
    b.kind = Kind::tool_call;
    TRY(required_string(f, "name", at, b.name));
    b.arguments = json_arguments(f["arguments"], arena_);
    b.id = function_id_ = made_up_id(0);
    out.content.push_back(std::move(b));
    return {};
  }

  Result<void> tool(Value m, const Path& at, Message& out) {
    Value id = m["tool_call_id"];
    if (!id.is_string() || id.as_string().empty())
      return Path(at, "tool_call_id").fail("must be the id of the call that this is the result of");
    return result(m, id.as_string(), at, out);
  }

  Result<void> function(Value m, const Path& at, Message& out) {
    if (out.name.empty()) return Path(at, "name").fail("must be the name of the function");
    if (function_id_.empty()) return at.fail("is a function's result, but no function was called before it");
    TRY(result(m, function_id_, at, out));
    out.name = {};
    return {};
  }

  Result<void> result(Value m, Str id, const Path& at, Message& out) {
    Block b;
    b.kind = Kind::tool_result;
    b.id = id;
    TRY(content(m["content"], Path(at, "content"), true, b.content));
    out.content.push_back(std::move(b));
    return {};
  }

  Request& r_;
  json::Arena& arena_;
  Str function_id_;
};

}  // namespace

Result<void> decode_messages(Value list, const Path& at, Request& r) {
  if (!list.is_array()) return at.wrong_type("an array of messages", list);
  if (list.size() == 0) return at.fail("must not be empty");
  r.messages.reserve(list.size());
  MessageReader reader(r);
  for (std::size_t i = 0; i < list.size(); ++i) TRY(reader.message(list.items()[i], Path(at, i)));
  return {};
}

}  // namespace pb::llm::openai_chat
