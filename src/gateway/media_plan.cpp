#include "gateway/media_plan.h"

#include <algorithm>
#include <unordered_map>

#include "llm/path.h"

namespace pb::gateway {
namespace {

using llm::Block;
using Kind = Block::Kind;

bool is_media(const Block& b) {
  return (b.kind == Kind::image || b.kind == Kind::document) && (!b.data.empty() || !b.url.empty());
}

bool any_media(const std::vector<Block>& blocks) {
  return std::any_of(blocks.begin(), blocks.end(), [](const Block& b) {
    return is_media(b) || (!b.content.empty() && any_media(b.content));
  });
}

// Documents of other types (texts, tables) are the model's own affair.
bool is_pdf_or_image(const Block& b) {
  return b.media_type.empty() || b.media_type == "application/pdf" || b.media_type.starts_with("image/");
}

// "data:image/png;base64,…" where a URL is expected: no URL that anybody has to fetch.
void take_data_url(Block& b) {
  constexpr std::string_view kMark = ";base64,";
  const std::size_t mark = b.url.starts_with("data:") ? b.url.find(kMark) : llm::Str::npos;
  if (mark == llm::Str::npos || mark + kMark.size() == b.url.size()) return;
  b.media_type = b.url.substr(5, mark - 5);
  b.data = b.url.substr(mark + kMark.size());
  b.url = {};
}

void collect(std::vector<Block>& blocks, const llm::MediaLimits& limits, MediaPlan& plan) {
  for (Block& b : blocks) {
    if (!b.content.empty()) collect(b.content, limits, plan);
    if (!is_media(b)) continue;
    const bool image = b.kind == Kind::image;
    if (image) ++plan.images;
    if (b.data.empty()) take_data_url(b);
    const bool by_url = b.data.empty();
    const bool takes_url = (image ? limits.image_url : limits.document_url).value_or(false);
    if ((by_url && takes_url) || (!image && !is_pdf_or_image(b))) continue;
    plan.items.push_back({&b, by_url, plan.items.size()});
  }
}

// The depth-first search of place_of. Texts are not looked into: a user may write the very URL before the image.
bool find(json::Value v, const llm::Path& at, std::string_view source, std::string& out) {
  if (v.is_string()) {
    const std::string_view text = v.as_string();
    const bool whole = text == source;
    if (!whole && !(text.starts_with("data:") && text.ends_with(source) && text.size() > source.size() &&
                    text[text.size() - source.size() - 1] == ','))
      return false;
    out = at.text();
    return true;
  }
  std::size_t i = 0;
  for (const json::Value& item : v.items())
    if (find(item, llm::Path(at, i++), source, out)) return true;
  constexpr std::string_view kTexts[] = {"text",      "content", "input", "instructions",
                                         "arguments", "prompt",  "system"};
  for (const json::Member& m : v.members()) {
    if (m.value.is_string() && std::find(std::begin(kTexts), std::end(kTexts), m.key) != std::end(kTexts))
      continue;
    if (find(m.value, llm::Path(at, m.key), source, out)) return true;
  }
  return false;
}

}  // namespace

bool has_media(const llm::Request& request) {
  return std::any_of(request.messages.begin(), request.messages.end(), [](const llm::Message& m) {
    return m.role != llm::Role::assistant && any_media(m.content);
  });
}

MediaPlan plan_media(llm::Request& request, const llm::MediaLimits& limits) {
  MediaPlan plan;
  for (llm::Message& m : request.messages)
    if (m.role != llm::Role::assistant) collect(m.content, limits, plan);
  std::unordered_map<std::string_view, std::size_t> first;
  for (std::size_t i = 0; i < plan.items.size(); ++i)
    plan.items[i].same_as = first.emplace(plan.items[i].source(), i).first->second;
  return plan;
}

media::Limits image_limits(const llm::MediaLimits& limits, std::size_t images) {
  media::Limits l = limits.image;
  if (limits.many > 0 && images > static_cast<std::size_t>(limits.many) && limits.many_side_max > 0)
    l.side_max = l.side_max > 0 ? std::min(l.side_max, limits.many_side_max) : limits.many_side_max;
  return l;
}

std::size_t level(std::span<const std::size_t> sizes, std::size_t total) {
  std::vector<std::size_t> sorted(sizes.begin(), sizes.end());
  std::sort(sorted.begin(), sorted.end());
  std::size_t left = total;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const std::size_t share = left / (sorted.size() - i);
    if (sorted[i] > share) return share;
    left -= sorted[i];
  }
  return sorted.empty() ? total : sorted.back();
}

std::string place_of(const llm::Request& request, std::string_view source) {
  std::string out;
  if (!request.text) return out;
  json::Arena arena;
  if (auto body = json::parse(*request.text, arena)) find(*body, llm::Path(), source, out);
  return out;
}

}  // namespace pb::gateway
