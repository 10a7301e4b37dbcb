#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <buntdb/reader.hpp>

#include "model/random_source.hpp"
#include "stress/data.hpp"

namespace buntdb::attacks::stress {

/// Requires what must hold in every version of the database: the sum of the accounts is constant,
/// each value was set by a writer, nothing expired is listed, and each index lists exactly what a
/// scan of the keys finds, in its order, as do ranges with bounds. Throws model::mismatch; `who`
/// names the reader.
void require_consistent(const reader& view, const std::string& who, model::random_source& random);

/// Requires that an index lists exactly what a scan of the keys finds.
void require_index(const reader& view, const index_plan& plan, const std::string& who,
                   model::random_source& random);

/// Returns a digest of everything that a reader lists, by keys and by each index. Two readings of
/// one version must have the same digest.
std::uint64_t digest_of(const reader& view);

}  // namespace buntdb::attacks::stress
