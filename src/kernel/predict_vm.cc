// The vm.* and fs.* keys with handlers of their own.
#include "kernel/predict_handlers.h"
#include "kernel/predict_strings.h"
#include "kernel/predict_vector.h"
#include "text/text.h"

namespace proctor::kernel {
namespace {

bool changed(const Parsed& parsed) { return parsed.ok() && !parsed.nothing_written(); }

Parsed parse_int(const Call& call) {
  return parse_vector(call, Storage::kInt, call.limits(), call.slots(4));
}

void plain_int(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kInt, call.limits());
}

void ulong_vector(const Call& call, Answer& answer) {
  write_vector(call, answer, Storage::kUlong, call.limits());
}

/// Whether more than 2^32 pages are ERANGE: 5.10.223, 6.1.176 and 6.12.107 do it, 5.10.7 did not.
enum class PageLimit : uint8_t { kNo, kYes, kMaybe };

PageLimit page_limit(const Call& call) {
  const Version& version = call.version();
  for (const Version with :
       {Version{5, 10, 223, true}, Version{6, 1, 176, true}, Version{6, 12, 107, true}}) {
    if (version.in_series(Version{with.major, with.minor, 0, false}) && version >= with) {
      return PageLimit::kYes;
    }
  }
  if (version >= Version{6, 13, 0, false}) return PageLimit::kYes;
  return version <= Version{5, 10, 7, true} && version.has_patch ? PageLimit::kNo
                                                                 : PageLimit::kMaybe;
}

/// At least two pages for the foreground limit; a changed (foreground) or any (background) value
/// clears the ratio.
void write_dirty_bytes(const Call& call, Answer& answer, bool foreground) {
  Limits limits = call.limits();
  const std::optional<uint32_t> page = call.ask_page_size();
  if (foreground) limits.min = page ? Limit::at(int64_t{2} * *page) : Limit::unknown();
  const Parsed parsed = parse_vector(call, Storage::kUlong, limits, 1);
  const std::optional<int64_t> old = call.current();
  if (changed(parsed)) {
    const uint64_t bytes = std::strtoull(parsed.slots[0].text.c_str(), nullptr, 10);
    // The kernel's sum wraps around for the last page of the address space.
    const uint64_t pages = (bytes + page.value_or(4096) - 1) / page.value_or(4096);
    const PageLimit limit = page_limit(call);
    if (pages > UINT32_MAX && limit != PageLimit::kNo) {
      if (limit == PageLimit::kYes && page) {
        reject(call, answer, ERANGE, "above 2^32 pages");
      } else {
        call.need("host.kernel");
        undecided(call, answer, "newer kernels refuse more than 2^32 pages");
      }
      return;
    }
  }
  finish(call, answer, parsed, 1);
  const std::string ratio = foreground ? "vm/dirty_ratio" : "vm/dirty_background_ratio";
  if (!parsed.ok()) return;
  if (foreground) {
    if (parsed.nothing_written() || (old && *old == parsed.slots[0].value)) return;
    if (!old) {
      also_unknown(call, answer, ratio);
      return;
    }
  }
  also(answer, ratio, "0");
}

void dirty_bytes(const Call& call, Answer& answer) { write_dirty_bytes(call, answer, true); }

void dirty_background_bytes(const Call& call, Answer& answer) {
  write_dirty_bytes(call, answer, false);
}

void dirty_ratio(const Call& call, Answer& answer) {
  const Parsed parsed = parse_int(call);
  const std::optional<int64_t> old = call.current();
  finish(call, answer, parsed, 1);
  if (!changed(parsed) || (old && *old == parsed.slots[0].value)) return;
  if (old) {
    also(answer, "vm/dirty_bytes", "0");
  } else {
    also_unknown(call, answer, "vm/dirty_bytes");
  }
}

void dirty_background_ratio(const Call& call, Answer& answer) {
  const Parsed parsed = parse_int(call);
  finish(call, answer, parsed, 1);
  if (parsed.ok()) also(answer, "vm/dirty_background_bytes", "0");
}

void overcommit_ratio(const Call& call, Answer& answer) {
  const Parsed parsed = parse_int(call);
  finish(call, answer, parsed, 1);
  if (parsed.ok()) also(answer, "vm/overcommit_kbytes", "0");
}

void overcommit_kbytes(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kUlong, call.limits(), 1);
  finish(call, answer, parsed, 1);
  if (parsed.ok()) also(answer, "vm/overcommit_ratio", "0");
}

