#pragma once

#include <chrono>

namespace scs::stores::redis_detail {

/// Lets the system end a TCP connection whose other end has disappeared without closing it: after
/// half a minute if it is idle, and after `longest_silence` if it has something to send.
void notice_silent_death(int socket, std::chrono::milliseconds longest_silence);

}  // namespace scs::stores::redis_detail
