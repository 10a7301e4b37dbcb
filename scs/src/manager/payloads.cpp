// Encoding and decoding of payloads, and the codec's exceptions.

#include <exception>
#include <string>
#include <string_view>

#include <scs/error.hpp>

#include "manager/manager_core.hpp"
#include "manager/nested_causes.hpp"

namespace scs::detail {

payload manager_core::decode(std::string_view text) const {
  try {
    return options_.codec->decode(text);
  } catch (const error& failure) {
    if (is_secret(quotable::id) && nests_another(failure)) throw error{failure};
    throw;
  } catch (...) {
    const error failure{errc::payload_undecodable, "the codec cannot decode a session's payload"};
    // A tombstone's payload contains the id of another session.
    if (is_secret(quotable::id)) throw failure;
    std::throw_with_nested(failure);
  }
}

namespace {

void check_size(std::size_t size, std::size_t limit) {
  if (size <= limit) return;
  throw error(errc::too_large, "a session of " + std::to_string(size) +
                                   " bytes; max_payload_bytes allows " + std::to_string(limit));
}

}  // namespace

void manager_core::check_payload_size(std::size_t size) const {
  if (writes_values_whole_) check_size(size, options_.max_payload_bytes);
}

/// The codec's exceptions pass through, unless they may quote the id that a tombstone contains.
std::string manager_core::encoded(const payload& contents) const {
  if (contents.moved_to.empty() || !is_secret(quotable::id)) {
    return options_.codec->encode(contents);
  }
  try {
    return options_.codec->encode(contents);
  } catch (const error& failure) {
    throw error{failure};
  } catch (...) {
    throw error(errc::invalid_value, "the codec cannot encode a session's payload");
  }
}

std::string manager_core::encode(const payload& contents) const {
  std::string text = encoded(contents);
  check_size(text.size(), options_.max_payload_bytes);
  return text;
}

}  // namespace scs::detail
