#include <scs/event.hpp>

#include "payload/hidden_tokens.hpp"

namespace scs {

request_line loggable_request(std::string_view method, std::string_view path) {
  constexpr std::size_t max_method_size = 32;
  constexpr std::size_t max_path_size = 256;
  path = path.substr(0, path.find_first_of("?#"));
  // Hides tokens before cutting: a token that was cut could not be recognized.
  return {.method = std::string{method.substr(0, max_method_size)},
          .path = detail::without_tokens_in_text(path).substr(0, max_path_size)};
}

}  // namespace scs
