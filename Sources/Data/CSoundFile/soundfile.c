#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sndfile.h>

#include "csoundfile.h"

enum { BLOCK = 4096 };

struct csoundfile {
  const uint8_t *bytes;
  sf_count_t count, position;
  SNDFILE *handle;
  int channels;
  float *block;  // BLOCK frames of all channels
};

static sf_count_t length_of(void *user) { return ((csoundfile *)user)->count; }

static sf_count_t tell(void *user) { return ((csoundfile *)user)->position; }

// Beyond the end nothing is read; before the beginning nothing lies.
static sf_count_t seek(sf_count_t offset, int whence, void *user) {
  csoundfile *file = user;
  sf_count_t base = whence == SEEK_CUR ? file->position : whence == SEEK_END ? file->count : 0, target;
  if (__builtin_add_overflow(base, offset, &target) || target < 0) return -1;
  return file->position = target;
}

static sf_count_t read_bytes(void *target, sf_count_t count, void *user) {
  csoundfile *file = user;
  sf_count_t left = file->count - file->position;
  if (count > left) count = left;
  if (count <= 0) return 0;
  memcpy(target, file->bytes + file->position, (size_t)count);
  file->position += count;
  return count;
}

static sf_count_t write_bytes(const void *source, sf_count_t count, void *user) {
  (void)source, (void)count, (void)user;
  return 0;
}

// The library's numbers have words that never change; what it keeps of the last failure, all threads share.
static void note(char *message, int code) {
  strncpy(message, sf_error_number(code), CSOUNDFILE_MESSAGE_SIZE - 1);
  message[CSOUNDFILE_MESSAGE_SIZE - 1] = 0;
}

static int32_t container_of(int format) {
  switch (format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_WAV:
    case SF_FORMAT_WAVEX:
    case SF_FORMAT_RF64: return CSOUNDFILE_WAV;
    case SF_FORMAT_FLAC: return CSOUNDFILE_FLAC;
    case SF_FORMAT_OGG: return CSOUNDFILE_OGG;
#ifdef SF_FORMAT_MPEG
    case SF_FORMAT_MPEG: return CSOUNDFILE_MPEG;
#else
    case 0x230000: return CSOUNDFILE_MPEG;
#endif
    default: return CSOUNDFILE_OTHER;
  }
}

static int32_t is_plain(int format) {
  switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8:
    case SF_FORMAT_PCM_16:
    case SF_FORMAT_PCM_24:
    case SF_FORMAT_PCM_32:
    case SF_FORMAT_FLOAT:
    case SF_FORMAT_DOUBLE:
    case SF_FORMAT_ULAW:
    case SF_FORMAT_ALAW:
    case SF_FORMAT_IMA_ADPCM:
    case SF_FORMAT_MS_ADPCM: return 1;
    default: return container_of(format) == CSOUNDFILE_OGG || container_of(format) == CSOUNDFILE_MPEG;
  }
}

csoundfile *csoundfile_open(
  const uint8_t *bytes, size_t count, csoundfile_header *header, char message[CSOUNDFILE_MESSAGE_SIZE]) {
  message[0] = 0;
  csoundfile *file = calloc(1, sizeof *file);
  if (!file) return NULL;
  file->bytes = bytes;
  file->count = (sf_count_t)count;
  SF_VIRTUAL_IO memory = {length_of, seek, read_bytes, write_bytes, tell};
  SF_INFO info = {0};
  file->handle = sf_open_virtual(&memory, SFM_READ, &info, file);
  if (!file->handle) {
    note(message, sf_error(NULL));
    free(file);
    return NULL;
  }
  file->channels = info.channels;
  *header = (csoundfile_header){
    .frames = info.frames == SF_COUNT_MAX || info.frames < 0 ? -1 : info.frames,
    .rate = info.samplerate,
    .channels = info.channels,
    .container = container_of(info.format),
    .is_plain = is_plain(info.format),
  };
  return file;
}

static void mix(const float *frames, size_t count, size_t channels, float *mono) {
  if (channels == 1) {
    memcpy(mono, frames, count * sizeof(float));
    return;
  }
  for (size_t i = 0; i < count; i++) {
    float sum = frames[i * channels];
    for (size_t c = 1; c < channels; c++) sum += frames[i * channels + c];
    mono[i] = sum / (float)channels;
  }
}

int64_t csoundfile_read(
  csoundfile *file, float *mono, size_t frames, char message[CSOUNDFILE_MESSAGE_SIZE]) {
  message[0] = 0;
  if (!file->block) file->block = malloc(BLOCK * (size_t)file->channels * sizeof(float));
  if (!file->block) return -1;
  size_t done = 0;
  while (done < frames) {
    size_t wanted = frames - done < BLOCK ? frames - done : BLOCK;
    sf_count_t count = sf_readf_float(file->handle, file->block, (sf_count_t)wanted);
    if (count > 0) mix(file->block, (size_t)count, (size_t)file->channels, mono + done);
    if (count > 0) done += (size_t)count;
    if (count < (sf_count_t)wanted) break;
  }
  int code = sf_error(file->handle);
  if (code) note(message, code);
  return (int64_t)done;
}

void csoundfile_close(csoundfile *file) {
  sf_close(file->handle);
  free(file->block);
  free(file);
}
