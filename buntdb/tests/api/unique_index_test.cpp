#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/index_fixture.hpp"
#include "support/code_of.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::fake_clock;
using testing::memory_file_system;
using testing::strings;
using testing::test_database;

const index_options by_mail{
    .pattern = "user:*", .order = {by_json("mail")}, .sparse = true, .unique = true};

std::string mail(std::string_view address) {
  return R"({"mail":")" + std::string(address) + R"("})";
}

class unique_index : public testing::index_fixture {
 protected:
  bool refuses_second(std::string_view key, std::string_view address) {
    return code_of([&] { db_->set(key, mail(address)); }) == errc::not_unique;
  }
};

TEST_F(unique_index, refuses_an_equal_item_and_names_both) {
  db_->create_index("mails", by_mail);
  db_->set("user:1", mail("ann@example.org"));
  EXPECT_TRUE(refuses_second("user:2", "Ann@example.org"));
  try {
    db_->set("user:2", mail("ann@example.org"));
  } catch (const error& refused) {
    const std::string text = refused.what();
    for (const char* part : {"'user:1'", "'user:2'", "'mails'"})
      EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  db_->set("user:1", mail("ANN@example.org"));  // its own entry
  db_->set("user:3", "{}");
  db_->set("user:4", "{}");                    // sparse: not in the index
  db_->set("other", mail("ann@example.org"));  // does not match the pattern
  EXPECT_EQ(ascend("mails"), (strings{"user:1"}));
  db_->set("user:1", mail("new@example.org"));
  db_->set("user:2", mail("ann@example.org"));
  db_->erase("user:1");
  db_->set("user:5", mail("new@example.org"));
  EXPECT_TRUE(db_->begin_read().index("mails")->unique);
}

TEST_F(unique_index, leaves_the_transaction_usable) {
  db_->create_index("mails", by_mail);
  db_->set("user:1", mail("a@b"));
  db_->update([](transaction& tx) {
    tx.set("user:2", mail("c@d"));
    EXPECT_EQ(code_of([&] { tx.set("user:2", mail("a@b")); }), errc::not_unique);
    EXPECT_EQ(tx.get("user:2"), mail("c@d"));
    EXPECT_EQ(code_of([&] { tx.set_if_absent("user:3", mail("c@d")); }), errc::not_unique);
    tx.erase("user:1");
    tx.set("user:2", mail("a@b"));
  });
  EXPECT_EQ(db_->begin_read().first_equal("mails", mail("a@b"))->key, "user:2");
}

TEST_F(unique_index, does_not_count_what_has_expired) {
  db_->create_index("mails", by_mail);
  db_->set("user:1", mail("a@b"), {.ttl = 1s});
  EXPECT_TRUE(refuses_second("user:2", "a@b"));
  clock_.advance(1s);
  db_->set("user:2", mail("a@b"));
  EXPECT_EQ(ascend("mails"), (strings{"user:2"}));
  // The clock is set back: the first item comes back to life, but must not stay.
  clock_.advance(-1s);
  EXPECT_EQ(code_of([&] { db_->update([](transaction& tx) { tx.set_expiry("user:1", {}); }); }),
            errc::not_unique);
  clock_.advance(1s);
  db_.sweep();
  EXPECT_TRUE(refuses_second("user:1", "a@b"));
}

TEST_F(unique_index, is_not_created_over_equal_items) {
  db_->set("user:1", mail("a@b"));
  db_->set("user:2", mail("a@b"));
  EXPECT_EQ(code_of([&] { db_->create_index("mails", by_mail); }), errc::not_unique);
  db_->create_index("mails", {.order = {by_int()}});
  db_->update([](transaction& tx) {
    index_options replacing = by_mail;
    replacing.if_exists = existing_index::replace;
    EXPECT_EQ(code_of([&] { tx.create_index("mails", replacing); }), errc::not_unique);
    EXPECT_FALSE(tx.index("mails")->unique) << "the old one serves on";
    tx.erase("user:2");
    tx.create_index("mails", replacing);
  });
  EXPECT_TRUE(refuses_second("user:2", "a@b"));
  EXPECT_EQ(code_of([&] { db_->create_index("keys", {.unique = true}); }), errc::invalid_argument);
  const ordering own([](std::string_view a, std::string_view b) { return a < b; });
  EXPECT_EQ(code_of([&] { db_->create_index("own", {.order = {own}, .unique = true}); }),
            errc::invalid_argument);
}

TEST_F(unique_index, takes_several_orderings_together) {
  db_->create_index("seats", {.pattern = "seat:*",
                              .order = {by_key_part(":", 1), by_json("row"), by_json("number")},
                              .unique = true});
  db_->set("seat:hall:x", R"({"row":1,"number":1})");
  db_->set("seat:hall:y", R"({"row":1,"number":2})");
  db_->set("seat:room:x", R"({"row":1,"number":1})");
  EXPECT_EQ(code_of([&] { db_->set("seat:hall:z", R"({"number":2.0,"row":1})"); }),
            errc::not_unique);
}

TEST_F(unique_index, loads_a_copy_whole_or_not_at_all) {
  db_->create_index("mails", by_mail);
  db_->set("user:1", mail("a@b"));
  db_->set("user:2", mail("c@d"));
  test_database other(clock_);
  other->set("user:1", mail("c@d"));
  other->set("user:2", mail("a@b"));
  std::stringstream swapped;
  other->save(swapped);
  db_->load(swapped);
  EXPECT_EQ(db_->get("user:1"), mail("c@d"));
  other->set("user:3", mail("a@b"));
  std::stringstream equal;
  other->save(equal);
  EXPECT_EQ(code_of([&] { db_->load(equal); }), errc::not_unique);
  EXPECT_EQ(db_->get("user:3"), std::nullopt);
}

TEST(kept_unique_index, comes_back_with_the_file) {
  fake_clock clock;
  memory_file_system disk;
  index_options kept = by_mail;
  kept.persistent = true;
  {
    test_database db(disk, clock);
    db->create_index("mails", kept);
    db->set("user:1", mail("a@b"), {.ttl = 1s});
    clock.advance(1s);
    db->set("user:2", mail("a@b"));
  }
  test_database db(disk, clock);
  EXPECT_EQ(code_of([&] { db->set("user:3", mail("a@b")); }), errc::not_unique);
}

TEST_F(unique_index, is_exact_under_concurrent_transactions) {
  constexpr int threads = 4;
  constexpr int times = 200;
  db_->create_index("mails", by_mail);
  std::atomic<int> stored{0};
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&, i] {
      for (int n = 0; n < times; ++n) {
        const std::string key = "user:" + std::to_string(i) + ":" + std::to_string(n);
        try {
          db_->set(key, mail(std::to_string(n)));
          ++stored;
        } catch (const error& refused) {
          EXPECT_EQ(refused.code(), errc::not_unique);
        }
      }
    });
  }
  for (std::thread& thread : all)
    thread.join();
  EXPECT_EQ(stored, times);
  EXPECT_EQ(ascend("mails").size(), static_cast<std::size_t>(times));
}

