#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <buntdb/reader.hpp>

#include "model/random_source.hpp"
#include "stress/data.hpp"

namespace buntdb::attacks::stress {

/// What must hold in every version of the database: the accounts' sum is constant, each value is
/// one that was set, nothing that has expired is listed, each index lists exactly what a scan of
/// the keys finds, in its order, and so do ranges with bounds. Throws model::mismatch; `who` names
/// the reader.
void require_consistent(const reader& view, const std::string& who, model::random_source& random);

/// That an index lists exactly what a scan of the keys finds.
void require_index(const reader& view, const index_plan& plan, const std::string& who,
                   model::random_source& random);

/// Of everything that a reader lists, by keys and by each index: two readings of one version have
/// the same.
std::uint64_t digest_of(const reader& view);

}  // namespace buntdb::attacks::stress
