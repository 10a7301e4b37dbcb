#include "postgres/revision.hpp"

#include <array>
#include <charconv>

#include <sys/random.h>
#include <unistd.h>

#include <scs/error.hpp>

namespace scs::stores::postgres_detail {

namespace {

constexpr int revision_base = 36;

}  // namespace

std::int64_t new_revision() {
  std::uint64_t random = 0;
  if (::getentropy(&random, sizeof random) != 0) {
    throw error(errc::crypto_failed, "the system's random generator gives nothing");
  }
  return static_cast<std::int64_t>(random | 1U);  // 0 means none
}

std::string revision_text(std::int64_t revision) {
  std::array<char, 16> digits;
  const auto [end, failed] = std::to_chars(digits.data(), digits.data() + digits.size(),
                                           static_cast<std::uint64_t>(revision), revision_base);
  return {digits.data(), end};
}

std::int64_t revision_number(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, revision_base);
  return read.ec == std::errc{} && read.ptr == end ? static_cast<std::int64_t>(number) : 0;
}

}  // namespace scs::stores::postgres_detail
