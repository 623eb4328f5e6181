// What follows from a comparison: which model for what. Pure.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "tools/benchmark/metrics.h"

namespace pb::tools::bench {

struct Recommendation {
  std::string
      type;  // "best_overall", "fastest", "cheapest", "best_quality", "highest_throughput", "most_reliable", "best_value"
  std::string model, reason, use_case;
};
// None of models that never answered. The reason says where the figures do not yet tell the first from the second.
std::vector<Recommendation> recommend(std::span<const ModelMetrics> metrics,
                                      std::span<const Ranking> rankings);

// The object `analysis`: quality for money by model (`costs`), and how each metric is distributed over the models.
void write_analysis(json::Writer& w, std::span<const ModelMetrics> metrics, bool costs);
void write_recommendations(json::Writer& w, std::span<const Recommendation> recommendations);
extern const std::string_view kAnalysisSchema, kRecommendationsSchema;

}  // namespace pb::tools::bench
