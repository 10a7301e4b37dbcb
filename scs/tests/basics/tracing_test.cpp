#include <algorithm>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/session/tracing.hpp>

#include "world.hpp"

namespace test {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using log = std::shared_ptr<std::vector<std::string>>;

/// Records when spans begin and end: `+name`, `-name`, and the outcome if it was not `done`.
class noted_span final : public scs::trace_span {
 public:
  noted_span(log to, scs::traced_operation traced)
      : to_(std::move(to)), name_(scs::name_of(traced)) {
    to_->push_back('+' + name_);
  }
  ~noted_span() override { to_->push_back('-' + name_ + ended_); }
  void end(scs::traced_outcome how, const std::exception_ptr& cause) noexcept override {
    ended_.clear();
    if (how == scs::traced_outcome::would_block) ended_ = " would block";
    if (how == scs::traced_outcome::failed) ended_ = " failed";
    EXPECT_EQ(cause != nullptr, how == scs::traced_outcome::failed);
  }

 private:
  const log to_;
  const std::string name_;
  std::string ended_{" without an outcome"};
};

struct tracing : testing::Test {
  static scs::session_options with_tracer(const log& to) {
    scs::session_options options;
    options.cookie.secure = false;
    options.tracer = [to](scs::traced_operation traced) {
      return std::make_unique<noted_span>(to, traced);
    };
    return options;
  }

  std::vector<std::string> take() { return std::exchange(*seen, {}); }

  log seen = std::make_shared<std::vector<std::string>>();
  world here{with_tracer(seen)};
};

std::string cookie_of(const std::vector<scs::header>& headers) {
  const std::string set = find_header(headers, "Set-Cookie");
  return set.substr(0, set.find(';'));
}

TEST_F(tracing, has_the_calls_of_the_store_within_the_load_and_the_commit) {
  scs::session first = here.sessions.load(std::string_view{});
  EXPECT_THAT(take(), IsEmpty()) << "nothing is asked before the first use";
  first.put("key", "value");
  const std::string cookie = cookie_of(here.sessions.commit(first));
  EXPECT_THAT(take(),
              ElementsAre("+session.load", "-session.load", "+session.commit",
                          "+session.store.commit", "-session.store.commit", "-session.commit"));
  scs::session second = here.sessions.load(std::string_view{cookie});
  EXPECT_EQ(second.get<std::string>("key"), "value");
  EXPECT_THAT(take(), ElementsAre("+session.load", "+session.store.find", "-session.store.find",
                                  "-session.load"));
}

TEST_F(tracing, says_what_failed) {
  scs::session first = here.sessions.load(std::string_view{});
  first.put("key", "value");
  here.faults->before_every(faulty_store::call::commit,
                            [] { throw std::runtime_error("the disk is full"); });
  take();
  EXPECT_THROW(here.sessions.commit(first), scs::error);
  const std::vector<std::string> noted = take();
  EXPECT_THAT(noted, testing::Contains("-session.store.commit failed"));
  EXPECT_EQ(noted.back(), "-session.commit failed");
  here.sessions.abandon(first);
  EXPECT_THAT(take(), ElementsAre("+session.abandon", "-session.abandon"));
}

TEST_F(tracing, says_what_was_not_done_because_it_would_block) {
  scs::session_options options = with_tracer(seen);
  scs::session_manager sessions{std::make_unique<scs::stores::memory>(), options};
  scs::session first = sessions.load(std::string_view{});
  first.put("key", "value");
  take();
  const bool at_once = sessions.try_commit(first).has_value();
  const std::vector<std::string> noted = take();
  EXPECT_EQ(noted.back(), at_once ? "-session.commit" : "-session.commit would block");
}

TEST_F(tracing, that_throws_or_begins_nothing_changes_nothing) {
  scs::session_options options;
  options.cookie.secure = false;
  int asked = 0;
  options.tracer = [&](scs::traced_operation traced) -> std::unique_ptr<scs::trace_span> {
    ++asked;
    if (traced == scs::traced_operation::commit) throw std::runtime_error("no tracer today");
    return nullptr;
  };
  world other{options};
  scs::session session = other.sessions.load(std::string_view{});
  session.put("key", "value");
  EXPECT_NE(cookie_of(other.sessions.commit(session)), "");
  EXPECT_EQ(asked, 3);
}

TEST(tracing_names, are_all_different) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < scs::traced_operation_count; ++i)
    names.emplace_back(scs::name_of(static_cast<scs::traced_operation>(i)));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  EXPECT_EQ(scs::name_of(static_cast<scs::traced_operation>(scs::traced_operation_count)),
            "unknown");
}

}  // namespace

}  // namespace test
