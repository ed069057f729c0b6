// The shim over libcurl: origins of addresses that may be anything, and requests that come to nothing, without a network.
#include "CCurl.h"
#include "random.h"

static void origins(void) {
  static const char *const starts[] = {"http://", "https://", "HTTPS://User:pw@", "ftp://", "file://", "http:", "//", ""};
  static const char letters[] = "abcXYZ019.-_~:/?#[]@!$&'()*+,;=%\\ \t\x01\xC3\xA9";
  char url[96] = {0};
  size_t used = (size_t)snprintf(url, sizeof url, "%s", starts[below(8)]);
  for (size_t more = below(60); more > 0; more--) url[used++] = letters[below(sizeof letters - 1)];
  char *exact = block(used + 1, sizeof(void *));
  memcpy(exact, url, used + 1);
  const size_t capacity = below(81);
  char *room = block(capacity, sizeof(void *));
  if (mmt_http_origin(exact, room, capacity) && memchr(room, 0, capacity) == NULL) abort();
}

static int32_t ignore(void *context, const uint8_t *bytes, size_t count) {
  (void)context, (void)bytes, (void)count;
  return 0;
}

static void requests(mmt_http *http) {
  static const char *const urls[] = {"http://127.0.0.1:9/", "https://127.0.0.1:9/x", "file:///etc/passwd", "gopher://x/",
                                     "http://[::1", "http://", "", "http://127.0.0.1:99999/"};
  static const char *const headers[] = {"Accept: */*", "X: \r\nInjected: 1", "", "no colon"};
  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
    mmt_http_answer answer = {0};
    const mmt_http_request request = {.url = urls[i], .headers = headers, .header_count = below(5), .is_head = (int32_t)below(2),
                                      .connect_milliseconds = 500, .low_speed_bytes = 1, .low_speed_seconds = 1,
                                      .line = ignore, .content = ignore};
    mmt_http_perform(http, &request, &answer);
    if (answer.outcome == MMT_HTTP_ANSWERED || memchr(answer.message, 0, sizeof answer.message) == NULL) abort();
  }
}

int main(void) {
  for (int round = 0; round < 20000; round++) {
    origins();
    free_blocks();
  }
  mmt_http *http = mmt_http_open();
  for (int round = 0; round < 20; round++) requests(http);
  mmt_http_close(http);
  printf("requests: 20000 addresses, 160 requests\n");
}