/// Errors are not looked at, and what is below 1 becomes 0.
void lowmem_reserve_ratio(const Call& call, Answer& answer) {
  const std::optional<std::string> now = call.text(call.path);
  const auto zones = now ? static_cast<unsigned>(split_blanks(*now).size()) : call.slots(4);
  Parsed parsed = parse_vector(call, Storage::kInt, call.limits(), zones);
  for (Slot& slot : parsed.slots) {
    if (slot.value < 1) slot.text = "0";
  }
  const std::string fault = parsed.ok() ? std::string() : parsed.reason;
  if (!fault.empty()) {
    parsed.error = 0;
  }
  finish(call, answer, parsed, zones);
  if (!fault.empty()) answer.outcome.reason = "ignored in silence: " + fault;
}

/// 1 to 7 would leave no room for the lists.
void pagelist_fraction(const Call& call, Answer& answer) {
  constexpr int64_t kSmallest = 8;
  const Parsed parsed = parse_int(call);
  if (changed(parsed) && parsed.slots[0].value != 0 && parsed.slots[0].value < kSmallest) {
    reject(call, answer, EINVAL, "0, or 8 and above");
    return;
  }
  finish(call, answer, parsed, 1);
}

/// How many pages can be had depends on free memory; a small part of it is taken as possible.
void huge_pages(const Call& call, Answer& answer) {
  constexpr uint64_t kHugePage = uint64_t{2} << 20;
  constexpr uint64_t kSafePart = 16;
  const Parsed parsed = parse_vector(call, Storage::kUlong, call.limits(), 1);
  const std::string twin =
      call.path == "vm/nr_hugepages" ? "vm/nr_hugepages_mempolicy" : "vm/nr_hugepages";
  const bool has_twin = call.read(twin).status != Cell::Status::kAbsent;
  if (!changed(parsed)) {
    finish(call, answer, parsed, 1);
    return;
  }
  const auto count = static_cast<uint64_t>(parsed.slots[0].value);
  const std::optional<uint64_t>& memory = call.state.machine().memory;
  if (count == 0 || (memory && count <= *memory / kHugePage / kSafePart)) {
    finish(call, answer, parsed, 1);
    if (has_twin) also(answer, twin, parsed.slots[0].text);
    return;
  }
  if (!memory) call.need("host.memory");
  store_unknown(call, answer, "the kernel makes as many as free memory allows, without an error");
  answer.outcome.taken = parsed.taken;
  if (has_twin) also_unknown(call, answer, twin);
}

/// Write-only. Up to 6.1 whatever is written starts it; 6.12 wants 1 (and there is no bound in its
/// table).
void compact_memory(const Call& call, Answer& answer) {
  const Parsed parsed = parse_vector(call, Storage::kInt, {}, 1);
  const bool old = call.version() <= Version{6, 1, 176, true} ||
                   call.version().in_series(Version{6, 1, 0, false});
  const bool is_new = call.version() >= Version{6, 12, 0, false};
  const bool one = changed(parsed) && parsed.slots[0].value == 1;
  if (one || old) {
    answer.outcome.result = WriteResult::kAccepted;
    answer.outcome.taken = old ? call.bytes.size() : parsed.taken;
  } else if (!is_new) {
    call.need("host.kernel");
    undecided(call, answer, "newer kernels accept 1 only");
  } else if (!parsed.ok()) {
    refuse(call, answer, parsed);
  } else {
    reject(call, answer, EINVAL, "only 1 is accepted");
  }
}

void drop_caches(const Call& call, Answer& answer) {
  const Parsed parsed = parse_int(call);
  finish(call, answer, parsed, 1);
}

/// Whatever is written refreshes the counters; reading gives nothing.
void stat_refresh(const Call& call, Answer& answer) {
  answer.outcome.result = WriteResult::kAccepted;
  answer.outcome.taken = call.bytes.size();
  answer.outcome.reads_back = "";
  answer.outcome.reason = "whatever is written refreshes the counters";
}

