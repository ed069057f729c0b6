#include "CCurl.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>

static int32_t write_origin(CURLU *parts, const char *url, char *origin, size_t capacity) {
  char *scheme = NULL, *host = NULL, *port = NULL;
  int length = -1;
  if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
      curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
      curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
      curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
    length = snprintf(origin, capacity, "%s://%s:%s", scheme, host, port);
  curl_free(scheme);
  curl_free(host);
  curl_free(port);
  if (length < 0 || (size_t)length >= capacity) return 0;
  for (char *c = origin; *c; c++) *c = (char)tolower((unsigned char)*c);
  return 1;
}

int32_t mmt_http_origin(const char *url, char *origin, size_t capacity) {
  CURLU *parts = curl_url();
  if (!parts) return 0;
  int32_t written = write_origin(parts, url, origin, capacity);
  curl_url_cleanup(parts);
  return written;
}
