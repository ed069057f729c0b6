#ifndef MMTRAIN_CONEDNN_REORDER_H
#define MMTRAIN_CONEDNN_REORDER_H

#include "description.h"

/// Copies what lies at `from` as `source` says to where `target` says. Returns oneDNN's status.
dnnl_status_t reorder(dnnl_engine_t engine, dnnl_stream_t stream, borrowed_description source, void *from,
                      borrowed_description target, void *to);

#endif
