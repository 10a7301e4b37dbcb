#pragma once

#include <cstdint>

#include "support/figures.hpp"

namespace buntdb::attacks {

/// A random history of one thread, which follows from the seed wholly; the power goes at every
/// call. Compaction runs with commits between its calls.
void one_writer(std::uint64_t seed, figures& counts);

/// Files of another program's, without markers, each torn somewhere in one of several blocks; the
/// power goes at every call of the open that recovers them.
void old_files(std::uint64_t seed, figures& counts);

/// Several threads commit under sync_policy::always (group commit), waiting or not, and another one
/// compacts; the power goes at every call.
void several_writers(std::uint64_t seed, figures& counts);

}  // namespace buntdb::attacks
