// The catalogue of known models: list prices in US dollars per million tokens without batch, flex or priority tiers.
// Figures as published in July 2026 (Mistral, Groq: June 2026, Gemini: October 2026); `prices:` in the configuration changes or adds to them.
// Left out on purpose: models billed by more than tokens (Perplexity's searches, audio), and models that run locally.
#include "llm/prices.h"

#include <algorithm>
#include <string>

namespace pb::llm {
namespace {

constexpr ModelPrice price(double input, double output, double cache_read = -1, double cache_write = -1,
                           double cache_write_1h = -1, double reasoning = -1, std::int64_t long_over = 0) {
  return {input, output, cache_read, cache_write, cache_write_1h, reasoning, long_over};
}

constexpr CatalogModel kCatalog[] = {
    // vendor, model, context, longest output (0 = unknown),
    // price(input, output, cache read, cache write, cache write for an hour, reasoning, dearer over)
    {"anthropic", "claude-fable-5", 1'000'000, 128'000, price(10, 50, 1, 12.5, 20)},
    {"anthropic", "claude-mythos-5", 1'000'000, 128'000, price(10, 50, 1, 12.5, 20)},
    {"anthropic", "claude-opus-5", 1'000'000, 128'000, price(5, 25, 0.5, 6.25, 10)},
    {"anthropic", "claude-opus-4-8", 1'000'000, 128'000, price(5, 25, 0.5, 6.25, 10)},
    {"anthropic", "claude-opus-4-7", 1'000'000, 128'000, price(5, 25, 0.5, 6.25, 10)},
    {"anthropic", "claude-opus-4-6", 1'000'000, 128'000, price(5, 25, 0.5, 6.25, 10)},
    {"anthropic", "claude-opus-4-5", 200'000, 64'000, price(5, 25, 0.5, 6.25, 10)},
    {"anthropic", "claude-opus-4-1", 200'000, 32'000, price(15, 75, 1.5, 18.75, 30)},
    {"anthropic", "claude-opus-4", 200'000, 32'000, price(15, 75, 1.5, 18.75, 30)},
    {"anthropic", "claude-sonnet-5", 1'000'000, 128'000, price(2, 10, 0.2, 2.5, 4)},
    {"anthropic", "claude-sonnet-4-6", 1'000'000, 64'000, price(3, 15, 0.3, 3.75, 6)},
    {"anthropic", "claude-sonnet-4-5", 200'000, 64'000, price(3, 15, 0.3, 3.75, 6, -1, 200'000)},
    {"anthropic", "claude-sonnet-4", 200'000, 64'000, price(3, 15, 0.3, 3.75, 6, -1, 200'000)},
    {"anthropic", "claude-3-7-sonnet", 200'000, 64'000, price(3, 15, 0.3, 3.75, 6)},
    {"anthropic", "claude-haiku-4-5", 200'000, 64'000, price(1, 5, 0.1, 1.25, 2)},
    {"anthropic", "claude-3-5-haiku", 200'000, 8'192, price(0.8, 4, 0.08, 1, 1.6)},
    {"anthropic", "claude-3-haiku", 200'000, 4'096, price(0.25, 1.25, 0.03, 0.3, 0.5)},
    {"openai", "gpt-5.6", 1'050'000, 128'000, price(5, 30, 0.5, 6.25, -1, -1, 272'000)},
    {"openai", "gpt-5.6-sol", 400'000, 128'000, price(5, 30, 0.5, 6.25, -1, -1, 272'000)},
    {"openai", "gpt-5.6-terra", 400'000, 128'000, price(2.5, 15, 0.25, 3.125, -1, -1, 272'000)},
    {"openai", "gpt-5.6-luna", 400'000, 128'000, price(1, 6, 0.1, 1.25, -1, -1, 272'000)},
    {"openai", "gpt-5.5", 1'050'000, 128'000, price(5, 30, 0.5, -1, -1, -1, 272'000)},
    {"openai", "gpt-5.5-pro", 1'050'000, 128'000, price(30, 180, -1, -1, -1, -1, 272'000)},
    {"openai", "gpt-5.4", 1'050'000, 128'000, price(2.5, 15, 0.25, -1, -1, -1, 272'000)},
    {"openai", "gpt-5.4-pro", 1'050'000, 128'000, price(30, 180, -1, -1, -1, -1, 272'000)},
    {"openai", "gpt-5.4-mini", 400'000, 128'000, price(0.75, 4.5, 0.075)},
    {"openai", "gpt-5.4-nano", 400'000, 128'000, price(0.2, 1.25, 0.02)},
    {"openai", "gpt-5.3-codex", 400'000, 128'000, price(1.75, 14, 0.175)},
    {"openai", "gpt-5.3-chat", 128'000, 16'384, price(1.75, 14, 0.175)},
    {"openai", "gpt-5.2", 400'000, 128'000, price(1.75, 14, 0.175)},
    {"openai", "gpt-5.2-codex", 400'000, 128'000, price(1.75, 14, 0.175)},
    {"openai", "gpt-5.2-chat", 128'000, 16'384, price(1.75, 14, 0.175)},
    {"openai", "gpt-5.2-pro", 400'000, 128'000, price(21, 168)},
    {"openai", "gpt-5.1", 400'000, 128'000, price(1.25, 10, 0.125)},
    {"openai", "gpt-5.1-codex", 400'000, 128'000, price(1.25, 10, 0.125)},
    {"openai", "gpt-5.1-codex-max", 400'000, 128'000, price(1.25, 10, 0.125)},
    {"openai", "gpt-5.1-codex-mini", 400'000, 128'000, price(0.25, 2, 0.025)},
    {"openai", "gpt-5.1-chat", 128'000, 16'384, price(1.25, 10, 0.125)},
    {"openai", "gpt-5", 400'000, 128'000, price(1.25, 10, 0.125)},
    {"openai", "gpt-5-codex", 400'000, 128'000, price(1.25, 10, 0.125)},
    {"openai", "gpt-5-chat", 128'000, 16'384, price(1.25, 10, 0.125)},
    {"openai", "gpt-5-mini", 400'000, 128'000, price(0.25, 2, 0.025)},
    {"openai", "gpt-5-nano", 400'000, 128'000, price(0.05, 0.4, 0.005)},
    {"openai", "gpt-5-pro", 400'000, 272'000, price(15, 120)},
    {"openai", "gpt-4.1", 1'047'576, 32'768, price(2, 8, 0.5)},
    {"openai", "gpt-4.1-mini", 1'047'576, 32'768, price(0.4, 1.6, 0.1)},
    {"openai", "gpt-4.1-nano", 1'047'576, 32'768, price(0.1, 0.4, 0.025)},
    {"openai", "gpt-4o", 128'000, 16'384, price(2.5, 10, 1.25)},
    {"openai", "gpt-4o-2024-05-13", 128'000, 4'096, price(5, 15)},
    {"openai", "gpt-4o-mini", 128'000, 16'384, price(0.15, 0.6, 0.075)},
    {"openai", "gpt-4-turbo", 128'000, 4'096, price(10, 30)},
    {"openai", "gpt-4", 8'192, 4'096, price(30, 60)},
    {"openai", "gpt-3.5-turbo", 16'385, 4'096, price(0.5, 1.5)},
    {"openai", "o4-mini", 200'000, 100'000, price(1.1, 4.4, 0.275)},
    {"openai", "o3", 200'000, 100'000, price(2, 8, 0.5)},
    {"openai", "o3-mini", 200'000, 100'000, price(1.1, 4.4, 0.55)},
    {"openai", "o3-pro", 200'000, 100'000, price(20, 80)},
    {"openai", "o1", 200'000, 100'000, price(15, 60, 7.5)},
    {"openai", "o1-pro", 200'000, 100'000, price(150, 600)},
    {"deepseek", "deepseek-v4-pro", 1'000'000, 0, price(0.435, 0.87, 0.0036)},
    {"deepseek", "deepseek-v4-flash", 1'000'000, 0, price(0.14, 0.28, 0.0028)},
    {"deepseek", "deepseek-chat", 131'072, 8'192, price(0.28, 0.42, 0.028)},
    {"deepseek", "deepseek-reasoner", 131'072, 65'536, price(0.28, 0.42, 0.028)},
    {"xai", "grok-4.5", 500'000, 0, price(2, 6, 0.5)},
    {"xai", "grok-4.3", 1'000'000, 0, price(1.25, 2.5, 0.2)},
    {"xai", "grok-4.20-0309-reasoning", 1'000'000, 0, price(1.25, 2.5, 0.2)},
    {"xai", "grok-4.20-0309-non-reasoning", 1'000'000, 0, price(1.25, 2.5, 0.2)},
    {"xai", "grok-build-0.1", 256'000, 0, price(1, 2, 0.2)},
    {"mistral", "mistral-large", 256'000, 0, price(0.5, 1.5)},
    {"mistral", "mistral-medium-3.5", 256'000, 0, price(1.5, 7.5)},
    {"mistral", "mistral-small", 256'000, 0, price(0.1, 0.3)},
    {"mistral", "magistral-medium", 128'000, 0, price(2, 5)},
    {"mistral", "magistral-small", 128'000, 0, price(0.5, 1.5)},
    {"mistral", "codestral", 256'000, 0, price(0.3, 0.9)},
    {"mistral", "ministral-3b", 256'000, 0, price(0.1, 0.1)},
    {"mistral", "ministral-8b", 256'000, 0, price(0.15, 0.15)},
    // Gemini 4 Argon doubles on 2026-12-01, the Flash models from 3.6 on 2027-01-01.
    {"gemini", "gemini-4-argon", 1'048'576, 65'536, price(2, 10, 0.1)},
    {"gemini", "gemini-3.8-flash", 1'048'576, 65'536, price(0.75, 3.75, 0.075)},
    {"gemini", "gemini-3.6-flash", 1'048'576, 65'536, price(0.75, 3.75, 0.075)},
    {"gemini", "gemini-3.5-flash", 1'048'576, 65'536, price(1.5, 9, 0.15)},
    {"gemini", "gemini-3.1-pro-preview", 1'048'576, 65'536, price(2, 12, 0.2, -1, -1, -1, 200'000)},
    {"gemini", "gemini-3.1-flash-lite", 1'048'576, 65'536, price(0.25, 1.5, 0.025)},
    {"gemini", "gemini-3-flash-preview", 1'048'576, 65'536, price(0.5, 3, 0.05)},
    {"gemini", "gemini-2.5-pro", 1'048'576, 65'536, price(1.25, 10, 0.125, -1, -1, -1, 200'000)},
    {"gemini", "gemini-2.5-flash", 1'048'576, 65'536, price(0.3, 2.5, 0.03)},
    {"gemini", "gemini-2.5-flash-lite", 1'048'576, 65'536, price(0.1, 0.4, 0.01)},
    {"groq", "openai/gpt-oss-120b", 131'072, 65'536, price(0.15, 0.6, 0.075)},
    {"groq", "openai/gpt-oss-20b", 131'072, 65'536, price(0.075, 0.3, 0.0375)},
    {"groq", "llama-3.3-70b-versatile", 131'072, 32'768, price(0.59, 0.79)},
    {"groq", "llama-3.1-8b-instant", 131'072, 131'072, price(0.05, 0.08)},
};

bool digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// True for what may follow a model's name without changing its price: "-20250929", "-2026-03-05", "-0125", "-latest", ….
bool neutral(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest[0] != '-' && rest[0] != '@' && rest[0] != ':') return false;
  rest.remove_prefix(1);
  if (rest == "latest" || rest == "thinking") return true;
  if (digits(rest)) return rest.size() == 8 || rest.size() == 6 || rest.size() == 4;
  return rest.size() == 10 && rest[4] == '-' && rest[7] == '-' && digits(rest.substr(0, 4)) &&
         digits(rest.substr(5, 2)) && digits(rest.substr(8));
}

// The longest id of the vendor that `model` is a version of.
const CatalogModel* find_version(std::string_view vendor, std::string_view model) {
  const CatalogModel* best = nullptr;
  for (const CatalogModel& m : kCatalog)
    if (m.vendor == vendor && model.starts_with(m.id) && neutral(model.substr(m.id.size())) &&
        (best == nullptr || m.id.size() > best->id.size()))
      best = &m;
  return best;
}

struct Author {
  std::string_view name;    // in OpenRouter's model names
  std::string_view vendor;  // here
  bool dashes;              // writes versions with dashes where OpenRouter has dots ("claude-sonnet-4.6")
};
constexpr Author kAuthors[] = {{"openai", "openai", false},
                               {"anthropic", "anthropic", true},
                               {"x-ai", "xai", false},
                               {"google", "gemini", false}};

}  // namespace

std::span<const CatalogModel> catalog() { return kCatalog; }

const CatalogModel* find_model(std::string_view vendor, std::string_view model) {
  if (vendor == "azure-openai") vendor = "openai";
  if (const CatalogModel* m = find_version(vendor, model)) return m;
  if (vendor != "openrouter") return nullptr;
  for (const Author& a : kAuthors) {
    if (!model.starts_with(a.name) || model.size() <= a.name.size() || model[a.name.size()] != '/') continue;
    std::string id(model.substr(a.name.size() + 1));
    if (a.dashes) std::replace(id.begin(), id.end(), '.', '-');
    return find_version(a.vendor, id);
  }
  return nullptr;
}

double cost_of(const ModelPrice& p, const Usage& usage) {
  const auto tokens = [](std::int64_t n) { return std::max<std::int64_t>(n, 0); };
  const auto or_else = [](double rate, double otherwise) { return rate < 0 ? otherwise : rate; };
  const std::int64_t cache_read = tokens(usage.cache_read);
  const std::int64_t cache_write = tokens(usage.cache_write);
  const std::int64_t hour = std::min(tokens(usage.cache_write_1h), cache_write);
  const std::int64_t fresh = tokens(tokens(usage.input) - cache_read - cache_write);
  const std::int64_t reasoning = std::min(tokens(usage.reasoning), tokens(usage.output));
  const double write_rate = or_else(p.cache_write, p.input);
  const double in = static_cast<double>(fresh) * p.input +
                    static_cast<double>(cache_read) * or_else(p.cache_read, p.input) +
                    static_cast<double>(cache_write - hour) * write_rate +
                    static_cast<double>(hour) * or_else(p.cache_write_1h, write_rate);
  const double out = static_cast<double>(tokens(usage.output) - reasoning) * p.output +
                     static_cast<double>(reasoning) * or_else(p.reasoning, p.output);
  const bool is_long = p.long_over > 0 && fresh + cache_read + cache_write > p.long_over;
  return (in * (is_long ? 2.0 : 1.0) + out * (is_long ? 1.5 : 1.0)) / 1e6;
}

}  // namespace pb::llm
