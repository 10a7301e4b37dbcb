#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/transaction.hpp>

#include "model/random_source.hpp"
#include "model/state.hpp"

namespace buntdb::model {

/// Random keys, values, expiries and bounds for operations.
class material {
 public:
  explicit material(random_source& random);

  const std::string& key() { return random_.pick(keys_); }
  std::string value();
  std::string index_name() { return "index " + std::to_string(random_.below(5)); }
  /// Options, and the expiry that they mean in a transaction that begins at that moment.
  struct expiry {
    set_options options;
    std::int64_t expires;
  };
  expiry life(time_point now);

  /// Owns the strings that bounds point to.
  struct limits {
    std::optional<std::string> at_least, greater_than, at_most, less_than;
    buntdb::bounds bounds() const;
    bool inside(const std::string& key) const;
  };
  limits some_limits();

  const std::vector<std::string>& keys() const noexcept { return keys_; }

 private:
  std::string ordered_value();
  std::optional<std::string> maybe_bound();

  random_source& random_;
  std::vector<std::string> keys_;
  std::uint64_t values_ = 0;
};

}  // namespace buntdb::model
