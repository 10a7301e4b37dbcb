#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace buntdb::model {

/// What a transaction or a snapshot read or wrote at a key: the number of the value, which is
/// unique in a history; 0 for an absent key.
struct access {
  std::uint32_t key;
  std::uint64_t value;
  friend bool operator==(const access&, const access&) = default;
};

/// One committed transaction, or one snapshot (which wrote nothing). The two moments are tickets of
/// one counter, drawn before it began and after it ended: if the end ticket of one is below the
/// begin ticket of another, it came before the other.
struct observed {
  std::uint64_t began = 0;
  std::uint64_t ended = 0;
  /// The position in the order of commits, as the transaction itself found it: the counter that
  /// every transaction increments, after incrementing it. For a snapshot: the counter as it read
  /// it.
  std::uint64_t order = 0;
  bool is_snapshot = false;
  std::vector<access> reads = {};   ///< every key of a snapshot, some keys of a transaction
  std::vector<access> writes = {};  ///< the last one of each key
};

using history = std::vector<observed>;

/// Returns an empty text if one order of the commits explains everything: each commit builds on the
/// previous one (no lost update); each read sees the state after the commit that was the last for
/// its reader (snapshot isolation, and serializability, as there is one writer); and nothing that
/// began after a commit had returned misses it (no reordering). Otherwise returns what is wrong.
std::string why_impossible(const history& what, std::uint32_t keys);

}  // namespace buntdb::model
