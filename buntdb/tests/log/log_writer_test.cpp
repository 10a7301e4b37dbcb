#include <cerrno>
#include <string>

#include <gtest/gtest.h>

#include "log/batch.hpp"
#include "log/encode.hpp"
#include "log/recovery.hpp"
#include "log/writer.hpp"
#include "support/code_of.hpp"
#include "support/log_builder.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::log {
namespace {

using testing::code_of;
using testing::io_call;
using testing::log_builder;

class log_writer_test : public ::testing::Test {
 protected:
  static constexpr const char* path = "log";

  static std::string batch(std::string_view key) {
    std::string out;
    begin_batch(out);
    append_set(out, key, "value");
    return out;
  }

  void gather(std::string_view key) {
    const std::size_t begin = begin_batch(writer_.buffer());
    append_set(writer_.buffer(), key, "value");
    writer_.finish(begin);
  }

  testing::memory_file_system files_;
  std::unique_ptr<io::file> file_ = files_.open(path, io::open_mode::read_write);
  writer writer_{*file_, batch_framer(0, 1, 0)};
};

TEST_F(log_writer_test, appends_batches_that_follow_each_other) {
  for (const char* key : {"a", "b"}) {
    std::string bytes = batch(key);
    writer_.append(bytes);
  }
  log_builder expected;
  expected.set("a", "value").set("b", "value");
  EXPECT_EQ(files_.content(path), expected.bytes());
  EXPECT_EQ(writer_.written(), expected.size());
}

TEST_F(log_writer_test, gathers_batches_until_they_are_flushed) {
  gather("a");
  gather("b");
  EXPECT_EQ(files_.content(path), "");
  writer_.flush();
  log_builder expected;
  expected.set("a", "value").set("b", "value");
  EXPECT_EQ(files_.content(path), expected.bytes());
  EXPECT_EQ(files_.count(io_call::write), 1U);
}

TEST_F(log_writer_test, vouches_for_what_it_has_synced) {
  gather("a");
  writer_.sync();
  writer_.seal();
  writer_.flush();
  log_builder expected;
  expected.set("a", "value").synced().seal();
  EXPECT_EQ(files_.content(path), expected.bytes());
  EXPECT_TRUE(inspect(*file_).sealed);
}

TEST_F(log_writer_test, forgets_a_batch_that_could_not_be_written) {
  std::string bytes = batch("a");
  files_.shorten_nth_write(1, 40);
  files_.fail_nth(2, ENOSPC, io_call::write);
  EXPECT_EQ(code_of([&] { writer_.append(bytes); }), std::errc::no_space_on_device);
  EXPECT_EQ(writer_.written(), 0U);
  bytes = batch("b");
  writer_.append(bytes);
  EXPECT_EQ(files_.content(path), log_builder().set("b", "value").bytes());
}

TEST_F(log_writer_test, goes_on_where_a_file_ends) {
  log_builder expected;
  expected.set("a", "value");
  files_.put(path, expected.bytes());
  file_ = files_.open(path, io::open_mode::read_write);
  const inspection found = inspect(*file_);
  writer again(*file_, batch_framer(found.good_end, found.next_number, found.file_id.value()));
  again.raise_synced(found.good_end);
  std::string bytes = batch("b");
  again.append(bytes);
  EXPECT_EQ(files_.content(path), expected.synced().set("b", "value").bytes());
}

TEST_F(log_writer_test, marks_a_batch_of_another_file_anew) {
  log_builder other("*0\r\n");
  other.set("before", "value").set("a", "value");
  files_.put("other", other.bytes());
  const std::string_view original = std::string_view(other.bytes()).substr(other.ends().front());
  gather("first");
  const auto marker = read_marker(original, other.ends().front());
  ASSERT_TRUE(marker);
  writer_.copy_marker(*marker);
  writer_.buffer().append(original.substr(marker_size));
  writer_.sync();
  EXPECT_EQ(files_.content(path), log_builder().set("first", "value").set("a", "value").bytes());
}

}  // namespace
}  // namespace buntdb::log
