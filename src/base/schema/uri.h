// References between URIs (RFC 3986 section 5), for `$id` and `$ref`. Nothing is fetched.
#pragma once
#include <string>
#include <string_view>

namespace pb::schema {

// `reference`, which has no fragment, seen from `base`, which may be "" or relative itself.
std::string resolve_uri(std::string_view base, std::string_view reference);

}  // namespace pb::schema
