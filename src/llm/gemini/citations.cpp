// Sources of an answer. Gemini names them for the whole candidate: sources quoted at length (citationMetadata) and sources
// found by a search (groundingMetadata), with the places they support.
#include "llm/gemini/gemini.h"

namespace pb::llm::gemini {
namespace {

json::Value citation(Str url, Str title, json::Value start, json::Value end, Str text, json::Arena& arena) {
  std::vector<json::Member> out = {{"type", json::Value::string("url_citation")},
                                   {"url", json::Value::string(url)},
                                   {"title", json::Value::string(title)}};
  if (start.is_number() || end.is_number()) {
    out.push_back({"start_index", start.is_number() ? start : json::Value::integer(arena, 0)});
    out.push_back({"end_index", end});
  }
  if (!text.empty()) out.push_back({"cited_text", json::Value::string(text)});
  return json::Value::object(arena, out);
}

void read_grounding(json::Value grounding, json::Arena& arena, std::vector<json::Value>& out) {
  const auto chunks = get(grounding, "groundingChunks").items();
  const auto source = [&](std::size_t i) {
    for (const Str kind : {"web", "retrievedContext", "maps"})
      if (const json::Value v = get(chunks[i], kind); v.is_object()) return v;
    return json::Value();
  };
  const json::Value supports = get(grounding, "groundingSupports");
  for (const json::Value& s : supports.items()) {
    const json::Value segment = get(s, "segment");
    for (const json::Value& index : get(s, "groundingChunkIndices").items()) {
      const std::int64_t i = index.as_int(-1);
      if (i < 0 || static_cast<std::size_t>(i) >= chunks.size()) continue;
      const json::Value from = source(static_cast<std::size_t>(i));
      out.push_back(citation(get(from, "uri").as_string(), get(from, "title").as_string(),
                             get(segment, "startIndex"), get(segment, "endIndex"),
                             get(segment, "text").as_string(), arena));
    }
  }
  if (supports.size() > 0) return;
  for (std::size_t i = 0; i < chunks.size(); ++i)
    out.push_back(
        citation(get(source(i), "uri").as_string(), get(source(i), "title").as_string(), {}, {}, {}, arena));
}

// A citation's own members, or those that OpenAI's annotations nest.
json::Value flat(json::Value citation) {
  const json::Value nested = citation["url_citation"];
  return nested.is_object() ? nested : citation;
}

}  // namespace

json::Value read_citations(json::Value candidate, json::Arena& arena) {
  std::vector<json::Value> out;
  const json::Value metadata = get(candidate, "citationMetadata");
  const json::Value list =
      metadata.has("citations") ? metadata["citations"] : get(metadata, "citationSources");
  for (const json::Value& c : list.items())
    if (const Str uri = get(c, "uri").as_string(); !uri.empty())
      out.push_back(
          citation(uri, get(c, "title").as_string(), get(c, "startIndex"), get(c, "endIndex"), {}, arena));
  read_grounding(get(candidate, "groundingMetadata"), arena, out);
  return out.empty() ? json::Value() : json::Value::array(arena, out);
}

bool write_citations(json::Writer& w, std::span<const json::Value> citations) {
  bool any = false;
  for (const json::Value& given : citations) {
    const json::Value c = flat(given);
    const Str url = c["url"].as_string();
    if (url.empty()) continue;
    if (!any) {
      w.key("citationMetadata");
      w.begin_object();
      w.key("citationSources");
      w.begin_array();
    }
    any = true;
    w.begin_object();
    if (c["start_index"].is_number()) w.field("startIndex", c["start_index"]);
    if (c["end_index"].is_number()) w.field("endIndex", c["end_index"]);
    w.field("uri", url);
    if (const Str title = c["title"].as_string(); !title.empty()) w.field("title", title);
    w.end_object();
  }
  if (!any) return false;
  w.end_array();
  w.end_object();
  return true;
}

}  // namespace pb::llm::gemini
