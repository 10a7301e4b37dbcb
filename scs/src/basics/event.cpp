#include <array>

#include <buntstore/internal/printable.hpp>
#include <scs/error.hpp>
#include <scs/event.hpp>

namespace scs {

std::string_view name_of(event_kind kind) noexcept {
  static constexpr std::array<std::string_view, event_kind_count> names{"created",
                                                                        "loaded",
                                                                        "renewed",
                                                                        "destroyed",
                                                                        "expired",
                                                                        "conflict",
                                                                        "gone",
                                                                        "payload_undecodable",
                                                                        "touch_failed",
                                                                        "cleanup_failed",
                                                                        "cookie_refused",
                                                                        "revoked",
                                                                        "tokens_ignored",
                                                                        "old_token",
                                                                        "cross_site_refused",
                                                                        "store_full",
                                                                        "logout_not_durable",
                                                                        "deadline_passed",
                                                                        "store_warning",
                                                                        "store_busy"};
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names.at(index) : "unknown";
}

namespace detail {

void append_log_member(std::string& line, std::string_view name, std::string_view text) {
  line.append(1, ' ').append(name).append("=\"");
  for (const char c : buntstore::text::escaped(text)) {
    if (c == '"') {
      line += R"(\x22)";
    } else {
      line += c;
    }
  }
  line += '"';
}

}  // namespace detail

std::string log_line(const event& happened) {
  std::string line{name_of(happened.kind)};
  if (happened.id) line.append(" id=").append(buntstore::text::escaped(happened.id->text()));
  if (!happened.user.empty()) detail::append_log_member(line, "user", happened.user);
  if (!happened.method.empty() || !happened.path.empty()) {
    detail::append_log_member(line, "request", happened.method + ' ' + happened.path);
  }
  if (happened.cause) detail::append_log_member(line, "cause", describe(happened.cause));
  return line;
}

}  // namespace scs
