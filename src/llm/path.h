// Where in a JSON document a decoder stands: a chain on the stack that costs nothing until an error needs it as text.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace pb::llm {

struct Path {
  const Path* up = nullptr;
  std::string_view key;
  std::size_t index = 0;

  Path() = default;
  // A Path that has a name cannot stand on one that has none: the compiler sees that the parent would be gone.
  Path(const Path& parent [[clang::lifetimebound]], std::string_view name) : up(&parent), key(name) {}
  Path(const Path& parent [[clang::lifetimebound]], std::size_t i) : up(&parent), index(i) {}

  // "messages[2].content[0].image_url.url"; "" for the document itself.
  std::string text() const {
    if (!up) return {};
    std::string s = up->text();
    if (key.data() == nullptr) return s + '[' + std::to_string(index) + ']';
    if (!s.empty()) s += '.';
    return s.append(key);
  }

  // A 400 that names this place. `what` reads after the path: "must be a string".
  [[nodiscard]] std::unexpected<Error> fail(std::string_view what) const {
    std::string at = text();
    std::string message = at.empty() ? "the request body" : at;
    return pb::fail(Code::invalid_request, message.append(" ").append(what), std::move(at));
  }

  [[nodiscard]] std::unexpected<Error> wrong_type(std::string_view wanted, json::Value found) const {
    return fail(
        std::string("must be ").append(wanted).append(", found ").append(json::to_string(found.kind())));
  }
};

}  // namespace pb::llm
