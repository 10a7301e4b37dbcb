#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <buntdb/control_command.hpp>
#include <buntdb/database.hpp>
#include <scs/stores/session_commands.hpp>

#include "session_commands/stored_sessions.hpp"

namespace scs::stores {

/// The sessions that a client has asked for.
struct wanted_sessions {
  std::optional<std::string> prefix = {};  ///< of one manager only
  std::optional<std::string> user = {};
  std::set<std::string> ids = {};  ///< ids, or their beginnings; empty: all
  bool tombstones = false;
  bool values = false;
};

/// The sessions of some managers in a snapshot, page by page.
class session_pages final : public buntdb::control_pages {
 public:
  /// The managers must outlive it.
  session_pages(const buntdb::database& db, const std::vector<operated_manager>& managers,
                wanted_sessions wanted);

  bool load() override;
  void write(buntdb::control_reply& to) override;

 private:
  bool load_of_manager();
  bool is_wanted(const stored_session& session) const;
  bool is_wanted_id(std::string_view id) const;

  buntdb::snapshot view_;
  std::vector<operated_manager> left_;  // the last one is the present one
  wanted_sessions wanted_;
  std::string after_;
  std::vector<stored_session> page_;
  std::size_t page_bytes_ = 0;
};

}  // namespace scs::stores
