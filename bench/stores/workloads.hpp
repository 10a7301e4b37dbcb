#pragma once

#include "harness/run.hpp"
#include "stores/options.hpp"
#include "stores/servers.hpp"

namespace bench::stores {

/// Requests through a session_manager, on each store: time, allocations, and the memory of a
/// session.
void measure_requests(run& run, const options& options, servers& servers);

/// The store in Redis compared with hiredis making the same commands, and a near cache in front of
/// the store.
void measure_redis(run& run, const options& options, servers& servers);

/// The store in PostgreSQL compared with libpq making the same statements.
void measure_postgres(run& run, const options& options, servers& servers);

}  // namespace bench::stores
