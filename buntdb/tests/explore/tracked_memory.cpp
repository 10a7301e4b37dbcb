#include "tracked_memory.hpp"

#include <new>
#include <string>

#include "machine.hpp"

namespace explore {

void* tracked_memory::allocate(std::size_t size) {
  storage_.push_back(std::make_unique<std::byte[]>(header_size + size));
  const machine& now = *machine::current();
  ::new (storage_.back().get()) header{.size = size,
                                       .maker = now.thread(),
                                       .made = now.now()[now.thread()],
                                       .reads = {},
                                       .freed = false};
  ++blocks_;
  return storage_.back().get() + header_size;
}

void tracked_memory::deallocate(void* block, std::size_t size) noexcept {
  const machine& now = *machine::current();
  header& at = header_of(block);
  if (at.freed) now.violation("it frees a block twice");
  if (at.size != size) now.violation("it frees a block with the wrong size");
  for (unsigned thread = 0; thread < max_threads; ++thread) {
    if (at.reads[thread] > now.now()[thread]) {
      now.violation(
          "it frees a block, and that a reader has read it need not have happened before");
    }
  }
  at.freed = true;
  --blocks_;
}

void tracked_memory::read(const void* block, const char* what) {
  const machine& now = *machine::current();
  header& at = header_of(block);
  if (at.freed) now.violation(std::string("it reads ") + what + " that is freed");
  if (at.made > now.now()[at.maker]) {
    now.violation(std::string("it reads ") + what + " that need not have been written before");
  }
  at.reads[now.thread()] = now.now()[now.thread()];
}

bool tracked_memory::is_freed(const void* block) noexcept {
  return header_of(block).freed;
}

tracked_memory::header& tracked_memory::header_of(const void* block) noexcept {
  auto* bytes = static_cast<std::byte*>(const_cast<void*>(block));
  return *std::launder(reinterpret_cast<header*>(bytes - header_size));
}

}  // namespace explore
