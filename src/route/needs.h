// What routing has to know of a request's body, in whatever client's format it is: read in one pass, without parsing it. Nothing
// here refuses a request; what cannot be read needs nothing.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "route/select.h"

namespace pb::route {

struct Needs {
  Abilities abilities = 0;
  std::int64_t tokens = 0;  // of the prompt: by its texts' length, pictures and documents as a flat number
  std::int64_t tokens_max = 0;  // that the answer may have; 0 = not said
  std::string_view user;        // `user`, `safety_identifier` or `metadata.user_id`; "" = none
  std::string_view words;       // the newest text of a user
  std::string_view tools;       // their list, as it stands there; "" = none
  // Hash of `prompt_cache_key`, else of the first user message's text (its first 4 KiB): the same in every turn of a conversation.
  std::uint64_t prefix = 0;
};

// The views are into `body`. One pass over its bytes: bench/route.cpp tells what that costs.
Needs needs_of(std::string_view body);
void add_needs(Facts& facts);  // of facts.body

// What a model can do, by its own name: everything but what it is known not to.
Abilities can_of(std::string_view model);

// Whether choosing among the deployments of a route, or matching rules, takes what is in the body. Where it does not,
// needs_of() can be left out. A route asks for it where its slots differ in what they can do, too.
bool wants_needs(const Route& route);
bool wants_needs(std::span<const Rule> rules);

}  // namespace pb::route
