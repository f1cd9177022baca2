#ifndef C_HOST_SYSTEM_MEMORY_H
#define C_HOST_SYSTEM_MEMORY_H

/// Gives memory that was freed back to the system.
void chs_give_back_memory(void);

/// Unmaps the pages of the program that it hasn't written to, which the system reads from the file
/// again where they are still needed. No other thread may run. Does nothing but on Linux.
void chs_forget_program_pages(void);

#endif
