#include <algorithm>

#include <scs/error.hpp>
#include <scs/session_id.hpp>

namespace scs {

session_id session_id::from_text(std::string_view text) {
  if (text.size() > max_size) {
    throw error(errc::too_large, "a session id of " + std::to_string(text.size()) +
                                     " bytes; at most " + std::to_string(max_size) + " are kept");
  }
  session_id id;
  std::copy(text.begin(), text.end(), id.bytes_.begin());
  id.size_ = static_cast<std::uint8_t>(text.size());
  return id;
}

}  // namespace scs
