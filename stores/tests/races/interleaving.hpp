#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <scs/scs.hpp>

#include "fixtures/store_fixture.hpp"
#include "model.hpp"
#include "random_source.hpp"
#include "watched_store.hpp"

namespace races {

/// A few concurrent requests of one visitor's browsers on a few sessions. The seed decides what the
/// requests do and which one runs between any two calls of the store. It also decides which calls
/// fail, and when time passes.
class interleaving final : private store_watcher {
 public:
  /// Uses the fixture's store through `store`. With a trace, every step is written into it.
  interleaving(test::store_fixture& fixture, scs::store& store, std::uint64_t seed,
               std::vector<std::string>* trace = nullptr);
  ~interleaving();
  interleaving(const interleaving&) = delete;
  interleaving& operator=(const interleaving&) = delete;

  /// Call it once. Leaves the store as empty as it was. Returns which rule was broken, or an empty
  /// text.
  std::string run();

  const model::counts& counted() const noexcept { return model_.counted; }
  std::size_t pauses() const noexcept { return pauses_; }

 private:
  /// Keeps what responses contain.
  struct browser {
    std::optional<scs::token> cookie{};
    std::vector<scs::token> old{};
  };

  /// Returns the tokens that a visit may send. The attacker, who is the last of the browsers, has
  /// those of all.
  std::vector<scs::token> known_to(std::size_t which) const;
  bool is_attacker(std::size_t which) const noexcept {
    return has_an_attacker_ && which + 1 == browsers_.size();
  }

  class visit;

  void before_call(std::string_view call, const scs::session_id& id) override;
  void after_call(std::string_view call, const scs::session_id& id) override;
  void found(const scs::session_id& id, bool there) override;
  void committed(const scs::session_id& id, std::string_view payload, scs::time_point expiry,
                 bool expects_a_revision, scs::commit_result::outcome outcome) override;
  void watermark_read() override;
  void watermark_raised() override;
  void listed(const scs::session_id& id) override;
  void touched(const scs::session_id& id, scs::time_point expiry, bool there) override;
  void erased(const scs::session_id& id, bool there) override;

  scs::session_options make_options();
  void fail_now_and_then(std::string_view call, const scs::session_id& id, const char* when);
  void schedule(std::vector<std::unique_ptr<visit>>& visits);
  void let_time_pass();
  void check_the_end();
  /// Returns values of the headers that carry these tokens.
  std::vector<std::string> lines_for(const std::vector<scs::token>& tokens) const;
  scs::session load(const std::vector<std::string>& lines);
  /// Returns the cookie that is set. A header that carries the token instead is returned as a
  /// cookie.
  std::string set_cookie_in(const std::vector<scs::header>& headers) const;
  std::unique_ptr<scs::store> make_watched(scs::store& store);
  void check_token(const lineage& session, const scs::token& token);
  void empty_the_store();
  void note(const std::string& what);
  std::string readable(std::string_view payload);
  std::string name_of(const scs::session_id& id);

  test::store_fixture& fixture_;
  scs::store& bare_;
  std::vector<std::string>* const trace_;
  random_source random_;
  const scs::session_options options_;
  model model_;
  scs::session_manager sessions_;

  // The properties of this interleaving.
  unsigned failures_percent_ = 0;
  unsigned stay_percent_ = 0;  // continue with the running request
  bool time_passes_ = false;
  bool has_a_user_ = false;
  bool has_an_attacker_ = false;

  std::vector<browser> browsers_;
  request* running_ = nullptr;
  std::size_t pauses_ = 0;
  std::vector<scs::session_id> names_;
};

}  // namespace races
