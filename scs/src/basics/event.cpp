#include <array>

#include <scs/event.hpp>

namespace scs {

std::string_view name_of(event_kind kind) noexcept {
  static constexpr std::array<std::string_view, event_kind_count> names{
      "created",       "loaded",         "renewed",        "destroyed",
      "expired",       "conflict",       "gone",           "payload_undecodable",
      "touch_failed",  "cleanup_failed", "cookie_refused", "revoked",
      "tokens_ignored"};
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names.at(index) : "unknown";
}

}  // namespace scs
