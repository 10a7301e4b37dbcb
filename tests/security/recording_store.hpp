#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scs/stores/memory.hpp>

namespace test {

/// A store in memory that records for which ids it was called.
class recording_store final : public scs::store {
 public:
  std::vector<std::string> asked;

  std::optional<scs::record> find(const scs::session_id& id) override {
    asked.emplace_back(id.text());
    return inner_.find(id);
  }
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    asked.emplace_back(id.text());
    return inner_.commit(id, payload, expiry, expected_revision, user);
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    asked.emplace_back(id.text());
    return inner_.touch(id, expiry);
  }
  std::optional<scs::record> erase(const scs::session_id& id) override {
    asked.emplace_back(id.text());
    return inner_.erase(id);
  }
  void for_each(const visitor& visit_record) override { inner_.for_each(visit_record); }
  void for_each_of_user(std::string_view user, const visitor& visit_record) override {
    inner_.for_each_of_user(user, visit_record);
  }

 private:
  scs::stores::memory inner_;
};

}  // namespace test
