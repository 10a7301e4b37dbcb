#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace buntstore {

/// SipHash-2-4 (Aumasson and Bernstein, 2012). Without the key, nobody can find texts with the same
/// hash. `key` is the 16 bytes of the paper as two little-endian numbers.
class siphash {
 public:
  using secret = std::array<std::uint64_t, 2>;

  static std::uint64_t of(const secret& key, std::string_view text) noexcept {
    siphash state{key};
    std::size_t at = 0;
    for (; at + word_size <= text.size(); at += word_size)
      state.take(word(text.substr(at, word_size)));
    state.take(word(text.substr(at)) | std::uint64_t{text.size()} << 56U);
    return state.finish();
  }

 private:
  static constexpr std::size_t word_size = 8;

  explicit siphash(const secret& key) noexcept
      : v_{0x736f6d6570736575U ^ key[0], 0x646f72616e646f6dU ^ key[1], 0x6c7967656e657261U ^ key[0],
           0x7465646279746573U ^ key[1]} {}

  static std::uint64_t word(std::string_view bytes) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
      value = value << 8U | static_cast<unsigned char>(bytes[i]);
    return value;
  }

  void take(std::uint64_t word) noexcept {
    v_[3] ^= word;
    round();
    round();
    v_[0] ^= word;
  }

  std::uint64_t finish() noexcept {
    v_[2] ^= 0xFFU;
    for (int i = 0; i < 4; ++i)
      round();
    return v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
  }

  void round() noexcept {
    v_[0] += v_[1];
    v_[1] = std::rotl(v_[1], 13) ^ v_[0];
    v_[0] = std::rotl(v_[0], 32);
    v_[2] += v_[3];
    v_[3] = std::rotl(v_[3], 16) ^ v_[2];
    v_[0] += v_[3];
    v_[3] = std::rotl(v_[3], 21) ^ v_[0];
    v_[2] += v_[1];
    v_[1] = std::rotl(v_[1], 17) ^ v_[2];
    v_[2] = std::rotl(v_[2], 32);
  }

  std::array<std::uint64_t, 4> v_;
};

}  // namespace buntstore
