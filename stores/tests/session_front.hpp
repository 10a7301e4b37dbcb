#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <scs/store/caching_store.hpp>
#include <scs/store/watermark.hpp>
#include <scs/store_clock.hpp>

#include "store_front.hpp"

namespace test {

/// Called before each call of a store. It makes the call fail by throwing.
using before_call = std::function<void(std::string_view call, const scs::session_id& id)>;

/// A store for a manager that passes calls to another one, which must outlive it. It can make calls
/// fail. It finds sessions without their watermarks.
class session_front : public store_front {
 public:
  session_front(scs::store& inner, before_call before)
      : store_front(inner), before_(std::move(before)) {}

  std::optional<scs::record> find(const scs::session_id& id) override {
    tell("find", id);
    return store_front::find(id);
  }
  void for_each_of_user(std::string_view user, const visitor& visit_record) override {
    tell("list", {});
    store_front::for_each_of_user(user, visit_record);
  }

 protected:
  void tell(std::string_view call, const scs::session_id& id) const {
    if (before_) before_(call, id);
  }

 private:
  before_call before_;
};

/// The same with the additional interfaces of a store, which must have all of them.
class able_session_front final : public session_front,
                                 public scs::store_clock,
                                 public scs::watermark_finder,
                                 public scs::caching_store {
 public:
  using session_front::session_front;

  scs::time_point engine_time(const scs::session_id& id) override {
    return dynamic_cast<scs::store_clock&>(inner_).engine_time(id);
  }
  scs::session_with_watermark find_with_watermark(const scs::session_id& id) override {
    tell("find with watermark", id);
    return dynamic_cast<scs::watermark_finder&>(inner_).find_with_watermark(id);
  }
  void forget(const scs::session_id& id) override {
    if (auto* const cache = dynamic_cast<scs::caching_store*>(&inner_)) cache->forget(id);
  }
};

/// Returns a store with the same interfaces as `inner`.
inline std::unique_ptr<scs::store> front_of(scs::store& inner, before_call before = {}) {
  if (dynamic_cast<scs::watermark_finder*>(&inner) == nullptr) {
    return std::make_unique<session_front>(inner, std::move(before));
  }
  return std::make_unique<able_session_front>(inner, std::move(before));
}

}  // namespace test
