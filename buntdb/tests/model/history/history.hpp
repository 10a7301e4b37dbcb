#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace buntdb::model {

/// What a transaction or a snapshot saw or wrote at a key: the value's number, unique in a history;
/// 0 for an absent key.
struct access {
  std::uint32_t key;
  std::uint64_t value;
  friend bool operator==(const access&, const access&) = default;
};

/// One committed transaction, or one snapshot (which wrote nothing). The two moments are tickets of
/// one counter, drawn before it began and after it had ended: of two, one that ended with a ticket
/// below the other's first came before it.
struct observed {
  std::uint64_t began = 0;
  std::uint64_t ended = 0;
  /// In the order of commits, as the transaction itself found it: the counter that every
  /// transaction raises by one, after raising it. A snapshot: as it read it.
  std::uint64_t order = 0;
  bool is_snapshot = false;
  std::vector<access> reads = {};   ///< every key of a snapshot, some keys of a transaction
  std::vector<access> writes = {};  ///< the last one of each key
};

using history = std::vector<observed>;

/// Empty if one order of the commits explains all: each commit builds on the one before (no lost
/// update), each read is of the state after the commit that was the last for its reader (snapshot
/// isolation, and serializability, as there is one writer), and nobody began after a commit had
/// returned without seeing it (no reordering). Otherwise what is wrong.
std::string why_impossible(const history& what, std::uint32_t keys);

}  // namespace buntdb::model
