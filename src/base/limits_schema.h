// Limits of JSON Schemas and of what is checked against them (docs/json-schema.md).
#pragma once
#include <cstddef>
#include <cstdint>

namespace pb::limits {

inline constexpr std::size_t kSchemaNodesMax = 20'000;            // schemas within one JSON Schema
inline constexpr int kSchemaDepthMax = 512;                       // schemas applied within one another
inline constexpr std::int64_t kSchemaWorkMax = 2'000'000;         // steps of one validation: about 0.1 s
inline constexpr std::size_t kSchemaFaultsMax = 16;               // told of one value
inline constexpr std::size_t kSchemaPatternsMax = 256;            // regular expressions of one JSON Schema
inline constexpr std::size_t kSchemaPatternBytesMax = 64u << 20;  // of their compiled form

}  // namespace pb::limits
