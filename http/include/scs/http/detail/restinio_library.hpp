#pragma once

#include <string>
#include <string_view>

#include <restinio/request_handler.hpp>
#include <restinio/utils/base64.hpp>
#include <restinio/utils/sha1.hpp>

namespace scs::http::detail {

/// Accesses headers in RESTinio's types.
struct restinio_library {
  using fields = restinio::http_header_fields_t;
  static constexpr bool values_stay = true;

  template <class Call>
  static void for_each_header(const fields& of, std::string_view name, Call call) {
    of.for_each_value_of(view(name), [&](const restinio::string_view_t& value) {
      call(std::string_view(value.data(), value.size()));
      return fields::continue_enumeration();
    });
  }
  static void append_header(fields& to, std::string_view name, std::string_view value) {
    to.add_field(std::string(name), std::string(value));
  }
  static void erase_header(fields& of, std::string_view name) { of.remove_all_of(view(name)); }

 private:
  static restinio::string_view_t view(std::string_view text) { return {text.data(), text.size()}; }
};

/// Returns the header value that proves to the client that its upgrade was understood (RFC 6455,
/// 4.2.2).
inline std::string websocket_accept(const std::string& key) {
  return restinio::utils::base64::encode(restinio::utils::sha1::to_string(
      restinio::utils::sha1::make_digest(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}

}  // namespace scs::http::detail
