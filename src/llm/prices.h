// Prices and other facts of known models (the catalogue), and what a request cost.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "llm/chat.h"

namespace pb::llm {

struct ModelPrice {  // US dollars per million tokens; -1 = as input (cache) or output (reasoning)
  double input = 0, output = 0, cache_read = -1, cache_write = -1, cache_write_1h = -1, reasoning = -1;
  std::int64_t long_over =
      0;  // prompts of more tokens than this cost twice as much, their output half as much again; 0 = never
};

struct CatalogModel {
  std::string_view vendor;                   // "openai"
  std::string_view id;                       // "gpt-5.4"; dated versions match by prefix
  std::int64_t context = 0, output_max = 0;  // tokens; 0 = unknown
  ModelPrice price;
};

std::span<const CatalogModel> catalog();
// By vendor and model: the exact id, else the id without what does not change the price (a date, "-latest",
// "-thinking", "@20250929", …), longest first. Any other longer name is another model and unknown: no price is
// better than a wrong one. Azure's models are OpenAI's; of OpenRouter's "author/model" names those count whose
// author sells at the same price there.
const CatalogModel* find_model(std::string_view vendor, std::string_view model);
// Dollars. Parts of `usage.input` that were read from or written to the cache are billed at their own rate and
// not again as input; a cache part larger than the input is billed whole and the rest counts as none.
double cost_of(const ModelPrice& price, const Usage& usage);

}  // namespace pb::llm
