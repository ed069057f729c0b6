// Sound in memory to the mean of its channels, over libsndfile; and the inner loops of resampling and of spectra. Everything
// here is plain C types: the library's structures stay behind this header. Every function is re-entrant.
#ifndef CSOUNDFILE_H
#define CSOUNDFILE_H

#include <stddef.h>
#include <stdint.h>

enum { CSOUNDFILE_MESSAGE_SIZE = 256 };

// Containers, as the library found them.
enum { CSOUNDFILE_OTHER = 0, CSOUNDFILE_WAV = 1, CSOUNDFILE_FLAC = 2, CSOUNDFILE_OGG = 3, CSOUNDFILE_MPEG = 4 };

typedef struct {
  int64_t frames;  // as the file says, or follows from its length; -1 where nothing says it
  int32_t rate, channels, container;
  int32_t is_plain;  // whether samples are coded in a way that is read here, whatever the container allows beside
} csoundfile_header;

typedef struct csoundfile csoundfile;

// Reads the header of a file in memory, which must stay where it is until it is closed. NULL where that is no sound that the
// library reads; then `message` says why in its words, or is empty where there was no memory.
csoundfile *csoundfile_open(
  const uint8_t *bytes, size_t count, csoundfile_header *header, char message[CSOUNDFILE_MESSAGE_SIZE]);

// Decodes the next frames, at most `frames` of them, as the mean of their channels. Integers come as shares of their largest
// magnitude, floating-point samples as they are. Returns how many there were: fewer at the end, or where coded data are
// damaged, when `message` is not empty; -1 where there was no memory.
int64_t csoundfile_read(
  csoundfile *file, float *mono, size_t frames, char message[CSOUNDFILE_MESSAGE_SIZE]);

void csoundfile_close(csoundfile *file);

// `phases` filters of `taps` weights each, and where in its step each begins: of output i * phases + p, the first input is
// i * step + starts[p].
typedef struct {
  const float *weights;   // [phases, taps], taps a multiple of 8
  const int32_t *starts;  // [phases]
  size_t phases, taps, step;
} csoundfile_filters;

// Outputs 0 … count of the filters. `input` must hold taps numbers from the first input of each.
void csoundfile_resample(const float *input, const csoundfile_filters *filters, float *output, size_t count);

// A spectrogram in bands, frame after frame.
typedef struct {
  size_t window, hop, size;    // samples of a frame, between frames, of the transform (a power of two, 16 or more)
  const double *shape;         // [window]
  const double *cosines, *sines;  // [size / 2]: of 2 pi k / size
  double emphasis;             // of the sample before, that is taken off; the first of a frame stands before itself
  int32_t removes_mean;        // of each frame, before anything else
  size_t bands;
  const int32_t *firsts, *lengths;  // [bands]: the bins that count for a band; 0 … size / 2
  const double *weights;       // of all bands, one after the other
  double floor;                // powers below it count as it
  double factor, offset;       // what is written is ln(power) * factor + offset
} csoundfile_spectrogram;

// Rows [frames, bands] of frames that begin at 0, hop, 2 * hop …; `samples` must hold them all. `work` has room for
// csoundfile_work(...) numbers, aligned to 64 bytes.
void csoundfile_bands(
  const csoundfile_spectrogram *spectrogram, const float *samples, size_t frames, float *rows, double *work);
size_t csoundfile_work(const csoundfile_spectrogram *spectrogram);

#endif
