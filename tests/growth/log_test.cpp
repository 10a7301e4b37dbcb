// Reading complete and damaged files: four times the file takes at most six times the work.
#include <string>

#include "io/memory_file.hpp"
#include "log/batch.hpp"
#include "log/encode.hpp"
#include "log/marker.hpp"
#include "log/recovery.hpp"
#include "log/salvage.hpp"
#include "storage/repair.hpp"
#include "support/map_sink.hpp"
#include "work.hpp"

namespace {

using namespace buntdb;
using buntstore::growth::expect_linear;
using buntstore::growth::repeated;

/// Does what an open, a check and a repair do with the file's bytes.
void read_in_every_way(const std::string& bytes) {
  const io::memory_file file("file", bytes, time_point{});
  buntdb::testing::map_sink sink;
  const log::inspection found = log::inspect(file, file.status(), sink);
  log::replay(file, found, sink);
  const log::salvage_plan plan = log::plan_salvage(file);
  log::replay(file, plan, sink);
  static_cast<void>(plan.kept_commands());
}

void expect_linear_file(const std::string& what, std::size_t size,
                        const std::function<std::string(std::size_t size)>& bytes) {
  expect_linear(what, size,
                [&](std::size_t of) { return [made = bytes(of)] { read_in_every_way(made); }; });
}

std::string set(std::string_view key, std::string_view value) {
  std::string out;
  log::append_set(out, key, value);
  return out;
}

/// Appends a marker whose own checksum is correct.
void append_marker(std::string& out, std::uint64_t number, std::uint64_t length,
                   std::uint64_t checksum) {
  const std::size_t at = out.size();
  out.resize(at + log::marker_size);
  log::write_marker(
      {.at = at, .number = number, .length = length, .synced = 0, .checksum = checksum},
      out.data() + at);
}

/// Returns markers that each claim up to `claimed` following bytes, all of them wrongly.
std::string markers(std::size_t size, std::uint64_t claimed, std::string_view between) {
  std::string out;
  for (std::uint64_t number = 1; out.size() + log::marker_size < size; ++number) {
    const std::uint64_t left = size - out.size() - log::marker_size;
    append_marker(out, number, std::min(claimed, left), number);
    out += between.substr(0, size - out.size());
  }
  out.resize(size, 'x');
  return out;
}

TEST(growth_of_files, is_linear_in_commands) {
  constexpr std::size_t size = 20'000;
  const std::string command = set("key", "value");
  expect_linear_file("sets", size,
                     [&](std::size_t of) { return repeated(command, of / command.size()); });
  expect_linear_file("flushdb", size,
                     [](std::size_t of) { return repeated("*1\r\n$7\r\nflushdb\r\n", of / 17); });
  expect_linear_file("nothing", size, [](std::size_t of) { return repeated("*0\r\n", of / 4); });
  expect_linear_file("one value", size,
                     [](std::size_t of) { return set("k", std::string(of, 'v')); });
  expect_linear_file("leading zeros", size,
                     [](std::size_t of) { return "*" + std::string(of, '0') + "3\r\n"; });
  expect_linear_file("a long number", size,
                     [](std::size_t of) { return "*3\r\n$3\r\nset\r\n$" + std::string(of, '1'); });
  expect_linear_file("many arguments", size, [](std::size_t of) {
    return "*" + std::to_string(of / 7) + "\r\n" + repeated("$1\r\na\r\n", of / 7);
  });
  expect_linear_file("NULs", size, [](std::size_t of) { return std::string(of, '\0'); });
  expect_linear_file("lines", size, [](std::size_t of) { return repeated("*\r\n", of / 3); });
}

TEST(growth_of_files, is_linear_in_markers_whatever_they_claim) {
  for (const std::uint64_t claimed :
       {std::uint64_t{0}, std::uint64_t{100}, std::uint64_t{5000}, std::uint64_t{1} << 40U}) {
    for (const std::string& between : {std::string(), set("k", "v"), std::string("x"),
                                       std::string(3, '\0'), std::string("*3\r\n$3\r\nset\r\n")}) {
      expect_linear_file("markers that claim " + std::to_string(claimed) + " before " + between,
                         40'000, [&](std::size_t of) { return markers(of, claimed, between); });
    }
  }
}

TEST(growth_of_files, is_linear_in_damage_without_markers) {
  const std::string damaged = set("k", "v") + "damage";
  expect_linear_file("commands and damage in turns", 20'000, [&](std::size_t of) {
    return set("a", "b") + repeated(damaged, of / damaged.size());
  });
  // Each looks like a command that ends where its length says.
  expect_linear_file("values that claim much", 20'000, [](std::size_t of) {
    std::string out = set("a", "b") + "damage";
    while (out.size() < of)
      out += "*3\r\n$3\r\nset\r\n$1\r\nk\r\n$" + std::to_string(of / 4) + "\r\n";
    out.resize(2 * of, 'x');
    return out;
  });
  expect_linear_file("beginnings", 20'000, [](std::size_t of) {
    return set("a", "b") + "damage" + repeated("*3\r\n$3\r\n", of / 8);
  });
}

TEST(growth_of_files, is_linear_in_values_that_claim_more_than_the_window_has) {
  // Larger than the two MiB that are read at a time, so that the window has to move.
  expect_linear_file("values that claim megabytes", std::size_t{3} << 20U, [](std::size_t of) {
    std::string out = set("a", "b") + "damage";
    const std::string claim =
        "*3\r\n$3\r\nset\r\n$1\r\nk\r\n$" + std::to_string(of - 100'000) + "\r\n";
    out += repeated(claim, 2000);
    out.resize(of, 'x');
    return out + std::string(of / 4, 'y');
  });
}

TEST(growth_of_files, is_linear_in_good_batches) {
  expect_linear_file("batches", 20'000, [](std::size_t of) {
    std::string out;
    for (std::uint64_t number = 1; out.size() < of; ++number) {
      const std::size_t begin = log::begin_batch(out);
      log::append_set(out, "key" + std::to_string(number), "value");
      log::finish_batch(out, begin, {.at = begin, .number = number, .synced = 0});
    }
    return out;
  });
  expect_linear_file("every second batch is missing", 20'000, [](std::size_t of) {
    std::string out;
    for (std::uint64_t number = 2; out.size() < of; number += 2) {
      const std::size_t begin = log::begin_batch(out);
      log::append_set(out, "k", "v");
      log::finish_batch(out, begin, {.at = begin, .number = number, .synced = 0});
      out += set("unmarked", "x");
    }
    return out;
  });
}

}  // namespace
