// Reads any text as an ordering, and as the definition of an index in a file. It is refused with
// the code for that, or written in a form that is read as the same.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <buntdb/error.hpp>
#include <buntdb/ordering.hpp>

#include "index/definition.hpp"
#include "log/format.hpp"
#include "require.hpp"

using namespace buntdb;
using buntstore::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const std::string written = to_text(parse_ordering(text));
    require(to_text(parse_ordering(written)) == written, "an ordering is read as another one");
  } catch (const error& refused) {
    require(refused.code() == errc::invalid_argument, "an ordering is refused as something else");
  }
  try {
    const auto record = engine::read_kept(std::string(log::format::reserved_prefix) + text);
    if (!record || record->definition == nullptr) return 0;
    const std::string written = engine::kept_definition(record->definition->info);
    const auto again = engine::read_kept(written);
    require(again && again->definition != nullptr, "a definition that was written is none");
    require(engine::kept_definition(again->definition->info) == written,
            "a definition is read as another one");
  } catch (const error& refused) {
    require(refused.code() == errc::invalid_argument || refused.code() == errc::too_large,
            "a definition is refused as something else");
  }
  return 0;
}
