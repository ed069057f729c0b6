#include "error.h"

#include <string.h>

#include <jerror.h>

static void note(cjpeg_failure *failure, int32_t code, const char *message) {
  failure->code = code;
  strncpy(failure->message, message, CJPEG_MESSAGE_SIZE - 1);
  failure->message[CJPEG_MESSAGE_SIZE - 1] = 0;
}

_Noreturn void cjpeg_escape(j_common_ptr state, int32_t code, const char *message) {
  cjpeg_errors *errors = (cjpeg_errors *)state->err;
  note(errors->failure, code, message);
  longjmp(errors->escape, 1);
}

static int32_t code_of_error(int number) {
  switch (number) {
    case JERR_OUT_OF_MEMORY: return CJPEG_MEMORY;
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_BAD_J_COLORSPACE:
    case JERR_BAD_IN_COLORSPACE:
    case JERR_COMPONENT_COUNT:
    case JERR_CCIR601_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED: return CJPEG_UNSUPPORTED;
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY: return CJPEG_TRUNCATED;
    default: return CJPEG_DAMAGED;
  }
}

static _Noreturn void exit_on_error(j_common_ptr state) {
  char message[JMSG_LENGTH_MAX];
  state->err->format_message(state, message);
  cjpeg_escape(state, code_of_error(state->err->msg_code), message);
}

// Warnings that say that pixels are wrong. The others (stray bytes between segments, odd version numbers, progression
// that is merely unusual) are frequent in sound photos from cameras and the web.
static int is_damage(int number) {
  switch (number) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_TOO_MUCH_DATA: return 1;
    default: return 0;
  }
}

static void take_message(j_common_ptr state, int level) {
  if (level >= 0) return;
  state->err->num_warnings++;
  int number = state->err->msg_code;
  if (!is_damage(number)) return;
  cjpeg_errors *errors = (cjpeg_errors *)state->err;
  char message[JMSG_LENGTH_MAX];
  state->err->format_message(state, message);
  int32_t code = number == JWRN_JPEG_EOF ? CJPEG_TRUNCATED : CJPEG_DAMAGED;
  if (!errors->allow_damage) cjpeg_escape(state, code, message);
  if (errors->failure->code == CJPEG_OK) note(errors->failure, code, message);
}

static void print_nothing(j_common_ptr state) { (void)state; }

struct jpeg_error_mgr *cjpeg_errors_install(cjpeg_errors *errors, cjpeg_failure *failure, int32_t allow_damage) {
  jpeg_std_error(&errors->base);
  errors->base.error_exit = exit_on_error;
  errors->base.emit_message = take_message;
  errors->base.output_message = print_nothing;
  errors->failure = failure;
  errors->allow_damage = allow_damage;
  note(failure, CJPEG_OK, "");
  return &errors->base;
}
