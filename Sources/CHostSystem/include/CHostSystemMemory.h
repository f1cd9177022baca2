#ifndef C_HOST_SYSTEM_MEMORY_H
#define C_HOST_SYSTEM_MEMORY_H

/// Gives memory that was freed back to the system.
void chs_give_back_memory(void);

#endif
