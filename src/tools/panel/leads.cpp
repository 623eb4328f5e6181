#include "tools/panel/leads.h"

namespace pb::tools::panel {
namespace {

std::string best(const Field& field, std::span<const std::size_t> members, const Job& job,
                 std::string_view not_this) {
  const std::vector<route::Weighed> known = field.weighed(members, job);
  std::string out;
  double most = -1;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const double value = known[i].quality * known[i].success;
    if (field.candidates()[members[i]].name == not_this || value <= most) continue;
    most = value;
    out = field.candidates()[members[i]].name;
  }
  return out;
}

}  // namespace

std::string lead_of(const Field& field, std::span<const std::size_t> members, const Job& job,
                    std::string_view named) {
  return named.empty() ? best(field, members, job, {}) : std::string(named);
}

std::string other_lead(const Field& field, std::span<const std::size_t> members, const Job& job,
                       std::string_view not_this) {
  return best(field, members, job, not_this);
}

double Opinions::mean() const {
  if (told.empty()) return -1;
  double sum = 0;
  for (const Opinion& o : told) sum += o.assessment.score;
  return sum / static_cast<double>(told.size());
}

Task<Opinions> assess_by(Desk& desk, std::vector<std::string> judges, std::string problem,
                         std::string solution, std::vector<std::string> requirements) {
  const Shape shape = assessment_shape(requirements.size());
  const std::string prompt = assessment_prompt(problem, solution, requirements);
  std::vector<ModelQuestion> questions;
  questions.reserve(judges.size());
  for (const std::string& judge : judges)
    questions.push_back(desk.question(judge, shape.instructions(), prompt));
  std::vector<Result<Reply>> replies = co_await desk.ask_all_json(std::move(questions), shape);
  Opinions out;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) {
      out.failures.push_back({judges[i], replies[i].error().message});
      continue;
    }
    json::Arena arena;
    out.told.push_back(
        {judges[i],
         read_assessment(json::parse(replies[i]->json, arena).value_or(json::Value()), requirements.size())});
  }
  co_return out;
}

}  // namespace pb::tools::panel
