#pragma once

#include <memory>
#include <string>

#include <scs/store.hpp>

/// Whether the text names a store instead of a file: `redis://…` or `postgresql://…`.
bool names_a_store(const std::string& where);

/// A store of sessions on a server.
struct served_place {
  std::unique_ptr<scs::store> store{};
  /// For messages, without user, password and options.
  std::string name{};
  /// Identifies the sessions of the server: the same text for the same sessions.
  std::string identity{};
};

enum class place_use { reading, writing };

/// Connects, and creates PostgreSQL's table if it is to be written. Throws usage_error if the text
/// is not such a URL, and for a store that was not built into this program; scs::error.
served_place open_place(const std::string& url, place_use use);
