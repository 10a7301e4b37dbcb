#pragma once

#include <string_view>

#include <buntdb/clock.hpp>

#include "index/definition.hpp"
#include "tree/node.hpp"

namespace buntdb::engine {

/// Throws errc::not_unique if the tree of a unique index has an entry with this sort key that
/// belongs to another key and has not expired.
void require_unique(const index_definition& index, const node* root, std::string_view key,
                    std::string_view sort_key, time_point now);

/// Does the same for an item with this key and value, which may already be in the tree.
void require_unique(const index_definition& index, const node* root, const entry& of,
                    time_point now);

[[noreturn]] void throw_not_unique(const index_definition& index, std::string_view key,
                                   std::string_view other);

}  // namespace buntdb::engine
