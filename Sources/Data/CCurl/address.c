#include "CCurl.h"

#include <arpa/inet.h>
#include <string.h>

struct network {
  uint32_t address;
  int bits;
};

// RFC 6890: this machine, private use, shared by carriers, link-local, protocol assignments, nobody, multicast, reserved.
static const struct network inside[] = {
    {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8}, {0xA9FE0000, 16},
    {0xAC100000, 12}, {0xC0000000, 24}, {0xC0A80000, 16}, {0xC6120000, 15}, {0xE0000000, 3},
};

static int32_t is_inside_4(uint32_t address) {
  for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
    if ((address ^ inside[i].address) >> (32 - inside[i].bits) == 0) return 1;
  return 0;
}

static uint32_t word(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int32_t is_inside_6(const uint8_t *bytes) {
  static const uint8_t zeros[12] = {0};
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  static const uint8_t translated[12] = {0, 0x64, 0xFF, 0x9B};
  // ::/96 has the addresses of this machine and of nobody; the two others carry an IPv4 address.
  if (memcmp(bytes, zeros, 12) == 0) return 1;
  if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, translated, 12) == 0) return is_inside_4(word(bytes + 12));
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_inside_4(word(bytes + 2));  // 6to4
  // fc00::/7 unique local, fe80::/9 link-local and the site-local of old, ff00::/8 multicast.
  return (bytes[0] & 0xFE) == 0xFC || (bytes[0] == 0xFE && (bytes[1] & 0x80) != 0) || bytes[0] == 0xFF;
}

int32_t mmt_http_is_inside(const char *text) {
  uint8_t bytes[16];
  if (inet_pton(AF_INET, text, bytes) == 1) return is_inside_4(word(bytes));
  char plain[INET6_ADDRSTRLEN + 1] = "";
  const size_t length = strcspn(text, "%");  // fe80::1%eth0
  if (length > INET6_ADDRSTRLEN) return 0;
  memcpy(plain, text, length);
  return inet_pton(AF_INET6, plain, bytes) == 1 ? is_inside_6(bytes) : 0;
}
