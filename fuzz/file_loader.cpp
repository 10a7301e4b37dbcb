// Opens any bytes as a database file. Either the open refuses the file and leaves it unchanged, or
// the content that it shows is the same after a commit, a close and another open.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "require.hpp"
#include "support/test_database.hpp"

using namespace buntdb;
using buntstore::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const testing::fake_clock clock;
  testing::memory_file_system disk;
  disk.put(testing::test_database::path, bytes);
  const std::string key = "a key of the fuzzer's";
  try {
    testing::test_database db(disk, clock);
    db->set(key, "1");
    auto shown = testing::contents(*db);
    db->close();
    testing::test_database again(disk, clock);
    require(again->stats().recovered_bytes == 0, "what was closed is cut");
    require(testing::contents(*again) == shown, "a second open shows something else");
    require(again->get(key) == "1", "the commit is gone");
  } catch (const error& refused) {
    require(refused.code() == errc::corrupt || refused.code() == errc::not_a_database,
            "an open fails for another reason");
    require(disk.content(testing::test_database::path) == bytes, "an open changed what it refused");
  }
  return 0;
}
