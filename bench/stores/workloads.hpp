#pragma once

#include "harness/run.hpp"
#include "stores/options.hpp"
#include "stores/servers.hpp"

namespace bench::stores {

/// Requests through a session_manager, on each store: time, allocations, and what a session takes.
void measure_requests(run& run, const options& options, servers& servers);

/// The store in Redis beside hiredis that does the same commands, and a near cache in front of it.
void measure_redis(run& run, const options& options, servers& servers);

/// The store in PostgreSQL beside libpq that does the same statements.
void measure_postgres(run& run, const options& options, servers& servers);

}  // namespace bench::stores
