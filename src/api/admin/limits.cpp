#include <algorithm>
#include <charconv>

#include "api/admin/endpoint.h"

namespace pb::api::admin {
namespace {

std::string name_of(const gateway::Allowance& a) { return std::string(to_string(a.subject)) + "/" + a.name; }

}  // namespace

Task<Result<Answer>> list_limits(Call& c) {
  const std::string subject = c.parameter("subject"), over = c.parameter("used_over");
  constexpr std::string_view kSubjects[] = {"key", "team", "provider", "deployment"};
  if (!subject.empty() && std::ranges::find(kSubjects, subject) == std::end(kSubjects))
    co_return fail(Code::invalid_request,
                   "subject: expected key, team, provider or deployment, found `" + subject + "`", "subject");
  double share = -1;
  std::from_chars(over.data(), over.data() + over.size(), share);  // checked
  // Many keys take a while.
  auto work = [subject, share, page = page_of(c), snapshot = c.deps.gateway.snapshot_in_use(),
               keys = c.deps.keys]() -> Result<Answer> {
    auto all = keys == nullptr ? std::vector<gateway::Allowance>()
                               : gateway::allowances(*keys, snapshot->board(), gateway::present());
    std::erase_if(all, [&](const gateway::Allowance& a) {
      return (!subject.empty() && to_string(a.subject) != subject) || a.used <= share;
    });
    std::ranges::sort(all, {}, name_of);
    return Answer{200, list_json(all, page, name_of, write_allowance)};
  };
  co_return co_await wait_for(c, std::move(work));
}

}  // namespace pb::api::admin
