#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "redis/connection/address.hpp"
#include "redis/protocol/reply.hpp"

namespace scs::stores::redis_detail {

/// A cluster's keys are spread over this many slots, and the slots over its nodes.
constexpr std::size_t slot_count = 16384;

/// CRC-16/XMODEM, as Redis uses it.
std::uint16_t crc16(std::string_view bytes) noexcept;

/// The slot of a key: of what is between its first `{` and the next `}`, if that is not empty.
std::uint16_t slot_of(std::string_view key) noexcept;

/// Who has which slot.
class slot_map {
 public:
  slot_map() noexcept { owners_.fill(nobody); }

  /// From the reply to CLUSTER SLOTS by `asked`, whose host stands for hosts that it leaves out.
  /// Throws scs::error (store_failed) if it is not such a reply.
  static slot_map parse(const redisReply& from, const address& asked);

  /// Null if nobody has it.
  const address* owner(std::uint16_t slot) const noexcept {
    return owners_[slot] == nobody ? nullptr : &masters_[owners_[slot]];
  }
  void set_owner(std::uint16_t slot, const address& owner);

  /// Each once.
  const std::vector<address>& masters() const noexcept { return masters_; }
  const std::vector<address>& replicas() const noexcept { return replicas_; }

  friend bool operator==(const slot_map&, const slot_map&) = default;

 private:
  static constexpr std::uint16_t nobody = 0xffff;

  std::uint16_t index_of(const address& master);

  std::array<std::uint16_t, slot_count> owners_{};
  std::vector<address> masters_;
  std::vector<address> replicas_;
};

/// Where an error -MOVED or -ASK sends us.
struct redirection {
  std::uint16_t slot = 0;
  address to{};
};

/// Reads `MOVED SLOT HOST:PORT` and `ASK SLOT HOST:PORT`; a missing host is that of `asked`. Empty
/// if it is neither.
std::optional<redirection> parse_redirection(std::string_view error_text, const address& asked);

}  // namespace scs::stores::redis_detail
