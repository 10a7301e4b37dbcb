#pragma once

#include <cstdint>
#include <string>

#include <buntdb/reader.hpp>

#include "model/mismatch.hpp"
#include "support/batches.hpp"

namespace buntdb::attacks {

/// The content of a database to which the batches of one history were committed, number by number.
/// Only moves forward.
class expected_state {
 public:
  expected_state(std::uint64_t history, const batch_shape& shape)
      : history_(history), shape_(shape) {}

  /// Throws model::mismatch unless the view shows the state after some batch, neither before
  /// `least` nor before the one shown the last time. Returns its number.
  std::uint64_t require_shown(const reader& view, std::uint64_t least, const std::string& who) {
    const std::uint64_t found = number_in(view);
    model::require(found >= least, who + ": batch " + std::to_string(found) +
                                       " is the last that is there, and " + std::to_string(least) +
                                       " was acknowledged");
    model::require(found >= number_, who + ": batch " + std::to_string(found) +
                                         " is the last that is there, and " +
                                         std::to_string(number_) + " has been there before");
    while (number_ < found)
      apply_batch(make_batch(history_, ++number_, shape_), state_);
    require_shows(view, state_, who + ", state " + std::to_string(found));
    return found;
  }

  std::uint64_t number() const noexcept { return number_; }

 private:
  std::uint64_t history_;
  batch_shape shape_;
  std::uint64_t number_ = 0;
  model::state state_;
};

/// Commits the next batch of the history. Returns its number.
template <class Database>
std::uint64_t commit_next(Database& db, std::uint64_t history, const batch_shape& shape) {
  transaction tx = db.begin();
  const std::uint64_t number = number_in(tx) + 1;
  apply_batch(make_batch(history, number, shape), tx);
  tx.commit();
  return number;
}

}  // namespace buntdb::attacks
