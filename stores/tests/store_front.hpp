#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <scs/session_id.hpp>
#include <scs/store.hpp>

namespace test {

/// Passes all calls to another store. A derived class overrides what it changes. It is not a
/// nonblocking_store, even if the other one is.
class store_front : public scs::store {
 public:
  explicit store_front(scs::store& inner) : inner_(inner) {}

  std::optional<scs::record> find(const scs::session_id& id) override { return inner_.find(id); }
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    return inner_.commit(id, payload, expiry, expected_revision, user);
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    return inner_.touch(id, expiry);
  }
  std::optional<scs::record> erase(const scs::session_id& id) override { return inner_.erase(id); }
  void for_each(const visitor& visit_record) override { inner_.for_each(visit_record); }
  void for_each_of_user(std::string_view user, const visitor& visit_record) override {
    inner_.for_each_of_user(user, visit_record);
  }

 protected:
  scs::store& inner_;
};

}  // namespace test
