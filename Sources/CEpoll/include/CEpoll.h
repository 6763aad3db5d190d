// Swift's Glibc module exports neither epoll nor accept4; this header does.
//
// _GNU_SOURCE stays out of it: it gives the socket functions other parameter types than the ones Glibc's module was
// built with, and Swift refuses the same type in two forms. So accept4 has a wrapper, compiled apart.
#ifndef BOXOFFICE_CEPOLL_H
#define BOXOFFICE_CEPOLL_H
#if defined(__linux__)
#include <sys/epoll.h>

/// accept4(2); `address` is a `struct sockaddr *`.
int boxoffice_accept4(int socket, void *address, unsigned int *length, int flags);

/// Bytes that malloc has handed out and not got back, for measurements.
unsigned long boxoffice_allocated_bytes(void);
#endif
#endif
