#include "sessions/stored_sessions.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <openssl/evp.h>

#include <buntstore/internal/base64.hpp>
#include <buntstore/internal/hex.hpp>
#include <scs/error.hpp>
#include <scs/payload_codec.hpp>

namespace {

constexpr std::string_view hash_mark = "h:";
constexpr std::size_t text_size = 43;  // of 32 bytes in base64url
constexpr std::size_t fingerprint_bytes = 6;

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
    return std::nullopt;  // the end of something longer
  }
  return divided_key{front, is_token};
}

std::string fingerprint_of(std::string_view key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(key.data(), key.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("libcrypto cannot compute a SHA-256");
  }
  std::string text;
  for (std::size_t i = 0; i < fingerprint_bytes; ++i)
    buntstore::text::append_hex(text, digest[i]);
  return text;
}

/// The record that says which sessions of a user have ended.
bool is_watermark(const scs::payload& contents) {
  return std::any_of(
      contents.others.begin(), contents.others.end(),
      [](const scs::payload::member& other) { return other.key == "revoked_until"; });
}

enum class payload_kind { session, watermark, unreadable };

payload_kind read_payload(std::string_view text, values_wanted values, stored_session& out) {
  static const scs::json_codec codec;
  try {
    const scs::payload contents = codec.decode(text);
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
    if (values == values_wanted::yes) {
      for (const scs::payload::member& member : contents.data)
        out.values.push_back({std::string(member.key), std::string(member.json)});
    }
    return payload_kind::session;
  } catch (const scs::error&) {
    return payload_kind::unreadable;
  }
}

}  // namespace

void for_each_session(const buntdb::reader& items, const std::optional<std::string>& prefix,
                      values_wanted values, const std::function<bool(stored_session&)>& visit) {
  const std::string from = prefix.value_or(std::string());
  const auto now =
      std::chrono::time_point_cast<buntdb::time_point::duration>(std::chrono::system_clock::now());
  for (const auto [key, payload] : items.ascend({.at_least = from})) {
    if (!key.starts_with(from)) break;
    const auto parts = divide(key, prefix);
    if (!parts) continue;
    const auto found = items.find(key);
    if (!found) continue;  // it has expired this very moment
    stored_session session;
    session.prefix = key.substr(0, parts->prefix_size);
    session.key_is_token = parts->is_token;
    session.expires_at = found->expires_at;
    session.deadline = found->expires_at;
    session.payload_bytes = payload.size();
    const payload_kind kind = read_payload(payload, values, session);
    if (kind == payload_kind::watermark) continue;
    if (kind == payload_kind::unreadable) {
      // A key of 43 letters may be anything.
      if (parts->is_token) continue;
      session.state = session_state::unreadable;
    }
    if (session.expires_at <= now) continue;
    session.key = key;
    session.fingerprint = fingerprint_of(key);
    if (!visit(session)) return;
  }
}

std::string without_token(std::string_view key) {
  const auto parts = divide(key, std::nullopt);
  if (!parts || !parts->is_token) return std::string(key);
  return std::string(key.substr(0, parts->prefix_size)) + "(session " + fingerprint_of(key) + ")";
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
