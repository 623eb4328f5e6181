// chat_with_vision: a model looks at images.
#include <algorithm>

#include "base/base64.h"
#include "gateway/media.h"
#include "gateway/route.h"
#include "llm/abilities.h"
#include "net/blocking.h"
#include "tools/chat/answering.h"
#include "tools/chat/chat_tools.h"
#include "tools/chat/image_files.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "model":{"type":"string","minLength":1,"description":"A model that looks at images; list_vision_models tells which"},
    "prompt":{"type":"string","minLength":1,"description":"What to do with the images; or `messages`"},
    "messages":{"type":"array","minItems":1,"description":"The conversation; the images belong to its last message, a user's","items":{
      "type":"object","properties":{
        "role":{"type":"string","enum":["system","developer","user","assistant"]},
        "content":{"type":"string"}},"required":["role","content"]}},
    "images":{"type":"array","minItems":1,"maxItems":20,"items":{
      "type":"object",
      "properties":{
        "data":{"type":"string","minLength":1,"description":"base64 or a data: URL; an http(s) URL; a file's path or file:// URI"},
        "type":{"type":"string","enum":["base64","url","file"],"description":"Missing: by what `data` looks like"},
        "detail":{"type":"string","enum":["auto","low","high"]}
      },
      "required":["data"],"additionalProperties":false}},
    "temperature":{"type":"number","minimum":0,"maximum":2},
    "max_tokens":{"type":"integer","minimum":1},
    "stream":{"type":"boolean","default":false,"description":"Tell the answer's text piece by piece as progress"}
  },
  "required":["model","images"],
  "anyOf":[{"required":["prompt"]},{"required":["messages"]}],
  "additionalProperties":false
})";

enum class From : std::uint8_t { base64, url, file };

bool is_web(std::string_view data) { return data.starts_with("http://") || data.starts_with("https://"); }

From source_of(json::Value image) {
  const std::string_view type = image["type"].as_string(), data = image["data"].as_string();
  if (!type.empty()) return type == "file" ? From::file : type == "url" ? From::url : From::base64;
  if (is_web(data)) return From::url;
  // The base64 of a JPEG begins with a slash too.
  const bool path = data.starts_with("file://") || (data.starts_with('/') && !data.starts_with("/9j/"));
  return path ? From::file : From::base64;
}

std::string place(std::size_t i) { return "images[" + std::to_string(i) + "].data"; }

Error at_place(std::size_t i, Error error) {
  error.param = place(i);
  error.message = error.param + ": " + error.message;
  return error;
}

// The text behind "data:image/png;base64,"; or the text itself. Error: a data: URL without base64.
Result<std::string_view> base64_of(std::string_view data) {
  if (!data.starts_with("data:")) return data;
  const std::size_t comma = data.find(',');
  if (comma == data.npos || !data.substr(0, comma).ends_with(";base64"))
    return fail(Code::invalid_request, "a data: URL must hold base64: data:image/png;base64,…");
  return data.substr(comma + 1);
}

// The folders that files may be read from. The client is asked for its roots where it is the owner of this process and a file lies
// in none of the configuration's.
Task<mcp::Outcome<std::vector<std::string>>> folders(const Deps& deps, mcp::Context& context,
                                                     json::Value images) {
  std::vector<std::string> out = deps.gateway.snapshot().config().mcp.files.roots;
  bool asks = false;
  for (const json::Value image : images.items()) {
    if (source_of(image) != From::file) continue;
    const auto path = plain_path(image["data"].as_string());
    asks = asks || (path && !lies_below(*path, out));
  }
  if (!asks || !deps.local || !context.client_can().roots) co_return out;
  auto answers = co_await context.ask({mcp::ask_roots("roots")});
  if (!answers) co_return std::unexpected(std::move(answers.error()));
  for (std::string& folder : folders_of((*answers)["roots"])) out.push_back(std::move(folder));
  co_return out;
}

// The images as blocks of one message: bytes as base64, or a URL.
Task<Result<void>> collect(const Deps& deps, json::Value images, std::vector<std::string> roots,
                           llm::Request& into) {
  llm::Message message;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const json::Value image = images.at(i);
    const std::string_view data = image["data"].as_string();
    llm::Block block;
    block.kind = llm::Block::Kind::image;
    block.detail = image["detail"].as_string();
    switch (source_of(image)) {
      case From::url:
        if (!is_web(data))
          co_return std::unexpected(
              at_place(i, fail(Code::invalid_request, "must be an http:// or https:// URL").error()));
        block.url = data;
        break;
      case From::base64: {
        auto text = base64_of(data);
        if (!text) co_return std::unexpected(at_place(i, std::move(text.error())));
        block.data = *text;
        break;
      }
      case From::file: {
        auto path = plain_path(data);
        if (!path) co_return std::unexpected(at_place(i, std::move(path.error())));
        auto read =
            co_await net::blocking(deps.gateway.blocking(), [path = *path, roots]() -> Result<std::string> {
              TRY_ASSIGN(const std::string bytes, read_below(path, roots, limits::kImageBytesMax));
              if (!media::is_image(media::sniff(bytes)))
                return fail(Code::invalid_request, "the file `" + path + "` is no JPEG, PNG, WebP or GIF");
              return base64_encode(bytes);
            });
        CO_TRY(read);
        if (!*read) co_return std::unexpected(at_place(i, std::move(read->error())));
        block.data = into.arena.keep(std::move(**read));
        break;
      }
    }
    message.content.push_back(std::move(block));
  }
  into.messages.push_back(std::move(message));
  co_return Result<void>{};
}

