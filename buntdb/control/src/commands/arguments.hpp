#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace buntdb::control {

/// Reads the arguments of a request in order. Throws buntdb::error (invalid_argument) with the
/// command's usage.
class argument_reader {
 public:
  argument_reader(std::span<const std::string> arguments, std::string_view usage) noexcept
      : left_(arguments), usage_(usage) {}

  bool at_end() const noexcept { return left_.empty(); }
  const std::string& next();
  /// If the next argument is this word, in any letter case, removes it and returns true.
  bool take_word(std::string_view word);
  std::uint64_t next_number();
  std::int64_t next_signed_number();
  void expect_end() const;
  [[noreturn]] void refuse() const;

 private:
  std::span<const std::string> left_;
  std::string_view usage_;
};

}  // namespace buntdb::control
