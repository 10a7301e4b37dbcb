#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include <scs/error.hpp>
#include <scs/stores/cookie.hpp>

#include "cookie/base64url.hpp"
#include "cookie/sealing_key.hpp"

namespace scs::stores {

namespace {

// The sealed text is: expiry 8 | epoch 8 | payload. Numbers are big-endian, and the expiry is in
// nanoseconds.
constexpr std::size_t number_size = 8;

void append_number(std::string& out, std::uint64_t number) {
  for (std::size_t i = number_size; i-- > 0;)
    out += static_cast<char>(number >> 8 * i & 0xFFU);
}

std::uint64_t take_number(std::string_view& in) {
  std::uint64_t number = 0;
  for (const char byte : in.substr(0, number_size))
    number = number << 8 | static_cast<unsigned char>(byte);
  in.remove_prefix(number_size);
  return number;
}

std::string encode(const sealed_session& session) {
  std::string text;
  text.reserve(2 * number_size + session.payload.size());
  append_number(text, static_cast<std::uint64_t>(session.expiry.time_since_epoch().count()));
  append_number(text, session.epoch);
  return text.append(session.payload);
}

/// Returns an empty optional for a text that encode() did not write, even if it was sealed by the
/// same secret.
std::optional<sealed_session> decode(std::string_view text) {
  if (text.size() < 2 * number_size) return std::nullopt;
  sealed_session session;
  const auto expiry = static_cast<std::int64_t>(take_number(text));
  session.expiry = time_point{std::chrono::nanoseconds{expiry}};
  session.epoch = take_number(text);
  session.payload = text;
  return session;
}

}  // namespace

struct cookie::keys {
  std::vector<sealing_key> all;
};

cookie::cookie(cookie_options options) : epoch_of_(std::move(options.epoch_of)) {
  if (options.secrets.empty()) {
    throw error(errc::invalid_options, "secrets: the cookie store needs at least one");
  }
  auto made = std::make_unique<keys>();
  for (const std::string& secret : options.secrets) {
    if (secret.size() < sealing_key::secret_size_min) {
      throw error(errc::invalid_options,
                  "secrets: one has fewer than 32 bytes; make one with: openssl rand -base64 32");
    }
    made->all.emplace_back(secret);
  }
  keys_ = std::move(made);
}

cookie::~cookie() = default;

open_result cookie::open(std::string_view cookie_name, std::string_view value, time_point now) {
  using outcome = open_result::outcome;
  if (value.size() > max_value_size) return {};
  const std::optional<std::string> sealed = from_base64url(value);
  if (!sealed) return {};
  for (const sealing_key& key : keys_->all) {
    const std::optional<std::string> text = key.open(*sealed, cookie_name);
    if (!text) continue;
    std::optional<sealed_session> session = decode(*text);
    if (!session) return {};
    if (session->expiry <= now) return {.result = outcome::expired};
    return {outcome::live, std::move(*session), &key != &keys_->all.front()};
  }
  return {};
}

std::string cookie::seal(std::string_view cookie_name, const sealed_session& session) {
  return to_base64url(keys_->all.front().seal(encode(session), cookie_name));
}

std::uint64_t cookie::epoch_of(std::string_view user) {
  return epoch_of_ ? epoch_of_(user) : 0;
}

}  // namespace scs::stores
