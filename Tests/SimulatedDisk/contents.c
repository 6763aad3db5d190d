#include "disk.h"
#include <stdlib.h>
#include <string.h>

// A test has nothing better to do than to end when there is no memory.
static void *owned(void *memory) {
    if (!memory) abort();
    return memory;
}

void *grown(void *memory, size_t *room, size_t count, size_t size) {
    if (count <= *room) return memory;
    size_t wanted = *room ? *room : 16;
    while (wanted < count) wanted *= 2;
    *room = wanted;
    return owned(realloc(memory, wanted * size));
}

uint64_t coin_next(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

// MARK: Bytes

void image_resize(image *image, uint64_t count) {
    image->bytes = grown(image->bytes, &image->room, count, 1);
    if (count > image->count) memset(image->bytes + image->count, 0, count - image->count);
    image->count = count;
}

void image_write(image *image, uint64_t offset, const void *bytes, size_t count) {
    if (count == 0) return;
    if (offset + count > image->count) image_resize(image, offset + count);
    memcpy(image->bytes + offset, bytes, count);
}

static void image_set(image *image, const void *bytes, size_t count) {
    image->count = 0;
    image_resize(image, count);
    if (count) memcpy(image->bytes, bytes, count);
}

// MARK: Names

entry *entry_named(simulated_disk *disk, const char *name, bool make) {
    for (size_t i = 0; i < disk->entry_count; i++)
        if (strcmp(disk->entries[i].name, name) == 0) return &disk->entries[i];
    if (!make) return 0;
    // Few names, and never one less: doubling is not worth a field.
    disk->entries = owned(realloc(disk->entries, (disk->entry_count + 1) * sizeof *disk->entries));
    entry *entry = &disk->entries[disk->entry_count++];
    memset(entry, 0, sizeof *entry);
    entry->name = owned(strdup(name));
    return entry;
}

inode *inode_make(void) {
    inode *inode = owned(calloc(1, sizeof *inode));
    inode->references = 1;
    return inode;
}

static void forget_changes(inode *inode) {
    for (size_t i = 0; i < inode->change_count; i++) free(inode->changes[i].bytes);
    inode->change_count = 0;
}

void inode_release(inode *inode) {
    if (!inode || --inode->references > 0) return;
    forget_changes(inode);
    free(inode->changes);
    free(inode->now.bytes);
    free(inode->medium.bytes);
    for (int i = 0; i < SHARED_REGIONS_MAX; i++) free(inode->regions[i]);
    free(inode);
}

static void point(inode **name, inode *to) {
    if (to) to->references++;
    inode_release(*name);
    *name = to;
}

static void sync_directory(simulated_disk *disk) {
    for (size_t i = 0; i < disk->entry_count; i++) point(&disk->entries[i].medium, disk->entries[i].now);
}

// MARK: Operations

void file_take_over(simulated_disk *disk, const char *name, const void *bytes, size_t count) {
    inode *inode = inode_make();
    image_set(&inode->now, bytes, count);
    image_set(&inode->medium, bytes, count);
    entry *entry = entry_named(disk, name, true);
    point(&entry->now, inode);
    point(&entry->medium, inode);
    inode_release(inode);
}

inode *file_create(simulated_disk *disk, const char *name, bool syncs_directory) {
    inode *inode = inode_make();
    inode->syncs_directory = syncs_directory;
    entry *entry = entry_named(disk, name, true);
    point(&entry->now, inode);
    inode_release(inode);
    return inode;
}

static change *change_add(inode *inode, uint64_t number) {
    inode->changes = grown(inode->changes, &inode->change_room, inode->change_count + 1, sizeof *inode->changes);
    change *change = &inode->changes[inode->change_count++];
    memset(change, 0, sizeof *change);
    change->number = number;
    return change;
}

void file_write(inode *inode, uint64_t number, uint64_t offset, const void *bytes, size_t count) {
    image_write(&inode->now, offset, bytes, count);
    change *change = change_add(inode, number);
    change->offset = offset;
    change->count = count;
    change->bytes = owned(malloc(count ? count : 1));
    memcpy(change->bytes, bytes, count);
}

void file_truncate(inode *inode, uint64_t number, uint64_t count) {
    image_resize(&inode->now, count);
    change *change = change_add(inode, number);
    change->truncates = true;
    change->offset = count;
}

/// A newer change has covered this range: what is left of a doomed write is what is outside of it. A write that would fall
/// into two parts keeps the first; the other's fate is then "not on the medium", which is one of the two it may have.
static void uncover(change *doomed, uint64_t from, uint64_t to) {
    uint64_t end = doomed->offset + doomed->count;
    if (to <= doomed->offset || from >= end) return;
    if (from <= doomed->offset) {
        size_t cut = (size_t)((to < end ? to : end) - doomed->offset);
        memmove(doomed->bytes, doomed->bytes + cut, doomed->count - cut);
        doomed->offset += cut;
        doomed->count -= cut;
    } else {
        doomed->count = (size_t)(from - doomed->offset);
    }
}

void file_sync(simulated_disk *disk, inode *inode) {
    size_t kept = 0;
    for (size_t i = 0; i < inode->change_count; i++) {
        change change = inode->changes[i];
        if (change.is_doomed) {
            inode->changes[kept++] = change;
            continue;
        }
        if (change.truncates) {
            image_resize(&inode->medium, change.offset);
            for (size_t j = 0; j < kept; j++) uncover(&inode->changes[j], change.offset, UINT64_MAX);
        } else {
            image_write(&inode->medium, change.offset, change.bytes, change.count);
            for (size_t j = 0; j < kept; j++)
                uncover(&inode->changes[j], change.offset, change.offset + change.count);
        }
        free(change.bytes);
    }
    inode->change_count = kept;
    if (inode->syncs_directory) {
        inode->syncs_directory = false;
        sync_directory(disk);
    }
}

void file_sync_failed(inode *inode) {
    // The new size is the file system's, not the page cache's: a later sync still takes it.
    for (size_t i = 0; i < inode->change_count; i++) inode->changes[i].is_doomed = !inode->changes[i].truncates;
}

void file_delete(simulated_disk *disk, const char *name, bool syncs_directory) {
    entry *entry = entry_named(disk, name, true);
    point(&entry->now, 0);
    if (syncs_directory) sync_directory(disk);
}

// MARK: What survives

/// Each sector of a write by a coin.
static void write_by_coin(image *image, const change *change, uint32_t sector, uint64_t *coins) {
    for (uint64_t at = change->offset, end = change->offset + change->count; at < end;) {
        uint64_t next = (at / sector + 1) * sector;
        if (next > end) next = end;
        if (coin_next(coins) & 1) image_write(image, at, change->bytes + (at - change->offset), (size_t)(next - at));
        at = next;
    }
}

static void survive(
    image *image, const inode *inode, simulated_disk_survival survival, uint32_t sector, uint64_t newest,
    uint64_t *coins) {
    bool is_whole = survival == simulated_disk_everything;
    image_set(image, is_whole ? inode->now.bytes : inode->medium.bytes, is_whole ? inode->now.count : inode->medium.count);
    if (is_whole || survival == simulated_disk_nothing) return;
    for (size_t i = 0; i < inode->change_count; i++) {
        const change *change = &inode->changes[i];
        if (survival == simulated_disk_coin) {
            if (!change->truncates) write_by_coin(image, change, sector, coins);
            else if (coin_next(coins) & 1) image_resize(image, change->offset);
        } else if (change->truncates) {
            image_resize(image, change->offset);
        } else {
            bool tears = change->number == newest && change->count > 0;
            image_write(
                image, change->offset, change->bytes,
                tears ? (size_t)(coin_next(coins) % change->count) : change->count);
        }
    }
}

void file_sync_lost(inode *inode, uint64_t number) {
    image medium = {0};
    uint64_t coins = number;
    survive(&medium, inode, simulated_disk_coin, 4096, 0, &coins);
    free(inode->medium.bytes);
    inode->medium = medium;
    image_set(&inode->now, medium.bytes, medium.count);
    forget_changes(inode);
}

static uint64_t newest_write(const simulated_disk *disk) {
    uint64_t newest = 0;
    for (size_t i = 0; i < disk->entry_count; i++) {
        const inode *inode = disk->entries[i].now;
        for (size_t j = 0; inode && j < inode->change_count; j++)
            if (!inode->changes[j].truncates && inode->changes[j].number > newest) newest = inode->changes[j].number;
    }
    return newest;
}

static void lock_both(simulated_disk *from, simulated_disk *to) {
    pthread_mutex_lock(from < to ? &from->lock : &to->lock);
    if (from != to) pthread_mutex_lock(from < to ? &to->lock : &from->lock);
}

static void unlock_both(simulated_disk *from, simulated_disk *to) {
    pthread_mutex_unlock(&from->lock);
    if (from != to) pthread_mutex_unlock(&to->lock);
}

void simulated_disk_cut(
    simulated_disk *from, simulated_disk *to, simulated_disk_survival survival, uint32_t sector, uint64_t seed) {
    lock_both(from, to);
    uint64_t coins = seed, newest = newest_write(from);
    size_t count = from->entry_count;
    inode **survivors = owned(calloc(count + 1, sizeof *survivors));
    for (size_t i = 0; i < count; i++) {
        const entry *entry = &from->entries[i];
        bool keeps_change = survival == simulated_disk_coin ? coin_next(&coins) & 1 : survival != simulated_disk_nothing;
        const inode *inode = keeps_change ? entry->now : entry->medium;
        if (!inode) continue;
        survivors[i] = inode_make();
        survive(&survivors[i]->now, inode, survival, sector, newest, &coins);
        image_set(&survivors[i]->medium, survivors[i]->now.bytes, survivors[i]->now.count);
    }
    for (size_t i = 0; i < to->entry_count; i++) {
        point(&to->entries[i].now, 0);
        point(&to->entries[i].medium, 0);
    }
    for (size_t i = 0; i < count; i++) {
        // Also a name without a file is known from now on, so that nothing is taken over in its place.
        entry *entry = entry_named(to, from->entries[i].name, true);
        point(&entry->now, survivors[i]);
        point(&entry->medium, survivors[i]);
        inode_release(survivors[i]);
    }
    free(survivors);
    to->generation++;
    to->is_off = to->is_armed = to->reads_armed = false;
    unlock_both(from, to);
}

void contents_release(simulated_disk *disk) {
    for (size_t i = 0; i < disk->entry_count; i++) {
        point(&disk->entries[i].now, 0);
        point(&disk->entries[i].medium, 0);
        free(disk->entries[i].name);
    }
    free(disk->entries);
    disk->entries = 0;
    disk->entry_count = 0;
}

// MARK: Looking at it

static void stir(simulated_disk_fingerprint *fingerprint, uint64_t word) {
    fingerprint->high = (fingerprint->high ^ word) * 0x9FB21C651E98DF25;
    fingerprint->high ^= fingerprint->high >> 32;
    fingerprint->low = (fingerprint->low + word) * 0xD6E8FEB86659FD93;
    fingerprint->low ^= fingerprint->low >> 29;
}

static void stir_bytes(simulated_disk_fingerprint *fingerprint, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    stir(fingerprint, count);
    for (; count >= 8; next += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        stir(fingerprint, word);
    }
    uint64_t word = 0;
    memcpy(&word, next, count);
    stir(fingerprint, word);
}

simulated_disk_fingerprint simulated_disk_contents(simulated_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    simulated_disk_fingerprint fingerprint = {1, 2};
    for (size_t i = 0; i < disk->entry_count; i++) {
        const entry *entry = &disk->entries[i];
        if (!entry->now) continue;
        stir_bytes(&fingerprint, entry->name, strlen(entry->name));
        stir_bytes(&fingerprint, entry->now->now.bytes, entry->now->now.count);
    }
    pthread_mutex_unlock(&disk->lock);
    return fingerprint;
}

bool simulated_disk_contents_of(simulated_disk *disk, const char *name, simulated_disk_fingerprint *fingerprint) {
    pthread_mutex_lock(&disk->lock);
    const entry *entry = entry_named(disk, name, false);
    const inode *inode = entry ? entry->now : 0;
    *fingerprint = (simulated_disk_fingerprint){1, 2};
    if (inode) stir_bytes(fingerprint, inode->now.bytes, inode->now.count);
    pthread_mutex_unlock(&disk->lock);
    return inode != 0;
}

const unsigned char *simulated_disk_bytes(simulated_disk *disk, const char *name, uint64_t *count) {
    pthread_mutex_lock(&disk->lock);
    entry *entry = entry_named(disk, name, false);
    inode *inode = entry ? entry->now : 0;
    const unsigned char *bytes = 0;
    *count = 0;
    if (inode) {
        // An empty file is a file too.
        inode->now.bytes = grown(inode->now.bytes, &inode->now.room, 1, 1);
        bytes = inode->now.bytes;
        *count = inode->now.count;
    }
    pthread_mutex_unlock(&disk->lock);
    return bytes;
}

void simulated_disk_put(simulated_disk *disk, const char *name, const void *bytes, uint64_t count) {
    pthread_mutex_lock(&disk->lock);
    file_take_over(disk, name, bytes, (size_t)count);
    tape_keep(disk, disk->operations, tape_take_over, name, false, 0, bytes, (size_t)count);
    pthread_mutex_unlock(&disk->lock);
}
