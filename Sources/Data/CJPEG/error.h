// How the library's errors and warnings come back: shared by decoder and encoder.
#ifndef CJPEG_ERROR_H
#define CJPEG_ERROR_H

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "cjpeg.h"

typedef struct {
  struct jpeg_error_mgr base;  // first: the library hands back a pointer to it
  jmp_buf escape;
  cjpeg_failure *failure;
  int32_t allow_damage;
} cjpeg_errors;

// Installs the handlers; `errors` must outlive the compression object.
struct jpeg_error_mgr *cjpeg_errors_install(cjpeg_errors *errors, cjpeg_failure *failure, int32_t allow_damage);

// Leaves the library for the setjmp of the caller.
_Noreturn void cjpeg_escape(j_common_ptr state, int32_t code, const char *message);

#endif
