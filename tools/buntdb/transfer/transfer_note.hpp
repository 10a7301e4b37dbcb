#pragma once

#include <optional>
#include <string>

#include <scs/store.hpp>

/// A record in the store that sessions were brought to, which says from where: so that a run that
/// is repeated after servers have used the store does not bring back what has ended since. It is
/// kept as the watermark of a user that nobody can be, and expires with the last of the sessions.
class transfer_note {
 public:
  enum class state { none, begun, complete };

  /// `source` is the name of an export, or a place.
  transfer_note(scs::store& to, const std::string& source);

  state found() const noexcept { return found_; }
  void begin();
  /// `last` is when the last of the sessions expires.
  void complete(scs::time_point last);

  /// Whether a record is one of these.
  static bool is_one(const scs::record& record) noexcept;

 private:
  void write(std::string_view how_far, scs::time_point expiry);

  scs::store& to_;
  const scs::session_id id_;
  std::optional<std::string> revision_;
  state found_ = state::none;
};
