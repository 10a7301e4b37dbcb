#pragma once

#include <cstddef>

namespace buntdb::platform {

/// The large pieces of address space that a memory pool consists of: 2 MiB, aligned to their size,
/// so that the system can back each with one huge page. The functions have no state and are
/// thread-safe.
///
/// The kind of pages is a preference. Where the system does not grant it or does not know it,
/// everything works, but more slowly.
namespace chunk {

inline constexpr std::size_t size = std::size_t{2} << 20U;

enum class pages {
  huge,  ///< one page of 2 MiB, which needs a single TLB entry
  /// Pages of the usual size. A virtual machine may still get these from its host when it gets no
  /// huge ones.
  small,
};

/// Maps a new chunk, all zeros, without any pages yet. Throws std::bad_alloc.
void* map();
void unmap(void* chunk) noexcept;

/// Returns the chunk's pages to the system. The chunk is all zeros again.
void drop_pages(void* chunk) noexcept;

/// Sets which pages the chunk should get when it is touched, or later from khugepaged.
void prefer(void* chunk, pages wanted) noexcept;

/// Allocates all pages of a chunk that is still empty.
void populate(void* chunk) noexcept;

/// Replaces the small pages of a chunk that is in use by a huge page with the same content. A
/// thread that touches the chunk meanwhile waits for about a millisecond. With a slow host this
/// takes up to ten milliseconds. Returns false, and does only what prefer() does, if the
/// administrator has turned huge pages off, if the system is older than Linux 6.1, or if it has no
/// huge page.
bool make_huge(void* chunk) noexcept;

}  // namespace chunk

}  // namespace buntdb::platform
