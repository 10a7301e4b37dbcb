// The texts of errors and events are one line, whatever the keys, values and names in them contain.
#include <cerrno>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/database.hpp>
#include <buntdb/ordering.hpp>

#include "support/test_database.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using namespace std::string_literals;
using testing::fake_clock;
using ::testing::HasSubstr;
using testing::memory_file_system;
using testing::test_database;

/// A line end and a forged line, an escape sequence, C1, a change of text direction, and a byte
/// that is not UTF-8.
const std::string hostile = "x\r\nERROR forged \x1b[31m\u009b2J\u202e\xff";
const std::string harmless = "x\\x0d\\x0aERROR forged \\x1b[31m\\xc2\\x9b2J\\xe2\\x80\\xae\\xff";

void expect_escaped(const std::string& text) {
  EXPECT_THAT(text, HasSubstr(harmless));
  EXPECT_EQ(text.find_first_of("\r\n\x1b\xff"), std::string::npos) << text;
  EXPECT_EQ(text.find("\u009b"), std::string::npos);
  EXPECT_EQ(text.find("\u202e"), std::string::npos);
}

template <class Action>
std::string text_of(Action action) {
  try {
    action();
  } catch (const error& failure) {
    return failure.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(texts_of_errors, have_no_line_ends_of_names_and_data) {
  const fake_clock clock;
  test_database db(clock);
  expect_escaped(text_of([&] { parse_ordering(hostile); }));
  expect_escaped(text_of([&] { static_cast<void>(by_json("{" + hostile)); }));
  expect_escaped(text_of([&] {
    db->create_index(hostile, index_options{});
    db->create_index(hostile, index_options{});
  }));
  expect_escaped(text_of([&] {
    const snapshot view = db->begin_read();
    static_cast<void>(view.nearby(hostile, *parse_rect("[1]")));
  }));
}

TEST(texts_of_errors, have_no_line_ends_of_file_names) {
  const buntstore::testing::temporary_folder folder;
  expect_escaped(text_of([&] { database::open(folder.file("no folder/" + hostile)); }));
  const fake_clock clock;
  test_database db(clock);
  expect_escaped(text_of([&] { db->load(folder.file(hostile)); }));
  expect_escaped(text_of([&] { db->save(folder.file("none/" + hostile)); }));
}

TEST(texts_of_errors, keep_what_is_text) {
  EXPECT_STREQ(error(errc::locked, "Zürich 世界 \\n 😀").what(), "Zürich 世界 \\n 😀");
  // The text of one error may become part of another one.
  const error first(errc::locked, hostile);
  EXPECT_EQ(std::string(error(errc::corrupt, first.what()).what()), std::string(first.what()));
}

TEST(texts_of_errors, end_with_what_the_system_says_of_its_codes_and_repeat_nothing_of_ours) {
  EXPECT_STREQ(error(errc::index_not_found, "there is no index 'ages'").what(),
               "there is no index 'ages'");
  EXPECT_STREQ(error(std::make_error_code(std::errc::io_error), "app.db").what(),
               "app.db: Input/output error");
}

#ifdef __cpp_lib_format
TEST(texts_of_errors, can_be_formatted) {
  EXPECT_EQ(std::format("{}|{}|{:>5}", errc::locked, error(errc::full, "no room"), errc::full),
            "locked|full: no room| full");
}
#endif

TEST(texts_of_events, have_no_line_ends) {
  const fake_clock clock;
  memory_file_system files;
  const std::string path = "/data/" + hostile;
  std::vector<event> events;
  const options options{.on_event = [&](const event& told) { events.push_back(told); },
                        .clock = &clock};
  { engine::database_access::open(files, path, options, false).set("a", "1"); }
  files.put(path, files.content(path) + "*3\r\n$3\r\nset\r\n");
  engine::database_access::open(files, path, options, false);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, event_kind::recovered);
  expect_escaped(events[0].message);
}

}  // namespace
}  // namespace buntdb
