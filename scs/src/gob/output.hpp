#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scs::gob {

void append_uint(std::string& out, std::uint64_t value);
void append_int(std::string& out, std::int64_t value);
void append_float(std::string& out, double value);
/// Appends the bytes, preceded by their length.
void append_bytes(std::string& out, std::string_view bytes);

/// Collects values as they are written. An interface value is preceded by its length, which is
/// known only at its end. The lengths are kept separately and inserted by finished(), so that no
/// byte is moved twice.
class output {
 public:
  /// Append values here.
  std::string& bytes() noexcept { return bytes_; }
  /// The types of the interface values in the order of the bytes. Some occur more than once.
  const std::vector<std::int64_t>& used_types() const noexcept { return used_types_; }

  void append_type(std::int64_t id);
  /// For bytes that were written elsewhere and use these types.
  void add_used_types(const std::vector<std::int64_t>& ids);

  /// Reserves the length of what is written until close_length(). Lengths must be closed in reverse
  /// order.
  std::size_t open_length();
  void close_length(std::size_t opened);

  struct mark {
    std::size_t bytes = 0;
    std::size_t lengths = 0;
    std::size_t types = 0;
    std::size_t size_of_lengths = 0;
  };
  mark position() const noexcept;
  /// Removes what was written since the mark. Lengths that were open at the mark are open again.
  void roll_back(const mark& to);

  /// Returns all bytes with the lengths inserted.
  std::string finished() const;

 private:
  struct length {
    std::size_t position = 0;
    std::size_t value = 0;
    std::size_t lengths_before = 0;  // size of the lengths that were closed before
  };

  std::string bytes_{};
  std::vector<length> lengths_{};
  std::vector<std::int64_t> used_types_{};
  std::size_t size_of_lengths_ = 0;
};

}  // namespace scs::gob
