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

/// A token as scs makes it: 256 random bits in base64url.
struct token {
  std::array<char, 43> bytes;
  std::string_view text() const noexcept { return {bytes.data(), bytes.size()}; }
};

/// What a contender is to store. The views are valid as long as their source.
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

  /// Returns a payload. Different numbers (nearly always) have different payloads. They are in one
  /// small pool, so that reading one costs every contender the same and almost nothing.
  std::string_view payload(std::size_t number) const noexcept;

  save_request request(std::size_t index) const noexcept;

  /// Returns numbers of random tokens.
  std::vector<std::uint32_t> pick_numbers(std::size_t count, std::uint64_t seed) const;

  /// Returns random tokens of those above, copied one after the other in the order in which they
  /// are used: fetching the key must not count as part of finding it.
  std::vector<token> pick(std::size_t count, std::uint64_t seed) const {
    return at(pick_numbers(count, seed));
  }
  std::vector<token> at(const std::vector<std::uint32_t>& numbers) const;

  /// For peers in other processes: writes the size of the payloads' pool in eight bytes, the pool,
  /// and the tokens.
  void write(const std::filesystem::path& file) const;

 private:
  std::vector<token> tokens_;
  std::string pool_;
};

/// Writes such numbers for the same peers, four bytes each.
void write_numbers(const std::filesystem::path& file, const std::vector<std::uint32_t>& numbers);

/// Returns requests for keys that pick() made, in the same order. The keys must outlive them.
std::vector<save_request> requests_for(const session_data& data, const std::vector<token>& keys,
                                       std::uint64_t seed);

}  // namespace bench
