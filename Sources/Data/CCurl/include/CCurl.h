#ifndef MMT_CURL_H
#define MMT_CURL_H

#include <stddef.h>
#include <stdint.h>

// One HTTP request and its answer, by libcurl. Redirects are told and never followed: who may be sent where, and with
// which headers, is decided by the caller.

typedef struct mmt_http mmt_http;

// Keeps connections open from one request to the next. For one thread at a time. NULL where there is no memory.
mmt_http *mmt_http_open(void);
void mmt_http_close(mmt_http *http);

typedef struct {
  const char *url;             // http or https, nothing else
  const char *const *headers;  // "Name: value"
  size_t header_count;
  const char *authorities;  // a file of certificates (PEM) to trust in place of the system's file; NULL takes that
  int32_t is_head;  // HEAD instead of GET
  // Refuses to connect to this machine and to private networks. Behind a proxy, whose own address is often private, only
  // what bypasses it is looked at.
  int32_t stays_outside;
  int64_t connect_milliseconds;
  // A transfer is cut when it brings fewer bytes a second than this, for so many seconds.
  int64_t low_speed_bytes;
  int64_t low_speed_seconds;
  void *context;
  // Each line of the head as it comes, its line break included; several heads may come, each begins with "HTTP/".
  // Anything but 0 stops the transfer.
  int32_t (*line)(void *context, const uint8_t *bytes, size_t count);
  // The content as it comes. Anything but 0 stops the transfer.
  int32_t (*content)(void *context, const uint8_t *bytes, size_t count);
} mmt_http_request;

enum {
  MMT_HTTP_ANSWERED = 0,
  MMT_HTTP_STOPPED = 1,     // by one of the functions above
  MMT_HTTP_CUT = 2,         // no connection, or it broke: another try may do better
  MMT_HTTP_REFUSED = 3,     // the other side's certificate cannot be trusted
  MMT_HTTP_IMPOSSIBLE = 4,  // a URL or header that libcurl will not send
  MMT_HTTP_INSIDE = 5,      // it would have to leave the open network (stays_outside)
  MMT_HTTP_NO_TRUST = 6,    // the certificates to trust cannot be read
};

enum { MMT_HTTP_MESSAGE_BYTES = 256 };

typedef struct {
  int32_t outcome;
  int32_t status;                        // of HTTP; 0 where none came
  int32_t is_from_inside;                // connected to this machine or a private network, and not through a proxy
  char message[MMT_HTTP_MESSAGE_BYTES];  // libcurl's words where the outcome is not MMT_HTTP_ANSWERED
  const char *url;                       // as libcurl understood it
  const char *redirect;                  // the absolute URL that the answer points to, or NULL; both until the next call
} mmt_http_answer;

void mmt_http_perform(mmt_http *http, const mmt_http_request *request, mmt_http_answer *answer);

// "scheme://host:port" of a URL, in lower case and with the port that the scheme stands for, as libcurl reads it.
// Returns 0 where it is none or does not fit.
int32_t mmt_http_origin(const char *url, char *origin, size_t capacity);

// Whether a numeric address, IPv4 or IPv6, is this machine's, a private network's or nobody's. Names are 0.
int32_t mmt_http_is_inside(const char *address);

#endif
