// What is to be done with the images and documents of a conversation before a model gets them. Pure.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "llm/chat.h"
#include "llm/media_limits.h"

namespace pb::gateway {

struct MediaItem {
  llm::Block* block = nullptr;
  bool fetch = false;  // given by URL, and the model wants bytes; else given as base64
  std::size_t same_as =
      0;  // index of the first item with the same source; its own index when it is the first
  llm::Str source() const { return fetch ? block->url : block->data; }
};

struct MediaPlan {
  std::vector<MediaItem> items;
  std::size_t images = 0;  // all of them, those that stay URLs too
};

// True when there is an image or document anywhere but in the assistant's own messages, which other formats do not carry.
bool has_media(const llm::Request& request);
// In the order of the conversation; those in tool results and in documents too.
MediaPlan plan_media(llm::Request& request, const llm::MediaLimits& limits);

// The limits of one image in a request with so many.
media::Limits image_limits(const llm::MediaLimits& limits, std::size_t images);

// The largest size that every one of `sizes` may have so that their sum is at most `total`; 0 when that is no size to speak
// of. All larger ones are to be cut down to it.
std::size_t level(std::span<const std::size_t> sizes, std::size_t total);

// Where in the client's body a text stands as a string of its own, or at the end of a data: URL: "messages[2].content[1].
// image_url.url". "" when it does not. Costs a parse of the body: for errors.
std::string place_of(const llm::Request& request, std::string_view source);

}  // namespace pb::gateway
