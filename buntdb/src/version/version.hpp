#pragma once

#include <cstdint>
#include <vector>

#include "tree/chain.hpp"
#include "tree/node.hpp"
#include "version/item.hpp"

namespace buntdb::engine {

struct index_roots;

/// One state of the database, and what its publication replaced. Readers use only the first five
/// members, which never change once the version is published.
struct version {
  std::uint64_t number = 0;
  node* keys = nullptr;
  index_roots* indexes = nullptr;  ///< null if there are no indexes
  std::uint64_t size = 0;          ///< number of items, including expired ones
  std::uint64_t live_bytes = 0;    ///< size of the commands for these items in a file

  // The following members are for writers only.
  version* next = nullptr;          ///< in the chain that the version is in
  version* predecessor = nullptr;   ///< the version that its publication replaces
  std::uint64_t file_end = 0;       ///< the end of its batch in the file
  bool waits_for_sync = false;      ///< visible only when the file is on disk up to file_end
  item_list created;                ///< items that it created, until it is published
  std::vector<item*> replaced;      ///< older items that it removed, until it is published
  item_chain retired_items;         ///< the same items after publication
  retired_chain retired;            ///< older nodes and other objects that it no longer has
  std::uint64_t retired_count = 0;  ///< the number of objects in these two
  retired_chain adopted;            ///< trees built before it that it is the first to have
};

using version_chain = chain<version, &version::next>;

}  // namespace buntdb::engine
