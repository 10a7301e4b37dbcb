#pragma once

#include <cstdint>
#include <vector>

#include "tree/chain.hpp"
#include "tree/node.hpp"
#include "version/item.hpp"

namespace buntdb::engine {

struct index_roots;

/// One state of the database, and what its publication replaced. Readers look at the first five
/// members only, which never change once the version is published.
struct version {
  std::uint64_t number = 0;
  node* keys = nullptr;
  index_roots* indexes = nullptr;  ///< null as long as there are none
  std::uint64_t size = 0;          ///< items, expired ones included
  std::uint64_t live_bytes = 0;    ///< what the commands for these items take in a file

  // From here on for writers only.
  version* next = nullptr;          ///< in whichever chain the version waits
  version* predecessor = nullptr;   ///< what its publication replaces
  std::uint64_t file_end = 0;       ///< where its batch ends in the file
  bool waits_for_sync = false;      ///< visible only when the file is on disk up to file_end
  item_list created;                ///< items born in it, until it is published
  std::vector<item*> replaced;      ///< older items that it no longer has, until it is published
  item_chain retired_items;         ///< the same, from publication on
  retired_chain retired;            ///< older nodes, and what else it no longer has
  std::uint64_t retired_count = 0;  ///< how many objects these two are
  retired_chain adopted;            ///< trees built before it that it is the first to have
};

using version_chain = chain<version, &version::next>;

}  // namespace buntdb::engine
