#include <sqlite3.h>

// What Swift cannot import: variadic functions and macros that cast.

// Refuses SQL that would damage the file's structure, such as writes to the schema table.
static inline int csqlite_defend(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}

// Leaves the log as it is when the last connection closes: for connections that only read.
static inline int csqlite_leave_log_at_close(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// No extension can be loaded, neither by SQL nor by the C interface.
static inline int csqlite_refuse_extensions(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)0);
}

// SQLite copies the bytes before these return. An empty buffer may have no address, which SQLite would take for NULL.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    if (count == 0) return sqlite3_bind_text(statement, index, "", 0, SQLITE_STATIC);
    return sqlite3_bind_text(statement, index, (const char *)bytes, count, SQLITE_TRANSIENT);
}
static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}
