// Bytes chosen by an attacker, and a file that is damaged in every way at every byte.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "log/format.hpp"
#include "log/marker.hpp"
#include "log/opened_file.hpp"
#include "log/window.hpp"
#include "support/log_builder.hpp"
#include "support/map_sink.hpp"

namespace buntdb::log {
namespace {

using namespace std::string_literals;
using testing::items;
using testing::log_builder;
using testing::map_sink;
using testing::opened_file;
using testing::set;

// Bytes chosen by an attacker.

TEST(hostile, lengths_cost_nothing) {
  for (const std::string& bytes :
       {"*1000000000000000000\r\n"s, "*3\r\n$3\r\nset\r\n$1000000000000000000\r\n"s,
        "*3\r\n$3\r\nset\r\n$1\r\na\r\n$18446744073709551615\r\n"s, "*-1\r\n"s,
        "*3\r\n$3\r\nset\r\n$1\r\na\r\n$-1\r\n"s}) {
    EXPECT_TRUE(opened_file(bytes).is_refused()) << bytes;
  }
}

TEST(hostile, a_length_that_the_file_does_not_have_allocates_nothing) {
  opened_file file(set("a", "1") + "*3\r\n$3\r\nset\r\n$1\r\na\r\n$536870912\r\nshort");
  EXPECT_TRUE(file.is_cut());
  for (const testing::io_record& call : file.disk.calls())
    EXPECT_LT(call.size, 1000U);
}

TEST(hostile, a_marker_that_counts_more_than_the_file_has_is_cut) {
  std::string bytes(marker_size, '\0');
  write_marker({.number = 1, .length = max_marker_field, .checksum = 5}, bytes.data());
  bytes += set("a", "1");
  opened_file file(bytes);
  EXPECT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, 0U);
}

TEST(hostile, ten_million_nuls_are_read_through_a_small_window) {
  const std::string ten_million(10'000'000, '\0');  // NOLINT(bugprone-string-constructor): meant
  const opened_file nuls(ten_million);
  EXPECT_FALSE(nuls.found.damage);
  EXPECT_EQ(nuls.found.good_end, 0U);
  EXPECT_EQ(nuls.found.nul_tail, 10'000'000U);
  EXPECT_TRUE(nuls.items().empty());
  for (const testing::io_record& call : nuls.disk.calls())
    EXPECT_LE(call.size, window::usual_size);

  const opened_file followed(ten_million + set("a", "1"));
  EXPECT_EQ(followed.items(), items({{"a", "1"}}));
}

TEST(hostile, a_million_beginnings_of_markers_are_searched_once) {
  std::string bytes = set("a", "1") + "garbage";
  while (bytes.size() < 8'000'000)
    bytes += format::marker_head;
  const opened_file file(bytes);
  EXPECT_TRUE(file.is_refused());
  std::uint64_t read = 0;
  for (const testing::io_record& call : file.disk.calls())
    read += call.size;
  EXPECT_LT(read, 3 * bytes.size());
}

// A small file of marked batches, damaged in every way at every byte.

class attack : public ::testing::Test {
 protected:
  attack() {
    const auto grown = [this] { states_.push_back(opened_file(log_.bytes()).items()); };
    grown();
    log_.set("a", "1"), grown();
    log_.batch([](std::string& out) {
      append_set(out, "b", "2");
      append_set_expiring(out, "c", "3", 4102444800);
    });
    grown();
    log_.synced().batch([](std::string& out) {
      append_del(out, "a");
      append_set(out, "d", "binary \0\r\n$3*"s);
    });
    grown();
    log_.seal(), grown();
    log_.synced().batch([](std::string& out) {
      append_flushdb(out);
      append_set(out, "e", "5");
    });
    grown();
    log_.set("f", std::string(130, 'f')), grown();
    vouched_ = log_.ends()[3];
  }

  /// Returns the number of whole batches in the first `size` bytes.
  std::size_t batches_in(std::uint64_t size) const {
    return static_cast<std::size_t>(std::upper_bound(log_.ends().begin(), log_.ends().end(), size) -
                                    log_.ends().begin());
  }

  /// Expects that what is left is the state after some number of whole batches, not fewer than a
  /// surviving marker vouches for. (A few bytes of the next batch may be left, too, as an empty
  /// command or as part of a marker's own key: "*2" and "*0" differ in one bit.)
  void expect_whole_batches(const opened_file& file) const {
    ASSERT_GE(file.found.good_end, file.found.synced);
    ASSERT_EQ(file.items(), states_[batches_in(file.found.good_end)]);
  }

