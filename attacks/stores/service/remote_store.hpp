#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scs/store.hpp>
#include <scs/store/durable_erasures.hpp>
#include <scs/store_clock.hpp>

namespace buntdb::attacks::stores {

/// A store in the process of serve_bunt(). A call that is not answered within a second fails.
/// Thread-safe.
class remote_store final : public scs::store,
                           public scs::store_clock,
                           public scs::durable_erasures {
 public:
  explicit remote_store(std::string socket_path) : path_(std::move(socket_path)) {}
  ~remote_store() override;

  std::optional<scs::record> find(const scs::session_id& id) override;
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override;
  bool touch(const scs::session_id& id, scs::time_point expiry) override;
  std::optional<scs::record> erase(const scs::session_id& id) override;
  void for_each(const visitor& visit_record) override;
  void for_each_of_user(std::string_view user, const visitor& visit_record) override;
  void sync_erasures() override;
  /// The clock of the machine, on which both processes are.
  scs::time_point engine_time(const scs::session_id& id) override;

 private:
  std::string ask(const std::string& message);
  int connect_to() const;
  static void visit_all(const std::string& answer, const visitor& visit_record);

  const std::string path_;
  std::mutex mutex_;
  std::vector<int> idle_;
};

}  // namespace buntdb::attacks::stores
