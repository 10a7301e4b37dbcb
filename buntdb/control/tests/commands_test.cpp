// The answers of the commands.

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control_fixture.hpp"

namespace buntdb::control::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class control_commands : public control_fixture {
 protected:
  std::string ask(const std::vector<std::string>& request) { return client_.ask(request); }

  /// Returns all pages of a long answer, and their number.
  std::vector<std::string> pages(const std::vector<std::string>& request) {
    std::vector<std::string> elements;
    client_.send(request_of(request));
    page_count_ = 0;
    for (std::optional<reply> answer = client_.receive(); answer; answer = client_.receive()) {
      if (answer->elements.size() != 2) return {text_of(*answer)};
      ++page_count_;
      for (const reply& each : answer->elements[1].elements)
        elements.push_back(text_of(each));
      if (answer->elements[0].text == "0") break;
      client_.send(request_of({"next", answer->elements[0].text}));
    }
    return elements;
  }

  test_client client_{(listen({.write_timeout = 1ms}), client())};
  int page_count_ = 0;
};

TEST_F(control_commands, read_and_write_items) {
  EXPECT_EQ(ask({"get", "a"}), "null");
  EXPECT_EQ(ask({"set", "a", "1"}), "+OK");
  EXPECT_EQ(ask({"GET", "a"}), "1");
  EXPECT_EQ(ask({"item", "a"}), "[value, 1, expires_at_ms, null]");
  EXPECT_EQ(ask({"pttl", "a"}), "-1");
  EXPECT_EQ(ask({"pttl", "b"}), "-2");
  EXPECT_EQ(ask({"set", "b", "2", "EX", "100"}), "+OK");
  EXPECT_THAT(std::stoi(ask({"pttl", "b"})), AllOf(testing::Gt(90'000), testing::Le(100'000)));
  EXPECT_EQ(ask({"set", "b", "2", "pxat", "4000000000000"}), "+OK");
  EXPECT_EQ(ask({"item", "b"}), "[value, 2, expires_at_ms, 4000000000000]");
  EXPECT_EQ(ask({"set", "c", "3", "px", "-1"}), "+OK");
  EXPECT_EQ(ask({"get", "c"}), "null");
  EXPECT_EQ(ask({"del", "a", "absent", "b"}), "[1, 0, 1]");
  EXPECT_EQ(db_.get("a"), std::nullopt);
  const std::string bytes("\0\r\n\xff", 4);
  EXPECT_EQ(ask({"set", bytes, bytes}), "+OK");
  EXPECT_EQ(db_.get(bytes), bytes);
  EXPECT_EQ(ask({"get", bytes}), bytes);
}

