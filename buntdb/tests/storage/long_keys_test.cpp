// Keys that are longer than this library sets, in files that BuntDB wrote.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/limits.hpp>

#include "log/encode.hpp"
#include "support/code_of.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using testing::code_of;
using testing::contents;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;

class long_keys : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string bytes;
    for (const std::size_t size : {65'534U, 65'535U, 65'536U, 65'537U, 1'000'000U}) {
      const std::string key(size, 'k');
      const std::string value = "value of " + std::to_string(size);
      log::append_set(bytes, key, value);
      expected_.emplace_back(key, value);
    }
    files_.put(test_database::path, bytes, clock_.now());
  }

  fake_clock clock_;
  memory_file_system files_;
  std::vector<std::pair<std::string, std::string>> expected_;
};

TEST_F(long_keys, are_read_found_and_in_order) {
  test_database db(files_, clock_);
  EXPECT_EQ(contents(*db), expected_);
  for (const auto& [key, value] : expected_)
    EXPECT_EQ(db->get(key), value) << key.size();
}

TEST_F(long_keys, survive_a_compaction_and_a_reopen) {
  {
    test_database db(files_, clock_);
    db->compact();
    db->set("a", "1");
  }
  expected_.insert(expected_.begin(), {"a", "1"});
  test_database db(files_, clock_);
  EXPECT_EQ(contents(*db), expected_);
}

TEST_F(long_keys, are_erased_and_copied_like_others) {
  test_database db(files_, clock_);
  db->save("/data/copy.db");
  EXPECT_TRUE(db->erase(expected_[3].first));
  db->update([&](transaction& tx) { EXPECT_TRUE(tx.set_expiry(expected_[4].first, {})); });
  db->load("/data/copy.db");
  EXPECT_EQ(contents(*db), expected_);
}

TEST_F(long_keys, keep_their_revision_when_only_the_expiry_changes) {
  test_database db(files_, clock_);
  const std::string& key = expected_[3].first;
  const auto before = db->find(key)->revision;
  db->update([&](transaction& tx) { tx.set_expiry(key, {}); });
  EXPECT_EQ(db->find(key)->revision, before);
  EXPECT_EQ(db->find(key)->value, expected_[3].second);
}

TEST_F(long_keys, are_not_set) {
  test_database db(files_, clock_);
  EXPECT_EQ(code_of([&] { db->set(std::string(max_key_size + 1, 'n'), "1"); }), errc::too_large);
  db->set(std::string(max_key_size, 'n'), "1");
}

}  // namespace
}  // namespace buntdb
