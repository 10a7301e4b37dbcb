#pragma once

#include <string>

#include <buntdb/database.hpp>

#include "model/material.hpp"
#include "model/random_source.hpp"
#include "model/state.hpp"

namespace buntdb::model {

/// Changes by chance, made in a transaction and in a state that must stay its equal.
class changes {
 public:
  changes(random_source& random, material& make, transaction& tx, state& draft)
      : random_(random), make_(make), tx_(tx), draft_(draft) {}

  /// A number for an index that was just made, unlike any before it.
  static std::uint64_t made();

  /// One change or question.
  void one();
  /// A key near the given one is changed, as someone who iterates might.
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
};

}  // namespace buntdb::model