TEST_F(control_commands, say_what_is_wrong_and_change_nothing) {
  EXPECT_THAT(ask({"nonsense"}), StartsWith("-ERR there is no command 'nonsense'"));
  EXPECT_THAT(ask({"get"}), StartsWith("-INVALID_ARGUMENT usage: get KEY"));
  EXPECT_THAT(ask({"get", "a", "b"}), StartsWith("-INVALID_ARGUMENT usage: "));
  EXPECT_THAT(ask({"set", "a", "1", "ex"}), StartsWith("-INVALID_ARGUMENT usage: set"));
  EXPECT_THAT(ask({"set", "a", "1", "ex", "x"}), StartsWith("-INVALID_ARGUMENT 'x' is no"));
  EXPECT_THAT(ask({"set", "a", "1", "nx"}), StartsWith("-INVALID_ARGUMENT usage: set"));
  EXPECT_THAT(ask({"del"}), StartsWith("-INVALID_ARGUMENT usage: del"));
  EXPECT_THAT(ask({"set", std::string("\0bunt:x", 7), "1"}), StartsWith("-RESERVED_KEY "));
  EXPECT_THAT(ask({"set", std::string(70'000, 'k'), "1"}), StartsWith("-TOO_LARGE "));
  EXPECT_THAT(ask({"ascend", "index", "none"}), StartsWith("-INDEX_NOT_FOUND "));
  EXPECT_THAT(ask({"save", "copy.db"}), HasSubstr("absolute path"));
  EXPECT_THAT(ask({"save", "/no/such/folder/copy.db"}), StartsWith("-ERR "));
  // A message contains no line end, so that what follows it cannot be mistaken for another answer.
  EXPECT_THAT(ask({"no\r\n+OK"}), HasSubstr("no\\x0d\\x0a+OK"));
  EXPECT_EQ(ask({"ping"}), "+PONG");
  EXPECT_EQ(db_.begin_read().size(), 0U);
}

TEST_F(control_commands, do_not_wait_long_for_another_transaction) {
  db_.set("a", "1");
  transaction tx = db_.begin();
  EXPECT_THAT(ask({"set", "a", "2"}), StartsWith("-BUSY "));
  EXPECT_THAT(ask({"del", "a"}), StartsWith("-BUSY "));
  EXPECT_EQ(ask({"get", "a"}), "1");
  tx.rollback();
  EXPECT_EQ(ask({"set", "a", "2"}), "+OK");
}

TEST_F(control_commands, scan_within_bounds_in_both_directions) {
  for (const std::string key : {"a", "b", "c", "d"})
    db_.set(key, key == "b" ? "9" : "1" + key);
  db_.create_index("values", {.order = {by_binary()}});
  EXPECT_EQ(ask({"ascend", "at-least", "b", "less-than", "d"}), "[0, [b, 9, c, 1c]]");
  EXPECT_EQ(ask({"descend", "greater-than", "a", "at-most", "c"}), "[0, [c, 1c, b, 9]]");
  EXPECT_EQ(ask({"ascend", "limit", "1"}), "[0, [a, 1a]]");
  EXPECT_EQ(ask({"ascend", "limit", "0"}), "[0, []]");
  EXPECT_EQ(ask({"ascend", "pattern", "[ac]"}), "[0, []]");
  EXPECT_EQ(ask({"ascend", "pattern", "?", "index", "values", "at-least", "1c"}),
            "[0, [c, 1c, d, 1d, b, 9]]");
}

TEST_F(control_commands, tell_long_answers_page_by_page_of_one_moment) {
  {
    transaction tx = db_.begin();
    for (int i = 10'000; i < 12'500; ++i)
      tx.set(std::to_string(i), "v");
    tx.commit();
  }
  const std::vector<std::string> all = pages({"ascend"});
  EXPECT_EQ(all.size(), 2 * 2500U);
  EXPECT_EQ(page_count_, 3);
  client_.send(request_of({"ascend"}));
  const std::optional<reply> first = client_.receive();
  ASSERT_TRUE(first);
  db_.set("10999x", "added meanwhile");
  const std::string cursor = first->elements.at(0).text;
  const std::string second = ask({"next", cursor});
  EXPECT_THAT(second, AllOf(HasSubstr("11000"), testing::Not(HasSubstr("meanwhile"))));
  // Another long answer ends the previous one.
  EXPECT_THAT(ask({"descend"}), StartsWith("["));
  EXPECT_THAT(ask({"next", cursor}), StartsWith("-INVALID_ARGUMENT this cursor has ended"));
  EXPECT_THAT(ask({"next"}), StartsWith("-INVALID_ARGUMENT usage"));
}

TEST_F(control_commands, send_large_values_whole) {
  const std::string large(5'000'000, 'x');
  EXPECT_EQ(ask({"set", "large", large}), "+OK");
  db_.set("small", "s");
  EXPECT_EQ(ask({"get", "large"}), large);
  EXPECT_EQ(pages({"ascend"}).size(), 4U);
  EXPECT_EQ(page_count_, 2) << "a page ends after a large value";
}

TEST_F(control_commands, tell_changes_as_they_are_committed) {
  test_client watching = client();
  EXPECT_EQ(watching.ask({"monitor", "user:*"}), "+OK");
  db_.set("user:1", "ann", {.expires_at = time_point(4'000'000'000s)});
  db_.set("other", "x");
  db_.erase("user:1");
  EXPECT_THAT(watching.receive_text(),
              AllOf(StartsWith("[set, "), HasSubstr(", user:1, ann, 4000000000000]")));
  EXPECT_THAT(watching.receive_text(), AllOf(StartsWith("[del, "), HasSubstr(", user:1]")));
  db_.set("user:2", "bob", {.ttl = 10ms});
  EXPECT_THAT(watching.receive_text(), HasSubstr(", user:2, bob, "));
  EXPECT_THAT(watching.receive_text(), StartsWith("[expired, "));
  // Any input ends it.
  watching.send(request_of({"ping"}));
  EXPECT_EQ(watching.receive_text(), "closed");
}

TEST_F(control_commands, care_for_the_file) {
  for (int i = 0; i < 100; ++i)
    db_.set("key", std::to_string(i));
  EXPECT_EQ(ask({"sync"}), "+OK");
  EXPECT_NE(db_.stats().last_sync, std::nullopt);
  const std::string compacted = ask({"compact"});
  EXPECT_THAT(compacted, AllOf(StartsWith("[bytes_before, "), HasSubstr("bytes_after, ")));
  const std::string copy = folder_.file("copy.db");
  EXPECT_EQ(ask({"save", copy}), "+OK");
  EXPECT_EQ(database::open(copy).get("key"), "99");
  std::filesystem::copy_file(copy, folder_.file("app.db.cut-12"));
  EXPECT_THAT(ask({"purge"}), HasSubstr("app.db.cut-12]"));
  const std::string stats = ask({"stats"});
  EXPECT_THAT(stats, AllOf(StartsWith("[items, 1, memory_bytes, "), HasSubstr("compactions, 2")));
  EXPECT_THAT(ask({"server"}), AllOf(HasSubstr("process, " + std::to_string(::getpid())),
                                     HasSubstr("file, " + file_.string())));
  EXPECT_THAT(ask({"help"}), AllOf(HasSubstr("get KEY, "), HasSubstr("monitor [PATTERN]")));
}

TEST_F(control_commands, show_and_change_settings_all_or_none) {
  const std::string before = ask({"settings"});
  EXPECT_EQ(before,
            "[sync, every_second, compaction_automatic, yes, compaction_growth, 2, "
            "compaction_at_least_bytes, 33554432, max_memory_bytes, 0]");
  EXPECT_EQ(ask({"settings", "sync", "always", "compaction_growth", "1.5", "max_memory_bytes",
                 "1000000", "compaction_automatic", "no"}),
            "[sync, always, compaction_automatic, no, compaction_growth, 1.5, "
            "compaction_at_least_bytes, 33554432, max_memory_bytes, 1000000]");
  EXPECT_EQ(db_.current_settings().sync, sync_policy::always);
  EXPECT_THAT(ask({"settings", "sync", "never", "compaction_growth", "0"}),
              StartsWith("-INVALID_ARGUMENT "));
  EXPECT_THAT(ask({"settings", "sync", "never", "nonsense", "0"}),
              StartsWith("-INVALID_ARGUMENT usage: settings"));
  EXPECT_THAT(ask({"settings", "sync"}), StartsWith("-INVALID_ARGUMENT usage: settings"));
  EXPECT_EQ(db_.current_settings().sync, sync_policy::always);
}

TEST_F(control_commands, may_be_the_applications_own) {
  std::vector<control_command> own;
  own.push_back({"greet", "greet NAME",
                 [](control_call& call) { call.reply().text("hello " + call.arguments()[0]); }});
  own.push_back({"fail", "fail", [](control_call&) { throw std::runtime_error("no\r\nway"); }});
  own.push_back({"break", "break", [](control_call& call) {
                   call.reply().array(2);
                   throw std::runtime_error("in the middle");
                 }});
  listen({.commands = own});
  test_client to_own = client();
  EXPECT_EQ(to_own.ask({"Greet", "ann"}), "hello ann");
  EXPECT_EQ(to_own.ask({"fail"}), "-ERR no\\x0d\\x0away");
  EXPECT_THAT(to_own.ask({"help"}), HasSubstr("greet NAME"));
  EXPECT_EQ(to_own.ask({"break"}), "closed") << "what has begun cannot become an error";
}

TEST_F(control_commands, say_that_the_database_is_closed) {
  db_.close();
  EXPECT_THAT(ask({"get", "a"}), StartsWith("-CLOSED "));
  EXPECT_THAT(ask({"set", "a", "1"}), StartsWith("-CLOSED "));
  EXPECT_THAT(ask({"stats"}), StartsWith("-CLOSED "));
  EXPECT_EQ(ask({"quit"}), "+OK");
  EXPECT_EQ(client_.receive_text(), "closed");
}

}  // namespace
}  // namespace buntdb::control::test
