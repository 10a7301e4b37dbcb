#pragma once

namespace bench {

/// Waits until neither this process nor its children work in the background, but no longer than
/// three seconds. Otherwise the remaining work of one contender's compaction or collector would be
/// attributed to the next one.
void settle();

}  // namespace bench
