#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace buntdb::model {

/// Random numbers that are the same on every machine for the same seed. Not thread-safe.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : engine_(seed) {}

  /// Returns a number from 0 to n - 1.
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  template <class Element>
  const Element& pick(const std::vector<Element>& from) {
    return from[static_cast<std::size_t>(below(from.size()))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace buntdb::model