// Checks the images and makes them fit what the model takes, whatever its format.
Task<Result<void>> make_fit(const Deps& deps, const std::string& model, llm::Request& images) {
  const auto snapshot = deps.gateway.snapshot_in_use();
  const auto route = gateway::choose(*snapshot, model, *llm::find_dialect("openai_chat"));
  if (!route) co_return std::unexpected(route.error());
  if (const auto can = llm::known_abilities(route->model); can && !can->vision)
    co_return fail(Code::invalid_request,
                   "model: " + model + " does not look at images; list_vision_models tells which do",
                   "model");
  if (deps.gateway.media() == nullptr) co_return fail(Code::internal, "images are not served here");
  const config::Provider& p = *route->upstream->provider;
  auto done = co_await deps.gateway.media()->prepare(
      images, llm::media_limits(route->dialect->name, p.media, p.quirks), snapshot->config().media);
  const auto& blocks = images.messages[0].content;
  for (std::size_t i = 0; done && i < blocks.size(); ++i)
    if (blocks[i].kind != llm::Block::Kind::image)
      co_return std::unexpected(at_place(i, fail(Code::invalid_request, "is a document, no image").error()));
  if (done) co_return Result<void>{};
  Error e = std::move(done.error());
  if (e.param.empty()) e.param = images.messages[0].content.size() == 1 ? place(0) : "images";
  co_return std::unexpected(std::move(e));
}

void write_parts(json::Writer& w, std::string_view text, const llm::Request& images) {
  w.begin_array();
  w.begin_object();
  w.field("type", "text");
  w.field("text", text);
  w.end_object();
  for (const llm::Block& b : images.messages[0].content) {
    w.begin_object();
    w.field("type", "image_url");
    w.key("image_url");
    w.begin_object();
    if (!b.url.empty())
      w.field("url", b.url);
    else
      w.field("url",
              std::string_view("data:" + std::string(b.media_type) + ";base64," + std::string(b.data)));
    if (!b.detail.empty()) w.field("detail", b.detail);
    w.end_object();
    w.end_object();
  }
  w.end_array();
}

std::string conversation(json::Value arguments, const llm::Request& images) {
  const std::span<const json::Value> messages = arguments["messages"].items();
  const std::string_view prompt = arguments["prompt"].as_string();
  std::string out;
  json::Writer w(out);
  w.begin_array();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (prompt.empty() && i + 1 == messages.size()) break;
    w.write(messages[i]);
  }
  w.begin_object();
  w.field("role", "user");
  w.key("content");
  write_parts(w, prompt.empty() ? messages.back()["content"].as_string() : prompt, images);
  w.end_object();
  w.end_array();
  return out;
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value arguments) {
  const std::span<const json::Value> messages = arguments["messages"].items();
  if (!arguments.has("prompt") && messages.back()["role"].as_string() != "user")
    co_return mcp::error_result("messages[" + std::to_string(messages.size() - 1) +
                                "].role: the images belong to the last message, which must be the user's");
  auto roots = co_await folders(deps, context, arguments["images"]);
  if (!roots) co_return std::unexpected(std::move(roots.error()));
  ModelQuestion q;
  q.model = arguments["model"].as_string();
  llm::Request images;
  images.text = std::make_unique<std::string>(json::to_text(arguments));  // where errors look for their place
  auto ready = co_await collect(deps, arguments["images"], std::move(*roots), images);
  if (ready) ready = co_await make_fit(deps, q.model, images);
  if (!ready) co_return error_result(ready.error());
  q.messages = conversation(arguments, images);
  q.temperature = arguments["temperature"].as_double(-1);
  q.max_tokens = arguments["max_tokens"].as_int();
  Telling telling;
  telling.stream = arguments["stream"].as_bool();
  co_return co_await ask_and_tell(deps, context, std::move(q), std::move(telling));
}

}  // namespace

mcp::Tool chat_with_vision(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "chat_with_vision",
             .title = "Show images to a model",
             .description = "Asks a model about images: as base64, by URL, or files in folders that may be "
                            "read. They are checked and made small enough for the model.",
             .input = kInput,
             .output = answer_schema(),
             .hints = kAsksModels});
}

}  // namespace pb::tools
