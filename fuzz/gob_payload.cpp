// Decodes any bytes as a session that SCS v2 wrote. They are refused, or read and written back
// unchanged. With one more value, the rest of the session is still the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <buntstore/internal/utf8.hpp>
#include <scs/error.hpp>
#include <scs/gob_codec.hpp>

#include "payload/json_scanner.hpp"
#include "require.hpp"

using buntstore::fuzz::require;

namespace {

void require_same_values(const scs::payload& a, const scs::payload& b) {
  require(a.data.size() == b.data.size() && a.deadline == b.deadline && a.user == b.user &&
              a.moved_to == b.moved_to && a.renewed_from == b.renewed_from,
          "a session says something else");
  for (std::size_t i = 0; i < a.data.size(); ++i) {
    require(a.data[i].key == b.data[i].key && a.data[i].json == b.data[i].json,
            "a value says something else");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const scs::gob_codec codec;
  try {
    const scs::payload first = codec.decode(text);
    std::size_t json_size = 0;
    for (const scs::payload::member& each : first.data) {
      require(scs::is_json(each.json) && buntstore::text::is_utf8(each.key), "a value is not JSON");
      json_size += each.json.size();
    }
    require(json_size <= 200'000 + 64 * size, "it means too much");
    require(codec.encode(first) == text, "what nobody changed is written otherwise");

    scs::payload longer = codec.decode(text);
    const std::string key = first.data.empty() ? "k" : std::string{first.data.back().key} + "k";
    longer.data.push_back({key, R"({"a":[1,"x",null]})"});
    const std::string changed = codec.encode(longer);
    scs::payload again = codec.decode(changed);
    require(again.data.back().key == key, "a value is missing");
    // After that change has been undone, all of it has been written once.
    again.data.pop_back();
    const std::string shorter = codec.encode(again);
    require_same_values(codec.decode(shorter), first);
  } catch (const scs::error& refused) {
    require(refused.code() == scs::errc::payload_undecodable ||
                refused.code() == scs::errc::invalid_value,
            "a payload is refused as something else");
  }
  return 0;
}
