#include "gob/input.hpp"

#include <bit>
#include <limits>

#include <scs/error.hpp>

namespace scs::gob {

input input::of_value(std::string_view bytes) noexcept {
  input made{bytes};
  made.end_ = bytes.size();
  return made;
}

void input::fail(std::string_view what) const {
  throw error(errc::payload_undecodable,
              std::string{"a session payload of "} + std::to_string(stream_.size()) +
                  " bytes is not what SCS v2 writes with gob: " + std::string{what} + " at byte " +
                  std::to_string(at_));
}

std::string_view input::take(std::size_t size) {
  if (size > end_ - at_) fail("it ends too early");
  const std::string_view taken = stream_.substr(at_, size);
  at_ += size;
  if (copy_ != nullptr) copy_->append(taken);
  return taken;
}

void input::next_message() {
  end_ = stream_.size();
  const std::uint64_t size = take_uint();
  if (size == 0) fail("an empty message");
  if (size > stream_.size() - at_) fail("it ends too early");
  end_ = at_ + static_cast<std::size_t>(size);
}

std::uint64_t input::take_uint() {
  const unsigned first = static_cast<unsigned char>(take(1)[0]);
  if (first < 0x80) return first;
  const unsigned size = 0x100 - first;
  if (size > sizeof(std::uint64_t)) fail("an integer of more than eight bytes");
  std::uint64_t value = 0;
  for (const char c : take(size))
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::int64_t input::take_int() {
  const std::uint64_t bits = take_uint();
  return static_cast<std::int64_t>((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
}

double input::take_float() {
  std::uint64_t reversed = take_uint();
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i, reversed >>= 8)
    bits = bits << 8 | (reversed & 0xFF);
  return std::bit_cast<double>(bits);
}

std::string_view input::take_bytes() {
  const std::uint64_t size = take_uint();
  if (size > end_ - at_) fail("it ends too early");
  return take(static_cast<std::size_t>(size));
}

std::size_t input::take_count(std::size_t min_size) {
  const std::uint64_t count = take_uint();
  // The elements may continue in later messages.
  if (count > (stream_.size() - at_) / min_size) fail("more elements than there are bytes");
  return static_cast<std::size_t>(count);
}

std::int64_t input::take_type_id() {
  const std::int64_t id = take_int();
  constexpr std::int64_t max_id = std::numeric_limits<std::int32_t>::max();
  if (id == 0 || id > max_id || id < -max_id) fail("an impossible type");
  return id;
}

bool input::take_field(std::int64_t& field, std::size_t count) {
  const std::uint64_t delta = take_uint();
  if (delta == 0) return false;
  if (delta >= count - static_cast<std::uint64_t>(field)) fail("a field that its type lacks");
  field += static_cast<std::int64_t>(delta);
  return true;
}

}  // namespace scs::gob
