// The files that hold the rows of the table of vendors. Internal to the table, which vendors.cpp puts together.
#pragma once
#include "llm/providers.h"

namespace pb::llm {

std::span<const Vendor> own_vendors();     // providers.cpp
std::span<const Vendor> hosted_vendors();  // providers_hosts.cpp

}  // namespace pb::llm
