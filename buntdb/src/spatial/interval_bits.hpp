#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace buntdb::spatial {

/// Returns, as bits, which of up to 32 intervals begin at or before `begin_by` and end at or after
/// `end_from`. These are the intervals that share a point with [end_from, begin_by]; or, with the
/// arguments exchanged, those that contain [begin_by, end_from].
inline std::uint32_t intervals_reaching_singly(const double* lows, const double* highs,
                                               unsigned count, double begin_by,
                                               double end_from) noexcept {
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < count; ++i)
    bits |= (std::uint32_t{lows[i] <= begin_by} & std::uint32_t{highs[i] >= end_from}) << i;
  return bits;
}

/// A SIMD version of the same: compilers do not vectorize comparisons whose results become bits.
/// The two arrays must be readable up to the next multiple of four.
inline std::uint32_t intervals_reaching(const double* lows, const double* highs, unsigned count,
                                        double begin_by, double end_from) noexcept {
#if defined(__SSE2__)
  std::uint32_t bits = 0;
  const __m128d by = _mm_set1_pd(begin_by);
  const __m128d from = _mm_set1_pd(end_from);
  const auto two = [&](unsigned i) {
    const __m128d begins = _mm_cmple_pd(_mm_loadu_pd(lows + i), by);
    const __m128d ends = _mm_cmpge_pd(_mm_loadu_pd(highs + i), from);
    return static_cast<std::uint32_t>(_mm_movemask_pd(_mm_and_pd(begins, ends)));
  };
  for (unsigned i = 0; i < count; i += 4)
    bits |= (two(i) | two(i + 2) << 2U) << i;
  return bits & static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1);
#else
  return intervals_reaching_singly(lows, highs, count, begin_by, end_from);
#endif
}

}  // namespace buntdb::spatial
