// Prices and other facts of known models (the catalogue), and what a request cost.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "llm/chat.h"

namespace pb::llm {

struct ModelPrice {            // US dollars per million tokens; -1 = as input (cache) or output (reasoning)
  double input = 0, output = 0, cache_read = -1, cache_write = -1, cache_write_1h = -1, reasoning = -1;
};

struct CatalogModel {
  std::string_view vendor;     // "openai"
  std::string_view id;         // "gpt-5.4"; dated versions match by prefix
  std::int64_t context = 0, output_max = 0;  // tokens; 0 = unknown
  ModelPrice price;
};

std::span<const CatalogModel> catalog();
// By vendor and model; for OpenRouter-style "vendor/model" names the part after the slash is tried too.
const CatalogModel* find_model(std::string_view vendor, std::string_view model);
// Dollars.
double cost_of(const ModelPrice& price, const Usage& usage);

}  // namespace pb::llm
