#include "llm/dialect.h"

#include <algorithm>

#include "llm/dialects.h"

namespace pb::llm {
namespace {

constexpr std::size_t kNameBytesMax = 64;  // a client may send any member names; the header stays small
constexpr std::size_t kHeaderBytesMax = 2048;

const Dialect* const kDialects[] = {&kOpenaiChat, &kAnthropic, &kMistral,         &kGemini,
                                    &kOllama,     &kCohere,    &kOpenaiResponses, &kOpenaiCompletions};
const Dialect* const kDoors[] = {&kOllamaGenerate};

}  // namespace

std::span<const Dialect* const> dialects() { return kDialects; }

std::span<const Dialect* const> doors() { return kDoors; }

const Dialect* find_dialect(std::string_view name) {
  for (const Dialect* d : kDialects)
    if (d->name == name) return d;
  for (const Dialect* d : kDoors)
    if (d->name == name) return d;
  return nullptr;
}

void Dropped::add(std::string_view name) {
  if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
}

std::string Dropped::header() const {
  std::string out;
  for (std::string_view name : names_) {
    if (out.size() + kNameBytesMax + 8 > kHeaderBytesMax) return out + ", ...";
    if (!out.empty()) out += ", ";
    for (char c : name.substr(0, kNameBytesMax)) {
      bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                  c == '-' || c == '.' || c == '$';
      out += safe ? c : '_';
    }
  }
  return out;
}

}  // namespace pb::llm
