#pragma once

/// Includes the whole public interface of buntdb.

#include <buntdb/bounds.hpp>
#include <buntdb/clock.hpp>
#include <buntdb/database.hpp>
#include <buntdb/entry.hpp>
#include <buntdb/error.hpp>
#include <buntdb/event.hpp>
#include <buntdb/expiry.hpp>
#include <buntdb/held_item.hpp>
#include <buntdb/index.hpp>
#include <buntdb/match.hpp>
#include <buntdb/metrics.hpp>
#include <buntdb/options.hpp>
#include <buntdb/ordering.hpp>
#include <buntdb/range.hpp>
#include <buntdb/reader.hpp>
#include <buntdb/rect.hpp>
#include <buntdb/settings.hpp>
#include <buntdb/snapshot.hpp>
#include <buntdb/spatial_range.hpp>
#include <buntdb/statistics.hpp>
#include <buntdb/subscription.hpp>
#include <buntdb/transaction.hpp>
