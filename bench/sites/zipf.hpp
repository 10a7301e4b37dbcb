#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

namespace bench::sites {

/// Draws numbers below a count. The nth is drawn with a probability proportional to 1 / (n +
/// 1)^skew. Uses rejection from the integral of that function (Hörmann and Derflinger 1996), which
/// needs no table.
class zipf {
 public:
  zipf(std::size_t count, double skew)
      : count_(static_cast<double>(count)),
        skew_(skew),
        lowest_(integral(1.5) - 1),
        highest_(integral(count_ + 0.5)) {}

  template <class Random>
  std::size_t operator()(Random& random) {
    std::uniform_real_distribution<double> between(lowest_, highest_);
    for (;;) {
      const double drawn = between(random);
      const double at = inverse(drawn);
      const double nearest = std::fmin(std::fmax(std::round(at), 1), count_);
      if (drawn >= integral(nearest + 0.5) - std::pow(nearest, -skew_))
        return static_cast<std::size_t>(nearest) - 1;
    }
  }

 private:
  /// The integral of x^-skew, for a skew other than 1.
  double integral(double x) const { return std::pow(x, 1 - skew_) / (1 - skew_); }
  double inverse(double y) const { return std::pow(y * (1 - skew_), 1 / (1 - skew_)); }

  double count_;
  double skew_;
  double lowest_;
  double highest_;
};

}  // namespace bench::sites
