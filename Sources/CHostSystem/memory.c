#define _GNU_SOURCE

#include "CHostSystemMemory.h"

#if defined(__APPLE__)
#include <malloc/malloc.h>
#else
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

void chs_give_back_memory(void) {
#if defined(__APPLE__)
    malloc_zone_pressure_relief(NULL, 0);
#elif defined(__GLIBC__)
    malloc_trim(0);
#endif
}

#if defined(__linux__)
static void drop(uintptr_t start, uintptr_t end) {
    madvise((void *)start, end - start, MADV_DONTNEED);
}

/// Drops those pages that still are the file's: what the process wrote would be lost.
static void drop_unwritten(int pagemap, uintptr_t start, uintptr_t end, uintptr_t page) {
    // Linux, Documentation/admin-guide/mm/pagemap.rst: one number for each page.
    const uint64_t is_file_page = UINT64_C(1) << 61;
    uint64_t entries[512];
    while (start < end) {
        size_t count = (end - start) / page;
        if (count > sizeof entries / sizeof *entries) count = sizeof entries / sizeof *entries;
        size_t size = count * sizeof *entries;
        if (pread(pagemap, entries, size, start / page * sizeof *entries) != (ssize_t)size) return;
        for (size_t index = 0; index < count; index++, start += page)
            if (entries[index] & is_file_page) drop(start, start + page);
    }
}

static int drop_segments(struct dl_phdr_info *info, size_t size, void *pagemap) {
    (void)size;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < info->dlpi_phnum; index++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[index];
        if (header->p_type != PT_LOAD) continue;
        uintptr_t start = (info->dlpi_addr + header->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (info->dlpi_addr + header->p_vaddr + header->p_memsz) & ~(page - 1);
        if (start >= end) continue;
        if (header->p_flags & PF_W) {
            drop_unwritten(*(int *)pagemap, start, end, page);
        } else {
            drop(start, end);
        }
    }
    return 0;
}
#endif

void chs_forget_program_pages(void) {
#if defined(__linux__)
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    dl_iterate_phdr(drop_segments, &pagemap);
    if (pagemap >= 0) close(pagemap);
#endif
}
