#include "harness/session_data.hpp"

#include <fstream>
#include <stdexcept>

namespace bench {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t pool_size = std::size_t{16} << 10U;

template <class Bytes>
void fill_with_letters(Bytes& bytes, std::mt19937_64& random) {
  std::uint64_t bits = 0;
  unsigned left = 0;
  for (char& letter : bytes) {
    if (left == 0) {
      bits = random();
      left = 10;  // six bits each
    }
    letter = alphabet[bits % alphabet.size()];
    bits /= alphabet.size();
    --left;
  }
}

std::chrono::nanoseconds ttl_of(std::size_t number) {
  return std::chrono::hours(1) + std::chrono::seconds(number * 7919 % (23UL * 3600));
}

}  // namespace

session_data::session_data(std::size_t count, std::uint64_t seed)
    : tokens_(count), pool_(pool_size, ' ') {
  std::mt19937_64 random(seed);
  fill_with_letters(pool_, random);
  for (token& token : tokens_)
    fill_with_letters(token.bytes, random);
}

std::string_view session_data::payload(std::size_t number) const noexcept {
  return std::string_view(pool_).substr(number * 31 % (pool_size - payload_size), payload_size);
}

save_request session_data::request(std::size_t index) const noexcept {
  return {key(index).text(), payload(index), ttl_of(index)};
}

std::vector<std::uint32_t> session_data::pick_numbers(std::size_t count, std::uint64_t seed) const {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::size_t> any(0, size() - 1);
  std::vector<std::uint32_t> picked(count);
  for (std::uint32_t& one : picked)
    one = static_cast<std::uint32_t>(any(random));
  return picked;
}

std::vector<token> session_data::at(const std::vector<std::uint32_t>& numbers) const {
  std::vector<token> picked;
  picked.reserve(numbers.size());
  for (const std::uint32_t number : numbers)
    picked.push_back(key(number));
  return picked;
}

void session_data::write(const std::filesystem::path& file) const {
  std::ofstream out(file, std::ios::binary);
  const std::uint64_t size = pool_.size();
  out.write(reinterpret_cast<const char*>(&size), sizeof size);
  out << pool_;
  for (const token& token : tokens_)
    out.write(token.bytes.data(), static_cast<std::streamsize>(token.bytes.size()));
  out.flush();
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

void write_numbers(const std::filesystem::path& file, const std::vector<std::uint32_t>& numbers) {
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(numbers.data()),
            static_cast<std::streamsize>(numbers.size() * sizeof numbers.front()));
  out.flush();
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

std::vector<save_request> requests_for(const session_data& data, const std::vector<token>& keys,
                                       std::uint64_t seed) {
  std::vector<save_request> requests;
  requests.reserve(keys.size());
  std::size_t number = seed * 104729;
  for (const token& key : keys) {
    requests.push_back({key.text(), data.payload(number), ttl_of(number)});
    ++number;
  }
  return requests;
}

}  // namespace bench
