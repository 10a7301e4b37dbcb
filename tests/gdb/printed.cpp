// Values that gdb prints with tools/gdb/buntstore_gdb.py. tests/gdb/check.cmake contains the
// expected output.

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <buntdb/buntdb.hpp>
#include <scs/scs.hpp>
#include <scs/stores/memory.hpp>

// What the debug information of a library contains about its types.
#include "session/session_state.hpp"

namespace {

[[maybe_unused]] const scs::detail::session_state* debug_information = nullptr;

/// gdb stops here, and goes up one frame.
[[gnu::noinline]] void stop(const void* keep) {
  std::printf("%p\n", keep);
}

}  // namespace

int main() {
  using std::chrono::seconds;
  const scs::error full(scs::errc::store_full, "no \"room\" left");
  const buntdb::error missing(buntdb::errc::index_not_found, "there is no index 'ages'");
  const scs::session_id id = scs::session_id::from_text("h:an-id");
  const std::string long_value(200, 'x');
  const buntdb::found_item found{"a value\n", buntdb::time_point::max(), 7};
  const buntdb::copied_item copied{long_value, buntdb::time_point(seconds(86400)), 8};
  const buntdb::change erased{.kind = buntdb::change_kind::erased, .key = "user:1", .revision = 9};

  scs::session_manager sessions(std::make_unique<scs::stores::memory>());
  scs::session session = sessions.load("");
  session.put("n", 1);
  sessions.commit(session);
  scs::session fresh = sessions.load("");
  scs::session moved = std::move(fresh);
  fresh.~session();
  new (&fresh) scs::session(std::move(moved));

  scs::session_manager raw(std::make_unique<scs::stores::memory>(), {.ids = scs::id_mode::raw});
  scs::session secret = raw.load("");
  secret.put("n", 1);
  raw.commit(secret);

  const void* const kept[] = {&full,   &missing, &id,    &found, &copied,
                              &erased, &session, &fresh, &moved, &secret};
  debug_information = nullptr;
  stop(kept);
}
