// `patchbay docs PAGE`: the generated pages of the documentation.
#include <cstdio>

#include "cli/commands.h"
#include "llm/providers.h"

namespace pb::cli {
namespace {

struct Page {
  const char* name;
  std::string (*make)();
};

constexpr Page kPages[] = {
    {"providers", llm::providers_page},
};

}  // namespace

int docs(const std::string& page) {
  for (const Page& p : kPages)
    if (page == p.name) {
      std::fputs(p.make().c_str(), stdout);
      return kOk;
    }
  return kUsage;
}

}  // namespace pb::cli
