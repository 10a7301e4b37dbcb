#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

/// Counts durations in nanoseconds, with about 3 % precision: 32 buckets for each power of two.
class histogram {
 public:
  void add(std::uint64_t ns) noexcept {
    ++counts_[bucket_of(ns)];
    ++total_;
  }

  std::uint64_t total() const noexcept { return total_; }

  /// Returns the upper end of the bucket at which this share (0 to 1) of everything added is
  /// reached.
  double percentile(double share) const noexcept {
    const double wanted = share * static_cast<double>(total_);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && static_cast<double>(seen) >= wanted) return upper_end(i);
    }
    return 0;
  }

 private:
  static constexpr unsigned sub_bits = 5;

  static std::size_t bucket_of(std::uint64_t ns) noexcept {
    if (ns < (1U << sub_bits)) return static_cast<std::size_t>(ns);
    const unsigned shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - sub_bits;
    return ((std::size_t{shift} + 1) << sub_bits) + static_cast<std::size_t>(ns >> shift) -
           (std::size_t{1} << sub_bits);
  }
  static double upper_end(std::size_t bucket) noexcept {
    if (bucket < (1U << sub_bits)) return static_cast<double>(bucket);
    const std::size_t shift = (bucket >> sub_bits) - 1;
    const std::uint64_t mantissa =
        (bucket & ((1U << sub_bits) - 1)) + (std::uint64_t{1} << sub_bits) + 1;
    return static_cast<double>(mantissa << shift);
  }

  std::array<std::uint64_t, 64 << sub_bits> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace bench
