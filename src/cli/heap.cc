#include "cli/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory>

namespace proctor::cli {

void prepare_heap() {
#ifdef __GLIBC__
  constexpr size_t kHugePage = size_t{2} << 20U;
  constexpr int kReserve = 6 << 20;
  constexpr int kLarge = 4 << 20;
  constexpr size_t kFirst = 200000;  // More than the heap has left by now.
  constexpr size_t kHeader = 256;
  // Never freed: they only take up addresses, of which two pages are touched.
  static std::array<void*, 2> blocks;

  const char* before = static_cast<char*>(sbrk(0));
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, 4 * kLarge);
  mallopt(M_TOP_PAD, kReserve);
  blocks[0] = std::malloc(kFirst);
  mallopt(M_TOP_PAD, kLarge / 4);
  char* top = static_cast<char*>(blocks[0]) + kFirst;
  const char* end = static_cast<char*>(sbrk(0));
  // Under another allocator, as those of sanitizers are, the block is elsewhere.
  if (blocks[0] == nullptr || top <= before || top >= end) return;
  void* start = top + 2 * kHeader;
  size_t room = static_cast<size_t>(end - top) - 2 * kHeader;
  if (std::align(kHugePage, kHugePage, start, room) == nullptr) return;
  madvise(start, room, MADV_HUGEPAGE);
  // What the heap writes beside its next block must not touch a huge page before it is one.
  blocks[1] = std::malloc(static_cast<size_t>(static_cast<char*>(start) - top) - kHeader);
#endif
}

}  // namespace proctor::cli
