#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <scs/stores/redis.hpp>

#include "redis/connection/address.hpp"
#include "redis/protocol/reply.hpp"

namespace scs::stores::redis_detail {

/// A cluster's keys belong to this many slots, and the slots to its nodes.
constexpr std::size_t slot_count = 16384;

/// CRC-16/XMODEM, as Redis uses it.
std::uint16_t crc16(std::string_view bytes) noexcept;

/// The slot of a key. If the text between its first `{` and the next `}` is not empty, only this
/// text decides.
std::uint16_t slot_of(std::string_view key) noexcept;

/// Which node has which slot.
class slot_map {
 public:
  /// Reads the reply to CLUSTER SLOTS by the node `asked`. If a host is missing or `?`, this uses
  /// the host of `asked`. The options map the nodes' addresses. Throws scs::error (store_failed) if
  /// it is not such a reply.
  static slot_map parse(const redisReply& from, const address& asked, const redis_options& options);

  /// Null if no node has it.
  const address* owner(std::uint16_t slot) const noexcept {
    return owners_[slot] == no_node ? nullptr : &masters_[owners_[slot]];
  }
  void set_owner(std::uint16_t slot, const address& owner);

  /// Each once.
  const std::vector<address>& masters() const noexcept { return masters_; }
  const std::vector<address>& replicas() const noexcept { return replicas_; }

  friend bool operator==(const slot_map&, const slot_map&) = default;

 private:
  static constexpr std::uint16_t no_node = 0xffff;

  std::uint16_t index_of(const address& master);

  // Not an array: it would take 32 KiB of a stack.
  std::vector<std::uint16_t> owners_ = std::vector<std::uint16_t>(slot_count, no_node);
  std::vector<address> masters_;
  std::vector<address> replicas_;
};

/// The target of an error -MOVED or -ASK.
struct redirection {
  std::uint16_t slot = 0;
  /// As the node announces it. An empty host is one that it does not know.
  address to{};
};

/// Reads `MOVED SLOT HOST:PORT` and `ASK SLOT HOST:PORT`. Empty if it is neither.
std::optional<redirection> parse_redirection(std::string_view error_text);

}  // namespace scs::stores::redis_detail
