#pragma once

#include "engine/core.hpp"
#include "index/definition.hpp"

namespace buntdb::engine {

/// Builds an index while readers and writers continue. They wait for no more than one bounded step
/// of it. See database::create_index(). Throws errc::index_exists, errc::nested_transaction, what a
/// commit throws, and what user-supplied functions throw; nothing has changed then.
void create_index(core& core, const shared_definition& definition, existing_index existing);

}  // namespace buntdb::engine
