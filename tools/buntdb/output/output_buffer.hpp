#pragma once

#include <cstdint>
#include <exception>
#include <streambuf>

#include "output/output.hpp"

/// Passes what is written to a stream to the output, and counts it. Exceptions of the output are
/// kept for rethrow(), because streams swallow them.
class output_buffer final : public std::streambuf {
 public:
  explicit output_buffer(output& out) noexcept : out_(out) {}

  std::uint64_t written() const noexcept { return written_; }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    try {
      out_.write({bytes, static_cast<std::size_t>(size)});
    } catch (...) {
      failure_ = std::current_exception();
      return 0;
    }
    written_ += static_cast<std::uint64_t>(size);
    return size;
  }
  int_type overflow(int_type character) override {
    if (traits_type::eq_int_type(character, traits_type::eof())) return character;
    const char byte = traits_type::to_char_type(character);
    return xsputn(&byte, 1) == 1 ? character : traits_type::eof();
  }

 private:
  output& out_;
  std::uint64_t written_ = 0;
  std::exception_ptr failure_;
};
