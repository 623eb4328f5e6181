// Members of a JSON object, as the decoders of all dialects read them. null counts as absent; a wrong type is an error that
// names the member's path.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "llm/chat.h"
#include "llm/path.h"

namespace pb::llm {

Result<Str> need_string(json::Value object, Str key, const Path& at);
Result<Str> maybe_string(json::Value object, Str key, const Path& at);
// At least 0.
Result<std::optional<std::int64_t>> maybe_int(json::Value object, Str key, const Path& at);
Result<std::optional<double>> maybe_double(json::Value object, Str key, const Path& at);
Result<std::optional<bool>> maybe_bool(json::Value object, Str key, const Path& at);
// The members whose names are not in `known`, as an object; null when there are none.
json::Value rest_of(json::Value object, std::initializer_list<Str> known, json::Arena& arena);
// Two objects' members as one object; null when both have none.
json::Value join(json::Value a, json::Value b, json::Arena& arena);
// Writes the members of `extra` into the object that is open in `w`, but for those in `except`.
void write_rest(json::Writer& w, json::Value extra, std::initializer_list<Str> except = {});
// The object that a provider's answer is; takes its text over. Errors: those of bad_answer().
Result<json::Value> parse_answer(std::string body, Str format, Response& r);
// "the provider's answer " and what is wrong with it.
std::unexpected<Error> bad_answer(std::string what, std::string_view body);
// A media type and base64 data out of "data:TYPE;base64,DATA"; false when the URL is not one.
bool split_data_url(Str url, Str& media_type, Str& data);
// What a file's name says of its type; without a known ending it is taken for a PDF, the one kind all vendors take.
Str media_type_of(Str file_name);

}  // namespace pb::llm
