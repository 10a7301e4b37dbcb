// Operations on one record: find, commit, touch, erase, expiry.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "conformance/conformance.hpp"

namespace test {

TEST_P(store_conformance, finds_what_was_committed) {
  const auto id = new_id();
  const scs::time_point expiry = in(hours{1});
  const auto result = store().commit(id, "payload", expiry, std::nullopt, "");
  ASSERT_EQ(result.result, outcome::committed);
  const auto found = store().find(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "payload");
  EXPECT_EQ(found->revision, result.revision);
  EXPECT_LT(std::chrono::abs(found->expiry - expiry), seconds{1});
}

TEST_P(store_conformance, finds_nothing_under_an_unknown_id) {
  stored(new_id());
  EXPECT_FALSE(store().find(new_id()));
}

TEST_P(store_conformance, erases_an_unknown_id_without_error) {
  EXPECT_FALSE(store().erase(new_id()));
}

TEST_P(store_conformance, gives_what_it_erased) {
  const auto id = new_id();
  const std::string revision = stored(id);
  const auto erased = store().erase(id);
  ASSERT_TRUE(erased);
  EXPECT_EQ(erased->payload, "payload");
  EXPECT_EQ(erased->revision, revision);
  EXPECT_FALSE(store().find(id));
  EXPECT_FALSE(store().erase(id));
}

TEST_P(store_conformance, keeps_an_empty_payload) {
  const auto id = new_id();
  stored(id, "");
  const auto found = store().find(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "");
  EXPECT_TRUE(store().erase(id));
}

TEST_P(store_conformance, keeps_every_byte) {
  std::string payload;
  for (int byte = 0; byte < 256; ++byte)
    payload += static_cast<char>(byte);
  const auto id = new_id();
  stored(id, payload);
  EXPECT_EQ(payload_of(id), payload);
}

TEST_P(store_conformance, keeps_a_megabyte) {
  std::string payload(std::size_t{1} << 20, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(i * 31 >> 3);
  const auto id = new_id();
  stored(id, payload);
  EXPECT_EQ(payload_of(id), payload);
}

TEST_P(store_conformance, keeps_ids_of_any_bytes_apart) {
  const auto plain = scs::session_id::from_text("a");
  const auto longer = scs::session_id::from_text({"a\0b", 3});
  const auto other = scs::session_id::from_text("*?[\\\r\n");
  stored(plain, "1");
  stored(longer, "2");
  stored(other, "3");
  EXPECT_EQ(payload_of(plain), "1");
  EXPECT_EQ(payload_of(longer), "2");
  EXPECT_EQ(payload_of(other), "3");
}

TEST_P(store_conformance, creates_only_where_nothing_is) {
  const auto id = new_id();
  stored(id, "first");
  EXPECT_EQ(store().commit(id, "second", in(hours{1}), std::nullopt, "").result, outcome::conflict);
  EXPECT_EQ(payload_of(id), "first");
}

TEST_P(store_conformance, replaces_at_the_revision_that_was_read) {
  const auto id = new_id();
  const std::string first = stored(id, "first");
  const auto second = store().commit(id, "second", in(hours{1}), first, "");
  ASSERT_EQ(second.result, outcome::committed);
  EXPECT_NE(second.revision, first);
  EXPECT_EQ(payload_of(id), "second");
  EXPECT_EQ(store().find(id)->revision, second.revision);
}

TEST_P(store_conformance, refuses_a_revision_that_is_past) {
  const auto id = new_id();
  const std::string first = stored(id, "first");
  ASSERT_EQ(store().commit(id, "second", in(hours{1}), first, "").result, outcome::committed);
  EXPECT_EQ(store().commit(id, "third", in(hours{1}), first, "").result, outcome::conflict);
  EXPECT_EQ(payload_of(id), "second");
}

TEST_P(store_conformance, gives_the_same_payload_another_revision) {
  const auto id = new_id();
  const std::string first = stored(id, "same");
  const auto second = store().commit(id, "same", in(hours{1}), first, "");
  ASSERT_EQ(second.result, outcome::committed);
  EXPECT_NE(second.revision, first);
}

TEST_P(store_conformance, revives_nothing_by_a_commit_after_an_erase) {
  const auto id = new_id();
  const std::string revision = stored(id);
  store().erase(id);
  EXPECT_EQ(store().commit(id, "back", in(hours{1}), revision, "").result, outcome::gone);
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, does_not_take_an_old_revision_for_a_new_record_under_the_same_id) {
  const auto id = new_id();
  const std::string before = stored(id, "before");
  store().erase(id);
  stored(id, "after");
  EXPECT_EQ(store().commit(id, "mixed up", in(hours{1}), before, "").result, outcome::conflict);
  EXPECT_EQ(payload_of(id), "after");
}

TEST_P(store_conformance, takes_an_expired_record_for_absent) {
  const auto id = new_id();
  const std::string revision = stored(id, "old", seconds{10});
  advance(seconds{11});
  EXPECT_FALSE(store().find(id));
  EXPECT_FALSE(store().touch(id, in(hours{1})));
  EXPECT_EQ(store().commit(id, "back", in(hours{1}), revision, "").result, outcome::gone);
  EXPECT_FALSE(store().erase(id));
  EXPECT_TRUE(all_payloads().empty());
  EXPECT_EQ(store().commit(id, "new", in(hours{1}), std::nullopt, "").result, outcome::committed);
  EXPECT_EQ(payload_of(id), "new");
}

TEST_P(store_conformance, stores_nothing_that_has_expired_already) {
  const auto id = new_id();
  EXPECT_EQ(store().commit(id, "late", in(seconds{-5}), std::nullopt, "").result,
            outcome::committed);
  EXPECT_FALSE(store().find(id));
  const std::string revision = stored(id, "live");
  EXPECT_EQ(store().commit(id, "ended", in(seconds{-5}), revision, "").result, outcome::committed);
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, touches_without_changing_payload_or_revision) {
  const auto id = new_id();
  const std::string revision = stored(id, "payload", seconds{10});
  EXPECT_TRUE(store().touch(id, in(seconds{100})));
  advance(seconds{50});
  const auto found = store().find(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "payload");
  EXPECT_EQ(found->revision, revision);
  EXPECT_EQ(store().commit(id, "next", in(hours{1}), revision, "").result, outcome::committed);
}

TEST_P(store_conformance, never_shortens_by_a_touch) {
  const auto id = new_id();
  stored(id, "payload", seconds{100});
  EXPECT_TRUE(store().touch(id, in(seconds{10})));
  advance(seconds{50});
  EXPECT_TRUE(store().find(id));
}

TEST_P(store_conformance, revives_nothing_by_a_touch) {
  const auto id = new_id();
  EXPECT_FALSE(store().touch(id, in(hours{1})));
  EXPECT_FALSE(store().find(id));
  stored(id);
  store().erase(id);
  EXPECT_FALSE(store().touch(id, in(hours{1})));
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, lowers_the_expiry_by_a_commit) {
  const auto id = new_id();
  const std::string revision = stored(id, "payload", seconds{100});
  ASSERT_EQ(store().commit(id, "payload", in(seconds{10}), revision, "").result,
            outcome::committed);
  advance(seconds{50});
  EXPECT_FALSE(store().find(id));
}

}  // namespace test