  void expect_end_between_batches(const opened_file& file, std::size_t batches) const {
    ASSERT_EQ(file.found.good_end, batches == 0 ? 0 : log_.ends()[batches - 1]);
    ASSERT_EQ(file.found.next_number, batches + 1);
  }

  log_builder log_;
  std::vector<map_sink::map> states_;  ///< after this many batches
  std::uint64_t vouched_ = 0;          ///< by the last markers
};

TEST_F(attack, cut_at_every_byte_keeps_the_whole_batches) {
  for (std::uint64_t size = 0; size <= log_.size(); ++size) {
    SCOPED_TRACE(size);
    const opened_file file(std::string_view(log_.bytes()).substr(0, size));
    ASSERT_FALSE(file.is_refused());
    expect_whole_batches(file);
    expect_end_between_batches(file, batches_in(size));
  }
}

TEST_F(attack, nuls_from_every_byte_on_keep_the_whole_batches) {
  for (std::uint64_t size = 0; size < log_.size(); ++size) {
    SCOPED_TRACE(size);
    std::string bytes = log_.bytes();
    std::fill(bytes.begin() + static_cast<long>(size), bytes.end(), '\0');
    const opened_file file(bytes);
    if (file.is_refused()) {
      // Only the first marker's: nothing else shows that this is one of the library's databases.
      ASSERT_LT(size, marker_size);
      continue;
    }
    expect_whole_batches(file);
    expect_end_between_batches(file, batches_in(size));
  }
}

TEST_F(attack, a_flipped_bit_is_found_or_harmless) {
  std::size_t refused = 0;
  std::size_t harmless = 0;
  for (std::uint64_t bit = 0; bit < 8 * log_.size(); ++bit) {
    SCOPED_TRACE(bit);
    std::string bytes = log_.bytes();
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const opened_file file(bytes);
    if (!file.found.damage) {
      ASSERT_EQ(file.items(), states_.back());
      ++harmless;
    } else if (file.is_cut()) {
      ASSERT_GE(file.found.good_end, vouched_) << "what was known to be on disk is cut";
      expect_whole_batches(file);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0U);
  EXPECT_LT(harmless, log_.size());
}

TEST_F(attack, a_stretch_of_nuls_is_found_or_harmless) {
  for (std::uint64_t begin = 0; begin < log_.size(); begin += 3) {
    for (const std::uint64_t size : {1U, 7U, 63U, 64U, 200U}) {
      SCOPED_TRACE(std::to_string(begin) + "+" + std::to_string(size));
      if (begin + size >= log_.size()) continue;
      std::string bytes = log_.bytes();
      std::fill_n(bytes.begin() + static_cast<long>(begin), size, '\0');
      const opened_file file(bytes);
      if (file.found.damage) {
        if (file.is_cut()) expect_whole_batches(file);
      } else {
        ASSERT_EQ(file.items(), states_.back());
      }
    }
  }
}

TEST_F(attack, a_file_that_was_cut_is_whole_after_any_edits) {
  std::mt19937 random(7);
  std::size_t cuts = 0;
  for (int round = 0; round < 2000; ++round) {
    SCOPED_TRACE(round);
    std::string bytes = log_.bytes();
    for (auto edits = 1 + random() % 4; edits > 0 && !bytes.empty(); --edits) {
      const std::size_t at = random() % bytes.size();
      const std::size_t size = random() % 100;
      switch (random() % 5) {
        case 0:
          bytes.erase(at, size);
          break;
        case 1:
          bytes.insert(random() % bytes.size(), bytes.substr(at, size));
          break;
        case 2:
          bytes[at] = static_cast<char>(random());
          break;
        case 3:
          bytes.replace(at, size, size, '\0');
          break;
        default:
          bytes += set("foreign", "value");
      }
    }
    opened_file file(bytes);
    file.items();
    if (!file.is_cut()) continue;
    ++cuts;
    const map_sink::map before = file.items();
    cut(file.disk, *file.file, file.found);
    const inspection again = inspect(*file.file);
    ASSERT_FALSE(again.damage) << again.damage->reason;
    ASSERT_EQ(again.good_end, file.found.good_end);
    ASSERT_EQ(again.nul_tail, 0U);
    ASSERT_EQ(again.next_number, file.found.next_number);
    ASSERT_EQ(again.commands, file.found.commands);
    map_sink sink;
    replay(*file.file, again, sink);
    ASSERT_EQ(sink.items(), before);
  }
  EXPECT_GT(cuts, 100U);
}

}  // namespace
}  // namespace buntdb::log
