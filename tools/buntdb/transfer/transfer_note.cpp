#include "transfer/transfer_note.hpp"

#include <chrono>
#include <stdexcept>
#include <string_view>

#include <scs/store/watermark.hpp>

namespace {

// A store with JSON payloads may reorder members and add blanks.
constexpr std::string_view member = "\"buntdb_transfer\"";
constexpr std::string_view begun = "\"begun\"";
constexpr std::string_view complete_word = "\"complete\"";

// How long an interrupted run is remembered.
constexpr std::chrono::hours unfinished_life{24 * 30};

}  // namespace

transfer_note::transfer_note(scs::store& to, const std::string& source)
    : to_(to),
      // Even if a user had this name, the record would not end any of their sessions.
      id_(scs::watermark_id("\x01"
                            "buntdb transfer of " +
                            source)) {
  const std::optional<scs::record> there = to_.find(id_);
  if (!there) return;
  revision_ = there->revision;
  if (!is_one(*there)) return;
  found_ = there->payload.find(complete_word) != std::string::npos ? state::complete : state::begun;
}

bool transfer_note::is_one(const scs::record& record) noexcept {
  return record.payload.find(member) != std::string::npos &&
         record.payload.find("\"revoked_until\"") != std::string::npos;
}

void transfer_note::write(std::string_view how_far, scs::time_point expiry) {
  const std::string payload =
      R"({"data":{},"deadline":)" + std::to_string(expiry.time_since_epoch().count()) +
      R"(,"revoked_until":0,)" + std::string{member} + ":" + std::string{how_far} + "}";
  const scs::commit_result done = to_.commit(id_, payload, expiry, revision_, {});
  if (done.result != scs::commit_result::outcome::committed) {
    throw std::runtime_error("another program brings the same sessions there at the same time");
  }
  revision_ = done.revision;
}

void transfer_note::begin() {
  write(begun, scs::clock::system().now() + unfinished_life);
  found_ = state::begun;
}

void transfer_note::complete(scs::time_point last) {
  write(complete_word, last);
  found_ = state::complete;
}
