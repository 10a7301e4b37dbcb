#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace buntstore::growth {

/// What has been done so far: basic blocks of the code under test, which the compiler counts
/// (-fsanitize-coverage=trace-pc), and for each call of memmove() and its like, one for every 16
/// bytes. The same in every run.
std::uint64_t work_done() noexcept;

/// How much work an action is.
inline std::uint64_t work_of(const std::function<void()>& action) {
  const std::uint64_t before = work_done();
  action();
  return work_done() - before;
}

/// Makes an input of about a size, and returns what is to be done with it.
using prepare = std::function<std::function<void()>(std::size_t size)>;

/// Fails unless four times the size is at most six times the work: what grows with the square makes
/// sixteen times. There must be work enough for the fixed part not to count.
inline void expect_linear(const std::string& what, std::size_t size, const prepare& prepared) {
  const std::uint64_t once = work_of(prepared(size));
  const std::uint64_t of_four = work_of(prepared(4 * size));
  EXPECT_GT(once, 0U) << what << ": nothing was counted";
  EXPECT_LE(of_four, 6 * once) << what << ": " << once << " for " << size;
}

/// The text, again and again.
inline std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (; times > 0; --times)
    out += text;
  return out;
}

}  // namespace buntstore::growth
