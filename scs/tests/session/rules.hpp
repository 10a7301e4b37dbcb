#pragma once

#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "world.hpp"

namespace test {

/// For the rules of docs/session-rules.md, each tested with overlapping requests. The tests arrange
/// the interleavings: two sessions of one browser alternate, or a hook of the store runs another
/// request.
struct rules : testing::Test {
  rules() { visitor.put("old", "value"); }

  scs::session_id id() const { return scs::token::parse(visitor.token())->id(); }
  std::string token_of(const std::vector<scs::header>& headers) const {
    browser other{world};
    other.receive(headers);
    return other.token();
  }

  mutable test::world world{{.lifetime = hours{24}, .idle_timeout = minutes{20}}};
  browser visitor{world};
};

}  // namespace test
