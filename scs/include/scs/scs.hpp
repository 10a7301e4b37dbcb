#pragma once

#include <scs/client_store.hpp>         // IWYU pragma: export
#include <scs/clock.hpp>                // IWYU pragma: export
#include <scs/csrf.hpp>                 // IWYU pragma: export
#include <scs/error.hpp>                // IWYU pragma: export
#include <scs/event.hpp>                // IWYU pragma: export
#include <scs/header.hpp>               // IWYU pragma: export
#include <scs/metrics.hpp>              // IWYU pragma: export
#include <scs/nonblocking_store.hpp>    // IWYU pragma: export
#include <scs/options.hpp>              // IWYU pragma: export
#include <scs/payload.hpp>              // IWYU pragma: export
#include <scs/payload_codec.hpp>        // IWYU pragma: export
#include <scs/session.hpp>              // IWYU pragma: export
#include <scs/session/session_key.hpp>  // IWYU pragma: export
#include <scs/session/tracing.hpp>      // IWYU pragma: export
#include <scs/session_id.hpp>           // IWYU pragma: export
#include <scs/session_manager.hpp>      // IWYU pragma: export
#include <scs/store.hpp>                // IWYU pragma: export
#include <scs/store/caching_store.hpp>  // IWYU pragma: export
#include <scs/store/watermark.hpp>      // IWYU pragma: export
#include <scs/store_clock.hpp>          // IWYU pragma: export
#include <scs/token.hpp>                // IWYU pragma: export
#include <scs/user_session.hpp>         // IWYU pragma: export
#include <scs/value.hpp>                // IWYU pragma: export
