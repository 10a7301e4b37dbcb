#pragma once

#include <filesystem>
#include <string>

#include "harness/child.hpp"
#include "harness/child_process.hpp"
#include "harness/timing.hpp"

namespace bench {

/// A store in another language, in a separate process that lives as long as this object. Requests
/// are lines, and answers are figures: see bench/peers/main.go.
class peer {
 public:
  struct setup {
    const char* name;   ///< the name in the table
    const char* store;  ///< the program's name for it
    const char* text;   ///< how it was set up
    unsigned pace;
  };

  /// The folder is for its files; the sessions are those of session_data::write().
  peer(const setup& wanted, const std::filesystem::path& folder,
       const std::filesystem::path& sessions, bool always = false);

  const std::string& name() const noexcept { return name_; }

  /// Throws what the peer reports as wrong.
  child_figures ask(const std::string& request);
  timing time(const std::string& request);

  /// Returns the program next to this one; empty if it was not built because Go was not available.
  static std::filesystem::path program();

 private:
  std::string name_;
  child_process process_;
};

inline constexpr peer::setup go_buntdb{
    "BuntDB (Go)", "buntdb",
    "defaults: write(2) before a commit returns, synced every second, shrinks by itself", 1};
inline constexpr peer::setup go_bbolt{
    "bbolt (Go)", "bbolt",
    "NoSync, NoFreelistSync, free list as a map, a map of 8 GiB: pages written before a commit "
    "returns, the file may break in a power cut",
    4};

}  // namespace bench
