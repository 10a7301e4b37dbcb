// Inspecting a file while it grows must have the same result as inspecting the whole file once.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "io/memory_file.hpp"
#include "log/encode.hpp"
#include "log/marker.hpp"
#include "log/recovery.hpp"
#include "support/log_builder.hpp"
#include "support/map_sink.hpp"

namespace buntdb::log {
namespace {

using buntdb::testing::log_builder;
using buntdb::testing::map_sink;

class growing : public ::testing::Test {
 protected:
  static io::memory_file file_of(std::string_view bytes) {
    return {"app.db", std::string(bytes), time_point{}};
  }

  static log_builder some_batches() {
    log_builder log;
    log.of_file(new_file_id()).set("a", "1").set("b", "2").synced().seal().set("a", "3");
    return log.batch([](std::string& out) {
      append_del(out, "b");
      append_set(out, "c", std::string(100, 'c'));
    });
  }

  /// Inspects the first content and then the second one, and compares the result with a single
  /// inspection of the second one. Returns false if it had to be started again.
  static bool expect_the_same(std::string_view before, std::string_view bytes) {
    map_sink told;
    growing_inspection inspection(told);
    const io::memory_file first = file_of(before);
    const io::memory_file last = file_of(bytes);
    if (!inspection.advance(first, first.status())) return false;
    const std::optional<log::inspection> found = inspection.finish(last, last.status());
    if (!found) return false;
    map_sink expected_items;
    const log::inspection expected = inspect(last, last.status(), expected_items);
    EXPECT_EQ(told.items(), expected_items.items());
    EXPECT_EQ(found->size, expected.size);
    EXPECT_EQ(found->good_end, expected.good_end);
    EXPECT_EQ(found->nul_tail, expected.nul_tail);
    EXPECT_EQ(found->next_number, expected.next_number);
    EXPECT_EQ(found->synced, expected.synced);
    EXPECT_EQ(found->commands, expected.commands);
    EXPECT_EQ(found->batches, expected.batches);
    EXPECT_EQ(found->seals, expected.seals);
    EXPECT_EQ(found->sealed, expected.sealed);
    EXPECT_EQ(found->file_id, expected.file_id);
    EXPECT_EQ(found->has_markers, expected.has_markers);
    EXPECT_EQ(found->has_relative_expiries, expected.has_relative_expiries);
    EXPECT_EQ(found->damage.has_value(), expected.damage.has_value());
    if (found->damage && expected.damage) {
      EXPECT_EQ(found->damage->offset, expected.damage->offset);
      EXPECT_EQ(found->damage->verdict, expected.damage->verdict);
      EXPECT_EQ(found->damage->reason, expected.damage->reason);
    }
    return !::testing::Test::HasFailure();
  }
};

TEST_F(growing, goes_on_from_every_byte) {
  const std::string whole = some_batches().seal().bytes();
  for (std::size_t seen = 0; seen <= whole.size(); ++seen)
    ASSERT_TRUE(expect_the_same(whole.substr(0, seen), whole)) << seen;
}

TEST_F(growing, judges_a_tail_that_is_torn_at_every_byte) {
  const std::string whole = some_batches().bytes();
  for (std::size_t size = 0; size <= whole.size(); ++size)
    for (std::size_t seen = 0; seen <= size; seen += 13)
      ASSERT_TRUE(expect_the_same(whole.substr(0, seen), whole.substr(0, size)))
          << seen << " of " << size;
}

TEST_F(growing, judges_damage_at_every_byte_after_what_was_seen) {
  const log_builder log = some_batches();
  const std::string& whole = log.bytes();
  for (const std::uint64_t seen : log.ends()) {
    for (std::size_t at = seen; at < whole.size(); ++at) {
      for (const char flipped : {'\x01', '\x80'}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ flipped);
        ASSERT_TRUE(expect_the_same(whole.substr(0, seen), damaged)) << seen << " at " << at;
      }
    }
  }
}

TEST_F(growing, follows_a_file_of_another_program) {
  std::string commands;
  append_set(commands, "a", "1");
  commands += "*5\r\n$3\r\nset\r\n$1\r\nb\r\n$1\r\n2\r\n$2\r\nex\r\n$2\r\n60\r\n";
  append_del(commands, "a");
  for (std::size_t seen = 0; seen <= commands.size(); ++seen)
    ASSERT_TRUE(expect_the_same(commands.substr(0, seen), commands)) << seen;
}

TEST_F(growing, takes_no_appended_zeros_for_the_end) {
  const log_builder log = some_batches();
  const std::string zeros(512, '\0');
  EXPECT_TRUE(expect_the_same(log.bytes() + zeros, log_builder(log).set("d", "4").bytes()));
  EXPECT_TRUE(expect_the_same(log.bytes(), log.bytes() + zeros));
}

TEST_F(growing, does_not_go_on_in_a_file_that_became_another_one) {
  const std::string whole = some_batches().bytes();
  const std::string other = some_batches().set("more", "data").bytes();  // with markers of its own
  EXPECT_FALSE(expect_the_same(whole, other));
  EXPECT_FALSE(expect_the_same(whole, whole.substr(0, whole.size() - 1)));
  EXPECT_FALSE(expect_the_same(whole, ""));
}

}  // namespace
}  // namespace buntdb::log
