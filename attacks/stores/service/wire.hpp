#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <scs/clock.hpp>
#include <scs/store.hpp>

namespace buntdb::attacks::stores {

/// The calls of a store, as bytes between two processes of one machine.
enum class wire_call : std::uint8_t { find, commit, touch, erase, list, list_user, sync };

/// Writes one message.
class wire_writer {
 public:
  void number(std::int64_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes_.append(value);
  }
  void moment(scs::time_point value) { number(value.time_since_epoch().count()); }
  void record(const scs::record& value) {
    text(value.payload);
    moment(value.expiry);
    text(value.revision);
    text(value.user);
  }
  const std::string& bytes() const noexcept { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads one message; throws std::runtime_error at its end.
class wire_reader {
 public:
  explicit wire_reader(std::string_view bytes) : rest_(bytes) {}

  std::int64_t number() {
    std::int64_t value = 0;
    const std::string_view bytes = take(sizeof value);
    bytes.copy(reinterpret_cast<char*>(&value), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(static_cast<std::size_t>(number()))); }
  scs::time_point moment() { return scs::time_point{std::chrono::nanoseconds{number()}}; }
  scs::record record() {
    scs::record value;
    value.payload = text();
    value.expiry = moment();
    value.revision = text();
    value.user = text();
    return value;
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw std::runtime_error("a message is too short");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
};

/// Send and receive a whole message with its length. Fail if the other side has ended or does not
/// answer within the socket's time limit.
bool send_message(int socket, const std::string& bytes);
std::optional<std::string> receive_message(int socket);

}  // namespace buntdb::attacks::stores
