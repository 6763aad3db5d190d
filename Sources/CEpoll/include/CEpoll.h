// Swift's Glibc module does not export epoll, accept4 or eventfd; this header does. Header only: epoll.c is empty.
#ifndef BOXOFFICE_CEPOLL_H
#define BOXOFFICE_CEPOLL_H
#if defined(__linux__)
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/epoll.h>
#include <sys/socket.h>
#endif
#endif
