#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace test {

/// Searches this process's memory for a secret, as somebody does who has a core dump. The secret is
/// kept in another form, so that the search does not find its own copy.
class searched_secret {
 public:
  /// Takes the first bytes of the secret, at most max_size.
  explicit searched_secret(std::string_view secret) noexcept;

  static constexpr std::size_t max_size = 43;

  /// Returns how often the secret is in the memory that this process can write to: in its heap, in
  /// freed memory, on the stacks and in static objects. It skips mappings of more than 4 GiB, which
  /// belong to AddressSanitizer.
  std::size_t count_in_own_memory() const;

 private:
  bool is_at(const unsigned char* place) const noexcept;
  std::size_t count_in(const unsigned char* begin, const unsigned char* end) const noexcept;

  static constexpr unsigned char mask = 0x5A;
  unsigned char masked_[max_size]{};
  std::size_t size_;
};

}  // namespace test
