#include <memory>
#include <utility>

#include <scs/gob_codec.hpp>
#include <scs/scs.hpp>

scs::session_manager sessions_shared_with_go(std::unique_ptr<scs::store> store) {
  const auto codec = std::make_shared<scs::gob_codec>(scs::gob_options{
      .types = {{"authenticatedUserID", "int"}, {"lastSeen", "time.Time"}, {"key", "[]byte"}}});
  return scs::session_manager{
      std::move(store), {.cookie = {.name = "session"}, .ids = scs::id_mode::raw, .codec = codec}};
}
