#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <scs/store.hpp>

#include "transfer/session_file.hpp"

/// What became of the records.
struct copied_counts {
  std::uint64_t sessions = 0;     ///< that were read
  std::uint64_t revocations = 0;  ///< that were read: records of users whose sessions were ended
  std::uint64_t tokens = 0;       ///< sessions whose ids are tokens
  std::uint64_t added = 0;
  std::uint64_t present = 0;  ///< were there already, with the same content
  std::uint64_t kept = 0;     ///< were there with another content, which was left alone
  std::uint64_t expired = 0;  ///< before they could be added
};

/// Whether this is a token, which opens the session.
bool is_token(const scs::session_id& id) noexcept;

/// Counts what was read.
void count_read(const scs::session_id& id, copied_counts& counts);

/// Puts records into a store. What the store has under an id stays, but for an expiry that is
/// earlier: so a run may be repeated. One thread uses it.
class session_copier {
 public:
  /// `threads` is how many calls of the store run at once.
  session_copier(scs::store& to, std::size_t threads) : to_(to), threads_(threads) {}

  void add(carried_session session);
  /// Returns when all are in the store. Throws what the store throws: some are then there.
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
