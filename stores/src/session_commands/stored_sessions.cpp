#include "session_commands/stored_sessions.hpp"

#include <algorithm>
#include <exception>

#include <buntstore/internal/base64.hpp>
#include <scs/error.hpp>
#include <scs/token.hpp>

#include "bunt/item_value.hpp"

namespace scs::stores {

namespace {

constexpr std::string_view hash_mark = "h:";
constexpr std::size_t text_size = 43;  // 32 bytes in base64url
constexpr std::size_t abbreviation_size_min = 6;

bool is_base64url(char c) noexcept {
  return buntstore::base64::url_digits[static_cast<unsigned char>(c)] >= 0;
}

bool is_base64url(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_base64url(c); });
}

/// How a key that may be a session's is divided.
struct divided_key {
  std::size_t prefix_size;
  bool is_token;
};

std::optional<divided_key> divide(std::string_view key, const std::optional<std::string>& prefix) {
  if (key.size() < text_size || !is_base64url(key.substr(key.size() - text_size))) {
    return std::nullopt;
  }
  std::size_t front = key.size() - text_size;
  const bool is_token = !key.substr(0, front).ends_with(hash_mark);
  if (!is_token) front -= hash_mark.size();
  if (prefix) {
    if (key.substr(0, front) != *prefix) return std::nullopt;
  } else if (is_token && front > 0 && is_base64url(key[front - 1])) {
    return std::nullopt;  // the end of a longer text
  }
  return divided_key{front, is_token};
}

/// Returns the id in the form of session::id().
std::string id_of(std::string_view key, const divided_key& parts) {
  const std::string_view text = key.substr(parts.prefix_size);
  if (!parts.is_token) return std::string(text);
  const std::optional<token> known = token::parse(text);
  return known ? std::string(known->id().text()) : std::string();
}

/// Whether it is the record that says which sessions of a user have ended.
bool is_watermark(const payload& contents) {
  return std::any_of(contents.others.begin(), contents.others.end(),
                     [](const payload::member& other) { return other.key == "revoked_until"; });
}

enum class payload_kind { session, watermark, unreadable };

payload_kind read_payload(std::string_view text, const session_scan& scan, stored_session& out) {
  static const json_codec usual;
  const payload_codec& codec = scan.codec == nullptr ? usual : *scan.codec;
  try {
    const payload contents = codec.decode(text);
    if (is_watermark(contents)) return payload_kind::watermark;
    out.user = contents.user;
    out.where = contents.where;
    out.created = contents.created;
    out.seen = contents.seen;
    out.deadline = contents.deadline;
    out.expires_at = std::min(out.expires_at, contents.deadline);
    out.value_count = contents.data.size();
    if (!contents.moved_to.empty()) {
      out.state = session_state::renewed;
      out.moved_to = out.prefix + contents.moved_to;
    }
    if (scan.values == values_wanted::yes) {
      for (const payload::member& member : contents.data)
        out.values.push_back({std::string(member.key), std::string(member.json)});
    }
    return payload_kind::session;
  } catch (const std::exception&) {  // any exception of a codec
    return payload_kind::unreadable;
  }
}

}  // namespace

void for_each_session(const buntdb::reader& items, const session_scan& scan,
                      const std::function<bool(stored_session&)>& visit) {
  const std::string from = scan.prefix.value_or(std::string());
  buntdb::bounds range{.at_least = from};
  if (!scan.after.empty()) range = {.greater_than = scan.after};
  for (const auto [key, value] : items.ascend(range)) {
    if (!key.starts_with(from)) break;
    const auto parts = divide(key, scan.prefix);
    if (!parts) continue;
    stored_session session;
    session.id = id_of(key, *parts);
    if (scan.wants_id && !scan.wants_id(session.id)) continue;
    const auto found = items.find(key);
    if (!found) continue;  // it has expired just now
    session.prefix = key.substr(0, parts->prefix_size);
    session.key_is_token = parts->is_token;
    session.expires_at = found->expires_at;
    session.deadline = found->expires_at;
    const std::string_view payload = item_value::payload_of(value);
    session.payload_bytes = payload.size();
    const payload_kind kind = read_payload(payload, scan, session);
    if (kind == payload_kind::watermark) continue;
    if (kind == payload_kind::unreadable) {
      // A key of 43 letters may be something else.
      if (parts->is_token) continue;
      session.state = session_state::unreadable;
    }
    if (session.expires_at <= items.now()) continue;
    session.key = key;
    if (!visit(session)) return;
  }
}

std::string without_token(std::string_view key) {
  const auto parts = divide(key, std::nullopt);
  if (!parts || !parts->is_token) return std::string(key);
  return std::string(key.substr(0, parts->prefix_size)) + "(session " + id_of(key, *parts) + ")";
}

std::string_view name_of(session_state state) noexcept {
  switch (state) {
    case session_state::live:
      return "live";
    case session_state::renewed:
      return "renewed";
    case session_state::unreadable:
      break;
  }
  return "unreadable";
}

bool is_abbreviated_id(std::string_view text) noexcept {
  return text.size() >= abbreviation_size_min && text.size() <= hash_mark.size() + text_size &&
         text.starts_with(hash_mark) && is_base64url(text.substr(hash_mark.size()));
}

}  // namespace scs::stores
