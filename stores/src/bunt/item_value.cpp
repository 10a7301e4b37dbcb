#include "bunt/item_value.hpp"

#include <cstddef>

#include <scs/error.hpp>
#include <scs/payload_codec.hpp>
#include <scs/value.hpp>

namespace scs::stores::item_value {

bool is_payload(std::string_view payload, std::string_view user) noexcept {
  const bool is_json_object = payload.starts_with(R"({")");
  return (user.empty() || is_json_object) && front_size(payload) == 0;
}

std::string with_user(std::string_view payload, std::string_view user) {
  std::string value{head};
  value += value_traits<std::string>::to_json(user);
  return value.append(end).append(payload);
}

std::string user_of(std::string_view value) {
  const std::size_t front = front_size(value);
  try {
    if (front != 0) {
      const std::size_t size = front - head.size() - end.size();
      return value_traits<std::string>::from_json(value.substr(head.size(), size)).value_or("");
    }
    // Decodes it as the index of users does.
    return std::string{json_codec{}.decode(value).user};
  } catch (const error&) {  // not JSON, or not written by json_codec
    return {};
  }
}

}  // namespace scs::stores::item_value
