#ifndef MMTRAIN_COPENBLAS_H
#define MMTRAIN_COPENBLAS_H
// cblas.h declares complex routines in terms Swift cannot import cleanly on every distribution; the few
// functions that mmtrain calls are declared here, with the plain types of OpenBLAS' 32-bit-integer interface.

/// C = alpha op(A) op(B) + beta C; order 101 = row-major, transposition 111 = none, 112 = transposed.
void cblas_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a,
                 int lda, const float *b, int ldb, float beta, float *c, int ldc);
void openblas_set_num_threads(int threads);
int openblas_get_num_threads(void);
/// Name of the kernel set chosen for this processor ("Zen", "SkylakeX", "Haswell", …).
char *openblas_get_corename(void);
char *openblas_get_config(void);
#endif
