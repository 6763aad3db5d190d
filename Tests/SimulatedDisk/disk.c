#include "disk.h"
#include <stdlib.h>
#include <string.h>

#define DISKS_MAX 256
static simulated_disk *disks[DISKS_MAX];
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;

static bool ends_with(const char *name, const char *suffix) {
    size_t length = strlen(name), end = strlen(suffix);
    return length >= end && strcmp(name + length - end, suffix) == 0;
}

static char *copied(const char *text) {
    char *copy = text ? strdup(text) : 0;
    if (text && !copy) abort();
    return copy;
}

simulated_disk *simulated_disk_make(const char *prefix) {
    layer_install();
    simulated_disk *disk = calloc(1, sizeof *disk);
    if (!disk) abort();
    pthread_mutex_init(&disk->lock, 0);
    pthread_mutex_init(&disk->turn, 0);
    disk->prefix = copied(prefix);
    disk->prefix_length = strlen(prefix);
    disk->references = 1;
    pthread_mutex_lock(&registry);
    int index = 0;
    while (index < DISKS_MAX && disks[index]) index++;
    if (index == DISKS_MAX) abort();
    disks[index] = disk;
    pthread_mutex_unlock(&registry);
    return disk;
}

simulated_disk *disk_of(const char *path) {
    simulated_disk *found = 0;
    pthread_mutex_lock(&registry);
    for (int i = 0; i < DISKS_MAX && !found; i++)
        if (disks[i] && strncmp(path, disks[i]->prefix, disks[i]->prefix_length) == 0) found = disks[i];
    if (found) found->references++;
    pthread_mutex_unlock(&registry);
    return found;
}

void disk_release(simulated_disk *disk) {
    pthread_mutex_lock(&registry);
    bool is_last = --disk->references == 0;
    pthread_mutex_unlock(&registry);
    if (!is_last) return;
    tape_release(disk);
    contents_release(disk);
    pthread_mutex_destroy(&disk->lock);
    pthread_mutex_destroy(&disk->turn);
    free(disk->prefix);
    free(disk->lies);
    free(disk->fault_suffix);
    free(disk);
}

void simulated_disk_free(simulated_disk *disk) {
    pthread_mutex_lock(&registry);
    for (int i = 0; i < DISKS_MAX; i++)
        if (disks[i] == disk) disks[i] = 0;
    pthread_mutex_unlock(&registry);
    pthread_mutex_lock(&disk->lock);
    disk->is_gone = disk->is_off = true;
    disk->generation++;
    disk->before = 0;
    pthread_mutex_unlock(&disk->lock);
    disk_release(disk);
}

// MARK: Counting and judging

/// What the armed fault makes of an operation of this kind.
static verdict verdict_of(simulated_disk *disk, simulated_disk_kind kind) {
    bool is_write = kind == simulated_disk_write, is_sync = kind == simulated_disk_sync;
    switch (disk->fault) {
    case simulated_disk_io_error: return verdict_io_error;
    case simulated_disk_no_space:
        return is_write || kind == simulated_disk_create ? verdict_no_space : verdict_works;
    case simulated_disk_short_write: return is_write ? verdict_short : verdict_works;
    case simulated_disk_sync_fails: return is_sync ? verdict_io_error : verdict_works;
    case simulated_disk_sync_loses: return is_sync ? verdict_lost : verdict_works;
    case simulated_disk_power_off: disk->is_off = true; return verdict_io_error;
    }
    return verdict_works;
}

verdict operation_begin(
    simulated_disk *disk, simulated_disk_kind kind, const char *name, uint64_t offset, uint64_t bytes,
    uint64_t *number) {
    pthread_mutex_lock(&disk->turn);
    pthread_mutex_lock(&disk->lock);
    simulated_disk_operation operation = {++disk->operations, kind, name, offset, bytes};
    *number = operation.number;
    void (*before)(void *, const simulated_disk_operation *) = disk->before;
    void *context = disk->context;
    if (before) {
        pthread_mutex_unlock(&disk->lock);
        before(context, &operation);
        pthread_mutex_lock(&disk->lock);
    }
    verdict verdict = verdict_works;
    if (disk->is_armed && operation.number >= disk->fault_first && disk->fault_count > 0 &&
        (!disk->fault_suffix || ends_with(name, disk->fault_suffix)))
        verdict = verdict_of(disk, kind);
    if (verdict != verdict_works) disk->fault_count--;
    if (disk->is_off) verdict = verdict_io_error;
    if (verdict != verdict_works) disk->failures++;
    return verdict;
}

void operation_end(simulated_disk *disk) {
    pthread_mutex_unlock(&disk->lock);
    pthread_mutex_unlock(&disk->turn);
}

bool read_begin(simulated_disk *disk) {
    uint64_t number = ++disk->reads;
    bool fails = disk->is_off || (disk->reads_armed && number >= disk->reads_first && disk->reads_count > 0);
    if (fails && disk->reads_count > 0) disk->reads_count--;
    if (fails) disk->failures++;
    return !fails;
}

bool lies_about(simulated_disk *disk, const char *name) { return disk->lies && ends_with(name, disk->lies); }

// MARK: What tests ask and set

#define LOCKED(disk, ...)                                                                                              \
    pthread_mutex_lock(&(disk)->lock);                                                                                 \
    __VA_ARGS__;                                                                                                       \
    pthread_mutex_unlock(&(disk)->lock)

uint64_t simulated_disk_operations(simulated_disk *disk) {
    LOCKED(disk, uint64_t count = disk->operations);
    return count;
}

uint64_t simulated_disk_reads(simulated_disk *disk) {
    LOCKED(disk, uint64_t count = disk->reads);
    return count;
}

uint64_t simulated_disk_failures(simulated_disk *disk) {
    LOCKED(disk, uint64_t count = disk->failures);
    return count;
}

void simulated_disk_watch(
    simulated_disk *disk, void (*before)(void *, const simulated_disk_operation *), void *context) {
    LOCKED(disk, disk->before = before; disk->context = context);
}

void simulated_disk_fail(simulated_disk *disk, simulated_disk_fault fault, uint64_t first, uint64_t count) {
    LOCKED(
        disk, disk->is_armed = true; disk->fault = fault; disk->fault_first = first; disk->fault_count = count);
}

void simulated_disk_fail_only(simulated_disk *disk, const char *suffix) {
    LOCKED(disk, free(disk->fault_suffix); disk->fault_suffix = copied(suffix));
}

void simulated_disk_fail_reads(simulated_disk *disk, uint64_t first, uint64_t count) {
    LOCKED(disk, disk->reads_armed = true; disk->reads_first = first; disk->reads_count = count);
}

void simulated_disk_mend(simulated_disk *disk) { LOCKED(disk, disk->is_armed = disk->reads_armed = false); }

void simulated_disk_lie(simulated_disk *disk, const char *suffix) {
    LOCKED(disk, free(disk->lies); disk->lies = copied(suffix));
}
