// `patchbay docs PAGE`: the generated pages of the documentation.
#include <cstdio>

#include "cli/commands.h"
#include "config/load.h"
#include "llm/dialect.h"
#include "llm/providers.h"
#include "llm/tokens/models.h"

namespace pb::cli {
namespace {

struct Page {
  const char* name;
  std::string (*make)();
};

constexpr Page kPages[] = {
    {"translation", llm::translation_page},
    {"configuration", config::reference_page},
    {"providers", llm::providers_page},
    {"tokens", llm::tokens::page},
};

}  // namespace

std::vector<std::string> docs_pages() {
  std::vector<std::string> out;
  for (const Page& p : kPages) out.emplace_back(p.name);
  return out;
}

int docs(const std::string& page) {
  for (const Page& p : kPages)
    if (page == p.name) {
      std::fputs(p.make().c_str(), stdout);
      return kOk;
    }
  return kUsage;
}

}  // namespace pb::cli
