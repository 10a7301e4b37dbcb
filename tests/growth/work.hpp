#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace buntstore::growth {

/// Returns the work that was done so far: the basic blocks of the code under test, which the
/// compiler counts (-fsanitize-coverage=trace-pc), and for each call of memmove() and similar
/// functions one for every 16 bytes. The number is the same in every run.
std::uint64_t work_done() noexcept;

/// Returns the work of an action.
inline std::uint64_t work_of(const std::function<void()>& action) {
  const std::uint64_t before = work_done();
  action();
  return work_done() - before;
}

/// Makes an input of about this size, and returns the action to measure.
using prepare = std::function<std::function<void()>(std::size_t size)>;

/// Fails unless four times the size takes at most six times the work: quadratic work would take
/// sixteen times. There must be enough work that the fixed part does not matter.
inline void expect_linear(const std::string& what, std::size_t size, const prepare& prepared) {
  const std::uint64_t once = work_of(prepared(size));
  const std::uint64_t of_four = work_of(prepared(4 * size));
  EXPECT_GT(once, 0U) << what << ": nothing was counted";
  EXPECT_LE(of_four, 6 * once) << what << ": " << once << " for " << size;
}

/// Returns the text, repeated.
inline std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (; times > 0; --times)
    out += text;
  return out;
}

}  // namespace buntstore::growth
