#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// What Swift cannot import: macros that are calls or casts, and variadic functions.

// Nothing of OpenSSL is torn down when the process exits: threads that still close connections would use it after that.
static inline int copenssl_start(void) { return OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, (const OPENSSL_INIT_SETTINGS *)0); }

static inline int copenssl_set_only_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version) && SSL_CTX_set_max_proto_version(context, version);
}

// The buffers for records are given back when they are empty, which halves an idle connection. No renegotiation, no
// compression, no cache of sessions: every connection begins with a whole handshake.
static inline void copenssl_set_defaults(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
}

// The context takes a reference of its own.
static inline int copenssl_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int copenssl_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

// Whom a connection belongs to, found again from callbacks.
static inline void copenssl_set_owner(SSL *ssl, void *owner) { SSL_set_app_data(ssl, owner); }
static inline void *copenssl_owner(const SSL *ssl) { return SSL_get_app_data(ssl); }

// What was written into a memory BIO, still owned by it.
static inline long copenssl_memory_bytes(BIO *bio, const void **bytes) {
    char *start = (char *)0;
    long count = BIO_get_mem_data(bio, &start);
    *bytes = start;
    return count;
}

// Variadic; a new key on the curve P-256.
static inline EVP_PKEY *copenssl_make_p256_key(void) {
    return EVP_PKEY_Q_keygen((OSSL_LIB_CTX *)0, (const char *)0, "EC", "P-256");
}
