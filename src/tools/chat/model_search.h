// Searching models: what a search asks for, and which models fit. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/chat/known_models.h"

namespace pb::tools {

enum class Sort : std::uint8_t { name, context_length, prompt_price, completion_price, quality };

struct ModelSearch {
  std::vector<std::string> words;  // each must stand in the name, the provider's or the vendor's
  std::string provider;            // "" = any
  double prompt_price_max = -1, completion_price_max = -1;  // US dollars per million tokens; -1 = any
  std::int64_t context_min = 0;
  bool tools = false, thinking = false, vision = false, free = false;  // only those that …
  Sort sort = Sort::name;
  bool descending = false;
};

// Takes the words of a query apart: some ask for an ability or an order ("free", "vision", "cheap", "long context"), which is put
// into `search`; the others are to stand in names. What was understood as more than a part of a name is returned, in words.
std::vector<std::string> read_query(std::string_view query, ModelSearch& search);

bool fits(const KnownModel& model, const ModelSearch& search);
// Those that fit, in order. Models without a price or a rating come last whatever the order.
std::vector<KnownModel> find_models(std::vector<KnownModel> models, const ModelSearch& search);

}  // namespace pb::tools
