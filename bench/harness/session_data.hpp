#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// As scs makes them: 256 random bits in base64url.
struct token {
  std::array<char, 43> bytes;
  std::string_view text() const noexcept { return {bytes.data(), bytes.size()}; }
};

/// What a contender is asked to store. The views live as long as what they were made from.
struct save_request {
  std::string_view key;
  std::string_view value;
  std::chrono::nanoseconds ttl;
};

/// The sessions of a run: random tokens, payloads of 200 bytes, times to live from one hour to a
/// day. The same for every contender, and in every run with the same seed.
class session_data {
 public:
  static constexpr std::size_t payload_size = 200;

  explicit session_data(std::size_t count, std::uint64_t seed = 1);

  std::size_t size() const noexcept { return tokens_.size(); }
  const token& key(std::size_t index) const noexcept { return tokens_[index]; }

  /// A payload; another number, (nearly always) another payload. They lie in one small pool, so
  /// that reading one costs the same for everybody and next to nothing.
  std::string_view payload(std::size_t number) const noexcept;

  save_request request(std::size_t index) const noexcept;

  /// Numbers of random tokens.
  std::vector<std::uint32_t> pick_numbers(std::size_t count, std::uint64_t seed) const;

  /// Random tokens of those above, copied one behind the other in the order in which they will be
  /// used: fetching the key shall not count as part of finding it.
  std::vector<token> pick(std::size_t count, std::uint64_t seed) const {
    return at(pick_numbers(count, seed));
  }
  std::vector<token> at(const std::vector<std::uint32_t>& numbers) const;

  /// For peers in other processes: the size of the payloads' pool in eight bytes, the pool, the
  /// tokens.
  void write(const std::filesystem::path& file) const;

 private:
  std::vector<token> tokens_;
  std::string pool_;
};

/// Such numbers for the same peers, four bytes each.
void write_numbers(const std::filesystem::path& file, const std::vector<std::uint32_t>& numbers);

/// For keys that pick() made: requests in the same order. The keys must outlive them.
std::vector<save_request> requests_for(const session_data& data, const std::vector<token>& keys,
                                       std::uint64_t seed);

}  // namespace bench
