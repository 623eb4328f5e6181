// The rows of the table of vendors that providers.cpp takes in before `custom`. Internal to the table.
#pragma once
#include "llm/providers.h"

namespace pb::llm {

std::span<const Vendor> hosted_vendors();

}  // namespace pb::llm
