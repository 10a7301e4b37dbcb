#pragma once

#include <utility>

#include <buntdb/detail/pin.hpp>
#include <buntdb/reader.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// The database as it was at one moment, for as long as the snapshot lives; writers go on beside it
/// and neither waits for the other. Keeping one costs at most one old copy of what has changed
/// since. Moved, not copied; used by one thread at a time; must not outlive the database.
class snapshot : public reader {
 public:
  snapshot(snapshot&& other) noexcept = default;
  snapshot& operator=(snapshot&& other) noexcept = default;
  ~snapshot() = default;

 private:
  friend class database;

  snapshot(const engine::version& version, engine::pin pin, time_point now) noexcept
      : reader(&version, nullptr, now), pin_(std::move(pin)) {}

  engine::pin pin_;
};

namespace detail {
template <>
struct is_view<snapshot> : std::true_type {};
}  // namespace detail

}  // namespace buntdb
