#include <array>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>

#include "support/code_of.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::contents;
using testing::fake_clock;
using testing::test_database;
using pairs = std::vector<std::pair<std::string, std::string>>;

class database_test : public ::testing::Test {
 protected:
  std::uint64_t revision_of(std::string_view key) {
    const snapshot view = db_->begin_read();
    return view.find(key)->revision;
  }

  fake_clock clock_;
  test_database db_{clock_};
};

TEST_F(database_test, gives_back_what_was_set) {
  db_->set("key", "value");
  EXPECT_EQ(db_->get("key"), "value");
  EXPECT_EQ(db_->get("other"), std::nullopt);
  db_->set("key", "another");
  EXPECT_EQ(db_->get("key"), "another");
  EXPECT_TRUE(db_->erase("key"));
  EXPECT_FALSE(db_->erase("key"));
  EXPECT_EQ(db_->get("key"), std::nullopt);
}

TEST_F(database_test, takes_any_bytes) {
  const std::string bytes("\0\r\n\xff$3\r\n", 8);
  db_->set(bytes, bytes);
  db_->set("", "the empty key");
  db_->set("empty value", "");
  EXPECT_EQ(db_->get(bytes), bytes);
  EXPECT_EQ(db_->get(""), "the empty key");
  EXPECT_EQ(db_->get("empty value"), "");
}

TEST_F(database_test, commits_an_update_when_it_returns_and_gives_its_result) {
  const int result = db_->update([](transaction& tx) {
    tx.set("a", "1");
    tx.set("b", "2");
    return 42;
  });
  EXPECT_EQ(result, 42);
  EXPECT_EQ(contents(*db_), (pairs{{"a", "1"}, {"b", "2"}}));
}