/// Only the first letter counts: d(efault) or n(ode). It always reads Node.
void numa_zonelist_order(const Call& call, Answer& answer) {
  const char first = call.bytes.empty() ? '\0' : static_cast<char>(call.bytes.front() | 0x20);
  if (first != 'd' && first != 'n') {
    reject(call, answer, EINVAL, "default or node");
    return;
  }
  store(call, answer, "Node");
}

/// Rounded up to a power of two, a page at least.
void pipe_max_size(const Call& call, Answer& answer) {
  constexpr uint64_t kLargest = uint64_t{1} << 31;
  Call strict = call;
  strict.traits.ulong_negative_is_error = true;
  Parsed parsed = parse_single(strict, Storage::kUlong, {});
  if (!changed(parsed)) {
    finish(call, answer, parsed, 1);
    return;
  }
  uint64_t size = std::strtoull(parsed.slots[0].text.c_str(), nullptr, 10);
  const bool wraps = call.version() >= Version{6, 12, 107, true};
  const bool is_long = call.version() <= Version{6, 1, 176, true} ||
                       call.version().in_series(Version{6, 1, 0, false});
  if (size > UINT32_MAX && !is_long && !wraps) {
    call.need("host.kernel");
    undecided(call, answer, "above 2^32 some kernels look at the low 32 bits alone");
    return;
  }
  if (wraps) size = static_cast<uint32_t>(size);
  const std::optional<uint32_t> page = call.ask_page_size();
  if (size > kLargest) {
    reject(call, answer, EINVAL, "above its maximum of 2147483648");
  } else if (!page) {
    undecided(call, answer, "rounded up to a power of two, a page at least");
  } else {
    uint64_t rounded = *page;
    while (rounded < size) rounded *= 2;
    store(call, answer, std::to_string(rounded));
    if (rounded != size) answer.outcome.reason = "rounded up to a power of two";
  }
  if (answer.outcome.taken) answer.outcome.taken = call.bytes.size();
}

constexpr HandlerEntry kHandlers[] = {
    {"dirty_background_bytes_handler", dirty_background_bytes},
    {"dirty_background_ratio_handler", dirty_background_ratio},
    {"dirty_bytes_handler", dirty_bytes},
    {"dirty_ratio_handler", dirty_ratio},
    {"drop_caches_sysctl_handler", drop_caches},
    {"hugetlb_mempolicy_sysctl_handler", huge_pages},
    {"hugetlb_overcommit_handler", ulong_vector},
    {"hugetlb_sysctl_handler", huge_pages},
    {"lowmem_reserve_ratio_sysctl_handler", lowmem_reserve_ratio},
    {"min_free_kbytes_sysctl_handler", plain_int},
    {"mmap_min_addr_handler", ulong_vector},
    {"numa_zonelist_order_handler", numa_zonelist_order},
    {"overcommit_kbytes_handler", overcommit_kbytes},
    {"overcommit_policy_handler", plain_int},
    {"overcommit_ratio_handler", overcommit_ratio},
    {"percpu_pagelist_fraction_sysctl_handler", pagelist_fraction},
    {"percpu_pagelist_high_fraction_sysctl_handler", pagelist_fraction},
    {"pipe_proc_fn", pipe_max_size},
    {"proc_dopipe_max_size", pipe_max_size},
    {"sysctl_compaction_handler", compact_memory},
    {"sysctl_extfrag_handler", plain_int},
    {"sysctl_min_slab_ratio_sysctl_handler", plain_int},
    {"sysctl_min_unmapped_ratio_sysctl_handler", plain_int},
    {"sysctl_vm_numa_stat_handler", plain_int},
    {"vmstat_refresh", stat_refresh},
    {"watermark_boost_factor_sysctl_handler", plain_int},
    {"watermark_scale_factor_sysctl_handler", plain_int},
};

}  // namespace

HandlerTable vm_handlers() { return {std::begin(kHandlers), std::end(kHandlers)}; }

}  // namespace proctor::kernel
