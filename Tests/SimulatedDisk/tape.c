#include "disk.h"
#include <stdlib.h>
#include <string.h>

void tape_keep(
    simulated_disk *disk, uint64_t number, tape_kind kind, const char *name, bool flag, uint64_t offset,
    const void *bytes, size_t count) {
    if (!disk->is_recording) return;
    disk->tape = grown(disk->tape, &disk->tape_room, disk->tape_count + 1, sizeof *disk->tape);
    tape_record *record = &disk->tape[disk->tape_count++];
    // Names are never forgotten, so the entry's own will do.
    *record = (tape_record){number, kind, entry_named(disk, name, true)->name, flag, offset, count, 0};
    if (!count) return;
    record->bytes = malloc(count);
    if (!record->bytes) abort();
    memcpy(record->bytes, bytes, count);
}

void tape_release(simulated_disk *disk) {
    for (size_t i = 0; i < disk->tape_count; i++) free(disk->tape[i].bytes);
    free(disk->tape);
    disk->tape = 0;
    disk->tape_count = disk->tape_room = 0;
}

void simulated_disk_record(simulated_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    disk->is_recording = true;
    pthread_mutex_unlock(&disk->lock);
}

/// The file as it is on the replica. A record is about a file that has the name, but for writes and syncs of a file that
/// was deleted while open, which no power cut brings back.
static inode *file_of(simulated_disk *replica, const tape_record *record) {
    entry *entry = entry_named(replica, record->name, false);
    return entry ? entry->now : 0;
}

static void do_again(simulated_disk *replica, const tape_record *record) {
    if (record->kind == tape_take_over)
        return file_take_over(replica, record->name, record->bytes ? (void *)record->bytes : "", record->count);
    if (record->kind == tape_create) return (void)file_create(replica, record->name, record->flag);
    if (record->kind == tape_delete) return file_delete(replica, record->name, record->flag);
    inode *inode = file_of(replica, record);
    if (!inode) return;
    bool is_lie = lies_about(replica, record->name);
    switch (record->kind) {
    case tape_write: return file_write(inode, record->number, record->offset, record->bytes, record->count);
    case tape_truncate: return file_truncate(inode, record->number, record->offset);
    case tape_sync: return is_lie ? (void)0 : file_sync(replica, inode);
    case tape_sync_failed: return is_lie ? (void)0 : file_sync_failed(inode);
    case tape_sync_lost: return file_sync_lost(inode, record->number);
    default: return;
    }
}

void simulated_disk_replay(simulated_disk *replica, simulated_disk *disk, uint64_t through) {
    pthread_mutex_lock(&disk->lock);
    pthread_mutex_lock(&replica->lock);
    while (replica->replayed < disk->tape_count && disk->tape[replica->replayed].number <= through)
        do_again(replica, &disk->tape[replica->replayed++]);
    pthread_mutex_unlock(&replica->lock);
    pthread_mutex_unlock(&disk->lock);
}

void simulated_disk_rewind(simulated_disk *replica) {
    pthread_mutex_lock(&replica->lock);
    replica->replayed = 0;
    pthread_mutex_unlock(&replica->lock);
}

static simulated_disk_kind kind_of(tape_kind kind) {
    switch (kind) {
    case tape_take_over:
    case tape_create: return simulated_disk_create;
    case tape_write: return simulated_disk_write;
    case tape_truncate: return simulated_disk_truncate;
    case tape_delete: return simulated_disk_delete;
    default: return simulated_disk_sync;
    }
}

bool simulated_disk_recorded(simulated_disk *disk, uint64_t number, simulated_disk_operation *operation) {
    pthread_mutex_lock(&disk->lock);
    size_t low = 0, high = disk->tape_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (disk->tape[middle].number < number) low = middle + 1;
        else high = middle;
    }
    // What was taken over has the number of the operation before.
    while (low < disk->tape_count && disk->tape[low].number == number && disk->tape[low].kind == tape_take_over) low++;
    bool is_there = low < disk->tape_count && disk->tape[low].number == number;
    if (is_there) {
        const tape_record *record = &disk->tape[low];
        *operation = (simulated_disk_operation){
            number, kind_of(record->kind), record->name, record->offset, record->count};
    }
    pthread_mutex_unlock(&disk->lock);
    return is_there;
}
