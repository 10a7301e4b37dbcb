#pragma once

#include <utility>

#include <buntdb/detail/pin.hpp>
#include <buntdb/reader.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// The database as it was at one moment, for as long as the snapshot lives. Writers run
/// concurrently with it, and neither waits for the other. A snapshot keeps at most one old copy of
/// each item that has changed since. It can be moved but not copied, is used by one thread at a
/// time, and must not outlive the database.
class snapshot : public reader {
 public:
  /// Takes over the other snapshot, which must not be read after this.
  snapshot(snapshot&& other) noexcept = default;
  /// Releases this snapshot and takes over the other one.
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
