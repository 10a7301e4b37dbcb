#include "redis/connection/address_map.hpp"

#include <exception>
#include <string>

#include <scs/error.hpp>

namespace scs::stores::redis_detail {

namespace {

address parse_mapped(const std::string& text, const address& announced) {
  try {
    address mapped = parse_address(text, announced.port);
    if (!mapped.is_unix_socket()) return mapped;
  } catch (const error&) {  // NOLINT(bugprone-empty-catch): said below, with what is mapped
  }
  throw error(errc::store_failed, "redis: address_map or map_address leads from " +
                                      announced.text() + " to \"" + text +
                                      "\", which is no host:port");
}

}  // namespace

address reachable(const address& announced, const redis_options& options) {
  if (options.address_map.empty() && !options.map_address) return announced;
  const std::string text = announced.text();
  for (const std::string& key : {text, announced.host}) {
    const auto found = options.address_map.find(key);
    if (found != options.address_map.end()) return parse_mapped(found->second, announced);
  }
  if (!options.map_address) return announced;
  std::string mapped;
  try {
    mapped = options.map_address(text);
  } catch (const std::exception& thrown) {
    throw error(errc::store_failed,
                "redis: map_address has thrown for " + text + ": " + thrown.what());
  }
  return mapped.empty() ? announced : parse_mapped(mapped, announced);
}

}  // namespace scs::stores::redis_detail
