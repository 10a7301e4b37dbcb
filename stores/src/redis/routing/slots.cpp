#include "redis/routing/slots.hpp"

#include <algorithm>
#include <charconv>

#include <scs/error.hpp>

#include "redis/connection/address_map.hpp"

namespace scs::stores::redis_detail {

namespace {

constexpr std::array<std::uint16_t, 256> make_crc_table() {
  constexpr std::uint16_t polynomial = 0x1021;
  std::array<std::uint16_t, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    auto crc = static_cast<std::uint16_t>(byte << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint16_t>((crc << 1) ^ ((crc & 0x8000) != 0 ? polynomial : 0));
    }
    table[byte] = crc;
  }
  return table;
}

constexpr auto crc_table = make_crc_table();

[[noreturn]] void malformed(const address& asked) {
  throw error(errc::store_failed,
              "redis " + asked.text() + " does not say where a cluster's slots are");
}

/// Whether a node's host is known to the node that was asked.
bool is_known(std::string_view host) {
  return !host.empty() && host != "?";
}

/// The IP address among what a node is also reached by: `[NAME, VALUE, ...]`, since Redis 7.
std::string_view other_address(const redisReply& node) {
  if (node.elements < 4 || node.element[3]->type != REDIS_REPLY_ARRAY) return {};
  const redisReply& list = *node.element[3];
  for (std::size_t i = 0; i + 1 < list.elements; i += 2) {
    if (text_of(*list.element[i]) == "ip") return text_of(*list.element[i + 1]);
  }
  return {};
}

/// `[HOST, PORT, ID, [NAME, VALUE, ...]]`; empty for a node without a port.
std::optional<address> parse_node(const redisReply& node, const address& asked,
                                  const redis_options& options) {
  if (node.type != REDIS_REPLY_ARRAY || node.elements < 2 ||
      node.element[1]->type != REDIS_REPLY_INTEGER) {
    malformed(asked);
  }
  const long long port = node.element[1]->integer;
  if (port <= 0 || port > 0xffff) return std::nullopt;
  std::string_view host = text_of(*node.element[0]);
  // Where names are preferred, a node without a name reports `?`, followed by its address.
  if (!is_known(host)) host = other_address(node);
  if (!is_known(host)) return address{asked.host, static_cast<std::uint16_t>(port)};
  return reachable({std::string{host}, static_cast<std::uint16_t>(port)}, options);
}

}  // namespace

std::uint16_t crc16(std::string_view bytes) noexcept {
  std::uint16_t crc = 0;
  for (const char c : bytes) {
    const auto index = static_cast<std::uint8_t>((crc >> 8) ^ static_cast<unsigned char>(c));
    crc = static_cast<std::uint16_t>((crc << 8) ^ crc_table[index]);
  }
  return crc;
}

std::uint16_t slot_of(std::string_view key) noexcept {
  if (const auto open = key.find('{'); open != std::string_view::npos) {
    const auto close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  return crc16(key) % slot_count;
}

// Threads with small stacks have some of these.
static_assert(sizeof(slot_map) < 256);

slot_map slot_map::parse(const redisReply& from, const address& asked,
                         const redis_options& options) {
  if (from.type != REDIS_REPLY_ARRAY) malformed(asked);
  slot_map result;
  for (std::size_t i = 0; i < from.elements; ++i) {
    const redisReply& range = *from.element[i];
    if (range.type != REDIS_REPLY_ARRAY || range.elements < 3 ||
        range.element[0]->type != REDIS_REPLY_INTEGER ||
        range.element[1]->type != REDIS_REPLY_INTEGER) {
      malformed(asked);
    }
    const long long first = range.element[0]->integer;
    const long long last = range.element[1]->integer;
    if (first < 0 || first > last || last >= static_cast<long long>(slot_count)) malformed(asked);
    const std::optional<address> master = parse_node(*range.element[2], asked, options);
    if (!master) continue;
    const std::uint16_t index = result.index_of(*master);
    std::fill(result.owners_.begin() + first, result.owners_.begin() + last + 1, index);
    for (std::size_t j = 3; j < range.elements; ++j) {
      const std::optional<address> replica = parse_node(*range.element[j], asked, options);
      if (!replica) continue;
      auto& known = result.replicas_;
      if (std::find(known.begin(), known.end(), *replica) == known.end()) {
        known.push_back(*replica);
      }
    }
  }
  return result;
}

void slot_map::set_owner(std::uint16_t slot, const address& owner) {
  owners_[slot] = index_of(owner);
}

std::uint16_t slot_map::index_of(const address& master) {
  const auto found = std::find(masters_.begin(), masters_.end(), master);
  const auto index = static_cast<std::uint16_t>(found - masters_.begin());
  if (found == masters_.end()) masters_.push_back(master);
  return index;
}

std::optional<redirection> parse_redirection(std::string_view error_text) {
  for (const std::string_view code : {"MOVED ", "ASK "}) {
    if (!error_text.starts_with(code)) continue;
    const std::string_view rest = error_text.substr(code.size());
    const auto space = rest.find(' ');
    const auto colon = rest.rfind(':');
    if (space == std::string_view::npos || colon == std::string_view::npos || colon < space) break;
    const char* const end = rest.data() + rest.size();
    redirection result;
    const auto slot = std::from_chars(rest.data(), rest.data() + space, result.slot);
    const auto port = std::from_chars(rest.data() + colon + 1, end, result.to.port);
    if (slot.ec != std::errc{} || result.slot >= slot_count || port.ec != std::errc{} ||
        port.ptr != end || result.to.port == 0) {
      break;
    }
    const std::string_view host = rest.substr(space + 1, colon - space - 1);
    if (is_known(host)) result.to.host = host;
    return result;
  }
  return std::nullopt;
}

}  // namespace scs::stores::redis_detail
