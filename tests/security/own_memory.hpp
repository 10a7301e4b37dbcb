#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace test {

/// A secret that is looked for in this process's own memory, as somebody does who has got a core
/// dump. It is itself kept in another form, so that the search does not find the searcher.
class searched_secret {
 public:
  /// The first bytes of the secret, at most max_size.
  explicit searched_secret(std::string_view secret) noexcept;

  static constexpr std::size_t max_size = 43;

  /// How often it is in the memory that this process can write to: in its heap, in what was freed
  /// of it, on the stacks and in static objects. Mappings of more than 4 GiB are left out: they are
  /// AddressSanitizer's own.
  std::size_t count_in_own_memory() const;

 private:
  bool is_at(const unsigned char* place) const noexcept;
  std::size_t count_in(const unsigned char* begin, const unsigned char* end) const noexcept;

  static constexpr unsigned char mask = 0x5A;
  unsigned char masked_[max_size]{};
  std::size_t size_;
};

}  // namespace test
