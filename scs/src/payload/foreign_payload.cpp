#include "payload/foreign_payload.hpp"

namespace scs::detail {

namespace {

/// Whether the payload begins as those of SCS v2 do: with a short message (its length is in the
/// first byte) that defines the struct with the field Deadline.
bool begins_like_gob(std::string_view payload) noexcept {
  if (payload.empty() || payload.front() == '{') return false;
  const std::size_t length = static_cast<unsigned char>(payload.front());
  return length < 0x80 && payload.substr(1, length).find("Deadline") != std::string_view::npos;
}

}  // namespace

std::string_view hint_for_json_codec(std::string_view payload) noexcept {
  if (!begins_like_gob(payload)) return {};
  return "; it looks like gob, which Go's SCS v2 writes: scs::gob_codec reads it";
}

std::string_view hint_for_gob_codec(std::string_view payload) noexcept {
  const std::size_t begin = payload.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || payload[begin] != '{') return {};
  return "; it looks like JSON: scs::json_codec reads it";
}

}  // namespace scs::detail
