#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <scs/store.hpp>

#include "transfer/session_file.hpp"

/// What happened to the records.
struct copied_counts {
  std::uint64_t sessions = 0;     ///< that were read
  std::uint64_t revocations = 0;  ///< that were read: records of users whose sessions were ended
  std::uint64_t tokens = 0;       ///< sessions whose ids are tokens
  std::uint64_t added = 0;
  std::uint64_t present = 0;  ///< existed already, with the same content
  std::uint64_t kept = 0;     ///< existed with another content, which was kept
  std::uint64_t expired = 0;  ///< before they could be added
};

/// Whether the id is a token, which opens the session.
bool is_token(const scs::session_id& id) noexcept;

/// Counts what was read.
void count_read(const scs::session_id& id, copied_counts& counts);

/// Adds records to a store. A record that the store has already is kept, except that its expiry may
/// be extended. So a run may be repeated. Used by one thread.
class session_copier {
 public:
  /// `threads` is how many calls to the store run concurrently.
  session_copier(scs::store& to, std::size_t threads) : to_(to), threads_(threads) {}

  void add(carried_session session);
  /// Returns when all records are in the store. Throws what the store throws. Some records are in
  /// the store then.
  void finish();

  const copied_counts& counts() const noexcept { return counts_; }
  copied_counts& counts() noexcept { return counts_; }

 private:
  enum class fate { added, present, kept, expired };

  fate put(const carried_session& session);
  void put_all();

  scs::store& to_;
  const std::size_t threads_;
  std::vector<carried_session> waiting_;
  copied_counts counts_;
};
