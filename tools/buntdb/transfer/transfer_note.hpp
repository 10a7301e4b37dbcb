#pragma once

#include <optional>
#include <string>

#include <scs/store.hpp>

/// A record in the target store that says from where sessions were copied. If a run is repeated
/// after servers have used the store, it prevents ended sessions from returning. It is stored as
/// the watermark of an impossible user name, and expires with the last of the sessions.
class transfer_note {
 public:
  enum class state { none, begun, complete };

  /// `source` is the name of an export, or a place.
  transfer_note(scs::store& to, const std::string& source);

  state found() const noexcept { return found_; }
  void begin();
  /// `last` is the latest expiry of the sessions.
  void complete(scs::time_point last);

  /// Whether a record is such a note.
  static bool is_one(const scs::record& record) noexcept;

 private:
  void write(std::string_view how_far, scs::time_point expiry);

  scs::store& to_;
  const scs::session_id id_;
  std::optional<std::string> revision_;
  state found_ = state::none;
};
