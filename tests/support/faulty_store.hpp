#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scs/store.hpp>

namespace test {

/// Passes calls to another store. It counts them and can run a hook before a call: to make the call
/// fail (the hook throws) or to let another request come in between (the hook commits one). A call
/// from inside of a hook calls no hooks.
class faulty_store final : public scs::store {
 public:
  enum class call { find, commit, touch, erase, for_each, for_each_of_user };

  explicit faulty_store(std::shared_ptr<scs::store> inner) : inner_(std::move(inner)) {}

  /// Runs `action` before the nth call (1 is the next one) of this kind, once.
  void before(call which, int nth, std::function<void()> action) {
    const std::lock_guard lock{mutex_};
    hooks_.push_back({which, nth, false, std::move(action)});
  }

  /// Runs `action` before every call of this kind.
  void before_every(call which, std::function<void()> action) {
    const std::lock_guard lock{mutex_};
    hooks_.push_back({which, 1, true, std::move(action)});
  }

  /// Runs `action(false)` before and `action(true)` after every call except for_each.
  void around_every(std::function<void(bool)> action) {
    const std::lock_guard lock{mutex_};
    around_ = std::move(action);
  }

  void forget_hooks() {
    const std::lock_guard lock{mutex_};
    hooks_.clear();
    around_ = nullptr;
  }

  int calls() const { return calls_; }
  int calls(call which) const { return calls_of_[static_cast<std::size_t>(which)]; }

  std::optional<scs::record> find(const scs::session_id& id) override {
    return run(call::find, [&] { return inner_->find(id); });
  }
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    return run(call::commit,
               [&] { return inner_->commit(id, payload, expiry, expected_revision, user); });
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    return run(call::touch, [&] { return inner_->touch(id, expiry); });
  }
  std::optional<scs::record> erase(const scs::session_id& id) override {
    return run(call::erase, [&] { return inner_->erase(id); });
  }
  void for_each(const visitor& visit_record) override {
    run(call::for_each);
    inner_->for_each(visit_record);
  }
  void for_each_of_user(std::string_view user, const visitor& visit_record) override {
    run(call::for_each_of_user);
    inner_->for_each_of_user(user, visit_record);
  }

 private:
  struct planned {
    call which;
    int remaining;
    bool for_ever;
    std::function<void()> run;
  };

  template <class Call>
  auto run(call which, const Call& inner) -> decltype(inner()) {
    run(which);
    run_around(false);
    auto result = inner();
    run_around(true);
    return result;
  }

  void run_around(bool after) {
    std::function<void(bool)> action;
    {
      const std::lock_guard lock{mutex_};
      if (inside_a_hook) return;
      action = around_;
    }
    if (!action) return;
    inside_a_hook = true;
    const reset_at_end reset{inside_a_hook};
    action(after);
  }

  void run(call which) {
    std::vector<std::function<void()>> due;
    {
      const std::lock_guard lock{mutex_};
      if (inside_a_hook) return;
      ++calls_;
      ++calls_of_[static_cast<std::size_t>(which)];
      for (auto it = hooks_.begin(); it != hooks_.end();) {
        if (it->which != which || (!it->for_ever && --it->remaining > 0)) {
          ++it;
          continue;
        }
        due.push_back(it->run);
        it = it->for_ever ? it + 1 : hooks_.erase(it);
      }
    }
    for (const auto& action : due) {
      inside_a_hook = true;
      const reset_at_end reset{inside_a_hook};
      action();
    }
  }

  struct reset_at_end {
    bool& flag;
    ~reset_at_end() { flag = false; }
  };

  std::shared_ptr<scs::store> inner_;
  std::mutex mutex_;
  std::vector<planned> hooks_;
  std::function<void(bool)> around_;
  static inline thread_local bool inside_a_hook = false;
  std::atomic<int> calls_{0};
  std::atomic<int> calls_of_[6]{};
};

}  // namespace test
