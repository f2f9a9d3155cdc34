// operator new and delete for small blocks: each thread keeps some of those that it frees.
//
// Judging makes and drops thousands of small strings and lists a file; glibc keeps seven blocks of
// a size for a thread, and all others go through the shared heap. Of a tree of 10,000 files that
// took a fifth of the time. Every block is malloc()'s own, so that it does not matter who frees it.
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

// Sanitizers have a malloc() of their own, whose blocks hold no more than was asked for.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PROCTOR_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PROCTOR_SANITIZED
#endif
#endif

#if defined(__GLIBC__) && !defined(PROCTOR_SANITIZED)

namespace {

/// A chunk of malloc() holds 8 bytes more than a multiple of 16.
constexpr size_t kStep = 16;
constexpr size_t kExtra = 8;
constexpr size_t kSizes = 33;  ///< Up to 520 bytes.
constexpr uint32_t kMost = 256;

struct Block {
  Block* next;
};

/// No destructor: memory is freed until a thread's very end.
struct Kept {
  std::array<Block*, kSizes> first;
  std::array<uint32_t, kSizes> count;
  bool open;
};
constinit thread_local Kept kept{};

/// Gives what a thread kept back at its end.
struct Closer {
  Closer() { kept.open = true; }
  ~Closer() {
    kept.open = false;
    for (Block*& first : kept.first) {
      while (first != nullptr) std::free(std::exchange(first, first->next));
    }
  }
};

/// The least size that holds so many bytes.
constexpr size_t size_for(size_t bytes) {
  return std::max<size_t>(1, (bytes + kStep - kExtra - 1) / kStep);
}

bool open_thread() {
  static thread_local Closer closer;
  return kept.open;
}

/// A block of at least this size.
void keep(void* memory, size_t size) noexcept {
  if (size >= kSizes || kept.count[size] >= kMost || !(kept.open || open_thread())) {
    std::free(memory);
    return;
  }
  kept.first[size] = new (memory) Block{kept.first[size]};
  ++kept.count[size];
}

}  // namespace

void* operator new(size_t bytes) {
  const size_t size = size_for(bytes);
  if (size < kSizes) {
    if (Block* block = kept.first[size]; block != nullptr) {
      kept.first[size] = block->next;
      --kept.count[size];
      return block;
    }
    bytes = size * kStep + kExtra;
  }
  for (;;) {
    if (void* block = std::malloc(bytes); block != nullptr) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  keep(memory, (malloc_usable_size(memory) - kExtra) / kStep);
}

void operator delete(void* memory, size_t bytes) noexcept {
  if (memory == nullptr) return;
  keep(memory, size_for(bytes));
}

#endif
