#include <array>
#include <exception>

#include <buntstore/internal/printable.hpp>
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
                                                                        "logout_not_durable"};
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names.at(index) : "unknown";
}

namespace {

/// In quotation marks, which the text has none of.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : buntstore::text::escaped(text)) {
    if (c == '"') {
      out += R"(\x22)";
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string text_of(const std::exception_ptr& cause) {
  try {
    std::rethrow_exception(cause);
  } catch (const std::exception& failure) {
    return failure.what();
  } catch (...) {
    return "an exception of another type";
  }
}

}  // namespace

std::string log_line(const event& happened) {
  std::string line{name_of(happened.kind)};
  if (happened.id) line.append(" id=").append(buntstore::text::escaped(happened.id->text()));
  if (!happened.user.empty()) {
    line += " user=";
    append_quoted(line, happened.user);
  }
  if (!happened.method.empty() || !happened.path.empty()) {
    line += " request=";
    append_quoted(line, happened.method + ' ' + happened.path);
  }
  if (happened.cause) {
    line += " cause=";
    append_quoted(line, text_of(happened.cause));
  }
  return line;
}

}  // namespace scs
