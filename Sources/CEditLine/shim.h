#include <editline/readline.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

// libedit's own interface sets everything through el_set, el_get and history, which take variable arguments; Swift
// cannot call such functions. One function for each use, named after it.

typedef unsigned char (*editline_function)(EditLine *, int);
typedef char *(*editline_prompt)(EditLine *);

static inline int editline_set_owner(EditLine *e, void *owner) { return el_set(e, EL_CLIENTDATA, owner); }

static inline void *editline_owner(EditLine *e) {
    void *owner = NULL;
    return el_get(e, EL_CLIENTDATA, &owner) == 0 ? owner : NULL;
}

static inline int editline_set_editor(EditLine *e, const char *mode) { return el_set(e, EL_EDITOR, mode); }
static inline int editline_set_key_source(EditLine *e, el_rfunc_t next) { return el_set(e, EL_GETCFN, next); }

// Text between two `escape` characters is sent as it is and counts no columns.
static inline int editline_set_prompt(EditLine *e, editline_prompt prompt, char escape) {
    return el_set(e, EL_PROMPT_ESC, prompt, (int)escape);
}

static inline int editline_add_function(EditLine *e, const char *name, const char *help, editline_function body) {
    return el_set(e, EL_ADDFN, name, help, body);
}

static inline int editline_bind(EditLine *e, const char *key, const char *function) {
    return el_set(e, EL_BIND, key, function, (const char *)NULL);
}

// A terminal mode for the time of editing, as in `stty`: "-isig".
static inline int editline_set_edit_mode(EditLine *e, const char *mode) {
    return el_set(e, EL_SETTY, "-d", mode, (const char *)NULL);
}

static inline int editline_set_raw(EditLine *e, int raw) { return el_set(e, EL_PREP_TERM, raw); }
static inline int editline_redraw(EditLine *e) { return el_set(e, EL_REFRESH); }
static inline int editline_use_history(EditLine *e, History *h) { return el_set(e, EL_HIST, history, h); }

static inline int editline_history_set_size(History *h, int size) {
    HistEvent event;
    return history(h, &event, H_SETSIZE, size);
}

static inline int editline_history_enter(History *h, const char *line) {
    HistEvent event;
    return history(h, &event, H_ENTER, line);
}

// The columns of a character as libedit counts them; -1 for what it shows as an escape. <wchar.h> declares it only
// under _XOPEN_SOURCE, which a header that is included from Swift cannot set in time.
extern int wcwidth(wchar_t);
static inline int editline_columns(wchar_t c) { return wcwidth(c); }

// libedit counts characters and columns by the locale's encoding. What we read and write is UTF-8, whatever the
// environment says (often nothing, in containers): messages and dates of the C library are left alone.
static inline int editline_use_utf8(void) {
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return 1;
    return setlocale(LC_CTYPE, "C.UTF-8") != NULL || setlocale(LC_CTYPE, "en_US.UTF-8") != NULL;
}
