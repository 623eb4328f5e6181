// The last defence against keys in logs and error messages: text that looks like a credential is masked. Keys
// without a recognisable form (32 bare letters and digits) cannot be told from ids; those are Secret values
// (base/secret.h) and must never get here.
#pragma once
#include <string>
#include <string_view>

namespace pb {

// Appends `text` with every credential replaced by its prefix and "****": "sk-****", "Bearer ****",
// "api_key=****". Pure, one pass, no other change to the text.
void append_redacted(std::string& out, std::string_view text);
std::string redact(std::string_view text);

}  // namespace pb
