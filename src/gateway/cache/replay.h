// One answer in its several forms: whole, streamed, streamed without usage, as an array. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "gateway/cache/entry.h"
#include "llm/dialect.h"

namespace pb::gateway::cache {

Form form_wanted(const llm::Dialect& client, bool stream, bool array, bool include_usage);
inline bool streams(Form form) { return form != Form::whole; }

// Whether a body is a whole and good answer: it can be read to its end and tells no error. A format that is not read here (the
// dialect has no decoder) is taken at its word if it is JSON.
bool is_complete(const llm::Dialect& client, Form form, std::string_view body);

struct Asking {  // the request that is answered
  std::string_view body;
  std::string_view model;
  bool model_in_path = false;
};
// The entry's answer in another form; nullopt where the format cannot tell it so.
std::optional<std::string> in_form(const Entry& entry, const llm::Dialect& client, Form form,
                                   const Asking& asking);
// The Content-Type of an answer of the form.
std::string_view content_type_of(const llm::Dialect& client, Form form);

}  // namespace pb::gateway::cache
