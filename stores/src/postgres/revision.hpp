#pragma once

#include <cstdint>
#include <string>

namespace scs::stores::postgres_detail {

// A revision is a random number, so that no sequence is needed, and no revision occurs twice.

/// Throws scs::error (crypto_failed).
std::int64_t new_revision();

/// The text fits into std::string's own buffer.
std::string revision_text(std::int64_t revision);

/// Returns 0, which no record has, for a text that is not a revision of this store.
std::int64_t revision_number(const std::string& text);

}  // namespace scs::stores::postgres_detail
