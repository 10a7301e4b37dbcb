#pragma once

#include <cstdint>
#include <string>

namespace scs::stores::postgres_detail {

// A revision is a random number: no sequence is asked for one, and none comes twice.

/// Throws scs::error (crypto_failed).
std::int64_t new_revision();

/// Short enough for std::string's own buffer.
std::string revision_text(std::int64_t revision);

/// 0, which no record has, for what is no revision of this store.
std::int64_t revision_number(const std::string& text);

}  // namespace scs::stores::postgres_detail
