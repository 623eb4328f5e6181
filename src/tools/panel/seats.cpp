#include "tools/panel/seats.h"

#include <algorithm>

namespace pb::tools::panel {

Result<Seats> take_seats(const Field& field, const Job& job, json::Value arguments, const SeatRules& rules) {
  const bool least_given = arguments.has("min_models"), most_given = arguments.has("max_models");
  const auto least = static_cast<std::size_t>(
      arguments["min_models"].as_int(static_cast<std::int64_t>(rules.least_default)));
  auto most = static_cast<std::size_t>(
      arguments["max_models"].as_int(static_cast<std::int64_t>(std::max(rules.most_default, least))));
  if (least_given && most_given && least > most)
    return fail(Code::invalid_request,
                "`min_models` must be at most `max_models`, got " + std::to_string(least) + " and " +
                    std::to_string(most),
                "min_models");
  const std::size_t there = field.candidates().size();
  if (field.named() && most_given && there > most)
    return fail(Code::invalid_request,
                "`models` names " + std::to_string(there) + " models, and `max_models` allows " +
                    std::to_string(most),
                "models");
  if (field.named()) most = there;
  Seats seats;
  seats.members = field.choose(job, most);
  const std::size_t needed = std::max(rules.least_ever, least_given ? least : rules.least_ever);
  if (seats.members.size() < needed) {
    std::string what = field.named() ? "`models` names " : "you can ask ";
    what += std::to_string(seats.members.size()) + (seats.members.size() == 1 ? " model" : " models") +
            ", and " + std::to_string(needed) + " are needed";
    if (least_given && least > rules.least_ever) what += " by `min_models`";
    return fail(Code::invalid_request, what, field.named() ? "models" : "min_models");
  }
  seats.least = least_given ? least : std::min(rules.least_default, seats.members.size());
  return seats;
}

std::string seat_properties(const SeatRules& rules) {
  const std::string least = std::to_string(rules.least_default), most = std::to_string(rules.most_default);
  return R"("min_models":{"type":"integer","minimum":1,"maximum":10,"description":"Models that have to answer, else the call fails. Left out: )" +
         least + (rules.least_default > 1 ? ", or fewer where fewer are asked" : "") +
         R"("},"max_models":{"type":"integer","minimum":1,"maximum":10,"description":"Models to choose where none are named. Left out: )" +
         most + R"("})";
}

}  // namespace pb::tools::panel
