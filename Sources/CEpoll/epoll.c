#if defined(__linux__)
#define _GNU_SOURCE
#include <malloc.h>
#include <sys/socket.h>

#include "CEpoll.h"

int boxoffice_accept4(int socket, void *address, unsigned int *length, int flags) {
    return accept4(socket, address, length, flags);
}

unsigned long boxoffice_allocated_bytes(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
#endif