TEST_F(database_test, rolls_an_update_back_when_it_throws) {
  db_->set("a", "1");
  EXPECT_THROW(db_->update([](transaction& tx) {
    tx.set("a", "2");
    tx.set("b", "2");
    tx.erase("a");
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_EQ(contents(*db_), (pairs{{"a", "1"}}));
  db_->set("c", "3");  // the lock was released
}

TEST_F(database_test, shows_a_transaction_its_own_changes_and_nobody_else) {
  db_->set("a", "1");
  transaction tx = db_->begin();
  tx.set("a", "2");
  tx.set("b", "3");
  EXPECT_EQ(contents(tx), (pairs{{"a", "2"}, {"b", "3"}}));
  EXPECT_EQ(tx.size(), 2U);
  EXPECT_EQ(contents(*db_), (pairs{{"a", "1"}}));
  tx.commit();
  EXPECT_EQ(contents(*db_), (pairs{{"a", "2"}, {"b", "3"}}));
}

TEST_F(database_test, rolls_back_at_the_end_of_the_scope) {
  {
    transaction tx = db_->begin();
    tx.set("a", "1");
  }
  EXPECT_EQ(contents(*db_), pairs{});
}

TEST_F(database_test, refuses_a_transaction_that_has_ended) {
  transaction tx = db_->begin();
  tx.set("a", "1");
  tx.commit();
  EXPECT_EQ(code_of([&] { tx.set("b", "1"); }), errc::transaction_ended);
  EXPECT_EQ(code_of([&] { tx.erase("a"); }), errc::transaction_ended);
  EXPECT_EQ(code_of([&] { static_cast<const transaction&>(tx).get("a"); }),
            errc::transaction_ended);
  EXPECT_EQ(code_of([&] { tx.commit(); }), errc::transaction_ended);
  tx.rollback();  // does nothing
  transaction moved = db_->begin();
  transaction target = std::move(moved);
  // NOLINTNEXTLINE(bugprone-use-after-move): that it is refused is the point
  EXPECT_EQ(code_of([&] { moved.set("b", "1"); }), errc::transaction_ended);
  target.set("b", "1");
  target.commit();
  EXPECT_EQ(db_->get("b"), "1");
}

TEST_F(database_test, gives_the_previous_value) {
  transaction tx = db_->begin();
  EXPECT_EQ(tx.set("a", "1"), std::nullopt);
  EXPECT_EQ(tx.set("a", "2"), "1");
  EXPECT_EQ(tx.erase("a"), "2");
  EXPECT_EQ(tx.erase("a"), std::nullopt);
  tx.set("a", "3");
  tx.commit();
  transaction next = db_->begin();
  EXPECT_EQ(next.set("a", "4"), "3");
}

TEST_F(database_test, takes_arguments_that_point_into_stored_data) {
  db_->set("a", "from before");
  transaction tx = db_->begin();
  tx.set("a", *tx.get("a"));
  EXPECT_EQ(tx.get("a"), "from before");
  tx.set("b", "own");
  tx.set("b", *tx.set("b", "newer"));  // the previous value, which is freed after this change
  EXPECT_EQ(tx.get("b"), "own");
  for (const auto [key, value] : tx.ascend({.at_least = "b"})) {
    tx.set(value, key);
    break;
  }
  EXPECT_EQ(tx.get("own"), "b");
  range all = tx.ascend();
  const auto item = *all.begin();
  tx.erase(item.key);
  EXPECT_FALSE(tx.contains("a"));
}

TEST_F(database_test, tells_the_revision_of_what_a_transaction_sets) {
  transaction first = db_->begin();
  const std::uint64_t revision = first.revision();
  first.set("a", "1");
  first.set("a", "2");
  first.set("b", "1");
  EXPECT_EQ(first.find("a")->revision, revision);
  first.commit();
  EXPECT_EQ(code_of([&] { first.revision(); }), errc::transaction_ended);
  EXPECT_EQ(revision_of("a"), revision);
  EXPECT_EQ(revision_of("b"), revision);
  EXPECT_GT(db_->begin().revision(), revision);
}

TEST_F(database_test, changes_an_expiry_and_neither_value_nor_revision) {
  db_->set("a", "1", {.ttl = 1min});
  const auto revision = revision_of("a");
  db_->update([&](transaction& tx) {
    EXPECT_TRUE(tx.set_expiry("a", {.ttl = 1h}));
    EXPECT_TRUE(tx.set_expiry("a", {.ttl = 2h}));
    EXPECT_FALSE(tx.set_expiry("b", {.ttl = 1h}));
  });
  db_->update([](transaction& tx) { tx.set_expiry("a", {.ttl = 3h}); });
  const snapshot touched = db_->begin_read();
  EXPECT_EQ(touched.get("a"), "1");
  EXPECT_EQ(touched.ttl("a"), 3h);
  EXPECT_EQ(touched.find("a")->expires_at, clock_.now() + 3h);
  EXPECT_EQ(revision_of("a"), revision);
  EXPECT_FALSE(touched.find("b"));
  db_->set("a", "1");
  EXPECT_NE(revision_of("a"), revision);
  db_->update([](transaction& tx) { tx.set_expiry("a", {.ttl = 1s}); });
  clock_.advance(1s);
  EXPECT_FALSE(db_->begin().set_expiry("a", {.ttl = 1h}));  // it has expired and is not revived
}

TEST_F(database_test, reports_a_nested_update_instead_of_waiting_for_itself) {
  db_->update([&](transaction& tx) {
    tx.set("a", "1");
    EXPECT_EQ(code_of([&] { db_->set("b", "1"); }), errc::nested_transaction);
    EXPECT_EQ(code_of([&] { db_->update([](transaction&) {}); }), errc::nested_transaction);
    EXPECT_EQ(code_of([&] { static_cast<void>(db_->try_begin_for(1s)); }),
              errc::nested_transaction);
    EXPECT_EQ(db_->get("a"), std::nullopt);  // a read is not a write
  });
  EXPECT_EQ(db_->get("a"), "1");
}

TEST_F(database_test, waits_for_the_other_writer_no_longer_than_told) {
  transaction tx = db_->begin();
  std::async(std::launch::async, [&] {
    EXPECT_EQ(db_->try_begin_for(1ms), std::nullopt);
    EXPECT_EQ(db_->try_begin_for(0s), std::nullopt);
  }).get();
  tx.commit();
  EXPECT_NE(db_->try_begin_for(0s), std::nullopt);
}

TEST_F(database_test, lets_a_transaction_end_on_another_thread) {
  transaction tx = db_->begin();
  tx.set("a", "1");
  std::thread([tx = std::move(tx)]() mutable { tx.commit(); }).join();
  EXPECT_EQ(db_->get("a"), "1");
  db_->set("b", "2");
}

TEST_F(database_test, refuses_reserved_keys_and_what_is_too_large_and_changes_nothing) {
  using namespace std::string_view_literals;
  transaction tx = db_->begin();
  EXPECT_EQ(code_of([&] { tx.set("\0bunt:x"sv, "v"); }), errc::reserved_key);
  EXPECT_EQ(code_of([&] { tx.set(std::string(65536, 'k'), "v"); }), errc::too_large);
  const std::string_view huge("", std::size_t{513} << 20U);  // never read
  EXPECT_EQ(code_of([&] { tx.set("k", huge); }), errc::too_large);
  EXPECT_EQ(code_of([&] { tx.set("k", "v", {.ttl = 1s, .expires_at = clock_.now()}); }),
            errc::invalid_argument);
  tx.set(std::string(65535, 'k'), "v");
  tx.set("\0bun"sv, "v");
  tx.commit();
  EXPECT_EQ(db_->stats().items, 2U);
}

TEST_F(database_test, refuses_everything_after_close_but_open_snapshots) {
  db_->set("a", "1");
  const snapshot view = db_->begin_read();
  db_->close();
  db_->close();
  EXPECT_EQ(view.get("a"), "1");
  EXPECT_EQ(code_of([&] { db_->set("a", "2"); }), errc::closed);
  EXPECT_EQ(code_of([&] { static_cast<void>(db_->get("a")); }), errc::closed);
  EXPECT_EQ(code_of([&] { static_cast<void>(db_->begin_read()); }), errc::closed);
  EXPECT_EQ(code_of([&] { static_cast<void>(db_->stats()); }), errc::closed);
  EXPECT_EQ(code_of([&] { db_->sync(); }), errc::closed);
}

// view() and update() refuse functions whose result would dangle, as far as its type shows it.
template <class Result>
concept refused = detail::is_view<Result>::value;
struct incomplete;
static_assert(refused<std::string_view> && refused<const char*> && refused<std::span<const char>>);
static_assert(refused<entry> && refused<found_item> && refused<neighbor>);
static_assert(refused<range> && refused<range::iterator>);
static_assert(refused<intersects_range> && refused<nearby_range::iterator>);
static_assert(refused<snapshot> && refused<transaction>);
static_assert(refused<std::optional<std::string_view>> && refused<std::optional<found_item>>);
static_assert(refused<std::vector<std::string_view>> && refused<std::array<entry, 2>>);
static_assert(refused<std::pair<std::optional<std::string_view>, int>>);
static_assert(refused<std::tuple<int, std::vector<std::pair<int, entry>>>>);
static_assert(refused<std::map<std::string, std::string_view>>);
static_assert(refused<std::map<std::string_view, int>>);
static_assert(refused<std::variant<int, std::string_view>>);
static_assert(refused<std::unique_ptr<std::string_view>> && refused<std::tuple<std::string&>>);
static_assert(refused<std::reference_wrapper<const std::string>>);
#if !defined(__clang__) || __clang_major__ >= 16  // clang 14 cannot compile libstdc++'s views
static_assert(refused<std::ranges::transform_view<std::ranges::ref_view<range>, int (*)(entry)>>);
#endif
static_assert(!refused<std::string> && !refused<int> && !refused<std::optional<std::string>>);
static_assert(!refused<std::vector<std::pair<std::string, std::optional<std::string>>>>);
static_assert(!refused<std::map<std::string, std::string>> && !refused<std::array<int, 4>>);
static_assert(!refused<std::unique_ptr<std::string, void (*)(std::string*)>>);
static_assert(!refused<std::shared_ptr<incomplete>> && !refused<std::function<void()>>);
static_assert(!refused<held_item> && !refused<copied_item> && !refused<index_info>);

// The values of a temporary snapshot are copies.
static_assert(std::is_same_v<decltype(std::declval<const snapshot&>().get("")),
                             std::optional<std::string_view>>);
static_assert(
    std::is_same_v<decltype(std::declval<snapshot>().get("")), std::optional<std::string>>);
static_assert(
    std::is_same_v<decltype(std::declval<transaction>().find("")), std::optional<copied_item>>);
// Its ranges, which would read later, are refused; so are changes in a transaction that nothing
// commits.
template <class Reader>
concept has_range = requires(Reader&& view) {
  std::forward<Reader>(view).ascend();
};
static_assert(has_range<const snapshot&> && !has_range<snapshot> && !has_range<const snapshot>);
template <class Transaction>
concept can_set = requires(Transaction&& tx) {
  std::forward<Transaction>(tx).set("key", "value");
};
static_assert(can_set<transaction&> && !can_set<transaction>);

TEST_F(database_test, a_temporary_snapshot_returns_copies) {
  db_->set("a", "1");
  const std::optional<std::string> value = db_->begin_read().get("a");
  const std::optional<copied_item> item = db_->begin_read().find("a");
  db_->erase("a");
  EXPECT_EQ(value, "1");
  ASSERT_TRUE(item);
  EXPECT_EQ(item->value, "1");
  EXPECT_EQ(item->expires_at, time_point::max());
  EXPECT_EQ(db_->begin_read().get("a"), std::nullopt);
  EXPECT_FALSE(db_->begin_read().find("a"));
}

static_assert(!std::is_move_constructible_v<database> && !std::is_copy_constructible_v<database>);
static_assert(std::is_nothrow_move_constructible_v<snapshot>);
static_assert(std::ranges::input_range<range> && std::ranges::view<range>);

}  // namespace
}  // namespace buntdb
