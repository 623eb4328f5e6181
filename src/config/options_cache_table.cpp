// The options of what is kept: answers, and providers' lists of models.
#include "config/option_rows.h"

namespace pb::config {
namespace {

constexpr double kMany = 1e9;
constexpr std::string_view kShares[] = {"key", "team", "all"};

const Row<Config> kCache[] = {
    {{"cache.enabled", Kind::flag, "Keep answers for the same request asked again."},
     [](Config& c) -> Ref { return &c.cache.enabled; }},
    {{"cache.ttl", Kind::duration, "How long an answer is kept.", 1, 20 * kDay},
     [](Config& c) -> Ref { return &c.cache.ttl_ms; }},
    {{"cache.bytes_max", Kind::bytes, "Memory for all of them; those used longest ago go first.", kKiB,
      1024 * 1024 * kMiB},
     [](Config& c) -> Ref { return &c.cache.bytes_max; }},
    {{"cache.entry_bytes_max", Kind::bytes, "A longer answer is not kept.", kKiB, 1024 * kMiB},
     [](Config& c) -> Ref { return &c.cache.entry_bytes_max; }},
    {{"cache.share", Kind::choice,
      "Who gets an answer that was kept: the key it was made for, all keys of its team, or everybody.", 0, 0,
      kShares},
     [](Config& c) -> Ref { return &c.cache.share; }},
    {{"cache.skip",
      Kind::texts,
      "Requests whose answers are not kept: `tools` (it has tools), `sampling` (it asks for a temperature "
      "above 0 or for several answers), `links` (it names pictures or files by URL), `stored` (its answer is "
      "stored under an id that others may not use).",
      0,
      0,
      {},
      {},
      "all four"},
     [](Config& c) -> Ref { return &c.cache.skip; }},
    {{"cache.models", Kind::texts,
      "Models whose answers are kept, by the name asked for or `provider/model`; a `*` at the end is any "
      "rest. None: all."},
     [](Config& c) -> Ref { return &c.cache.models; }},
    {{"cache.single_flight", Kind::flag,
      "Of several equal requests under way only one is sent; the others get its answer."},
     [](Config& c) -> Ref { return &c.cache.single_flight; }},
    {{"cache.wait", Kind::duration, "How long they wait for it before they are sent themselves.", 1, kHour},
     [](Config& c) -> Ref { return &c.cache.wait_ms; }},
    {{"cache.waiters_max", Kind::count, "How many wait for one request; more are sent themselves.", 0,
      1'000'000},
     [](Config& c) -> Ref { return &c.cache.waiters_max; }},
    {{"cache.semantic.embed", Kind::text,
      "Model that makes vectors of texts (`provider/model`): a question that means the same as an earlier "
      "one "
      "gets its answer. Empty: off."},
     [](Config& c) -> Ref { return &c.cache.semantic.embed; }},
    {{"cache.semantic.threshold", Kind::share, "How alike they must be: the cosine of their vectors."},
     [](Config& c) -> Ref { return &c.cache.semantic.threshold; }},
    {{"cache.semantic.timeout", Kind::duration, "For the vector; after that the model is asked.", 1, kMinute},
     [](Config& c) -> Ref { return &c.cache.semantic.timeout_ms; }},
    {{"cache.semantic.entries_max", Kind::count, "Vectors kept; the oldest go first.", 1, kMany},
     [](Config& c) -> Ref { return &c.cache.semantic.entries_max; }},
    {{"cache.semantic.tools", Kind::flag, "Also for requests with tools."},
     [](Config& c) -> Ref { return &c.cache.semantic.tools; }},
    {{"model_lists.fetch", Kind::flag,
      "Ask providers which models they have, for `/v1/models`; what they told is kept on disk."},
     [](Config& c) -> Ref { return &c.model_lists.fetch; }},
    {{"model_lists.refresh", Kind::duration, "An older list is fetched again, in the background.", kSecond,
      20 * kDay},
     [](Config& c) -> Ref { return &c.model_lists.refresh_ms; }},
};

}  // namespace

std::vector<Bound> bind_cache(Config& config) { return bind_rows(kCache, config); }

}  // namespace pb::config
