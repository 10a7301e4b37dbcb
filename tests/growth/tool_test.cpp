// What the command line tool does with files, scripts and texts takes linear work, too.
#include <fstream>
#include <map>
#include <string>

#include "command_line/arguments.hpp"
#include "command_line/words.hpp"
#include "log/encode.hpp"
#include "sessions/renewals.hpp"
#include "temporary_folder.hpp"
#include "text/base64.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"
#include "watch/log_follower.hpp"
#include "work.hpp"

namespace {

using buntstore::growth::expect_linear;
using buntstore::growth::repeated;
using buntstore::testing::temporary_folder;

void expect_linear_texts(const std::string& piece) {
  expect_linear("text of " + piece, 4096, [&](std::size_t size) {
    return [text = repeated(piece, size / piece.size())] {
      static_cast<void>(printable(text));
      static_cast<void>(printable_message(text));
      static_cast<void>(split_words(as_word(text)));
      static_cast<void>(split_unfinished(text));
      static_cast<void>(readable(text));
      static_cast<void>(from_base64(to_base64(text)));
      json object;
      put_bytes(object, "text", text, spelling::as_they_are);
      static_cast<void>(json_line(object));
    };
  });
}

TEST(growth_of_texts, is_linear) {
  for (const char* piece :
       {"a", " ", " =", "'", "\"\"", "\\\\", "\x1b", "\xff", "\u202e", "é", "\U000e0041"}) {
    expect_linear_texts(piece);
  }
}

/// Follows a file and prints nothing.
void follow(const std::string& path) {
  log_follower follower(
      path, log_follower::start::beginning, [](const change_group&) {},
      [](file_event, const std::string&) {});
  follower.look();
  follower.look();
}

void expect_linear_file(const std::string& what,
                        const std::function<std::string(std::size_t)>& bytes) {
  const temporary_folder folder;
  expect_linear(what, 2000, [&](std::size_t size) {
    const std::string path = folder.file(std::to_string(size));
    std::ofstream(path, std::ios::binary) << bytes(size);
    return [path] { follow(path); };
  });
}

TEST(growth_of_watched_files, is_linear) {
  const auto sets = [](std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i)
      buntdb::log::append_set(out, "key" + std::to_string(i), "value");
    return out;
  };
  expect_linear_file("sets", sets);
  // A hash table that was large once takes long to clear, even if it contains little.
  expect_linear_file("sets, and then clears", [&](std::size_t size) {
    std::string out = sets(size);
    for (std::size_t i = 0; i < size; ++i)
      buntdb::log::append_flushdb(out);
    return out;
  });
}

TEST(growth_of_renewals, is_linear_in_a_chain_of_them) {
  for (const bool backwards : {false, true}) {
    expect_linear("a chain", 1000, [&](std::size_t size) {
      std::map<std::string, stored_session> all;
      const auto key = [&](std::size_t i) {
        return std::to_string(1'000'000 + (backwards ? size - i : i));
      };
      for (std::size_t i = 0; i < size; ++i) {
        stored_session& made = all[key(i)];
        made.key = key(i);
        if (i + 1 < size) made.moved_to = key(i + 1);
      }
      return
          [all, last = key(size - 1), size] { EXPECT_EQ(with_renewals(all, {last}).size(), size); };
    });
  }
}

}  // namespace
