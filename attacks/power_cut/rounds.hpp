#pragma once

#include <cstdint>

#include "support/figures.hpp"

namespace buntdb::attacks {

/// A random history of one thread, which follows entirely from the seed; the power is cut at every
/// call. Compactions run with commits between their calls.
void one_writer(std::uint64_t seed, figures& counts);

/// Files of another program, without markers, each torn at a place in one of several blocks; the
/// power is cut at every call of the open that recovers them.
void old_files(std::uint64_t seed, figures& counts);

/// Several threads commit under sync_policy::always (group commit), waiting or not, and another one
/// compacts; the power is cut at every call.
void several_writers(std::uint64_t seed, figures& counts);

}  // namespace buntdb::attacks
