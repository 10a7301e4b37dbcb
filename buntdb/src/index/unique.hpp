#pragma once

#include <string_view>

#include <buntdb/clock.hpp>

#include "index/definition.hpp"
#include "tree/node.hpp"

namespace buntdb::engine {

/// Throws errc::not_unique if the tree of a unique index has a living entry of that sort key which
/// is another key's.
void require_unique(const index_definition& index, const node* root, std::string_view key,
                    std::string_view sort_key, time_point now);

/// The same for an item with this key and value, which may be in the tree.
void require_unique(const index_definition& index, const node* root, const entry& of,
                    time_point now);

[[noreturn]] void throw_not_unique(const index_definition& index, std::string_view key,
                                   std::string_view other);

}  // namespace buntdb::engine
