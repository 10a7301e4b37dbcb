#include "bunt/item_value.hpp"

#include <cstddef>

#include <scs/value.hpp>

namespace scs::stores::item_value {

namespace {

constexpr std::string_view head = R"({"user":)";
constexpr std::string_view end{"}\0", 2};

/// The size of what is in front of the payload; 0 if there is nothing.
std::size_t front_size(std::string_view value) noexcept {
  if (!value.starts_with(head)) return 0;
  std::size_t at = head.size();
  if (at == value.size() || value[at] != '"') return 0;
  for (++at; at < value.size() && value[at] != '"'; ++at) {
    if (value[at] == '\\') ++at;
  }
  if (at >= value.size() || !value.substr(at + 1).starts_with(end)) return 0;
  return at + 1 + end.size();
}

}  // namespace

bool is_payload(std::string_view payload, std::string_view user) noexcept {
  const bool is_json_object = payload.starts_with(R"({")");
  return (user.empty() || is_json_object) && front_size(payload) == 0;
}

std::string with_user(std::string_view payload, std::string_view user) {
  std::string value{head};
  value += value_traits<std::string>::to_json(user);
  return value.append(end).append(payload);
}

std::string_view payload_of(std::string_view value) noexcept {
  return value.substr(front_size(value));
}

}  // namespace scs::stores::item_value
