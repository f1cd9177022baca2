#define _GNU_SOURCE

#include "CHostSystemMemory.h"

#if defined(__APPLE__)
#include <malloc/malloc.h>
#else
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
static int drop_segments(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size;
    (void)unused;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < info->dlpi_phnum; index++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[index];
        // What can be written may differ from the file, and would be lost.
        if (header->p_type != PT_LOAD || header->p_flags & PF_W) continue;
        uintptr_t start = (info->dlpi_addr + header->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (info->dlpi_addr + header->p_vaddr + header->p_memsz) & ~(page - 1);
        if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}
#endif

void chs_forget_program_pages(void) {
#if defined(__linux__)
    dl_iterate_phdr(drop_segments, NULL);
#endif
}
