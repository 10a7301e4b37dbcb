#include <memory>

#include <gtest/gtest.h>

#include <buntdb/buntdb.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>

// What docs/errors.md says about a program that uses both libraries: only `error`, `errc` and the
// types of events need the library's name.
using namespace buntdb;
using namespace scs;

namespace {

TEST(both_namespaces, can_be_used_in_one_program) {
  database db = database::in_memory();
  db.set("a", "1", {.ttl = forever});
  session_manager sessions{std::make_unique<stores::bunt>(db)};
  const time_point now = clock::system().now();
  EXPECT_TRUE(clock::system().has_come(now));
  EXPECT_EQ(db.begin_read().get("a"), "1");
  EXPECT_EQ(token::generate().text().size(), token::size);
  EXPECT_NE(make_error_code(buntdb::errc::too_large), make_error_code(scs::errc::too_large));
  EXPECT_NE(buntdb::event_kind::recovered, buntdb::event_kind::sync_failed);
  EXPECT_NE(scs::event_kind::created, scs::event_kind::gone);
}

}  // namespace
