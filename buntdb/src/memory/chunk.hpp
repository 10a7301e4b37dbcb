#pragma once

#include <cstddef>

namespace buntdb::engine {

/// The large pieces of address space that a pool of memory consists of: 2 MiB, aligned to their
/// size, so that the system can back each with one huge page. Without state; thread-safe.
///
/// Which pages a chunk gets is a wish, and where the system does not grant it, or does not know of
/// it, everything works, slower.
namespace chunk {

inline constexpr std::size_t size = std::size_t{2} << 20U;

enum class pages {
  huge,   ///< one of 2 MiB, which the TLB likes
  small,  ///< the usual ones, which a virtual machine may have from its host when it has no other
};

/// A new one, all zeros, without any pages yet. Throws std::bad_alloc.
void* map();
void unmap(void* chunk) noexcept;

/// Gives its pages to the system. The chunk is all zeros again.
void drop_pages(void* chunk) noexcept;

/// Which pages it shall get when it is touched, or later from the system's own compaction.
void prefer(void* chunk, pages wanted) noexcept;

/// Gives a chunk that is still empty all its pages now.
void populate(void* chunk) noexcept;

/// Replaces the small pages of a chunk that is in use by a huge one, with the same content; a
/// thread that touches it meanwhile waits for about a millisecond. Takes up to ten from a slow
/// host. False, and nothing is done but prefer(), where the machine's administrator has turned huge
/// pages off, where the system is older than Linux 6.1, and where it has none.
bool make_huge(void* chunk) noexcept;

}  // namespace chunk

}  // namespace buntdb::engine
