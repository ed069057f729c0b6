#include "CCurl.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

struct mmt_http {
  CURL *curl;
};

static pthread_once_t initialized = PTHREAD_ONCE_INIT;
static void initialize(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

mmt_http *mmt_http_open(void) {
  pthread_once(&initialized, initialize);
  mmt_http *http = calloc(1, sizeof *http);
  if (!http) return NULL;
  http->curl = curl_easy_init();
  if (!http->curl) {
    free(http);
    return NULL;
  }
  return http;
}

void mmt_http_close(mmt_http *http) {
  curl_easy_cleanup(http->curl);
  free(http);
}

static size_t take_line(char *bytes, size_t size, size_t count, void *context) {
  const mmt_http_request *request = context;
  return request->line(request->context, (const uint8_t *)bytes, size * count) == 0 ? size * count : 0;
}

static size_t take_content(char *bytes, size_t size, size_t count, void *context) {
  const mmt_http_request *request = context;
  if (size * count == 0) return 0;
  return request->content(request->context, (const uint8_t *)bytes, size * count) == 0 ? size * count : 0;
}

static int32_t outcome_of(CURLcode code) {
  switch (code) {
    case CURLE_OK: return MMT_HTTP_ANSWERED;
    case CURLE_WRITE_ERROR: return MMT_HTTP_STOPPED;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR: return MMT_HTTP_REFUSED;
    case CURLE_SSL_CACERT_BADFILE: return MMT_HTTP_NO_TRUST;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_OUT_OF_MEMORY: return MMT_HTTP_IMPOSSIBLE;
    default: return MMT_HTTP_CUT;
  }
}

static struct curl_slist *list_of(const mmt_http_request *request) {
  struct curl_slist *list = NULL;
  for (size_t i = 0; i < request->header_count; i++) {
    struct curl_slist *longer = curl_slist_append(list, request->headers[i]);
    if (!longer) break;
    list = longer;
  }
  return list;
}

// A proxy is for other machines; not everybody who names one in the environment says so there.
static int is_this_machine(const char *url) {
  static const char *const hosts[] = {"http://127.0.0.1:",  "http://localhost:",  "http://[::1]:",
                                      "https://127.0.0.1:", "https://localhost:", "https://[::1]:"};
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
    if (strncmp(url, hosts[i], strlen(hosts[i])) == 0) return 1;
  return 0;
}

// Whether libcurl may be going through a proxy. Who is not to be asked through one (no_proxy) is not looked at here.
static int has_proxy(const char *url) {
  static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  if (is_this_machine(url)) return 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value && *value) return 1;
  }
  return 0;
}

struct guard {
  int refused;
};

// Called with the address that a name was found to have, so that no second look-up can say something else.
static curl_socket_t open_outside(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose;
  struct guard *guard = context;
  char text[INET6_ADDRSTRLEN] = "";
  const void *bytes = address->family == AF_INET6 ? (const void *)&((struct sockaddr_in6 *)&address->addr)->sin6_addr
                                                  : (const void *)&((struct sockaddr_in *)&address->addr)->sin_addr;
  if ((address->family != AF_INET && address->family != AF_INET6) ||
      !inet_ntop(address->family, bytes, text, sizeof text) || mmt_http_is_inside(text)) {
    guard->refused = 1;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void prepare(CURL *curl, const mmt_http_request *request, struct curl_slist *headers, char *message) {
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, request->url);
  if (is_this_machine(request->url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "mmtrain");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
  if (request->authorities) curl_easy_setopt(curl, CURLOPT_CAINFO, request->authorities);
  if (request->is_head) curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_milliseconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)request->low_speed_bytes);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)request->low_speed_seconds);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_line);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, request);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_content);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, request);
}

// Told to leave signals alone, libcurl lets a connection that OpenSSL writes to raise SIGPIPE. It is kept from this
// thread for the time of the call, and taken away if it came.
static CURLcode perform_without_sigpipe(CURL *curl) {
  sigset_t pipe_only, before, pending;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  sigpending(&pending);
  int was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
  CURLcode code = curl_easy_perform(curl);
  const struct timespec none = {0, 0};
  if (!was_pending) sigtimedwait(&pipe_only, NULL, &none);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

void mmt_http_perform(mmt_http *http, const mmt_http_request *request, mmt_http_answer *answer) {
  memset(answer, 0, sizeof *answer);
  char message[CURL_ERROR_SIZE] = "";
  struct curl_slist *headers = list_of(request);
  prepare(http->curl, request, headers, message);
  const int proxied = has_proxy(request->url);
  struct guard guard = {0};
  if (request->stays_outside && !proxied) {
    curl_easy_setopt(http->curl, CURLOPT_OPENSOCKETFUNCTION, open_outside);
    curl_easy_setopt(http->curl, CURLOPT_OPENSOCKETDATA, &guard);
    curl_easy_setopt(http->curl, CURLOPT_FRESH_CONNECT, 1L);  // one that is open was not looked at
  }
  CURLcode code = perform_without_sigpipe(http->curl);
  long status = 0;
  curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(http->curl, CURLINFO_EFFECTIVE_URL, &answer->url);
  curl_easy_getinfo(http->curl, CURLINFO_REDIRECT_URL, &answer->redirect);
  const char *peer = NULL;
  curl_easy_getinfo(http->curl, CURLINFO_PRIMARY_IP, &peer);
  answer->is_from_inside = !proxied && peer && mmt_http_is_inside(peer);
  answer->outcome = code != CURLE_OK && guard.refused ? MMT_HTTP_INSIDE : outcome_of(code);
  answer->status = (int32_t)status;
  if (code != CURLE_OK)
    snprintf(answer->message, sizeof answer->message, "%s", message[0] ? message : curl_easy_strerror(code));
  // Neither the list, the buffer nor the guard outlives this call.
  curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(http->curl, CURLOPT_ERRORBUFFER, NULL);
  curl_easy_setopt(http->curl, CURLOPT_OPENSOCKETFUNCTION, NULL);
  curl_easy_setopt(http->curl, CURLOPT_OPENSOCKETDATA, NULL);
  curl_slist_free_all(headers);
}
