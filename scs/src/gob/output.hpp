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
/// With their length in front.
void append_bytes(std::string& out, std::string_view bytes);

/// Values as they are written. An interface value has its length in front, which is known only at
/// its end: lengths are kept apart and put in at last, so that nothing is moved twice.
class output {
 public:
  /// Values are appended here.
  std::string& bytes() noexcept { return bytes_; }
  /// The types of the interface values, in the order of the bytes, some more than once.
  const std::vector<std::int64_t>& used_types() const noexcept { return used_types_; }

  void append_type(std::int64_t id);
  /// For bytes that were written elsewhere, with these types.
  void add_used_types(const std::vector<std::int64_t>& ids);

  /// The length of what is written until close_length(), which must be called in reverse order.
  std::size_t open_length();
  void close_length(std::size_t opened);

  struct mark {
    std::size_t bytes = 0;
    std::size_t lengths = 0;
    std::size_t types = 0;
    std::size_t size_of_lengths = 0;
  };
  mark position() const noexcept;
  /// Takes back what was written since; lengths that were open then still are.
  void roll_back(const mark& to);

  /// Everything, with its lengths.
  std::string finished() const;

 private:
  struct length {
    std::size_t position = 0;
    std::size_t value = 0;
    std::size_t lengths_before = 0;  // bytes of all lengths that were closed when it was opened
  };

  std::string bytes_{};
  std::vector<length> lengths_{};
  std::vector<std::int64_t> used_types_{};
  std::size_t size_of_lengths_ = 0;
};

}  // namespace scs::gob
