#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <scs/store.hpp>
#include <scs/store/watermark.hpp>

namespace races {

/// Notified of every call of a store: before it, at the moment at which it takes effect, and after
/// it.
class store_watcher {
 public:
  /// Both may let others run. Both may throw, like a store that has not done its work, or has done
  /// it.
  virtual void before_call(std::string_view call, const scs::session_id& id) = 0;
  virtual void after_call(std::string_view call, const scs::session_id& id) = 0;

  virtual void found(const scs::session_id& id, bool there) = 0;
  /// A visitor will get the record as it is now.
  virtual void listed(const scs::session_id& id) = 0;
  virtual void committed(const scs::session_id& id, std::string_view payload,
                         scs::time_point expiry, bool expects_a_revision,
                         scs::commit_result::outcome outcome) = 0;
  virtual void touched(const scs::session_id& id, scs::time_point expiry, bool there) = 0;
  virtual void watermark_read() = 0;
  virtual void watermark_raised() = 0;
  virtual void erased(const scs::session_id& id, bool there) = 0;

 protected:
  ~store_watcher() = default;
};

/// A store that passes calls to another one and notifies a watcher. Both must outlive it.
class watched_store : public scs::store {
 public:
  watched_store(scs::store& inner, store_watcher& watcher) : inner_(inner), watcher_(watcher) {}

  std::optional<scs::record> find(const scs::session_id& id) override {
    watcher_.before_call("find", id);
    auto found = inner_.find(id);
    if (scs::is_reserved(id)) {
      watcher_.watermark_read();
    } else {
      watcher_.found(id, found.has_value());
    }
    watcher_.after_call("find", id);
    return found;
  }

  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    watcher_.before_call("commit", id);
    created_.emplace(id, created_.size());
    auto done = inner_.commit(id, payload, expiry, expected_revision, user);
    if (!scs::is_reserved(id)) {
      watcher_.committed(id, payload, expiry, expected_revision.has_value(), done.result);
    } else if (done.result == scs::commit_result::outcome::committed) {
      watcher_.watermark_raised();
    }
    watcher_.after_call("commit", id);
    return done;
  }

  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    watcher_.before_call("touch", id);
    const bool there = inner_.touch(id, expiry);
    if (!scs::is_reserved(id)) watcher_.touched(id, expiry, there);
    watcher_.after_call("touch", id);
    return there;
  }

  std::optional<scs::record> erase(const scs::session_id& id) override {
    watcher_.before_call("erase", id);
    auto erased = inner_.erase(id);
    watcher_.erased(id, erased.has_value());
    watcher_.after_call("erase", id);
    return erased;
  }

  void for_each(const visitor& visit_record) override {
    list([&](const visitor& collect) { inner_.for_each(collect); }, visit_record);
  }
  void for_each_of_user(std::string_view user, const visitor& visit_record) override {
    list([&](const visitor& collect) { inner_.for_each_of_user(user, collect); }, visit_record);
  }

 protected:
  scs::store& inner_;
  store_watcher& watcher_;

 private:
  /// Lists the records in the order in which they were created. The store's order depends on ids,
  /// which are random, but a seed must always have the same result.
  template <class ListAll>
  void list(const ListAll& list_all, const visitor& visit_record) {
    watcher_.before_call("list", {});
    std::map<std::size_t, std::pair<scs::session_id, scs::record>> in_order;
    list_all([&](const scs::session_id& id, const scs::record& found) {
      in_order.emplace(created_.at(id), std::pair{id, found});
      if (!scs::is_reserved(id)) watcher_.listed(id);
      return scs::visit::next;
    });
    for (const auto& [place, listed] : in_order) {
      if (visit_record(listed.first, listed.second) == scs::visit::stop) break;
    }
    watcher_.after_call("list", {});
  }

  std::unordered_map<scs::session_id, std::size_t> created_;
};

/// The same for a store that finds a session and its user's watermark in one step.
class watched_pairs final : public watched_store, public scs::watermark_finder {
 public:
  using watched_store::watched_store;

  scs::session_with_watermark find_with_watermark(const scs::session_id& id) override {
    watcher_.before_call("find both", id);
    scs::session_with_watermark both{.session = inner_.find(id)};
    watcher_.found(id, both.session.has_value());
    if (both.session && both.session->payload.find("\"user\":\"tom\"") != std::string::npos) {
      both.user = "tom";
      both.watermark = inner_.find(scs::watermark_id(both.user));
    }
    watcher_.after_call("find both", id);
    return both;
  }
};

}  // namespace races
