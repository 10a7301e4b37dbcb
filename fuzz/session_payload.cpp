// Decodes any bytes as a session's payload. They are refused, or what is decoded is encoded to
// something that decodes to the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <buntstore/internal/utf8.hpp>
#include <scs/error.hpp>
#include <scs/payload_codec.hpp>

#include "payload/json_scanner.hpp"
#include "require.hpp"

using buntstore::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const scs::json_codec codec;
  try {
    const scs::payload first = codec.decode(text);
    for (const scs::payload::member& each : first.data)
      require(scs::is_json(each.json) && buntstore::text::is_utf8(each.key), "a value is not JSON");
    const std::string encoded = codec.encode(first);
    require(scs::is_json(encoded), "what is encoded is not JSON");
    const scs::payload second = codec.decode(encoded);
    require(second.data.size() == first.data.size() && second.deadline == first.deadline &&
                second.remember_me == first.remember_me && second.moved_to == first.moved_to,
            "what is encoded decodes to something else");
    require(codec.encode(second) == encoded, "what is decoded is encoded otherwise");
  } catch (const scs::error& refused) {
    require(refused.code() == scs::errc::payload_undecodable ||
                refused.code() == scs::errc::invalid_value,
            "a payload is refused as something else");
  }
  return 0;
}
