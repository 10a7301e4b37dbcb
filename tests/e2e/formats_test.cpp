// The files of each version of our formats, which tests/formats keeps, can be read by this version.

#include <chrono>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>
#include <scs/scs.hpp>
#include <scs/store/watermark.hpp>
#include <scs/stores/bunt.hpp>

#include "tool_fixture.hpp"

namespace {

class formats : public tool {
 protected:
  void fetch(const std::string& name) const {
    std::filesystem::copy_file(std::filesystem::path{FORMATS_FOLDER} / name, path(name));
  }

  static void expect_the_sessions(buntdb::database& db) {
    scs::stores::bunt store(db);
    const auto session = store.find(scs::session_id::from_text("h:" + std::string(43, '1')));
    ASSERT_TRUE(session);
    const scs::payload contents = scs::json_codec{}.decode(session->payload);
    EXPECT_EQ(contents.user, "tom");
    ASSERT_EQ(contents.data.size(), 1U);
    EXPECT_EQ(contents.data[0].json, "7");
    // 2191-10-25.
    EXPECT_EQ(session->expiry.time_since_epoch(), std::chrono::seconds{6'999'782'400});
    EXPECT_TRUE(store.find(scs::watermark_id("tom")));
    std::size_t toms = 0;
    store.for_each_of_user("tom", [&](const scs::session_id&, const scs::record&) {
      ++toms;
      return scs::visit::next;
    });
    EXPECT_EQ(toms, 1U);
  }
};

TEST_F(formats, reads_a_database_of_version_1) {
  fetch("database-1.db");
  const result looked = run({"check", "database-1.db"});
  EXPECT_EQ(looked.status, ok) << looked.output;
  buntdb::database db = buntdb::database::open(path("database-1.db"));
  EXPECT_EQ(db.get("plain"), "value");
  EXPECT_FALSE(db.get("gone"));
  EXPECT_TRUE(db.begin_read().index("ages"));
  expect_the_sessions(db);
  db.compact();
  db.close();
  buntdb::database again = buntdb::database::open(path("database-1.db"));
  EXPECT_EQ(again.get("plain"), "value");
  EXPECT_TRUE(again.begin_read().index("ages"));
  expect_the_sessions(again);
}

TEST_F(formats, imports_sessions_of_version_1) {
  fetch("sessions-1.jsonl");
  const result taken_in = run({"sessions", "new.db", "import", "sessions-1.jsonl"});
  EXPECT_EQ(taken_in.status, ok) << taken_in.errors;
  buntdb::database db = buntdb::database::open(path("new.db"));
  expect_the_sessions(db);
}

}  // namespace
