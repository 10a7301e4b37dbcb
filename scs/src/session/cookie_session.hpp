#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "session/session_data.hpp"
#include "session/session_storage.hpp"

namespace scs::detail {

/// A session that lives in its cookie: the cookie's value is the sealed session. There is no record
/// that others could change. A request replaces what it has read, and of two overlapping requests
/// the last response that reaches the browser wins. Anybody who has the value has the session, so
/// it is wiped from memory.
class cookie_session final : public session_storage {
 public:
  /// Takes the values of the cookies in which the session may live.
  cookie_session(session_data& data, std::vector<std::string> candidates) noexcept
      : data_(data), candidates_(std::move(candidates)) {}
  ~cookie_session();

  void open() override;
  void open_fresh() override;
  void commit() override;
  bool try_commit() override;
  void extend() noexcept override;
  void end() override;
  bool update(std::string_view key, const json_update& make) override;
  bool merge(std::string_view token_text) override;
  std::string_view token_text() const noexcept override { return value_; }

 private:
  void wipe_candidates() noexcept;
  bool open_candidate(std::string& value);
  std::uint64_t epoch_for(std::string_view user);
  void seal(const payload& contents, time_point expiry);
  void end_at_deadline();

  session_data& data_;
  std::vector<std::string> candidates_;  // until they are opened
  std::string value_{};                  // of a live session
  std::uint64_t epoch_ = 0;              // of its user when the session became theirs
  bool reseal_ = false;                  // the value's key is about to be removed
};

}  // namespace scs::detail