/// While the index is built, another thread moves one address from item to item, so that it never
/// occurs twice: the creation succeeds. It fails once the address occurs twice.
TEST_F(unique_index, is_created_beside_writers) {
  for (int n = 0; n < 2000; ++n)
    db_->set("user:" + std::to_string(n), mail(std::to_string(n)));
  std::atomic<bool> begun{false};
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int n = 0; !done; ++n) {
      db_->update([&](transaction& tx) {
        tx.erase("user:x:" + std::to_string(n % 7));
        tx.set("user:x:" + std::to_string((n + 1) % 7), mail("moves"));
      });
      begun = true;
    }
  });
  while (!begun)
    std::this_thread::yield();
  for (int round = 0; round < 5; ++round) {
    db_->create_index("mails", by_mail);
    db_->drop_index("mails");
  }
  done = true;
  writer.join();
  db_->set("user:twice", mail("moves"));
  EXPECT_EQ(code_of([&] { db_->create_index("mails", by_mail); }), errc::not_unique);
}

/// Returns how often a value's sort key was computed while `call` ran.
class counted_sort_keys : public testing::index_fixture {
 protected:
  template <class Call>
  int made_by(Call call) {
    const int before = *made_;
    call();
    return *made_ - before;
  }
  index_options ordered(std::string pattern) const {
    return {.pattern = std::move(pattern),
            .order = {by_sort_key([made = made_](std::string_view value, std::string& out) {
              ++*made;
              out = value;
            })}};
  }

  std::shared_ptr<int> made_ = std::make_shared<int>(0);
};

// bench_micro times these operations as overwrite_indexed_cached and overwrite_unique_cached.
TEST_F(counted_sort_keys, are_made_for_a_check_only_where_an_index_is_unique) {
  const auto insert = [this] { db_->set("user:1", "a"); };
  const auto overwrite = [this] { db_->set("user:1", "b"); };
  const auto erase = [this] { db_->erase("user:1"); };
  db_->create_index("plain", ordered("user:*"));
  const int inserted = made_by(insert), overwritten = made_by(overwrite), erased = made_by(erase);
  EXPECT_LE(inserted, 1);
  EXPECT_LE(overwritten, 2);
  EXPECT_LE(erased, 1);

  index_options elsewhere = ordered("other:*");
  elsewhere.unique = true;
  db_->create_index("elsewhere", elsewhere);
  EXPECT_EQ(made_by(insert), inserted) << "its pattern does not match";
  EXPECT_EQ(made_by(overwrite), overwritten);
  EXPECT_EQ(made_by(erase), erased);
  db_->drop_index("elsewhere");

  index_options here = ordered("user:*");
  here.unique = true;
  db_->create_index("here", here);
  db_->drop_index("plain");
  EXPECT_EQ(made_by(insert), inserted + 1) << "the check makes one";
  EXPECT_EQ(made_by(overwrite), overwritten + 1);
  EXPECT_EQ(made_by(erase), erased);
}

}  // namespace
}  // namespace buntdb
