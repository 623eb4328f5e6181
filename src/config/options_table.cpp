#include "config/options.h"

#include <array>

namespace pb::config {
namespace {

template <class T>
struct Row {
  Option option;
  Ref (*ref)(T&);
};

constexpr double kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr double kKiB = 1024, kMiB = 1024 * kKiB;

constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "error", "off"};
constexpr std::string_view kLogFormats[] = {"text", "json"};
constexpr std::string_view kModules[] = {"main", "net", "llm", "gateway", "store", "config", "api", "sim"};
constexpr std::string_view kAuths[] = {"bearer", "x-api-key", "api-key", "x-goog-api-key", "none"};
constexpr std::string_view kReasoningFields[] = {"reasoning_content", "reasoning"};

const Row<Config> kTop[] = {
    {{"server.listen", Kind::address,
      "Address to serve on. Anything but a loopback address needs `server.keys`; port 0 takes any free one."},
     [](Config& c) -> Ref { return &c.server.listen; }},
    {{"server.data_dir",
      Kind::text,
      "Folder of the ledger and other data, made when missing.",
      0,
      0,
      {},
      {},
      "`$XDG_DATA_HOME/patchbay` or `~/.local/share/patchbay`"},
     [](Config& c) -> Ref { return &c.server.data_dir; }},
    {{"server.threads", Kind::count, "Threads that serve requests; 0 = one per core.", 0, 1024},
     [](Config& c) -> Ref { return &c.server.threads; }},
    {{"server.keys", Kind::secrets,
      "Keys that clients must present (`Authorization: Bearer`, `x-api-key` or `api-key`). None: no key is "
      "asked for."},
     [](Config& c) -> Ref { return &c.server.keys; }},
    {{"server.allowed_hosts", Kind::texts,
      "`Host` header values accepted besides loopback names and the listen address (`gateway.example.com`)."},
     [](Config& c) -> Ref { return &c.server.allowed_hosts; }},
    {{"server.allowed_origins", Kind::texts,
      "Browser origins allowed besides the gateway's own (`https://app.example.com`)."},
     [](Config& c) -> Ref { return &c.server.allowed_origins; }},
    {{"server.body_bytes_max", Kind::bytes, "Longest request body accepted.", kKiB, 1024 * kMiB},
     [](Config& c) -> Ref { return &c.server.body_bytes_max; }},
    {{"server.header_bytes_max", Kind::bytes, "Longest request head accepted.", kKiB, 16 * kMiB},
     [](Config& c) -> Ref { return &c.server.header_bytes_max; }},
    {{"server.header_timeout", Kind::duration, "Time a client has to send a request's head.", 1, kHour},
     [](Config& c) -> Ref { return &c.server.header_timeout_ms; }},
    {{"server.body_timeout", Kind::duration, "Time a client has to send a request's body.", 1, kHour},
     [](Config& c) -> Ref { return &c.server.body_timeout_ms; }},
    {{"server.keep_alive", Kind::duration, "An idle client connection is closed after this.", 1, kDay},
     [](Config& c) -> Ref { return &c.server.keep_alive_ms; }},
    {{"server.ping_after", Kind::duration, "Silence in a stream after which the client is sent a keep-alive.",
      100, kHour},
     [](Config& c) -> Ref { return &c.server.ping_after_ms; }},
    {{"server.drain", Kind::duration, "After SIGTERM, open requests may go on for this long.", 0, kHour},
     [](Config& c) -> Ref { return &c.server.drain_ms; }},
    {{"server.connections_max", Kind::count, "Client connections, per thread.", 1, 1'000'000},
     [](Config& c) -> Ref { return &c.server.connections_max; }},
    {{"server.loop_guard", Kind::count,
      "How often the same conversation may be sent within a minute before it is refused with 429, because "
      "the "
      "agent seems to go round in circles; 0 = any number of times, else at least 10 (SDKs retry).",
      0, 60'000},
     [](Config& c) -> Ref { return &c.server.loop_guard; }},
    {{"providers_from_environment", Kind::flag,
      "Also switch on providers whose key is in the environment, and local ones that answer."},
     [](Config& c) -> Ref { return &c.providers_from_environment; }},
    {{"default_model",
      Kind::text,
      "Model for requests that name none or an unknown one (`provider/model` or a name from `models`).",
      0,
      0,
      {},
      {},
      "none: such requests are refused"},
     [](Config& c) -> Ref { return &c.default_model; }},
    {{"log.level", Kind::choice, "Least severe level written.", 0, 0, kLevels},
     [](Config& c) -> Ref { return &c.log.level; }},
    {{"log.format", Kind::choice, "Form of log lines.", 0, 0, kLogFormats},
     [](Config& c) -> Ref { return &c.log.format; }},
    {{"log.modules", Kind::levels, "Levels of single modules (`{net: debug}`).", 0, 0, kLevels, kModules},
     [](Config& c) -> Ref { return &c.log.modules; }},
    {{"media.fetch", Kind::flag,
      "Fetch images and documents that clients give by URL where the model wants bytes "
      "([images.md](images.md)); "
      "off: such requests are refused."},
     [](Config& c) -> Ref { return &c.media.fetch; }},
    {{"media.allow_hosts", Kind::texts,
      "Hosts to fetch from whatever their address and port: names, `*.suffix`, addresses, each with or "
      "without a "
      "port. All others must have a public address and port 80 or 443."},
     [](Config& c) -> Ref { return &c.media.allow_hosts; }},
    {{"media.fetch_timeout", Kind::duration, "For one URL, redirects included.", 1, kHour},
     [](Config& c) -> Ref { return &c.media.fetch_timeout_ms; }},
    {{"media.fetch_bytes_max", Kind::bytes, "Longest image or document fetched.", kKiB, 75'000'000},
     [](Config& c) -> Ref { return &c.media.fetch_bytes_max; }},
    {{"media.cache_bytes_max", Kind::bytes,
      "Memory for what was fetched or scaled within the last five minutes.", 0, 64 * 1024 * kMiB},
     [](Config& c) -> Ref { return &c.media.cache_bytes_max; }},
    {{"media.memory_bytes_max", Kind::bytes,
      "Memory for images that are being scaled; more of them wait, and one that needs more is scaled alone.",
      kMiB, 64 * 1024 * kMiB},
     [](Config& c) -> Ref { return &c.media.memory_bytes_max; }},
    {{"ledger.enabled", Kind::flag,
      "Write a row per request (tokens, cost, latency; never prompts) for `patchbay usage`."},
     [](Config& c) -> Ref { return &c.ledger.enabled; }},
    {{"ledger.path",
      Kind::text,
      "SQLite file of the ledger.",
      0,
      0,
      {},
      {},
      "`patchbay.db` in `server.data_dir`"},
     [](Config& c) -> Ref { return &c.ledger.path; }},
    {{"ledger.flush", Kind::duration, "Rows are written at least this often.", 1, kMinute},
     [](Config& c) -> Ref { return &c.ledger.flush_ms; }},
};

using Draft = ProviderDraft;
constexpr std::string_view kOfType = "that of the type";

const Row<Draft> kProvider[] = {
    {{"type",
      Kind::name,
      "Kind of provider: a name from [providers.md](providers.md).",
      0,
      0,
      {},
      {},
      "the entry's own name"},
     [](Draft& d) -> Ref { return &d.type; }},
    {{"formats",
      Kind::formats,
      "Wire formats it speaks, the preferred one first.",
      0,
      0,
      {},
      {},
      "all of the type's; `custom`: `[openai_chat]`"},
     [](Draft& d) -> Ref { return &d.formats; }},
    {{"base_url",
      Kind::url,
      "Address without the endpoint (`http://127.0.0.1:9001/v1`). Required for `custom`, `vllm` and "
      "`azure-openai`.",
      0,
      0,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.base_url; }},
    {{"api_key", Kind::secret, "Key sent to the provider.", 0, 0, {}, {}, "the type's environment variable"},
     [](Draft& d) -> Ref { return &d.provider.api_key; }},
    {{"auth",
      Kind::choice,
      "How the key is sent: as `Authorization: Bearer`, `x-api-key`, `api-key` or `x-goog-api-key`, or not "
      "at all.",
      0,
      0,
      kAuths,
      {},
      "that of the type; `custom` that prefers `anthropic`: `x-api-key`"},
     [](Draft& d) -> Ref { return &d.auth; }},
    {{"headers", Kind::headers, "Headers added to every request.", 0, 0, {}, {}, kOfType},
     [](Draft& d) -> Ref { return &d.provider.headers; }},
    {{"query", Kind::text, "Query appended to every URL (`api-version=preview`)."},
     [](Draft& d) -> Ref { return &d.provider.query; }},
    {{"models", Kind::texts,
      "Models it has, so that clients may leave the provider's name out, and for `/v1/models`."},
     [](Draft& d) -> Ref { return &d.provider.models; }},
    {{"exclude_tools", Kind::texts,
      "Tools that are taken out of requests to it, by name (`BatchTool`); a `*` stands for any text."},
     [](Draft& d) -> Ref { return &d.provider.tool_rules.exclude_tools; }},
    {{"strip_schema_formats", Kind::texts,
      "Values of `format` that are taken out of JSON Schemas in requests to it, because it refuses them "
      "(`uri`)."},
     [](Draft& d) -> Ref { return &d.provider.tool_rules.strip_schema_formats; }},
    {{"timeouts.connect", Kind::duration, "To connect.", 1, kHour},
     [](Draft& d) -> Ref { return &d.provider.timeouts.connect_ms; }},
    {{"timeouts.first_byte", Kind::duration, "From the request's end to the answer's first byte.", 1, kDay},
     [](Draft& d) -> Ref { return &d.provider.timeouts.first_byte_ms; }},
    {{"timeouts.idle", Kind::duration, "Longest silence inside an answer.", 1, kDay},
     [](Draft& d) -> Ref { return &d.provider.timeouts.idle_ms; }},
    {{"timeouts.total", Kind::duration, "For the whole request.", 1, 7 * kDay},
     [](Draft& d) -> Ref { return &d.provider.timeouts.total_ms; }},
    {{"connections_max", Kind::count, "Connections to it, per thread.", 1, 100'000},
     [](Draft& d) -> Ref { return &d.provider.connections_max; }},
    {{"stream_usage", Kind::flag,
      "Ask for usage in streams where the client did not, so that the ledger knows it."},
     [](Draft& d) -> Ref { return &d.provider.stream_usage; }},
    {{"tls_verify", Kind::flag, "Verify its certificate."},
     [](Draft& d) -> Ref { return &d.provider.tls_verify; }},
    {{"ca_file", Kind::file, "PEM file of the authorities to trust for it.", 0, 0, {}, {}, "the system's"},
     [](Draft& d) -> Ref { return &d.provider.ca_file; }},
    {{"images.bytes_max",
      Kind::bytes,
      "Largest image it takes, as a file; larger ones are scaled down.",
      0,
      75'000'000,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.media.image.bytes_max; }},
    {{"images.side_max",
      Kind::count,
      "Longest side of an image it takes, in pixels.",
      0,
      limits::kImageSideMax,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.media.image.side_max; }},
    {{"images.pixels_max",
      Kind::count,
      "Most pixels of an image it takes.",
      0,
      double(limits::kImagePixelsMax),
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.media.image.pixels_max; }},
    {{"images.request_bytes_max",
      Kind::bytes,
      "Base64 text of all images of a request together.",
      0,
      1024 * kMiB,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.media.request_bytes_max; }},
    {{"quirks.max_completion_tokens",
      Kind::flag,
      "Takes `max_completion_tokens` instead of `max_tokens`.",
      0,
      0,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.max_completion_tokens; }},
    {{"quirks.developer_role", Kind::flag, "Knows the `developer` role.", 0, 0, {}, {}, kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.developer_role; }},
    {{"quirks.stream_options", Kind::flag, "Accepts `stream_options`.", 0, 0, {}, {}, kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.stream_options; }},
    {{"quirks.reasoning_effort", Kind::flag, "Accepts `reasoning_effort`.", 0, 0, {}, {}, kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.reasoning_effort; }},
    {{"quirks.json_schema",
      Kind::flag,
      "Accepts `response_format` of type `json_schema`.",
      0,
      0,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.json_schema; }},
    {{"quirks.parallel_tool_calls", Kind::flag, "Accepts `parallel_tool_calls`.", 0, 0, {}, {}, kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.parallel_tool_calls; }},
    {{"quirks.custom_tools",
      Kind::flag,
      "Knows free-text tools (`type: custom`); else they become functions of one string.",
      0,
      0,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.custom_tools; }},
    {{"quirks.image_url", Kind::flag, "Fetches images from URLs.", 0, 0, {}, {}, kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.image_url; }},
    {{"quirks.strict_schema",
      Kind::flag,
      "Strict tools need `additionalProperties: false` and all properties required.",
      0,
      0,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.strict_schema; }},
    {{"quirks.threads",
      Kind::flag,
      "Keeps conversations itself: `thread` (Anthropic) and `previous_response_id` (Responses) are passed "
      "on.",
      0,
      0,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.threads; }},
    {{"quirks.openrouter",
      Kind::flag,
      "Understands `cache_control` on parts and `reasoning` objects.",
      0,
      0,
      {},
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.openrouter; }},
    {{"quirks.reasoning_field",
      Kind::choice,
      "Member that holds reasoning text.",
      0,
      0,
      kReasoningFields,
      {},
      kOfType},
     [](Draft& d) -> Ref { return &d.provider.quirks.reasoning_field; }},
    {{"quirks.default_max_tokens", Kind::count,
      "Sent where a format requires a limit and the client gave none.", 1, 10'000'000},
     [](Draft& d) -> Ref { return &d.provider.quirks.default_max_tokens; }},
};

const Row<Price> kPrice[] = {
    {{"input", Kind::money, "Per million input tokens. Required.", 0, 0, {}, {}, "–"},
     [](Price& p) -> Ref { return &p.input; }},
    {{"output", Kind::money, "Per million output tokens. Required.", 0, 0, {}, {}, "–"},
     [](Price& p) -> Ref { return &p.output; }},
    {{"cache_read",
      Kind::money,
      "Per million input tokens read from the prompt cache.",
      0,
      0,
      {},
      {},
      "`input`"},
     [](Price& p) -> Ref { return &p.cache_read; }},
    {{"cache_write",
      Kind::money,
      "Per million input tokens written to the prompt cache.",
      0,
      0,
      {},
      {},
      "`input`"},
     [](Price& p) -> Ref { return &p.cache_write; }},
    {{"cache_write_1h", Kind::money, "The same, kept for an hour.", 0, 0, {}, {}, "`cache_write`"},
     [](Price& p) -> Ref { return &p.cache_write_1h; }},
    {{"reasoning", Kind::money, "Per million reasoning tokens.", 0, 0, {}, {}, "`output`"},
     [](Price& p) -> Ref { return &p.reasoning; }},
};

template <class T, std::size_t N>
std::vector<Bound> bind_rows(const Row<T> (&rows)[N], T& target) {
  std::vector<Bound> out;
  out.reserve(N);
  for (const Row<T>& r : rows) out.push_back({&r.option, r.ref(target)});
  return out;
}

}  // namespace

std::vector<Bound> bind(Config& config) { return bind_rows(kTop, config); }
std::vector<Bound> bind(ProviderDraft& draft) { return bind_rows(kProvider, draft); }
std::vector<Bound> bind(Price& price) { return bind_rows(kPrice, price); }

std::span<const std::string_view> auth_names() { return kAuths; }

std::string environment_name(std::string_view path) {
  std::string out = "PATCHBAY_";
  for (char c : path)
    out += c >= 'a' && c <= 'z'                               ? static_cast<char>(c - 'a' + 'A')
           : (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c
                                                              : '_';
  return out;
}

std::string_view kind_name(Kind kind) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"text", "a name", "text", "true or false", "a whole number", "a number",
       "a duration such as 30, \"500ms\" or \"2m\"", "a size such as 65536 or \"64MiB\"",
       "one of a few words", "HOST:PORT", "a URL", "the name of a file", "a list of text",
       "a list of formats", "a list of text", "a map of text", "a map of levels"});
  static_assert(kNames.size() == static_cast<std::size_t>(Kind::levels) + 1);
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace pb::config
