#pragma once

#include <cstdint>
#include <string>

#include <buntdb/database.hpp>

#include "model/material.hpp"
#include "model/random_source.hpp"
#include "model/state.hpp"

namespace buntdb::model {

/// Random changes, made both in a transaction and in a state that must stay equal to it.
class changes {
 public:
  changes(random_source& random, material& make, transaction& tx, state& draft)
      : random_(random), make_(make), tx_(tx), draft_(draft) {}

  /// Returns a number for a newly made index, different from all earlier ones.
  static std::uint64_t made();

  /// Makes one change or one query.
  void one();
  /// Returns how many there have been.
  std::uint64_t count() const noexcept { return count_; }
  /// Changes a key near the given one, as a caller that iterates might.
  void beside(const std::string& key);

 private:
  void go_through_something(unsigned depth);
  void change_indexes();
  void clear();
  void set(const std::string& key);
  void set_from_stored_data();
  void set_expiry(const std::string& key);
  void erase(const std::string& key);
  void erase_many();
  void set_and_erase_again(const std::string& key);
  void ask(const std::string& key);
  void refused();

  random_source& random_;
  material& make_;
  transaction& tx_;
  state& draft_;
  std::uint64_t count_ = 0;
};

}  // namespace buntdb::model
