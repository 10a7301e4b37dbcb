#pragma once

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <scs/scs.hpp>

namespace bench::stores {

/// The sessions with which a store and a bare client are compared: ids, and payloads of about 200
/// bytes.

inline std::vector<scs::session_id> make_ids(std::size_t count) {
  std::vector<scs::session_id> ids;
  ids.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    ids.push_back(scs::token::generate().id());
  return ids;
}

inline std::string compared_payload() {
  return R"({"data":{"filler":")" + std::string(150, 'x') + R"("},"deadline":2000000000000000000})";
}

inline scs::time_point in_an_hour() {
  return scs::clock::system().now() + std::chrono::hours{1};
}

/// Finds a session, as a request that only reads it does.
inline void find_with(scs::store& store, const scs::session_id& id) {
  if (!store.find(id)) throw std::runtime_error("a session that was stored is not found");
}

/// Finds it and commits at the revision that was found, as a request that changes it does.
inline void find_and_commit_with(scs::store& store, const scs::session_id& id,
                                 const std::string& payload) {
  const auto found = store.find(id);
  if (!found) throw std::runtime_error("a session that was stored is not found");
  const auto done = store.commit(id, payload, in_an_hour(), found->revision, "");
  if (done.result != scs::commit_result::outcome::committed) {
    throw std::runtime_error("nobody else commits, and yet there is a conflict");
  }
}

}  // namespace bench::stores
