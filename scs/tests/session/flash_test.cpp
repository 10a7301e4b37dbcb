// Messages that are shown once, with overlapping requests of one session: flash() and flashes() are
// repeated on what other requests have stored.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/rules.hpp"

namespace test {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts_of(const std::vector<scs::flash_message>& messages) {
  std::vector<std::string> texts;
  for (const scs::flash_message& each : messages)
    texts.push_back(each.text);
  return texts;
}

struct overlapping_messages : rules {
  std::vector<std::string> shown() {
    std::vector<std::string> texts;
    visitor.visit([&](scs::session& session) { texts = texts_of(session.flashes()); });
    return texts;
  }

  /// Both have read the session before either of them stores its changes.
  template <class First, class Second>
  void overlap(First first, Second second) {
    scs::session slow = visitor.request();
    scs::session fast = visitor.request();
    first(slow);
    second(fast);
    visitor.finish(fast);
    visitor.finish(slow);
  }
};

TEST_F(overlapping_messages, are_all_kept) {
  overlap([](scs::session& session) { session.flash("slow"); },
          [](scs::session& session) { session.flash("fast"); });
  EXPECT_THAT(shown(), ElementsAre("fast", "slow"));
  EXPECT_THAT(shown(), IsEmpty());
}

TEST_F(overlapping_messages, that_were_added_while_others_were_shown_stay) {
  visitor.visit([](scs::session& session) { session.flash("before"); });
  overlap(
      [](scs::session& session) {
        EXPECT_THAT(texts_of(session.flashes()), ElementsAre("before"));
      },
      [](scs::session& session) { session.flash("meanwhile"); });
  EXPECT_THAT(shown(), ElementsAre("meanwhile"));
}

TEST_F(overlapping_messages, that_were_shown_do_not_come_back) {
  visitor.visit([](scs::session& session) { session.flash("before"); });
  overlap([](scs::session& session) { session.flash("after"); },
          [](scs::session& session) {
            EXPECT_THAT(texts_of(session.flashes()), ElementsAre("before"));
          });
  EXPECT_THAT(shown(), ElementsAre("after"));
}

TEST_F(overlapping_messages, are_shown_by_two_pages_and_gone_after_that) {
  visitor.visit([](scs::session& session) {
    session.flash("twice");
    session.flash("twice");
  });
  overlap([](scs::session& session) { EXPECT_EQ(session.flashes().size(), 2U); },
          [](scs::session& session) { EXPECT_EQ(session.flashes().size(), 2U); });
  EXPECT_THAT(shown(), IsEmpty());
}

TEST_F(overlapping_messages, of_a_request_that_shows_its_own_are_no_others) {
  overlap(
      [](scs::session& session) {
        session.flash("own");
        EXPECT_THAT(texts_of(session.flashes()), ElementsAre("own"));
        session.flash("for the next page");
      },
      [](scs::session& session) { session.flash("own"); });
  EXPECT_THAT(shown(), ElementsAre("own", "for the next page"));
}

TEST_F(overlapping_messages, are_limited_together) {
  overlap(
      [](scs::session& session) {
        for (int i = 0; i < 15; ++i)
          session.flash("slow");
      },
      [](scs::session& session) {
        session.flash("fast");
        session.flash("and the last of these");
      });
  const std::vector<std::string> texts = shown();
  EXPECT_EQ(texts.size(), scs::session::max_flashes);
  EXPECT_EQ(texts.front(), "and the last of these");
}

TEST_F(overlapping_messages, survive_an_update_and_a_fresh_load) {
  scs::session slow = visitor.request();
  slow.flash("slow");
  visitor.visit([](scs::session& session) { session.flash("first"); });
  slow.update<int>("n", [](auto n) { return n.value_or(0) + 1; });
  visitor.visit([](scs::session& session) { session.flash("second"); });
  slow.load_fresh();
  EXPECT_THAT(texts_of(slow.flashes()), ElementsAre("first", "second", "slow"));
  slow.flash("next");
  visitor.finish(slow);
  EXPECT_THAT(shown(), ElementsAre("next"));
}

TEST_F(overlapping_messages, of_a_session_that_was_cleared_are_those_after_it) {
  overlap(
      [](scs::session& session) {
        session.flash("dropped");
        session.clear();
        session.flash("kept");
      },
      [](scs::session& session) { session.flash("meanwhile"); });
  EXPECT_THAT(shown(), ElementsAre("kept")) << "clear() removes what is there at the commit";
}

TEST_F(overlapping_messages, of_a_renewed_session_stay) {
  overlap(
      [](scs::session& session) {
        session.set_user("ann");
        session.flash("Welcome.");
      },
      [](scs::session& session) { session.flash("meanwhile"); });
  EXPECT_THAT(shown(), ElementsAre("meanwhile", "Welcome."));
}

}  // namespace

}  // namespace test
