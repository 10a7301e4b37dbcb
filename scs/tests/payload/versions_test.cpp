// Payloads that released versions wrote. Never change them together with the library.

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include <scs/payload_codec.hpp>

namespace scs {
namespace {

std::string text_of(const std::string& name) {
  std::ifstream file(BUNTSTORE_VERSIONS_DIR "/" + name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

time_point at(std::int64_t nanoseconds) {
  return time_point{std::chrono::nanoseconds{nanoseconds}};
}

constexpr const char* other_id = "h:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

TEST(payload_of_version_0_1, of_a_users_session_is_read_whole) {
  const std::string text = text_of("0.1/session.json");
  const payload read = json_codec{}.decode(text);
  ASSERT_EQ(read.data.size(), 2U);
  EXPECT_EQ(read.data[0].key, "cart");
  EXPECT_EQ(read.data[0].json, "[1,2]");
  EXPECT_EQ(read.data[1].key, "name");
  EXPECT_EQ(read.data[1].json, R"("J\u00f6rg")");
  EXPECT_EQ(read.deadline, at(1'790'000'000'123'456'789));
  EXPECT_EQ(read.user, "ann");
  EXPECT_EQ(read.created, at(1'780'000'000'000'000'000));
  EXPECT_EQ(read.where, "Firefox");
  EXPECT_EQ(read.seen, at(1'780'000'001'000'000'000));
  EXPECT_EQ(read.begun, at(1'780'000'000'000'000'001));
  EXPECT_EQ(read.remember_me, true);
  EXPECT_EQ(read.idle_timeout, std::chrono::minutes{30});
  EXPECT_EQ(read.renewed_from, other_id);
  EXPECT_EQ(read.moved_to, "");
  EXPECT_TRUE(read.others.empty());
  EXPECT_EQ(json_codec{}.encode(read), text);
}

TEST(payload_of_version_0_1, of_a_tombstone_is_read_whole) {
  const std::string text = text_of("0.1/tombstone.json");
  const payload read = json_codec{}.decode(text);
  EXPECT_TRUE(read.data.empty());
  EXPECT_EQ(read.user, "ann");
  EXPECT_EQ(read.moved_to, other_id);
  EXPECT_EQ(json_codec{}.encode(read), text);
}

TEST(payload_of_version_0_1, of_a_session_without_a_user_is_read_whole) {
  const std::string text = text_of("0.1/anonymous.json");
  const payload read = json_codec{}.decode(text);
  ASSERT_EQ(read.data.size(), 1U);
  EXPECT_EQ(read.data[0].key, "n");
  EXPECT_EQ(read.user, "");
  EXPECT_EQ(read.begun, std::nullopt);
  EXPECT_EQ(read.remember_me, std::nullopt);
  EXPECT_EQ(json_codec{}.encode(read), text);
}

}  // namespace
}  // namespace scs
