#pragma once

namespace bench {

/// Waits until neither this process nor its children work in the background (what compactions and
/// collectors of one contender still do would be charged to the next), but no longer than three
/// seconds.
void settle();

}  // namespace bench
